"""Characters laid over each other, so that of curves which cross the upper one stays whole."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from studio.widgets.ink import Ink

BLANK = " "


class Layers:
    """``height`` rows of ``width`` cells, blank at first."""

    def __init__(self, width: int, height: int) -> None:
        self.chars = [[BLANK] * width for _ in range(height)]
        self.inks = [[""] * width for _ in range(height)]

    def cover(self, rows: Sequence[str], name: str, columns: Sequence[int]) -> None:
        """What is not blank in some columns takes the place of what was there, in an ink."""
        for row, chars, inks in zip(rows, self.chars, self.inks, strict=True):
            if row.isspace():
                continue
            for x in columns:
                if row[x] != BLANK:
                    chars[x], inks[x] = row[x], name

    def fill(self, x: int, y: int, char: str, name: str) -> None:
        """A cell, where it is there and blank."""
        if 0 <= x < len(self.chars[y]) and self.chars[y][x] == BLANK:
            self.chars[y][x], self.inks[y][x] = char, name

    def strips(self, raised: range, ink: Ink) -> list[Strip]:
        """Rows; the columns ``raised`` lie on a ground of their own, where there are colours."""
        rows = zip(self.chars, self.inks, strict=True)
        return [_strip(chars, inks, range(0) if ink.mono else raised, ink) for chars, inks in rows]


def _strip(chars: list[str], inks: list[str], raised: range, ink: Ink) -> Strip:
    """A blank has no colour of its own: it goes with what stands before it."""
    segments: list[Segment] = []
    begin, front, ground = 0, "text", ""
    for x, name in enumerate(inks):
        here = " on panel" if x in raised else ""
        if (name and name != front) or here != ground:
            segments.append(Segment("".join(chars[begin:x]), ink[front + ground]))
            begin, front, ground = x, name or front, here
    segments.append(Segment("".join(chars[begin:]), ink[front + ground]))
    return Strip(filter(None, segments), len(chars))
