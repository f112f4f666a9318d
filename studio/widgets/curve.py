"""Curves in braille: the smallest and largest value of every half column, so no spike is lost."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from studio.widgets.ink import Ink

DOTS = ((1, 2, 4, 64), (8, 16, 32, 128))
SPANS = tuple(
    tuple(tuple(sum(dots[low : high + 1]) for high in range(4)) for low in range(4)) for dots in DOTS
)
"""SPANS[column & 1][first][last]: the dots of a cell from row ``first`` to ``last``."""
BRAILLE = {0: " ", **{dots: chr(0x2800 + dots) for dots in range(1, 256)}}
GAP = float("nan")


Points = tuple[Sequence[float], Sequence[float]]
"""Places (rising) and the values there."""


def reach(series: Sequence[Points]) -> tuple[float, float]:
    """The first and the last place of all series; 0 and 1 when there is none."""
    ends = [(places[0], places[-1]) for places, _ in series if len(places)]
    if not ends:
        return 0.0, 1.0
    return min(first for first, _ in ends), max(last for _, last in ends)


def bounds(series: Sequence[Sequence[float]], log: bool = False) -> tuple[float, float]:
    """Lowest and highest finite value (above 0 on a log axis); 0 (0.1 there) and 1 when there is none."""
    low, high = math.inf, -math.inf
    for values in series:
        total = sum(values)
        if total - total == 0 and not log:
            finite = values
        else:
            finite = [v for v in values if v - v == 0 and (v > 0 or not log)]
        if len(finite):
            low, high = min(low, min(finite)), max(high, max(finite))
    if low > high:
        return (0.1 if log else 0.0), 1.0
    if low == high:
        return (low * 0.9, high * 1.1) if low > 0 else (low - 1, high + 1)
    return low, high


def extremes(points: Points, columns: int, first: float, last: float) -> list[tuple[float, float] | None]:
    """Per column the (low, high) of the values there, on the way from one to the next where it has none.

    None is a gap: before the first point, after the last one, and beside a value that is no number.
    """
    places, values = points
    total = sum(values)
    holes = total != total
    width = (last - first) / max(1, columns - 1) or 1.0
    out: list[tuple[float, float] | None] = []
    end = bisect_left(places, first - 0.5 * width)
    for column in range(columns):
        start, end = end, bisect_left(places, first + (column + 0.5) * width, end)
        part = values[start:end]
        if holes:
            part = [v for v in part if v == v]
        if len(part):
            out.append((min(part), max(part)))
        elif 0 < end < len(values):
            out.append(_between(points, end, first + column * width))
        else:
            out.append(None)
    return out


def _between(points: Points, after: int, place: float) -> tuple[float, float] | None:
    places, values = points
    a, b = values[after - 1], values[after]
    if a != a or b != b:
        return None
    value = a + (b - a) * (place - places[after - 1]) / ((places[after] - places[after - 1]) or 1)
    return value, value


def plot(
    series: Sequence[Points],
    inks: Sequence[str],
    width: int,
    height: int,
    ink: Ink,
    log: bool = False,
    limits: tuple[float, float] | None = None,
    ends: tuple[float, float] | None = None,
) -> list[Strip]:
    """Series as ``height`` strips of ``width`` cells; a later series lies on top."""
    columns, steps = width * 2, height * 4
    low, high = limits or bounds([values for _, values in series], log)
    if log:
        low, high = math.log10(low), math.log10(high)
    scale = (steps - 1) / ((high - low) or 1)
    cells = [[0] * width for _ in range(height)]
    owner = [[-1] * width for _ in range(height)]
    first, last = ends or reach(series)
    for which, points in enumerate(series):
        _trace(extremes(points, columns, first, last), which, cells, owner, (high, scale, steps, log))
    if ink.mono:
        _dash(cells, owner, len(series) - 1)
    return [_strip(cells[y], owner[y], [ink[name] for name in inks], width) for y in range(height)]


def _dash(cells: list[list[int]], owner: list[list[int]], whole: int) -> None:
    """Without colours only the last curve is a whole line; the others are dashed."""
    for row, owners in zip(cells, owner, strict=True):
        for x, who in enumerate(owners):
            if 0 <= who < whole and x % 3 == 2:
                row[x], owners[x] = 0, -1


def _trace(
    spans: list[tuple[float, float] | None],
    which: int,
    cells: list[list[int]],
    owner: list[list[int]],
    axis: tuple[float, float, int, bool],
) -> None:
    top, scale, steps, log = axis
    before: tuple[int, int] | None = None
    last = steps - 1
    for column, span in enumerate(spans):
        if span is None or (log and span[1] <= 0):
            before = None
            continue
        low, high = span
        if log:
            low, high = math.log10(low) if low > 0 else top - last / scale, math.log10(high)
        first, end = int((top - high) * scale + 0.5), int((top - low) * scale + 0.5)
        first, end = max(0, min(first, last)), max(0, min(end, last))
        if before is not None:
            # Joined to the column before, so a steep curve stays one line.
            if first > before[1]:
                first = before[1]
            elif end < before[0]:
                end = before[0]
        before = first, end
        spans_of, x = SPANS[column & 1], column >> 1
        top_row, end_row = first >> 2, end >> 2
        for row in range(top_row, end_row + 1):
            cells[row][x] |= spans_of[first & 3 if row == top_row else 0][end & 3 if row == end_row else 3]
            owner[row][x] = which


def _strip(cells: list[int], owner: list[int], styles: list, width: int) -> Strip:
    """Blanks go with the curve before or after them: a change of colour costs more than a row of dots."""
    segments: list[Segment] = []
    begin, who = 0, -1
    for x, other in enumerate(owner):
        if other < 0 or other == who:
            continue
        if who >= 0:
            segments.append(Segment(_dots(cells[begin:x]), styles[who]))
            begin = x
        who = other
    segments.append(Segment(_dots(cells[begin:width]), styles[who] if who >= 0 else None))
    return Strip(segments, width)


def _dots(cells: list[int]) -> str:
    return bytes(cells).decode("latin-1").translate(BRAILLE)
