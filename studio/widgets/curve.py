"""Curves in braille: the smallest and largest value of every half column, so no spike is lost."""

import math
from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from studio.text import figure, pad
from studio.widgets.ink import Ink

DOTS = ((1, 2, 4, 64), (8, 16, 32, 128))
GAP = float("nan")


def bounds(series: Sequence[Sequence[float]], log: bool = False) -> tuple[float, float]:
    """Lowest and highest finite value (above 0 on a log axis); 0 and 1 when there is none."""
    low, high = math.inf, -math.inf
    for values in series:
        finite = [v for v in values if v - v == 0 and (v > 0 or not log)]
        if finite:
            low, high = min(low, min(finite)), max(high, max(finite))
    if low > high:
        return (0.0, 1.0)
    if low == high:
        return (low * 0.9, high * 1.1) if low > 0 else (low - 1, high + 1)
    return low, high


def extremes(values: Sequence[float], columns: int, length: int) -> list[tuple[float, float] | None]:
    """Per column the (low, high) of its values, None where all are gaps.

    ``length`` is how many values the full width stands for.
    """
    count = len(values)
    holes = any(v != v for v in values)
    out: list[tuple[float, float] | None] = []
    for column in range(columns):
        start = column * length // columns
        if start >= count:
            break
        part = values[start : max((column + 1) * length // columns, start + 1)]
        if holes:
            part = [v for v in part if v == v]
            if not part:
                out.append(None)
                continue
        out.append((min(part), max(part)))
    return out


def plot(
    series: Sequence[Sequence[float]],
    inks: Sequence[str],
    width: int,
    height: int,
    ink: Ink,
    log: bool = False,
    limits: tuple[float, float] | None = None,
) -> list[Strip]:
    """Series as ``height`` strips of ``width`` cells; a later series lies on top."""
    columns, steps = width * 2, height * 4
    low, high = limits or bounds(series, log)
    if log:
        low, high = math.log10(low), math.log10(high)
    scale = (steps - 1) / ((high - low) or 1)
    cells = [[0] * width for _ in range(height)]
    owner = [[-1] * width for _ in range(height)]
    length = max((len(values) for values in series), default=0)
    for which, values in enumerate(series):
        _trace(extremes(values, columns, max(length, 2)), which, cells, owner, (high, scale, steps, log))
    return [_strip(cells[y], owner[y], [ink[name] for name in inks], width) for y in range(height)]


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
        dots, x = DOTS[column & 1], column >> 1
        for y in range(first, end + 1):
            cells[y >> 2][x] |= dots[y & 3]
            owner[y >> 2][x] = which


def _strip(cells: list[int], owner: list[int], styles: list, width: int) -> Strip:
    segments: list[Segment] = []
    x = 0
    while x < width:
        end, who = x + 1, owner[x]
        while end < width and owner[end] == who:
            end += 1
        if who < 0:
            segments.append(Segment(" " * (end - x)))
        else:
            segments.append(Segment("".join([chr(0x2800 + dots) for dots in cells[x:end]]), styles[who]))
        x = end
    return Strip(segments, width)


def chart(
    series: Sequence[Sequence[float]],
    inks: Sequence[str],
    width: int,
    height: int,
    ink: Ink,
    log: bool = False,
    first: int = 0,
    last: int = 0,
    unit: str = "epoch",
) -> list[Strip]:
    """A plot with its axes: values at the left, ``first`` to ``last`` below."""
    margin = 8
    rows = max(1, height - 1)
    limits = bounds(series, log)
    plotted = plot(series, inks, max(1, width - margin), rows, ink, log, limits)
    lines = []
    for y, row in enumerate(plotted):
        label = _label(y, rows, limits, log)
        edge = "┤" if label else "│"
        left = Strip([Segment(pad(label, margin - 1, right=True), ink["dim"]), Segment(edge, ink["faint"])])
        lines.append(Strip.join([left, row]))
    begin, end = str(first), f"{last} {unit}"
    room = width - margin - len(begin) - len(end)
    axis = " " * margin + begin + " " * max(1, room) + end
    return [*lines, Strip([Segment(axis, ink["dim"])]).adjust_cell_length(width)]


def _label(y: int, rows: int, limits: tuple[float, float], log: bool) -> str:
    marks = {0, rows - 1} | ({rows // 2} if rows >= 5 else set()) | ({rows // 4, rows * 3 // 4} if rows > 15 else set())
    if y not in marks:
        return ""
    low, high = limits
    part = y / max(1, rows - 1)
    if log:
        return figure(10 ** (math.log10(high) + (math.log10(low) - math.log10(high)) * part))
    return figure(high + (low - high) * part)
