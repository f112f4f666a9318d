"""Work on sets of sounds, from Data: organise, normalise, verify, flaws, fingerprints, a diagnosis model."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import specs
from studio import actions, forms
from studio.awaited import ended
from studio.screens.dialog import Ask, Pick, Window
from studio.text import count, pad
from studio.widgets.lines import Part
from studio.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.frame import Studio

TOOLS: tuple[tuple[str, type[specs.Spec], str], ...] = (
    ("organise", specs.Organise, "copy a folder into a set: gold and flawed, by instrument"),
    ("normalise", specs.Normalise, "all sounds at one loudness, as 24-bit WAV, with a log"),
    ("verify", specs.Verify, "measure a normalised folder again"),
    ("flaws", specs.MakeFlaws, "flawed versions of clean sounds, with their parameters"),
    ("fingerprint", specs.Fingerprint, "64 numbers a sound, as CSV and Parquet"),
    ("loudness", specs.MeasureLoudness, "LUFS, range and true peak of each sound"),
    ("learn flaws", specs.TrainDiagnosis, "a diagnosis model of a set with flaws"),
)


def choose(app: "Studio", dataset: dict[str, Any] | None) -> None:
    """A list of what can be done; the one that is chosen asks for what it needs."""
    items = [(name, name, words) for name, _, words in TOOLS]
    kinds = {name: kind for name, kind, _ in TOOLS}

    def chosen(name: str | None) -> None:
        if name:
            _ask(app, name, kinds[name], dataset)

    app.push_screen(Pick("work on sets of sounds", items), chosen)


def _ask(app: "Studio", name: str, kind: type[specs.Spec], dataset: dict[str, Any] | None) -> None:
    """The form of a spec; sounds are those of the dataset under the cursor unless another is named."""
    asked = [_placed(one, dataset) for one in forms.questions(kind, {}, leave_out=("dry_run",))]

    def check(field: str, value: str) -> str:
        return forms.complaint(kind, field, _worded(field, value))

    async def answered(answers: dict[str, str] | None) -> None:
        if answers is None:
            return
        values = {field: _worded(field, value) for field, value in answers.items()}
        if kind is specs.Organise:
            await _plan(app, values)
        else:
            await _submit(app, name, kind, values)

    app.push_screen(Ask(name, asked, "Do it", check), answered)


def _placed(one: forms.Question, dataset: dict[str, Any] | None) -> forms.Question:
    """With the dataset under the cursor as its first answer where sounds are asked for."""
    if one.name == "sounds" and dataset:
        return replace(one, initial=str(dataset["name"]), suggested=True)
    if one.name in ("sounds", "folder", "out"):
        return replace(one, initial=str(Path.home()), suggested=True)
    return one


def _worded(field: str, value: str) -> Any:
    """What is typed for sounds is one word, whatever is in it."""
    return [value] if field == "sounds" and value else value


async def _submit(app: "Studio", name: str, kind: type[specs.Spec], values: dict[str, Any]) -> None:
    job = await app.do(lambda: actions.submit(kind, **values))
    if job:
        app.say(f"{name}: it runs; 3 shows how far it is, and what came of it", "good")
        app.poll()


async def _plan(app: "Studio", values: dict[str, Any]) -> None:
    """What would be copied where, before anything is."""
    job = await app.do(lambda: actions.submit(specs.Organise, **values, dry_run=True))
    if job is None:
        return
    now = await ended(job.id)
    if now is None or now.state != "done":
        app.say(str(((now and now.error) or {}).get("message", "it was stopped")), "bad")
        return
    plan = await app.do(lambda: actions.left(now))

    async def go(yes: bool | None) -> None:
        if yes:
            await _submit(app, "organise", specs.Organise, values)

    if plan is not None:
        app.push_screen(Plan(plan, values["out"]), go)


class Plan(Window):
    """What a folder would become; enter carries it out."""

    DEFAULT_CSS = """
    Plan > #frame { width: 110; }
    Plan Rows { height: 18; }
    """
    title_words = "nothing is copied yet"

    def __init__(self, plan: list[dict[str, Any]], out: str) -> None:
        super().__init__()
        self.plan, self.out = plan, str(Path(out).expanduser())
        placed = sum("to" in one for one in plan)
        words = f"{count(placed, 'sound')} into {self.out}, {len(plan) - placed} left out"
        self.list = Rows(
            self._draw,
            key=lambda one: one["file"],
            words=lambda one: one["name"],
            head=lambda width: [(words, "dim")],
        )
        self.list.enters = "copies them"

    def parts(self) -> Any:
        yield self.list

    def on_mount(self) -> None:
        # What can't be placed first: that is what a person has to decide about.
        self.list.put(sorted(self.plan, key=lambda one: "to" in one))

    def _draw(self, one: dict[str, Any], width: int) -> list[Part]:
        name = max(20, width * 2 // 5)
        if "to" in one:
            where = str(one["to"]).removeprefix(f"{self.out}/")
            return [(pad(one["name"], name), "text"), (" → ", "dim"), (pad(where, width - name - 3), "dim")]
        return [
            (pad(one["name"], name), "dim"),
            (" ✗ ", "bad"),
            (pad(one["problem"], width - name - 3), "dim"),
        ]

    def on_chosen(self, event: Any) -> None:
        event.stop()
        self.dismiss(True)
