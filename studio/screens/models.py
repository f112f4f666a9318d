"""4 Models: what was learned, from what, and which axes it can be moved along."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions
from studio.messages import Chosen, Highlighted
from studio.report import FIRST, absent, at, brief, quality_rows, span
from studio.screens.page import Page, newest_first, pane
from studio.screens.scroll import Scroll
from studio.text import cells, count, figure, pad, safe_text, size, when
from studio.text import span as lasting
from studio.widgets.columns import Column, cells_of, fitting, heads, wide
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

NOTHING = empty(
    "A model is what a training leaves: it plays new sounds in the manner of your own.",
    [("2", "b:accent"), ("  train one on a dataset", "text")],
    "woodshed train DATASET",
    width=44,
)


COLUMNS = (
    Column("learned from", 17, lambda one: one.get("dataset_name")),
    Column("made", 13, lambda one: when(one.get("created"))),
    Column("epochs", 8, lambda one: figure(one.get("epochs")), right=True),
    Column("validation", 11, lambda one: figure(one.get("validation")), right=True),
)
NAME = 36
"""Cells for a name and the verdict, before anything is told beside them."""
VERDICT = 10
INKS = {"good": "good", "fair": "warn", "poor": "bad"}
"""Inks of the verdicts: a validation loss compares with no other dataset's."""


class ModelsPage(Page):
    """The shelf of models."""

    DEFAULT_CSS = "ModelsPage > #shelf { width: 30%; min-width: 28; max-width: 44; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("p", "play", "play it", id="models.play", tooltip="move its sliders"),
        Binding("a", "add", "add sounds", id="models.add", tooltip="learn more sounds on top of it"),
        Binding("b", "blend", "blend", id="models.blend", tooltip="mix it with the model that Play has"),
        Binding("r", "rename", "rename", id="models.rename"),
        Binding("d", "delete", "delete", id="models.delete", tooltip="to the trash; u takes it back"),
        Binding("y", "copy", "copy id", show=False, id="models.copy", tooltip="its id to the clipboard"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(self._model, id="rows", head=_head, empty=[[("none yet", "dim")]])
        self.about = Facts(id="about")

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, id="shelf"), "models")
        yield pane(Scroll(self.about, id="one"), "model")

    def first(self) -> Rows:
        return self.list

    @property
    def anything(self) -> bool:
        return bool(self.list.items)

    def look(self) -> None:
        self.list.put(newest_first(actions.models()))
        self._describe()

    def _model(self, record: dict, width: int) -> list[Part]:
        more = fitting(COLUMNS, width - NAME)
        word = dict(quality_rows(record.get("quality"))[:1]).get("verdict", "")
        room = width - wide(more) - VERDICT - 1
        tail = (pad(word or "not judged", VERDICT), INKS.get(word, "dim"))
        return [(pad(record["name"], room), "text"), *cells_of(more, record), (" ", ""), tail]

    def _describe(self) -> None:
        record = self.list.item
        self.about.show((lambda width: _facts(record, width)) if record else NOTHING)

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._describe()

    async def on_chosen(self, event: Chosen) -> None:
        event.stop()
        await self.action_play()

    async def action_play(self) -> None:
        if self.list.item:
            page = await self.studio.go("play")
            page.choose(self.list.item["id"])  # type: ignore[attr-defined]

    async def action_add(self) -> None:
        model = self.list.item
        if model is None:
            return
        if not any(one["id"] != model.get("dataset") for one in actions.datasets()):
            self.studio.say("no sounds to add yet: press 1, then n to import them")
            return
        page = await self.studio.go("train")
        page.add_to(model)  # type: ignore[attr-defined]

    async def action_blend(self) -> None:
        model = self.list.item
        if model is None:
            return
        page: Any = await self.studio.go("play")
        page.blend_in(model)

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "models", self.list.item)

    async def action_delete(self) -> None:
        from studio.screens.shelf import delete

        await delete(self.studio, "models", self.list.item)

    def action_copy(self) -> None:
        if self.list.item:
            self.studio.copy_to_clipboard(self.list.item["id"])
            self.studio.say(f"{self.list.item['id']} is in the clipboard", "good")

    def memory(self) -> dict[str, Any]:
        return {"at": self.list.item["id"] if self.list.item else ""}

    def recall(self, memory: dict[str, Any]) -> None:
        self.list.put(newest_first(actions.models()), at=memory.get("at"))


