"""4 Models: what was learned, from what, and which axes it can be moved along."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions
from studio.messages import Chosen, Highlighted
from studio.screens.page import Page, newest_first, pane
from studio.text import count, figure, pad, size, span, when
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line, Part
from studio.widgets.rows import Rows

NOTHING = empty(
    "A model is what a training leaves: it plays new sounds in the manner of your own.",
    [("2", "b:accent"), ("  train one on a dataset", "text")],
    "woodshed train DATASET",
    width=44,
)


class ModelsPage(Page):
    """The shelf of models."""

    DEFAULT_CSS = "ModelsPage > #shelf { width: 30%; min-width: 28; max-width: 44; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("p", "play", "play it", id="models.play", tooltip="move its sliders"),
        Binding("r", "rename", "rename", id="models.rename"),
        Binding("d", "delete", "delete", id="models.delete", tooltip="to the trash; u takes it back"),
        Binding("y", "copy", "copy id", show=False, id="models.copy", tooltip="its id to the clipboard"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(self._model, id="rows", empty=[[("none yet", "dim")]])
        self.about = Facts(id="about")

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, id="shelf"), "models")
        yield pane(Vertical(self.about, id="one"), "model")

    def first(self) -> Rows:
        return self.list

    def look(self) -> None:
        self.list.put(newest_first(actions.models()))
        self._describe()

    def _model(self, record: dict, width: int) -> list[Part]:
        tail = f"{figure(record.get('validation')):>7}"
        return [(pad(record["name"], width - len(tail) - 1), "text"), (" ", ""), (tail, "dim")]

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
            page = await self.studio.open_page("play")
            page.choose(self.list.item["id"])  # type: ignore[attr-defined]

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "models", self.list.item)

    def action_delete(self) -> None:
        from studio.screens.shelf import delete

        delete(self.studio, "models", self.list.item)

    def action_copy(self) -> None:
        if self.list.item:
            self.studio.copy_to_clipboard(self.list.item["id"])
            self.studio.say(f"{self.list.item['id']} is in the clipboard", "good")

    def memory(self) -> dict[str, Any]:
        return {"at": self.list.item["id"] if self.list.item else ""}

    def recall(self, memory: dict[str, Any]) -> None:
        self.list.put(newest_first(actions.models()), at=memory.get("at"))


def _facts(record: dict, width: int) -> list[Line]:
    sounds = f"{count(record.get('files', 0), 'sound')} · {span(record.get('seconds'))}"
    took = f"{record.get('epochs')} epochs in {span(60 * (record.get('minutes') or 0))}"
    told = [
        ("learned from", f"{record.get('dataset_name')} · {sounds}"),
        ("training", f"{took} on {record.get('device')} · {record.get('preset')}"),
        ("validation", figure(record.get("validation"))),
        ("made", f"{when(record.get('created'))} by job {record.get('job')}"),
        ("weights", f"{size(record.get('bytes', 0))} · sha-256 {str(record.get('sha256', ''))[:12]}"),
        ("folder", str(record.get("path"))),
    ]
    lines: list[Line] = [[(record["name"], "b:text"), (f"  {record['id']}", "faint")], []]
    lines += [[(pad(key, 14), "dim"), (str(value), "text")] for key, value in told]
    lines += [[], [("sliders", "b:text"), ("  ━ safe", "second"), ("  ╌ with care", "warn")], []]
    for axis in record.get("axes", ()):
        lines += _axis(axis, width)
    return lines


def _axis(axis: dict, width: int) -> list[Line]:
    """Two rows: name and range in its unit, then a bar of safe and warning range between its words."""
    name = pad(axis.get("name", "?"), 14)
    if not axis.get("available", True):
        return [[(name, "dim"), ("these sounds hardly differ in it", "dim")]]
    values = axis.get("values") or [0, 0]
    safe, warning = axis.get("safe") or (0, 100), axis.get("warning") or (0, 100)
    low, high = str(axis.get("low_word", "")), str(axis.get("high_word", ""))
    room = max(10, min(60, width - 14 - 22))
    cells: list[Part] = []
    for x in range(room):
        at = x / (room - 1) * 100
        inside = safe[0] <= at <= safe[1]
        near = warning[0] <= at <= warning[1]
        cells.append(("━", "second") if inside else ("╌", "warn") if near else ("·", "faint"))
    ends = f"{figure(values[0])} to {figure(values[-1])} {axis.get('unit', '')}"
    return [
        [(name, "text"), (pad(low, 10, right=True), "dim"), (" ", ""), *cells, (" ", ""), (high, "dim")],
        [(pad("", 25), ""), (ends, "dim")],
    ]
