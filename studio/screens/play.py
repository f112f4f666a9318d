"""5 Play: sliders of a model; what they do is heard at once, and kept when it is liked."""

import os
import random
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions
from studio.messages import Highlighted, Moved
from studio.screens.heard import Heard
from studio.screens.page import Page, newest_first, pane
from studio.screens.rack import OWN, laid, rack, request, written
from studio.widgets.facts import Facts, empty
from studio.widgets.knob import FREE
from studio.widgets.lines import Line, Part
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


class PlayPage(Page):
    """Sliders above, what was heard last below."""

    DEFAULT_CSS = """
    PlayPage { layout: vertical; }
    PlayPage > #sliders { height: auto; }
    PlayPage > #heard { height: 1fr; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding(
            "enter,g",
            "keep",
            "make a take",
            key_display="enter",
            id="play.keep",
            tooltip="make it at full length and keep it",
        ),
        Binding(
            "R", "randomise", "randomise", id="play.randomise", tooltip="named sliders, within safe and reach"
        ),
        Binding("n", "next_seed", "next seed", id="play.next", tooltip="the same sliders, another walk"),
        Binding("v", "vary", "vary", id="play.vary", tooltip="vary the kept take that is shown"),
        Binding("f", "follow", "follow", id="play.follow", tooltip="play a take or a file through the model"),
        Binding("w", "walk", "walk A-B", id="play.walk", tooltip="walk from one sound to another"),
        Binding("b", "blend", "blend", id="play.blend", tooltip="put another model into the mixer"),
        Binding(
            "x",
            "let_go",
            "let go",
            id="play.let_go",
            tooltip="a plain walk again, after vary, follow or walk",
        ),
        Binding(
            "Z", "reset", "reset all", id="play.reset", tooltip="every slider free, every number at rest"
        ),
        Binding(
            "equals_sign", "type_in", "type", key_display="=", id="play.type", tooltip="type the row's value"
        ),
        Binding("s", "save", "save preset", id="play.save", tooltip="keep these positions under a name"),
        Binding("o", "recall_preset", "presets", id="play.presets", tooltip="recall positions"),
        Binding("m", "model", "model", id="play.model", tooltip="play another model"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.about = Facts(id="about")
        self.sliders = Sliders(id="knobs")
        self.heard = Heard(self.studio.player, "move a slider to hear it, enter keeps a take")
        self.model: dict | None = None
        self.blended: list[dict] = []
        self.way: Any = None
        """What is followed, walked between or varied; a plain walk when None."""
        self.wanted = ""
        self.preset = ""
        self._rest: Any = None
        self._warmed = False

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.about, self.sliders, id="sliders"), "sliders")
        yield pane(self.heard, "heard")

    def first(self) -> Sliders:
        return self.sliders

    def look(self) -> None:
        models = {model["id"]: model for model in actions.models()}
        held = self.wanted or (self.model or {}).get("id", "")
        self._take_up(models.get(held) or (list(models.values())[-1] if models else None))

    def choose(self, model: str) -> None:
        """Play this one."""
        self.wanted = model
        self.look()

    def _take_up(self, model: dict | None) -> None:
        if model is None:
            self.model = None
            self.about.show(NOTHING)
            self.sliders.display = self.heard.display = False
            return
        if not self.sliders.display:
            self.sliders.display = self.heard.display = True
            self.sliders.focus()
        changed = self.model is None or model["id"] != self.model["id"] or model["axes"] != self.model["axes"]
        self.model, self.wanted = model, ""
        known = {one["id"]: one for one in actions.models()}
        blended = [
            known[one["id"]] for one in self.blended if one["id"] in known and one["id"] != model["id"]
        ]
        if changed or blended != self.blended:
            self.blended = blended
            self._rack()
        self._describe()
        if self.studio.wake and not self._warmed:
            self._warmed = True
            from jobs import queue

            self.run_worker(self.studio.do(queue.warm), group="warm")

    def _rack(self) -> None:
        way = self.way.name if self.way else ""
        self.sliders.put(rack(self.model or {}, self.blended, way, self.sliders.values))

    def _describe(self) -> None:
        model = self.model or {}
        if not model:
            return
        line: list[Part] = [(str(model.get("name")), "b:text")]
        if self.blended:
            line.append((f" + {' + '.join(str(one['name']) for one in self.blended)}", "b:text"))
        if self.way:
            line += [("  ♫ ", "second"), (self.way.words(), "text"), ("  x lets go", "dim")]
        else:
            line.append((f"  learned from {model.get('dataset_name')}", "dim"))
        if self.preset:
            line.append((f"  ◆ {self.preset}", "accent"))
        k = self.sliders.knob
        below: Line = [(f"{k.shown}: ", "second"), (k.about(), "dim")] if k else []
        self.about.show([line, below])

    def on_resize(self) -> None:
        high = self.size.height
        self.sliders.styles.max_height = max(3, high - 4 - max(PICTURES, high // 4))

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        if event.rows is self.sliders:
            self._describe()

    # --- hearing -----------------------------------------------------------------------------------

    def on_moved(self, event: Moved) -> None:
        event.stop()
        if any(k.axis and k.name == event.name for k in self.sliders.knobs):
            self.preset = ""
        if event.name == "space" or event.name.startswith(OWN):
            self._rack()
        self._describe()
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
        model = self.model
        if model is None:
            return
        values = self._request(model)
        values.update(preview=True, seconds=min(PREVIEW_SECONDS, values["seconds"]))
        values.pop("count")
        job = await self.studio.do(
            lambda: actions.generate(model["id"], group=f"hand-{os.getpid()}", **values)
        )
        self.heard.say("…", "making a preview; the first one loads the model", "dim")
        made = await self.heard.end(job)
        if made:
            self.heard.hear(made["take"], "preview")

    def _request(self, model: dict) -> dict[str, Any]:
        by = self.way.asked(self.sliders.number("amount")) if self.way else {}
        return {**request(self.sliders, model, self.blended), **by}

    def sound(self) -> tuple[str, str] | None:
        take = self.heard.take
        return (take["path"], take["name"]) if take else None

    def moved(self) -> None:
        self.heard.pictures.head.follow()

    # --- keeping -----------------------------------------------------------------------------------

    def action_keep(self) -> None:
        if self.model:
            self.run_worker(self._keep(self.model), group="keep")

    async def _keep(self, model: dict) -> None:
        values = {**self._request(model), **written(self.sliders)}
        job = await self.studio.do(lambda: actions.generate(model["id"], preset=self.preset, **values))
        if job:
            self.heard.say("…", "making a take", "dim")
        made = await self.heard.end(job)
        take = actions.library().takes.get(made["takes"][-1]) if made else None
        if take:
            self.heard.hear(take, "kept")
            self.studio.say(f"kept {take['name']}; 6 has every take", "good")

    # --- moving the rows at once -------------------------------------------------------------------

    def _laid(self, values: Mapping[str, float | None], preset: str = "") -> None:
        """Rows at these values, but for those that are locked; then it is heard."""
        self.sliders.lay(values)
        self.preset = preset
        self._rack()
        self._describe()
        self._soon()

    def action_randomise(self) -> None:
        moved: dict[str, float | None] = {}
        for k in self.sliders.knobs:
            low, high = max(k.safe[0], k.reach[0]), min(k.safe[1], k.reach[1])
            if k.axis and not k.dead and not k.group and low <= high:
                moved[k.name] = min(max(float(random.randint(round(low), round(high))), low), high)
        if moved:
            self._laid(moved)

    def action_reset(self) -> None:
        if self.model:
            self._laid({k.name: k.rest for k in self.sliders.knobs if k.group != "file"})

    def action_next_seed(self) -> None:
        if "seed" in self.sliders.locked:
            self.studio.say("the seed is locked; t on its row lets it go")
        elif self.model:
            self.sliders.set(seed=self.sliders.number("seed") + 1)
            self._soon()

    def action_type_in(self) -> None:
        from studio.screens.exact import type_in

        if self.model:
            type_in(self)

    # --- other ways than a walk --------------------------------------------------------------------

    def take_way(self, way: Any) -> None:
        """Follow, walk between or vary something from now on; None: walk freely."""
        self.way = way
        if way and way.name == "vary" and "seed" not in self.sliders.locked:
            self.sliders.set(seed=self.sliders.number("seed") + 1)
        self._rack()
        self._describe()
        self._soon()

    def mix(self, models: Sequence[dict]) -> None:
        """Blend these with the model."""
        self.blended = list(models)
        self._rack()
        self._describe()
        self._soon()

    def action_follow(self) -> None:
        self._ask("follow")

    def action_walk(self) -> None:
        self._ask("walk")

    def action_vary(self) -> None:
        self._ask("vary")

    def action_blend(self) -> None:
        self._ask("blend")

    def _ask(self, what: str) -> None:
        from studio.screens import ways

        if self.model:
            getattr(ways, what)(self)

    def action_let_go(self) -> None:
        if self.way:
            self.take_way(None)

    # --- presets, takes, models --------------------------------------------------------------------

    def action_save(self) -> None:
        from studio.screens.presets import save

        if self.model:
            save(self, self.model)

    def action_recall_preset(self) -> None:
        from studio.screens.presets import recall

        if self.model:
            recall(self, self.model)

    def apply(self, preset: dict) -> None:
        """Sliders to a preset's positions, those it does not name free."""
        self._positions(preset["sliders"], {"seed": preset.get("seed", 0)}, preset["name"])

    def load(self, asked: Mapping[str, Any], way: Any = None) -> None:
        """Everything as the request of a take says it, and then by another ``way``."""
        known = {one["id"]: one for one in actions.models()}
        self.choose(asked["model"])
        self.blended = [known[id] for id in asked.get("blend") or {} if id in known and id != asked["model"]]
        self.way = way
        self._rack()
        values = laid(asked, asked["model"])
        self._positions(asked.get("sliders") or {}, values, str(asked.get("preset", "")))

    def _positions(self, sliders: Mapping[str, float], more: Mapping[str, Any], name: str) -> None:
        axes: dict[str, float | None] = {k.name: FREE for k in self.sliders.knobs if k.axis and not k.dead}
        fitting = {axis: value for axis, value in sliders.items() if axis in axes}
        self._laid({**more, **axes, **fitting}, name)
        left_out = [axis for axis in sliders if axis not in axes]
        if left_out:
            words = name or "the take"
            self.studio.say(f"{words}: this model does not move {', '.join(left_out)}", "warn")

    def action_model(self) -> None:
        from studio.screens.dialog import Pick

        models = newest_first(actions.models())
        items = [
            (model["id"], model["name"], f"learned from {model.get('dataset_name')}") for model in models
        ]
        if items:
            chosen = lambda model: self.choose(model) if model else None  # noqa: E731
            self.studio.push_screen(Pick("play a model", items, at=(self.model or {}).get("id")), chosen)

    # --- until the next start ----------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        way = {self.way.name: list(self.way.keys)} if self.way else {}
        return {
            "model": (self.model or {}).get("id", ""),
            "values": self.sliders.values,
            "locked": sorted(self.sliders.locked),
            "blend": [one["id"] for one in self.blended],
            "way": way,
        }

    def recall(self, memory: dict[str, Any]) -> None:
        self.wanted = str(memory.get("model", ""))
        values = memory.get("values", {})
        self.sliders.values = {str(k): FREE if v is None else float(v) for k, v in values.items()}
        self.sliders.locked = {str(name) for name in memory.get("locked", ())}
        known = {one["id"]: one for one in actions.models()}
        self.blended = [known[id] for id in memory.get("blend", ()) if id in known]
        if memory.get("way"):
            from studio.screens.ways import way_of

            self.way = way_of(memory["way"])
