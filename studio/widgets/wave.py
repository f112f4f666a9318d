"""Waveforms from render-ready peaks: int8 pairs (lowest, highest), one pair per column."""

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.segment import Segment
from textual.strip import Strip

from studio.widgets.curve import SPANS
from studio.widgets.ink import Ink
from studio.widgets.lines import Line, Lines

BARS = " ▁▂▃▄▅▆▇"
"""Not the full block: rows of a list would run into each other."""
COLUMNS = 256
"""Pairs per sound in a dataset's peaks.bin."""


def read_peaks(path: str | Path, start: int = 0, columns: int = 0) -> array:
    """int8 values low, high, low, high...; empty when the file is not there. ``columns`` 0: all."""
    peaks = array("b")
    try:
        with open(path, "rb") as file:
            file.seek(start * 2)
            data = file.read(columns * 2 or 1 << 20)
    except (OSError, ValueError):
        return peaks
    peaks.frombytes(data[: len(data) // 2 * 2])
    return peaks


def resampled(peaks: Sequence[int], columns: int) -> list[tuple[int, int]]:
    """The extremes of each of ``columns`` equal parts."""
    count = len(peaks) // 2
    if not count:
        return []
    lows, highs = peaks[0::2], peaks[1::2]
    out = []
    for column in range(columns):
        start = column * count // columns
        end = max((column + 1) * count // columns, start + 1)
        out.append((min(lows[start:end]), max(highs[start:end])))
    return out


def thumbnail(peaks: Sequence[int], width: int) -> str:
    """One row of bars as high as the sound is loud, the loudest part always full."""
    pairs = resampled(peaks, width)
    loud = [max(-low, high) for low, high in pairs]
    top = max(loud, default=0) or 1
    return "".join(BARS[-(-value * 7 // top)] if value > 0 else "▁" for value in loud)


def wave(peaks: Sequence[int], width: int, height: int, ink: Ink, color: str = "wave") -> list[Strip]:
    """The waveform around its middle, ``height`` rows of braille."""
    steps = height * 4
    cells = [[0] * width for _ in range(height)]
    middle = (steps - 1) / 2
    for column, (low, high) in enumerate(resampled(peaks, width * 2)):
        top = max(0, round(middle - high * middle / 127))
        bottom = min(steps - 1, round(middle - low * middle / 127))
        spans_of, x = SPANS[column & 1], column >> 1
        for row in range(top >> 2, (bottom >> 2) + 1):
            first, last = max(0, top - 4 * row), min(3, bottom - 4 * row)
            cells[row][x] |= spans_of[first][last]
    style = ink[color]
    words = ("".join([chr(0x2800 + dots) for dots in row]).replace("\u2800", " ") for row in cells)
    return [Strip([Segment(row, style)], width) for row in words]


class Wave(Lines):
    """A waveform; says what is missing when there is none."""

    DEFAULT_CSS = "Wave { height: 5; width: 1fr; }"

    def __init__(self, nothing: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.nothing = nothing
        self.peaks: Sequence[int] = array("b")

    def show(self, peaks: Sequence[int]) -> None:
        """Draw these peaks."""
        self.peaks = peaks
        self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        if not len(self.peaks):
            return [*[[]] * (height // 2), [(self.nothing.center(width), "dim")]]
        return list(wave(self.peaks, width, height, self.ink))
