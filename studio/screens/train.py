"""2 Train: the form made from the spec's fields at the left, the curve of a training at the right."""

from dataclasses import fields, replace
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from jobs import specs
from store import paths
from studio import actions, forms
from studio.messages import Edited, Stepped
from studio.screens.page import Page, pane
from studio.text import figure, span
from studio.widgets.facts import Facts, bar, empty
from studio.widgets.fields import Fields
from studio.widgets.lines import Line
from studio.widgets.loss import Loss
from studio.widgets.status import standing

NOTHING = empty(
    "A training learns a dataset until it stops getting better. "
    "Its curve grows here while you do other things.",
    [("ctrl+r", "b:accent"), ("  train with what the form says", "text")],
    "woodshed train DATASET",
    width=40,
)
LIVE = ("queued", "running")
SHOWN = ("magnitude", "frequency", "stft", "kl", "gap")
"""Numbers of a row that have no curve."""

FRESH = {"continue_from": "", "add": "no"}
"""What holds for one training only: the next one begins anew unless it is told not to."""
ADDING = ("old_share",)


def _questions(continued: bool) -> list[forms.Question]:
    """The form, with the model to continue as one of those that are there; ``continued``: with what adds."""
    models = actions.models()
    ids, names = ["", *(one["id"] for one in models)], ["none", *(one["name"] for one in models)]
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
    TrainPage #now, TrainPage #numbers { margin-bottom: 0; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("ctrl+r", "train", "train", id="train.start", tooltip="train with what the form says"),
        Binding("L", "log", "log scale", id="train.log", tooltip="logarithmic or linear loss axis"),
        Binding("c", "cancel", "cancel", id="train.cancel", tooltip="stop it; the checkpoint is kept"),
        Binding("n", "older(1)", "older", show=False, id="train.older", tooltip="the training before"),
        Binding("N", "older(-1)", "newer", show=False, id="train.newer", tooltip="the training after"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.form = Fields(
            (), "Train", lambda field, value: forms.complaint(specs.TrainVae, field, value), id="form"
        )
        self.now = Facts(id="now")
        self.loss = Loss(NOTHING, id="loss")
        self.numbers = Facts(id="numbers")
        self.job: Any = None
        self.back = 0
        self.read_to = 0
        self.told: dict[str, dict] = {}
        self.preview: dict = {}
        self.before: dict[str, str] = {}
        """What stood in the form before sounds were to be added to a model."""

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.form, id="ask"), "train on")
        yield pane(Vertical(self.now, self.loss, self.numbers, id="watch"), "training")

    def first(self) -> Fields:
        return self.form

    def look(self) -> None:
        self._ask()
        self._watch()

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

    # --- watching ----------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Follow the newest training, or the one chosen before it."""
        trainings = actions.jobs(recipes=(specs.TrainVae.recipe,))
        if not trainings:
            self.job = None
            self.loss.nothing = NOTHING
            self.now.show([])
            return
        self.back = min(self.back, len(trainings) - 1)
        job = trainings[-1 - self.back]
        if self.job is None or job.id != self.job.id:
            self.loss.clear()
            self.read_to, self.told, self.preview = 0, {}, {}
        self.job = job
        self.loss.nothing = (
            [[("the curve begins with the first epoch", "dim")]] if job.state in LIVE else [[]]
        )
        self._follow()
        self._describe()

    def on_resize(self) -> None:
        if self.job:
            self._describe()

    def tick(self) -> None:
        if self.job and self.job.state in LIVE and self._follow():
            self._describe()

    def _follow(self) -> bool:
        """Read what is new in the stream; whether there was something."""
        new = False
        for rows, read_to in actions.pieces(self.job.id, self.read_to):
            self.read_to = read_to
            for row in rows:
                kind = row.get("kind")
                if kind == "row":
                    self.loss.add(row)
                elif kind == "preview":
                    self.preview = row
                self.told[str(kind)] = row
                new = True
        if new:
            self.loss.touch()
        return new

    def _describe(self) -> None:
        job = self.job
        record = actions.library().datasets.get(job.spec.get("dataset", "")) or {}
        name = job.spec.get("name") or record.get("name", "?")
        lines: list[Line] = [[(name, "b:text"), ("  ", ""), *standing(job, actions.ledger().standing(job))]]
        row, progress = self.told.get("row", {}), self.told.get("progress", {})
        done, total = progress.get("done") or row.get("epoch") or 0, progress.get("total") or 0
        if done:
            across = max(8, min(30, self.size.width // 2 - 40))
            words = f" {done:g}/{total:g} {progress.get('unit') or 'epochs'}"
            if progress.get("rate"):
                rate = progress["rate"]
                words += f" · {rate:.3g}/s" if rate >= 1 else f" · {1 / rate:.3g} s each"
            if job.state == "running" and progress.get("eta"):
                words += f" · {span(progress['eta'])} left"
            lines.append(
                [*bar(done, total, across, "good" if job.state == "done" else "accent"), (words, "dim")]
            )
        if job.error:
            lines.append([("✗ ", "bad"), (str(job.error.get("message")), "text")])
        self.now.show([*lines, []])
        self.numbers.show(lambda width: self._numbers(row, width))

    def _numbers(self, row: dict, width: int) -> list[Line]:
        said = [
            (key.replace("_", " "), f"{row[key]:+.0%}" if key == "gap" else figure(row[key]))
            for key in SHOWN
            if isinstance(row.get(key), int | float)
        ]
        lines: list[Line] = [[]] if said else []
        columns = max(1, width // 21)
        for start in range(0, len(said), columns):
            line = []
            for key, value in said[start : start + columns]:
                line += [(f"{key} ", "dim"), (f"{value:<{max(1, 18 - len(key))}} ", "text")]
            lines.append(line)
        note = self.told.get("note", {}).get("text")
        if note:
            lines.append([("· ", "dim"), (note, "dim")])
        if self.preview:
            lines.append(
                [
                    ("♪ ", "second"),
                    (f"preview of epoch {self.preview.get('epoch')}", "text"),
                    ("  space plays it", "dim"),
                ]
            )
        return lines

    def sound(self) -> tuple[str, str] | None:
        if not self.preview.get("path") or self.job is None:
            return None
        path = paths.run(self.job.id) / str(self.preview["path"])
        return str(path), f"preview of epoch {self.preview.get('epoch')}"

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
            self.back, self.before = 0, {}
            for name, value in FRESH.items():
                self.form.set(name, value)
            self.form.action_rest()
            self.studio.poll()
            self.studio.say("on its way; it goes on when you leave", "good")

    def action_log(self) -> None:
        self.loss.log_y = not self.loss.log_y
        self.loss.touch()

    async def action_cancel(self) -> None:
        job = self.job
        if job and job.state in LIVE and await self.studio.do(lambda: actions.cancel(job.id)):
            self.studio.poll()
            self.studio.say("asked to stop; its checkpoint is kept (3, then r, goes on)", "good")

    def action_older(self, by: int) -> None:
        self.back = max(0, self.back + by)
        self._watch()

    def memory(self) -> dict[str, Any]:
        kept = {k: v for k, v in self.form.values.items() if k != "dataset" and k not in FRESH}
        return {"form": kept, "log": self.loss.log_y}

    def recall(self, memory: dict[str, Any]) -> None:
        known = {f.name for f in fields(specs.TrainVae)}
        kept = {str(k): str(v) for k, v in memory.get("form", {}).items() if k in known}
        wrong = forms.complaints(specs.TrainVae, kept)
        self.form.values.update({name: value for name, value in kept.items() if name not in wrong})
        self.loss.log_y = bool(memory.get("log"))
