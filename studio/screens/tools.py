"""Work on sets of sounds, from Data: organise, normalise, verify, flaws, fingerprints, and what learns."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import specs
from store.errors import Refusal
from studio import actions
from studio.awaited import finished
from studio.distribution import METADATA
from studio.screens.analysis import Analysis
from studio.screens.dialog import Pick, Window
from studio.screens.kept import Corrections, Diagnosers, Kept, Repairers
from studio.screens.panels import Panels
from studio.screens.profiled import learn_by_profile
from studio.screens.requests import asking, submit, waited
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
    ("analyse", specs.Analyse, "how those numbers are distributed, gold against flawed"),
    ("loudness", specs.MeasureLoudness, "LUFS, range and true peak of each sound"),
    ("learn flaws", specs.TrainDiagnosis, "a diagnosis model of a set with flaws"),
    ("learn repair", specs.TrainRepairer, "train a repairer to fill lost packets"),
)
PROFILED = ("learn repair by a profile", "its fields and values from a file, .yaml or .toml")
KEPT: tuple[tuple[str, type[Kept], str], ...] = (
    ("diagnosis models", Diagnosers, "what they learned; one of them as ONNX"),
    ("corrections", Corrections, "those that were kept, for whole folders of other sounds"),
    ("repairers", Repairers, "trained ones: what each learned; to the field"),
)


def offered() -> list[tuple[str, str]]:
    """Everything that can be done with sets, and what it is."""
    asked = [(name, words) for name, _, words in TOOLS]
    return [*asked, PROFILED, *((name, words) for name, _, words in KEPT)]


def choose(app: "Studio", dataset: dict[str, Any] | None) -> None:
    """A list of what can be done; the one that is chosen asks for what it needs."""

    def chosen(name: str | None) -> None:
        if name:
            begin(app, name, dataset)

    items = [(name, name, words) for name, words in offered()]
    app.push_screen(Pick("work on sets of sounds", items), chosen)


def begin(app: "Studio", name: str, dataset: dict[str, Any] | None, at: str | None = None) -> None:
    """What is `offered` by that name; a window of records opens with the cursor on ``at``."""
    kinds = {name: kind for name, kind, _ in TOOLS}
    shelves = {name: kind for name, kind, _ in KEPT}
    if name in shelves:
        app.push_screen(shelves[name](at))
    elif name == PROFILED[0]:
        learn_by_profile(app, dataset, _learn)
    else:
        _ask(app, name, kinds[name], dataset)


def _ask(app: "Studio", name: str, kind: type[specs.Spec], dataset: dict[str, Any] | None) -> None:
    """The form of a spec; sounds are those of the dataset under the cursor unless another is named."""
    finish = {specs.Organise: _plan, specs.Analyse: _analyse, specs.TrainRepairer: _learn}.get(kind)

    async def answered(values: dict[str, Any]) -> bool:
        return await (finish(app, values) if finish else submit(app, name, kind, values))

    asking(app, name, kind, answered, dataset, leave_out=("dry_run",))


async def _analyse(app: "Studio", values: dict[str, Any]) -> bool:
    found = await _waited(app, "analyse", specs.Analyse, values, (None, METADATA))
    if found:
        analysis, metadata = found
        app.push_screen(Analysis(analysis, metadata["features"]))
    return found is not None


async def _learn(app: "Studio", values: dict[str, Any]) -> bool:
    """Its panels from the first step on; they can be left, and 3 leads back to them."""
    job = await app.do(lambda: actions.submit(specs.TrainRepairer, **values))
    if job is None:
        return False
    app.poll()
    app.push_screen(Panels(job.id))
    app.say("it learns; esc leaves it to itself, and v on it in 3 comes back", "good")
    try:
        await finished(job.id)
    except Refusal as error:
        app.say(f"learn repair: {error}", "bad")
        return False
    return True


async def _plan(app: "Studio", values: dict[str, Any]) -> bool:
    """What would be copied where, before anything is; only what was copied is done."""
    found = await _waited(app, "organise", specs.Organise, {**values, "dry_run": True}, (None,))

    if not found:
        return False
    answer = asyncio.get_running_loop().create_future()
    app.push_screen(Plan(found[0], values["out"]), answer.set_result)
    return bool(await answer) and await submit(app, "organise", specs.Organise, values)


async def _waited(
    app: "Studio", name: str, kind: type[specs.Spec], values: dict[str, Any], left: Sequence[str | None]
) -> list[Any] | None:
    """What a job has left; None where there is nothing to show."""
    now = await waited(app, name, kind, values)
    if now is None:
        return None
    return await app.do(lambda: [actions.left(now, *([file] if file else [])) for file in left])


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
