"""Further columns of a list, as far as a wide terminal has room for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from studio.text import pad
from studio.widgets.lines import Part


@dataclass(frozen=True)
class Column:
    """``words`` of a record; ``width`` cells, the space before it among them."""

    head: str
    width: int
    words: Callable[[Any], object]
    right: bool = False


def fitting(columns: Sequence[Column], room: int) -> list[Column]:
    """The first of them that ``room`` cells hold, in the order of their worth."""
    found: list[Column] = []
    for column in columns:
        room -= column.width
        if room < 0:
            break
        found.append(column)
    return found


def wide(columns: Sequence[Column]) -> int:
    """Cells that they take."""
    return sum(column.width for column in columns)


def cells_of(columns: Sequence[Column], record: Any) -> list[Part]:
    """A record's row."""
    return [(" " + pad(one.words(record), one.width - 1, one.right), "dim") for one in columns]


def heads(columns: Sequence[Column]) -> list[Part]:
    """The row above them."""
    return [(" " + pad(one.head, one.width - 1, one.right), "faint") for one in columns]
