"""5 Play: sliders of a model; what they do is heard at once, and kept when it is liked."""

import asyncio
import os
import random
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from jobs.job import Job
from store.errors import Refusal
from studio import actions
from studio.messages import Moved
from studio.screens.page import Page, newest_first, pane
from studio.text import clock, figure, safe_text
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line, Part
from studio.widgets.sliders import FREE, Knob, Sliders, knob
from studio.widgets.sound import Sound

NOTHING = empty(
    "Here a trained model is played: every slider is something that can be heard in your sounds. "
    "Move one and listen; keep what you like.",
    [("2", "b:accent"), ("  train a model first", "text")],
    "woodshed generate MODEL --slider brightness=80",
    width=64,
)
NUMBERS = (
    Knob("length", 4.0, 0.5, 60, 0.5, 4.0, "s", "how long a take is", axis=False),
    Knob("seed", 0, 0, 9999, 1, 0, "", "same seed, same take; n takes the next", axis=False),
    Knob("takes", 1, 1, 16, 1, 1, "", "how many at once, each with its own seed", axis=False),
)
PAUSE = 0.15
"""Seconds a hand has to rest before a preview is asked for."""
PREVIEW_SECONDS = 4.0
ASK_EVERY = 0.03


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
            "R", "randomise", "randomise", id="play.randomise", tooltip="all sliders, inside the safe range"
        ),
        Binding("n", "next_seed", "next seed", id="play.next", tooltip="the same sliders, another walk"),
        Binding("s", "save", "save preset", id="play.save", tooltip="keep these positions under a name"),
        Binding("o", "recall_preset", "presets", id="play.presets", tooltip="recall positions"),
        Binding("m", "model", "model", id="play.model", tooltip="play another model"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.about = Facts(id="about")
        self.sliders = Sliders(id="knobs")
        self.status = Facts(id="status")
        self.pictures = Sound(self.studio.player, "move a slider to hear it, enter keeps a take")
        self.model: dict | None = None
        self.wanted = ""
        self.preset = ""
        self.heard: dict | None = None
        self._rest: Any = None
        self._warmed = False

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.about, self.sliders, id="sliders"), "sliders")
        yield pane(Vertical(self.status, self.pictures, id="heard"), "heard")

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
            self.sliders.display = self.query_one("#heard").display = False
            return
        if not self.sliders.display:
            self.sliders.display = self.query_one("#heard").display = True
            self.sliders.focus()
        if self.model is None or model["id"] != self.model["id"] or model["axes"] != self.model["axes"]:
            self.sliders.put(
                [*(knob(axis) for axis in model["axes"] if axis.get("available", True)), *NUMBERS]
            )
        self.model, self.wanted = model, ""
        self._describe()
        if self.studio.wake and not self._warmed:
            self._warmed = True
            from jobs import queue

            self.run_worker(self.studio.do(queue.warm), group="warm")

    def _describe(self) -> None:
        model = self.model or {}
        missing = [axis["name"] for axis in model.get("axes", ()) if not axis.get("available", True)]
        line: list[Part] = [
            (str(model.get("name")), "b:text"),
            (f"  learned from {model.get('dataset_name')}", "dim"),
        ]
        if self.preset:
            line.append((f"  ◆ {self.preset}", "accent"))
        if missing:
            line.append((f"  not in these sounds: {', '.join(missing)}", "dim"))
        self.about.show([line])

    # --- hearing -----------------------------------------------------------------------------------

    def on_moved(self, event: Moved) -> None:
        event.stop()
        if any(k.axis and k.name == event.name for k in self.sliders.knobs):
            self.preset = ""
            self._describe()
        if event.name != "takes":
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
        values = self._request()
        values.update(preview=True, seconds=min(PREVIEW_SECONDS, values["seconds"]))
        values.pop("count")
        job = await self.studio.do(
            lambda: actions.generate(model["id"], group=f"hand-{os.getpid()}", **values)
        )
        self._said("…", "making a preview; the first one loads the model", "dim")
        made = await self._end(job)
        if made:
            self._hear(made["take"], "preview")

    def _request(self) -> dict[str, Any]:
        number = self.sliders.number
        return {
            "seconds": number("length"),
            "seed": int(number("seed")),
            "count": int(number("takes")),
            "sliders": self.sliders.positions,
        }

    async def _end(self, job: Job | None) -> dict | None:
        """What the job made, when nothing moves any more; what went wrong is said."""
        try:
            now = await self._ended(job) if job else None
        except Refusal as error:
            self.studio.say(str(error), "bad")
            now = None
        if now is None:
            self._said("", "", "")
        elif now.state == "cancelled":
            self._said("■", "cancelled", "dim")
        elif now.state == "failed" or now.error or not now.result:
            self._said("✗", "that did not work; 3 has the whole story", "bad")
            self.studio.say(str((now.error or {}).get("message", "failed")), "bad")
        else:
            return now.result["summary"]
        return None

    async def _ended(self, job: Job) -> Job | None:
        """The job as it ended. One that was interrupted goes on with the next worker."""
        while True:
            now = actions.ledger().get(job.id)
            if now is None or (now.state in actions.ENDED and (now.state != "done" or now.published)):
                return now
            if now.state == "interrupted":
                self._said("◦", "its worker was shut down; it goes on with the next", "dim")
            await asyncio.sleep(ASK_EVERY)

    def _hear(self, take: dict, what: str) -> None:
        self.heard = take
        self.pictures.show(take)
        loud = (take.get("quality") or {}).get("rms_dbfs")
        level = f" · {figure(loud)} dBFS" if loud is not None else ""
        self._said("♪", f"{what} · {clock(take.get('seconds'))} · seed {take.get('seed')}{level}", "second")
        self.studio.play(take["path"], what if what == "preview" else take["name"])

    def _said(self, mark: str, words: str, color: str) -> None:
        line: Line = [(f"{mark} ", color), (safe_text(words), "text")]
        self.status.show([line] if words else [])

    def sound(self) -> tuple[str, str] | None:
        return (self.heard["path"], self.heard["name"]) if self.heard else None

    def moved(self) -> None:
        self.pictures.head.follow()

    # --- keeping -----------------------------------------------------------------------------------

    def action_keep(self) -> None:
        if self.model:
            self.run_worker(self._keep(self.model), group="keep")

    async def _keep(self, model: dict) -> None:
        values = self._request()
        job = await self.studio.do(lambda: actions.generate(model["id"], preset=self.preset, **values))
        if job:
            self._said("…", "making a take", "dim")
        made = await self._end(job)
        take = actions.library().takes.get(made["takes"][-1]) if made else None
        if take:
            self._hear(take, "kept")
            self.studio.say(f"kept {take['name']}; 6 has every take", "good")

    def action_randomise(self) -> None:
        moved = {k.name: float(random.randint(*map(round, k.safe))) for k in self.sliders.knobs if k.axis}
        if moved:
            self.sliders.set(**moved)
            self.preset = ""
            self._describe()
            self._soon()

    def action_next_seed(self) -> None:
        if self.model:
            self.sliders.set(seed=self.sliders.number("seed") + 1)
            self._soon()

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
        axes: dict[str, float | None] = {k.name: FREE for k in self.sliders.knobs if k.axis}
        fitting = {name: value for name, value in preset["sliders"].items() if name in axes}
        self.sliders.set(**{**axes, **fitting, "seed": preset.get("seed", 0)})
        self.preset = preset["name"]
        self._describe()
        self._soon()
        left_out = [name for name in preset["sliders"] if name not in axes]
        if left_out:
            self.studio.say(f"{preset['name']}: this model does not move {', '.join(left_out)}", "warn")

    def action_model(self) -> None:
        from studio.screens.dialog import Pick

        models = newest_first(actions.models())
        items = [
            (model["id"], model["name"], f"learned from {model.get('dataset_name')}") for model in models
        ]
        if items:
            chosen = lambda model: self.choose(model) if model else None  # noqa: E731
            self.studio.push_screen(Pick("play a model", items, at=(self.model or {}).get("id")), chosen)

    def memory(self) -> dict[str, Any]:
        return {"model": (self.model or {}).get("id", ""), "values": self.sliders.values}

    def recall(self, memory: dict[str, Any]) -> None:
        self.wanted = str(memory.get("model", ""))
        values = memory.get("values", {})
        self.sliders.values = {str(k): FREE if v is None else float(v) for k, v in values.items()}