def _head(width: int) -> list[Part]:
    more = fitting(COLUMNS, width - 1 - NAME)
    rest = width - wide(more) - VERDICT - 1
    return [(pad(" name", rest), "faint"), *heads(more), (" " + pad("verdict", VERDICT), "faint")]


def _facts(record: dict, width: int) -> list[Line]:
    sounds = f"{count(record.get('files', 0), 'sound')} · {lasting(record.get('seconds'))}"
    took = f"{figure(record.get('epochs'))} epochs in {lasting(60 * (record.get('minutes') or 0))}"
    facts = [
        ("learned from", f"{record.get('dataset_name')} · {sounds}"),
        ("training", f"{took} on {record.get('device')} · {record.get('preset')}"),
        ("validation", figure(record.get("validation"))),
        ("made", f"{when(record.get('created'))} by job {record.get('job')}"),
        ("weights", f"{size(record.get('bytes', 0))} · sha-256 {str(record.get('sha256', ''))[:12]}"),
        ("folder", str(record.get("path"))),
    ]
    lines: list[Line] = [[(record["name"], "b:text"), (f"  {record['id']}", "faint")], []]
    lines += _quality(facts, width)
    rows = quality_rows(record.get("quality"))
    told = [row for row in rows if row[0] in FIRST]
    lines += _quality(told or [("quality", "measured, see below" if rows else "not measured")], width)
    legend: Line = [("sliders", "b:text"), ("  ━ safe  ", "second"), ("╌ with care  ", "warn"),
                    ("░ out of reach", "dim")]  # fmt: skip
    lines += [[], legend, [(pad("", 9), ""), ("at right: the values at 10, 50 and 90", "dim")]]
    lines += [_axis(axis, width) for axis in record.get("axes", ())]
    if figures := rows[len(told) :]:
        lines += [[], [("quality", "b:text")], *_quality(figures, width)]
    return lines


def _quality(rows: list[tuple[str, str]], width: int) -> list[Line]:
    """A figure per row; words that are too long go on below."""
    lines: list[Line] = []
    for name, value in rows:
        label = max(14, min(30, cells(safe_text(name)) + 1))
        for number, words in enumerate(wrap(value, max(10, width - label)) or [""]):
            color = "b:text" if name == "verdict" else "text"
            lines.append([(pad("" if number else name, label), "dim"), (words, color)])
    return lines


def _axis(axis: dict, width: int) -> list[Part]:
    """Name, bar of its ranges, what lies at 10, 50 and 90 in its unit; why it can't be moved, if so."""
    name = pad(axis.get("name", "?"), 14)
    if why := absent(axis):
        return [(name, "faint"), (why, "faint")]
    safe, warning, far = (span(axis.get(edges)) for edges in ("safe", "warning", "reach"))
    between = " / " if width >= 60 else "/"
    values = between.join(brief(at(axis, percentile)) for percentile in (10, 50, 90))
    note = f" {axis.get('unit', '')}".rstrip()
    if axis.get("kind") == "engine" and width >= 60:
        note += " · engine"
    room = max(8, min(40, width - 14 - 24 - 16))
    bar: list[Part] = []
    for x in range(room):
        place = x / (room - 1) * 100
        if not far[0] <= place <= far[1]:
            bar.append(("░", "faint"))
        elif safe[0] <= place <= safe[1]:
            bar.append(("━", "second"))
        else:
            bar.append(("╌", "warn") if warning[0] <= place <= warning[1] else ("·", "faint"))
    return [(name, "text"), *bar, ("  ", ""), (values, "text"), (note, "dim")]
