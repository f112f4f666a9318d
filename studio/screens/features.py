"""A window with a row for each number of a fingerprint, and below it what the one under the cursor means."""

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult

from studio.distribution import told
from studio.messages import Highlighted
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

NAME, SHORT_NAME, VALUE, UNIT = 28, 20, 9, 10
SLIM = 90
"""Columns below which names are short and units left out, so that there is room to draw."""


class Features(Window):
    """Subclasses give ``heading``, ``head`` and ``draw``; rows are entries of the metadata."""

    DEFAULT_CSS = """
    Features > #frame { width: 110; height: 90%; }
    Features Rows { height: 1fr; }
    Features #meaning { margin-top: 1; }
    """

    def __init__(self, empty: Sequence[Line] = ()) -> None:
        super().__init__()
        self.about = Facts(self.heading, id="about")
        self.list = Rows(
            self.draw,
            key=lambda one: one["name"],
            words=lambda one: f"{one['name']} {one['meaning']}",
            head=self.head,
            empty=empty,
        )
        self.meaning = Facts(id="meaning")

    def parts(self) -> ComposeResult:
        yield self.about
        yield self.list
        yield self.meaning

    def heading(self, width: int) -> list[Line]:
        """What it is of."""
        return []

    def head(self, width: int) -> list[Part]:
        """Names of the columns."""
        return []

    def draw(self, one: dict[str, Any], width: int) -> list[Part]:
        """A row."""
        return [self.named(one, width)]

    def named(self, one: dict[str, Any], width: int) -> Part:
        """The first column of a row."""
        return pad(told(one), NAME if width >= SLIM else SHORT_NAME), "text"

    def unnamed(self, width: int) -> str:
        """As much room in the line of the columns' names."""
        return " " + pad("", NAME if width >= SLIM else SHORT_NAME)

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        one = event.item
        words = f"{one['meaning']} · {one['source']}" if one else ""
        self.meaning.show(lambda width: [[(line, "dim")] for line in wrap(words, width)[:2]])


def taken(parts: list[Part]) -> int:
    """Columns of a row so far."""
    return sum(len(words) for words, _ in parts)
