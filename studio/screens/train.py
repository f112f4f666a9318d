"""2 Train: the form made from the spec's fields at the left, the curve of a training at the right."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from jobs import specs
from studio import actions, forms
from studio.messages import Edited, Stepped
from studio.screens.job import resumes, stops
from studio.screens.page import Page, pane
from studio.screens.watching import LIVE, Watching
from studio.widgets.fields import Fields
from studio.widgets.loss import Loss

RESUMABLE = ("cancelled", "failed", "interrupted")

FRESH = {"continue_from": "", "add": "no"}
"""What holds for one training only: the next one begins anew unless it is told not to."""
ADDING = ("old_share",)


def _questions(continued: bool) -> list[forms.Question]:
    """The form, with the model to continue as one of those that are there; ``continued``: with what adds."""
    models = actions.models()
    ids, names = ["", *(one["id"] for one in models)], [forms.NONE, *(one["name"] for one in models)]
    rows = {row.name: row for row in forms.questions(specs.TrainVae, {"datasets": actions.datasets()})}
    from_model = rows["continue_from"]
    rows["continue_from"] = replace(from_model, sort="choice", choices=tuple(ids), labels=tuple(names))
    for name in (*FRESH, *ADDING) if continued else FRESH:
        rows[name] = replace(rows[name], advanced=name != "continue_from" and not continued)
    return sorted(rows.values(), key=lambda row: row.advanced)


class TrainPage(Page):
    """Ask for a training and watch it."""

    DEFAULT_CSS = """
    TrainPage > #ask { width: 38%; min-width: 34; max-width: 46; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("ctrl+r", "train", "train", id="train.start", tooltip="train with what the form says"),
        Binding("L", "log", "log scale", id="train.log", tooltip="logarithmic or linear loss axis"),
        Binding("plus,equals_sign", "zoom(1)", "closer", show=False, key_display="+", id="train.closer",
                tooltip="see half as much of the curve, from the form too"),
        Binding("minus", "zoom(-1)", "wider", show=False, key_display="-", id="train.wider",
                tooltip="see twice as much of it"),
        Binding("v", "curve", "curve", id="train.curve", tooltip="its terms, zoom and cursor; and back"),
        Binding("c", "cancel", "cancel", id="train.cancel", tooltip="stop it; the checkpoint is kept"),
        Binding("r", "resume", "resume", id="train.resume", tooltip="go on from its checkpoint"),
        Binding("l", "open_log", "log", id="train.open_log", tooltip="everything it wrote"),
        Binding("o", "compare", "compare", id="train.compare", tooltip="draw other trainings over this one"),
        Binding("p", "preview(1)", "earlier preview", show=False, id="train.preview_before",
                tooltip="hear what it sounded like before"),
        Binding("P", "preview(-1)", "later preview", show=False, id="train.preview_after",
                tooltip="hear what it sounded like after"),
        Binding("n", "older(1)", "older", show=False, id="train.older", tooltip="the training before"),
        Binding("N", "older(-1)", "newer", show=False, id="train.newer", tooltip="the training after"),
    ]  # fmt: skip

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.form = Fields(
            (), "Train", lambda field, value: forms.complaint(specs.TrainVae, field, value), id="form"
        )
        self.watching = Watching(id="watch")
        self.before: dict[str, str] = {}
        """What stood in the form before sounds were to be added to a model."""
        self._recalled_marks: list[str] = []

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.form, id="ask"), "train on")
        yield pane(self.watching, "training")

    def first(self) -> Fields | Loss:
        """What moves is watched; else there is something to ask for."""
        return self.loss if self.job and self.job.state in LIVE else self.form

    def look(self) -> None:
        self._ask()
        self.watching.look()
        if self._recalled_marks:
            self.watching.mark(self._recalled_marks)
            self._recalled_marks = []

    def tick(self) -> None:
        if not self.covered:
            self.watching.tick()

    def sound(self) -> tuple[str, str] | None:
        return self.watching.sound()

    @property
    def job(self) -> Any:
        """The training that is watched."""
        return self.watching.job

    @property
    def loss(self) -> Loss:
        """Its curves."""
        return self.watching.loss

    def _ask(self) -> None:
        self.form.ask(_questions(bool(self.form.values.get("continue_from"))))

    def choose(self, dataset: str) -> None:
        """Put a dataset into the form."""
        self.before = {}
        self.form.set("dataset", dataset)

    def add_to(self, model: dict) -> None:
        """Put into the form that sounds are added to a model: the newest that are not its own."""
        others = [one["id"] for one in actions.datasets() if one["id"] != model.get("dataset")]
        asked = {"dataset": others[-1]} if others else {}
        asked |= {"continue_from": model["id"], "add": "yes"}
        self.before = {name: self.form.values.get(name, "") for name in asked}
        self._fill(asked)
        self.form.point("dataset")

    def left(self) -> None:
        """A training that was not asked for after all begins anew again."""
        self._fill(self.before)

    def _fill(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            self.form.set(name, value)
        self._ask()

    # --- what happens ------------------------------------------------------------------------------

    def on_edited(self, event: Edited) -> None:
        event.stop()
        if event.name == "continue_from":
            if not event.value:
                self.form.values["add"] = FRESH["add"]
            self._ask()

    async def on_stepped(self, event: Stepped) -> None:
        event.stop()
        if event.name == "":
            await self.action_train()

    async def action_train(self) -> None:
        """Check every field, then queue the training."""
        wrong = forms.complaints(specs.TrainVae, self.form.values)
        self.form.wrong = wrong
        if wrong:
            self.form.point(next(iter(wrong)))
            self.form.focus()
            if "dataset" in wrong and not self.form.values.get("dataset"):
                self.studio.say(
                    "no dataset to learn yet: press 1, then n to import a folder of sounds", "bad"
                )
            return
        values = forms.changed(specs.TrainVae, self.form.values)
        job = await self.studio.do(lambda: actions.train(values.pop("dataset"), **values))
        if job:
            self.watching.back, self.before = 0, {}
            for name, value in FRESH.items():
                self.form.set(name, value)
            self.form.action_rest()
            self.studio.poll()
            self.studio.say("on its way; it goes on when you leave", "good")

    def action_log(self) -> None:
        self.loss.log_y = not self.loss.log_y
        self.loss.touch()

    def action_zoom(self, way: int) -> None:
        if self.loss.course.curves:
            self.loss.action_closer(way)

    async def action_cancel(self) -> None:
        job = self.job
        if job and job.state in LIVE and await self.studio.do(lambda: actions.cancel(job.id)):
            self.studio.poll()
            self.studio.say(stops(job.id), "good")

    async def action_resume(self) -> None:
        job = self.job
        if job and await self.studio.do(lambda: actions.resume(job.id)):
            self.studio.poll()
            self.studio.say(resumes(job.id), "good")

    def action_open_log(self) -> None:
        if self.job:
            from studio.screens.log import Log

            self.studio.push_screen(Log(self.job.id))

    def action_curve(self) -> None:
        (self.form if self.loss.has_focus else self.loss).focus()

    def action_compare(self) -> None:
        from studio.screens.compare import Compare

        self.studio.push_screen(Compare(self.watching.entries(), self.watching.marked, self.watching.mark))

    def action_preview(self, by: int) -> None:
        """Play the preview before or after the last one; the training goes on."""
        if not self.watching.step(by):
            self.studio.say("there is no earlier preview" if by > 0 else "this is the newest preview")
            return
        offered = self.sound()
        if offered and Path(offered[0]).exists():
            self.studio.play(*offered)
        elif offered:
            self.studio.say(f"{offered[1]}: its file is gone, the run was cleared away", "warn")

    def action_older(self, by: int) -> None:
        self.studio.attempt(lambda: self.watching.older(by))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        state = self.job.state if self.job else ""
        if action in ("cancel", "resume"):
            return state in (LIVE if action == "cancel" else RESUMABLE)
        if action == "preview":
            return bool(self.watching.course.previews)
        if action in ("curve", "open_log", "log", "zoom", "older", "compare"):
            return bool(state)
        return super().check_action(action, parameters)

    def memory(self) -> dict[str, Any]:
        kept = {k: v for k, v in self.form.values.items() if k not in FRESH}
        return {
            "form": kept,
            "log": self.loss.log_y,
            "term": self.loss.name_of_view,
            "compared": self.watching.marked,
        }

    def recall(self, memory: dict[str, Any]) -> None:
        known = {f.name for f in fields(specs.TrainVae)}
        kept = {str(k): str(v) for k, v in memory.get("form", {}).items() if k in known}
        wrong = forms.complaints(specs.TrainVae, kept)
        self.form.values.update({name: value for name, value in kept.items() if name not in wrong})
        self.loss.log_y = bool(memory.get("log"))
        self.loss.name_of_view = str(memory.get("term", ""))
        self._recalled_marks = [str(id) for id in memory.get("compared", [])]
