"""The parts of the Play screen: rows of a model, what is heard of them, what is kept."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from studio import actions
from studio.messages import Highlighted, Moved
from studio.report import part
from studio.screens.heard import Heard
from studio.screens.lost import Lost, come_back, go_on_without, left_the_blend, stand_in
from studio.screens.page import Page, pane
from studio.screens.rack import OWN, rack, request, written
from studio.screens.told import playing, story
from studio.sources import MODELS_AT_MOST
from studio.widgets.facts import Facts, empty
from studio.widgets.sliders import Sliders

NOTHING = empty(
    "Here a trained model is played: every slider is something that can be heard in your sounds. "
    "Move one and listen; keep what you like.",
    [("2", "b:accent"), ("  train a model first", "text")],
    "woodshed generate MODEL --slider brightness=80",
    width=64,
)
PAUSE = 0.15
"""Seconds a hand has to rest before a preview is asked for."""
PREVIEW_SECONDS = 4.0
PICTURES = 8
"""Rows at least for what was heard."""


class Deck(Page):
    """Sliders above, what was heard last below; the keys that move them are the Play screen's."""

    DEFAULT_CSS = """
    Deck { layout: vertical; }
    Deck > #sliders { height: auto; }
    Deck > #heard { height: 1fr; }
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.about = Facts(id="about")
        self.sliders = Sliders(id="knobs")
        self.heard = Heard(self.studio.player, "move a slider to hear it, enter keeps a take")
        self.model: dict | None = None
        self.lost: Lost | None = None
        """What was played until it went, and comes back unless another is chosen."""
        self.blended: list[dict] = []
        self.way: Any = None
        """What is followed, walked between or varied; a plain walk when None."""
        self.wanted = ""
        self.preset = ""
        self.sought = ""
        """What presets were filtered by."""
        self._rest: Any = None
        self._sent: asyncio.Future[Any] | None = None
        self._warmed = False

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.about, self.sliders, id="sliders"), "sliders")
        yield pane(self.heard, "heard")

    def first(self) -> Sliders:
        return self.sliders

    @property
    def anything(self) -> bool:
        return self.model is not None

    def look(self) -> None:
        models = {model["id"]: model for model in actions.models()}
        held = self.wanted or (self.model or {}).get("id", "")
        if self.lost and self.lost.id in models and held in ("", self.lost.instead):
            come_back(self, self.lost, models[self.lost.id])
        elif held and held not in models:
            go_on_without(self, held, stand_in(self, models))
        else:
            self.take_up(models.get(held) or stand_in(self, models))

    def choose(self, model: str) -> None:
        """Play this one."""
        self.wanted, self.lost = model, None
        self.look()

    def take_up(self, model: dict | None) -> None:
        """Rows of this model, each at the value it had as far as that is in range."""
        self.wanted = ""
        if model is None:
            self.model = None
            self.about.show(NOTHING)
            self.sliders.display = self.heard.display = False
            return
        if not self.sliders.display:
            self.sliders.display = self.heard.display = True
            self.sliders.focus()
        changed = self.model is None or model["id"] != self.model["id"] or model["axes"] != self.model["axes"]
        self.model = model
        known = {one["id"]: one for one in actions.models()}
        gone = [one for one in self.blended if one["id"] not in known]
        blended = [
            known[one["id"]] for one in self.blended if one["id"] in known and one["id"] != model["id"]
        ]
        if changed or blended != self.blended:
            self.blended = blended
            self._rack()
            self._mark()
        left_the_blend(self, gone)
        self.describe()
        if self.studio.wake and not self._warmed:
            self._warmed = True
            from jobs import queue

            self.run_worker(self.studio.do(queue.warm), group="warm")

    def _rack(self) -> None:
        way = self.way.name if self.way else ""
        self.sliders.put(rack(self.model or {}, self.blended, way, self.sliders.values))

    def describe(self) -> None:
        """What plays, and what the row of the cursor does."""
        if self.model:
            self.about.show(lambda width: [*playing(self, width), *story(self.sliders, width)])

    def on_resize(self) -> None:
        high = self.size.height
        beside = self.screen.has_class("-w160") and self.screen.has_class("-tall")
        self.sliders.styles.max_height = None if beside else max(3, high - 4 - max(PICTURES, high // 4))

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        if event.rows is self.sliders:
            self.describe()

    # --- hearing -----------------------------------------------------------------------------------

    def on_moved(self, event: Moved) -> None:
        event.stop()
        if any(k.axis and k.name == event.name for k in self.sliders.knobs):
            self.preset = ""
        if event.name == "space" or event.name.startswith(OWN):
            self._rack()
        self.describe()
        if event.name not in ("takes", "format", "rate", "bits"):
            self._soon()

    def _soon(self) -> None:
        """A preview when the hand rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(
            PAUSE, lambda: self.run_worker(self._preview(), exclusive=True, group="preview")
        )

    async def _preview(self) -> None:
        """Of the rows as they are now; an older one that still waits or is made is stopped by this one."""
        if self._sent is not None:
            # A cancelled look at a preview does not call it back: sent after this one, it would stop it.
            await asyncio.wait([self._sent])
        model = self.model
        if model is None:
            return
        values = self._request(model)
        values.update(preview=True, seconds=min(PREVIEW_SECONDS, values["seconds"]))
        values.pop("count")
        group = f"hand-{os.getpid()}"
        self._sent = asyncio.ensure_future(
            self.studio.do(lambda: actions.generate(model["id"], group=group, **values))
        )
        made = await self.heard.end(await asyncio.shield(self._sent), "a preview")
        if made:
            self._hear(made["take"], "preview")

    def _hear(self, take: dict, what: str) -> None:
        """Play it, and mark where it lies on the axes."""
        self.heard.hear(take, what)
        self._mark()

    def _mark(self) -> None:
        take = self.heard.take or {}
        ours = take.get("model") == (self.model or {}).get("id")
        self.sliders.show_heard(part(take, "reached") if ours else {})
        self.describe()

    def _request(self, model: dict) -> dict[str, Any]:
        by = self.way.asked(self.sliders.number("amount")) if self.way else {}
        return {**request(self.sliders, model, self.blended), **by}

    def sound(self) -> tuple[str, str] | None:
        take = self.heard.take
        return (take["path"], take["name"]) if take else None

    def moved(self) -> None:
        self.heard.pictures.head.follow()

    async def _keep(self, model: dict) -> None:
        values = {**self._request(model), **written(self.sliders)}
        job = await self.studio.do(lambda: actions.generate(model["id"], preset=self.preset, **values))
        number = values["count"]
        made = await self.heard.end(job, "a take" if number == 1 else f"{number} takes")
        take = actions.library().takes.get(made["takes"][-1]) if made else None
        if take:
            self._hear(take, "kept")
            self.studio.say(f"kept {take['name']}; 6 has every take", "good")

    # --- rows and ways ---------------------------------------------------------------------------

    def _laid(self, values: Mapping[str, float | None], preset: str = "") -> None:
        """Rows at these values, but for those that are locked; then it is heard."""
        self.sliders.lay(values)
        self.preset = preset
        self._rack()
        self.describe()
        self._soon()

    def take_values(self, values: Mapping[str, float | None]) -> None:
        """Rows at values that were written elsewhere."""
        self._laid(values)

    def take_way(self, way: Any) -> None:
        """Follow, walk between or vary something from now on; None: walk freely."""
        self.way = way
        if way and way.name == "vary" and "seed" not in self.sliders.locked:
            self.sliders.set(seed=self.sliders.number("seed") + 1)
        self._rack()
        if way and way.name == "resynthesise" and "length" not in self.sliders.locked:
            self._as_long_as(way.keys[0])
        self.describe()
        self._soon()

    def _as_long_as(self, key: str) -> None:
        """The length of what is followed, so that nothing of it is left out unasked."""
        from studio.screens.ways import lasting

        seconds = lasting(key)
        if seconds is not None:
            self.sliders.set(length=round(seconds, 3))
        else:
            now = self.sliders.number("length")
            self.studio.say(f"how long it is can't be told here: {now:g} s of it, or set length")

    def mix(self, models: Sequence[dict]) -> None:
        """Blend these with the model."""
        self.blended = list(models)
        self._rack()
        self.describe()
        self._soon()

    def blend_in(self, model: dict) -> None:
        """One more model into the mixer, if it is not in it and there is room."""
        if self.model is None or model["id"] in {self.model["id"], *(one["id"] for one in self.blended)}:
            self.studio.say(f"{model['name']} is played already")
        elif len(self.blended) + 1 >= MODELS_AT_MOST:
            self.studio.say(f"{MODELS_AT_MOST} models at most: take one out first, with b", "warn")
        else:
            self.mix([*self.blended, model])
