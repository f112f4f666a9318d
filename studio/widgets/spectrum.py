"""The spectrum of a sound over log frequency, in braille; another one may lie over it."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from rich.segment import Segment
from textual.strip import Strip

from studio.text import pad
from studio.widgets.curve import plot
from studio.widgets.ink import Ink
from studio.widgets.lines import Line, Lines, Part

TICKS = {50: "50", 100: "100", 200: "200", 500: "500", 1000: "1k", 2000: "2k", 5000: "5k", 10000: "10k"}
MARGIN = 5
"""Cells for the levels at the left."""
DEEPEST = 80.0
"""dB below the loudest band that are shown."""
STEP = 10.0
SIDES = ("A", "B")
INKS = ("wave", "accent", "second")
"""Of as many spectra as can be told apart."""

Spectrum = Mapping[str, Sequence[float]]
"""``hz`` of the bands, ``mean_db`` and ``max_db`` of each."""


def limits(spectra: Sequence[Spectrum]) -> tuple[float, float]:
    """(lowest, highest) dB of the axis: round, and as far down as is worth a look."""
    loudest = max((max(one["mean_db"]) for one in spectra if len(one["mean_db"])), default=0.0)
    top = STEP * -(-loudest // STEP)
    return top - DEEPEST, top


def draw(spectra: Sequence[Spectrum], inks: Sequence[str], width: int, height: int, ink: Ink) -> list[Strip]:
    """Each spectrum as a curve of its means; ``height`` rows with the frequencies below."""
    low, high = limits(spectra)
    room, rows = max(1, width - MARGIN), max(1, height - 1)
    hertz = spectra[0]["hz"]
    series = [(range(len(one["hz"])), [max(low, level) for level in one["mean_db"]]) for one in spectra]
    ends = (0.0, float(max(len(hertz) - 1, 1)))
    drawn = plot(series, inks, room, rows, ink, limits=(low, high), ends=ends)
    lines = []
    for y, row in enumerate(drawn):
        level = {0: high, rows - 1: low}.get(y, (low + high) / 2 if rows >= 5 and y == rows // 2 else None)
        label = pad("" if level is None else f"{level:.0f}", MARGIN - 1, right=True)
        edge = "┤" if level is not None else "│"
        lines.append(Strip.join([Strip([Segment(label, ink["dim"]), Segment(edge, ink["faint"])]), row]))
    return [*lines, Strip([Segment(_axis(hertz, width, room), ink["dim"])]).adjust_cell_length(width)]


def _axis(hertz: Sequence[float], width: int, room: int) -> str:
    """Frequencies under the bands that have them, as many as do not touch."""
    words = [" "] * width
    free = MARGIN
    for value, label in TICKS.items():
        if not hertz or not hertz[0] <= value <= hertz[-1]:
            continue
        at = MARGIN + round((bisect_right(hertz, value) - 1) / max(1, len(hertz) - 1) * (room - 1))
        start = max(MARGIN, at - len(label) // 2)
        if start >= free and start + len(label) <= width - 3:
            words[start : start + len(label)] = label
            free = start + len(label) + 1
    words[-2:] = "Hz"
    return "".join(words)


class SpectrumPane(Lines):
    """The spectrum of one sound, or of several with a legend; ``marks`` stand before their names."""

    DEFAULT_CSS = "SpectrumPane { height: 1fr; width: 1fr; }"

    def __init__(self, marks: Sequence[str] = SIDES, **options: Any) -> None:
        super().__init__(**options)
        self.marks = marks
        self.spectra: list[Spectrum] = []
        self.names: list[str] = []

    def show(self, told: Sequence[tuple[str, Spectrum]]) -> None:
        """Name and spectrum of each."""
        spectra, names = [one for _, one in told], [name for name, _ in told]
        if (spectra, names) != (self.spectra, self.names):
            self.spectra, self.names = spectra, names
            self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.spectra:
            return []
        inks = INKS[: len(self.spectra)]
        legend: list[Part] = []
        if len(self.spectra) == 1:
            legend = [("spectrum: mean level in a twelfth of an octave, dB", "faint")]
        for at, (name, color) in enumerate(zip(self.names, inks, strict=True)):
            if len(self.spectra) > 1:
                mark = f"{self.marks[at]} " if at < len(self.marks) else ""
                legend += [(f"━ {mark}", color), (f"{name}  ", "text")]
        return [legend, *draw(self.spectra, inks, width, height - 1, self.ink)]
