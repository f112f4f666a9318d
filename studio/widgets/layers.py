"""Characters laid over each other, so that of curves which cross the upper one stays whole."""

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.strip import Strip

from studio.widgets.ink import Ink

BLANK = " "


class Layers:
    """``height`` rows of ``width`` cells, blank at first."""

    def __init__(self, width: int, height: int) -> None:
        self.chars = [[BLANK] * width for _ in range(height)]
        self.inks = [[""] * width for _ in range(height)]

    def cover(self, rows: Sequence[str], name: str, hidden: Callable[[int], bool]) -> None:
        """What is not blank takes the place of what was there, in an ink, but for hidden columns."""
        for y, row in enumerate(rows):
            for x, char in enumerate(row):
                if char != BLANK and not hidden(x):
                    self.chars[y][x], self.inks[y][x] = char, name

    def fill(self, x: int, y: int, char: str, name: str) -> None:
        """A cell, where it is there and blank."""
        if 0 <= x < len(self.chars[y]) and self.chars[y][x] == BLANK:
            self.chars[y][x], self.inks[y][x] = char, name

    def strips(self, raised: range, ink: Ink) -> list[Strip]:
        """Rows; the columns ``raised`` lie on a ground of their own, where there are colours."""
        rows = zip(self.chars, self.inks, strict=True)
        return [_strip(chars, inks, raised, ink) for chars, inks in rows]


def _strip(chars: list[str], inks: list[str], raised: range, ink: Ink) -> Strip:
    segments: list[Segment] = []
    run, before = "", ""
    for x, (char, name) in enumerate(zip(chars, inks, strict=True)):
        ground = x in raised and not ink.mono
        # A blank has no colour of its own: it goes with what stands before it.
        front = name or before.partition(" on ")[0] or "text"
        style = f"{front} on panel" if ground else front
        if style != before and run:
            segments.append(Segment(run, ink[before]))
            run = ""
        run, before = run + char, style
    return Strip([*segments, Segment(run, ink[before])], len(chars))
