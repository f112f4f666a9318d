"""A plot with its axes, a letter at the end of every curve, and a cursor."""

import math
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from studio.text import figure, pad
from studio.widgets.curve import Points, bounds, plot, reach
from studio.widgets.ink import Ink

MARGIN = 8
"""Columns of the values at the left."""
CURSOR = "┊"
INKS = ("train", "valid", "second", "good", "wave", "head", "warn", "accent")
LETTERS = "ABCDEFGH"
"""Of the trainings that are compared, in their order; as many as can be told apart."""


def inks_of(names: Sequence[str]) -> list[str]:
    """An ink for each training, by its name; the next free one where two would have the same."""
    found: list[str] = []
    for name in names:
        at = zlib.crc32(name.encode("utf-8", "replace")) % len(INKS)
        free = [INKS[(at + step) % len(INKS)] for step in range(len(INKS))]
        found.append(next((ink for ink in free if ink not in found), free[0]))
    return found


def nice(value: float, up: bool = True) -> float:
    """The next number of two digits away from 0, or towards it: axes that stay while a curve grows."""
    if not value or value - value != 0:
        return value
    if value < 0:
        return -nice(-value, not up)
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    for step in (
        (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100) if up else (80, 60, 50, 40, 30, 25, 20, 15, 12, 10)
    ):
        if (up and step * unit >= value * (1 - 1e-9)) or (not up and step * unit <= value * (1 + 1e-9)):
            return float(f"{step * unit:.6g}")
    return value


def roomy(limits: tuple[float, float], log: bool) -> tuple[float, float]:
    """Limits of an axis with room to grow: round ends that seldom change."""
    low, high = limits
    if log:
        return nice(low, up=False), nice(high)
    step = nice((high - low) / 8)
    return float(f"{math.floor(low / step) * step:.6g}"), float(f"{math.ceil(high / step) * step:.6g}")


def whole(series: Sequence[Points]) -> tuple[float, float]:
    """Where the axis of places begins and ends when all is seen: it stays for a while as curves grow."""
    first, last = reach(series)
    return (0.0 if first <= 1 else first), nice(last)


@dataclass(frozen=True)
class Frame:
    """Where places and values lie: the ends of both axes, ``columns`` and ``rows`` of cells."""

    ends: tuple[float, float]
    limits: tuple[float, float]
    log: bool
    columns: int
    rows: int

    def column(self, place: float) -> int:
        first, last = self.ends
        return round((place - first) / ((last - first) or 1) * (self.columns - 1))

    def place(self, column: int) -> float:
        first, last = self.ends
        return first + column / max(1, self.columns - 1) * (last - first)

    def row(self, value: float) -> int:
        low, high = self.limits
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        row = round((high - value) / ((high - low) or 1) * (self.rows * 4 - 1)) // 4
        return max(0, min(row, self.rows - 1))

    def sees(self, place: float) -> bool:
        return self.ends[0] <= place <= self.ends[1]


def frame_of(
    series: Sequence[Points],
    width: int,
    height: int,
    log: bool = False,
    ends: tuple[float, float] | None = None,
) -> Frame:
    """The axes of a chart of ``width`` by ``height`` cells; ``ends``: the part to see."""
    ends = ends or whole(series)
    limits = roomy(bounds([_near(points, ends) for points in series], log), log)
    return Frame(ends, limits, log, max(1, width - MARGIN), max(1, height - 1))


def chart(
    series: Sequence[Points],
    inks: Sequence[str],
    frame: Frame,
    ink: Ink,
    unit: str = "epoch",
    letters: Sequence[str] = (),
    cursor: float | None = None,
    best: float | None = None,
) -> list[Strip]:
    """Values at the left, places below. ``cursor`` and ``best`` are places, the one a line, the other a mark.

    ``letters`` stand behind the last point of each curve, so that colour is not all that tells them apart.
    """
    plotted = plot(series, inks, frame.columns, frame.rows, ink, frame.log, frame.limits, frame.ends)
    if cursor is not None and frame.sees(cursor):
        x = frame.column(cursor)
        for y, row in enumerate(plotted):
            if row.crop(x, x + 1).text == " ":
                plotted[y] = _with(row, x, CURSOR, "head", ink)
    taken: set[tuple[int, int]] = set()
    for letter, name, points in zip(letters, inks, series, strict=False):
        spot = _end(points, frame)
        if spot:
            _letter(plotted, spot, letter, f"b:{name}", ink, taken)
    lines = []
    for y, row in enumerate(plotted):
        label = _label(y, frame.rows, frame.limits, frame.log)
        edge = "┤" if label else "│"
        left = Strip([Segment(pad(label, MARGIN - 1, right=True), ink["dim"]), Segment(edge, ink["faint"])])
        lines.append(Strip.join([left, row]))
    return [*lines, _below(frame, unit, ink, best)]


def _near(points: Points, ends: tuple[float, float]) -> Sequence[float]:
    """The values between two places; where there is none, those that the line leads from and to."""
    places, values = points
    start, end = bisect_left(places, ends[0]), bisect_right(places, ends[1])
    if start == end:
        start, end = max(0, start - 1), end + 1
    return values[start:end]


def _end(points: Points, frame: Frame) -> tuple[int, int] | None:
    """The cell behind the last point that is seen."""
    places, values = points
    at = bisect_right(places, frame.ends[1]) - 1
    while at >= 0 and (values[at] != values[at] or (frame.log and values[at] <= 0)):
        at -= 1
    if at < 0 or places[at] < frame.ends[0]:
        return None
    return min(frame.column(places[at]) + 1, frame.columns - 1), frame.row(values[at])


def _letter(
    rows: list[Strip], spot: tuple[int, int], letter: str, name: str, ink: Ink, taken: set[tuple[int, int]]
) -> None:
    """Where it is free: curves that end at the same value have their letters below one another."""
    x, y = spot
    while (x, y) in taken and y + 1 < len(rows):
        y += 1
    while (x, y) in taken and y:
        y -= 1
    taken.add((x, y))
    rows[y] = _with(rows[y], x, letter, name, ink)


def _with(row: Strip, x: int, char: str, name: str, ink: Ink) -> Strip:
    return Strip.join(
        [row.crop(0, x), Strip([Segment(char, ink[name])], 1), row.crop(x + 1, row.cell_length)]
    )


def _below(frame: Frame, unit: str, ink: Ink, best: float | None) -> Strip:
    begin, end = f"{frame.ends[0]:.4g}", f"{frame.ends[1]:.4g} {unit}"
    room = frame.columns - len(begin) - len(end)
    words = " " * MARGIN + begin + " " * max(1, room) + end
    axis = Strip([Segment(words, ink["dim"])]).adjust_cell_length(MARGIN + frame.columns)
    if best is None or not frame.sees(best):
        return axis
    x = MARGIN + frame.column(best)
    free = axis.crop(max(MARGIN, x - 1), x + 2).text.strip() == ""
    return _with(axis, x, "▲", "good", ink) if free else axis


def _label(y: int, rows: int, limits: tuple[float, float], log: bool) -> str:
    marks = {0, rows - 1}
    if rows >= 5:
        marks.add(rows // 2)
    if rows > 15:
        marks |= {rows // 4, rows * 3 // 4}
    if y not in marks:
        return ""
    low, high = limits
    part = y / max(1, rows - 1)
    if log:
        return figure(10 ** (math.log10(high) + (math.log10(low) - math.log10(high)) * part))
    return figure(high + (low - high) * part)
