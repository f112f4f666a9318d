"""Trainings beside the one that is shown: which ones, and what became of each."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding

from studio.course import Course, came_to
from studio.messages import Chosen
from studio.screens.dialog import Window
from studio.screens.page import newest_first
from studio.text import cells, pad, when
from studio.widgets.chart import LETTERS, inks_of
from studio.widgets.lines import Line, Part
from studio.widgets.rows import Rows
from studio.widgets.status import standing

AT_MOST = len(LETTERS) - 1

Run = tuple[str, Any, Course]
"""Name, job and course of a training."""


class Compare(Window):
    """A list of trainings with marks; ``changed`` is called with the marked ids, in the order of marking."""

    DEFAULT_CSS = "Compare Rows { height: 16; }"
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("space", "mark", "mark", id="compare.mark", tooltip="draw this training too, or no longer"),
        Binding("x", "none", "none", id="compare.none", tooltip="compare with nothing"),
        Binding("o", "dismiss(None)", "back", show=False, id="compare.close"),
    ]
    title_words = "compare with"

    def __init__(
        self,
        entries: Sequence[tuple[str, Any, str]],
        marked: Sequence[str],
        changed: Callable[[list[str]], None],
    ) -> None:
        """``entries``: (name, job, state), oldest first."""
        super().__init__()
        self.entries, self.changed = newest_first(entries), changed
        self.marked = list(marked)
        self.list = Rows(
            self._draw,
            key=lambda item: item[1].id,
            words=lambda item: f"{item[0]} {item[2]}",
            empty=[[("there is no other training yet", "dim")]],
        )

    def parts(self) -> ComposeResult:
        self.list.styles.height = min(16, len(self.entries) + 1)
        yield self.list

    def on_mount(self) -> None:
        self.list.put(self.entries)

    def _draw(self, item: tuple[str, Any, str], width: int) -> list[Part]:
        name, job, state = item
        mark = ("[x] ", "accent") if job.id in self.marked else ("[ ] ", "faint")
        room = max(8, width - 4 - 16 - 14)
        parts = standing(job, state)
        used = sum(cells(words) for words, _ in parts)
        return [mark, (pad(name, room), "text"), *parts, (" " * max(1, 16 - used), ""),
                (pad(when(job.submitted), 14, right=True), "dim")]  # fmt: skip

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.action_mark()

    def action_mark(self) -> None:
        item = self.list.item
        if item is None:
            return
        id = item[1].id
        if id in self.marked:
            self.marked.remove(id)
        elif len(self.marked) >= AT_MOST:
            self.app.say(f"{AT_MOST + 1} trainings can be told apart; take a mark away first", "warn")  # type: ignore[attr-defined]
            return
        else:
            self.marked.append(id)
        self._tell()

    def action_none(self) -> None:
        self.marked.clear()
        self._tell()

    def _tell(self) -> None:
        self.list.touch()
        self.changed(list(self.marked))


HEAD = (("", 2), ("epochs", 8), ("best", 8), ("at", 7), ("gap", 6), ("time", 12), ("preset", 13))


def compared(runs: Sequence[Run], width: int) -> list[Line]:
    """A row for each training: epochs, best validation and where, gap, time, preset; as columns fit."""
    columns = _columns(width)
    name_room = max(8, width - sum(room for _, room in columns))
    head = [(pad("", 2), "dim"), (pad("training", name_room), "dim")]
    head += [(pad(words, room, right=True), "dim") for words, room in columns[1:]]
    inks = inks_of([name for name, _, _ in runs])
    lines: list[Line] = [head]
    for (name, job, course), letter, ink in zip(runs, LETTERS, inks, strict=False):
        told = came_to(job, course)
        row: list[Part] = [(f"{letter} ", f"b:{ink}"), (pad(name, name_room), "text")]
        row += [(pad(told[words], room, right=True), "text") for words, room in columns[1:]]
        lines.append(row)
    return lines


def _columns(width: int) -> list[tuple[str, int]]:
    columns = list(HEAD)
    while len(columns) > 4 and width - sum(room for _, room in columns) < 10:
        columns.pop()
    return columns
