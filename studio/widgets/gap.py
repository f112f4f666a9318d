"""The sound around a gap in braille: the truth, what was made instead, and what a baseline makes of it.

Outside a gap the three are the same sound, and one line is drawn. Where they part, what was made lies on top
and hides what agrees with it: what is still seen of the truth is what was missed.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.segment import Segment
from textual.strip import Strip

from studio.widgets.curve import GAP, plot
from studio.widgets.ink import Ink
from studio.widgets.layers import Layers
from studio.widgets.lines import Line, Lines, Part, wrap

BASELINE, TRUTH, OUTPUT = "baseline", "truth", "output"
LAYERS = (BASELINE, TRUTH, OUTPUT)
"""From the undermost to the topmost."""
WORDS = {TRUTH: "truth", OUTPUT: "made", BASELINE: "AR-512"}
INKS = {TRUTH: "train", OUTPUT: "valid", BASELINE: "dim"}
"""Those of two curves that every theme lets one tell apart."""
DOTTED, DASHED = 2, 3
"""Every so many cells one is left out: of the baseline, and of the truth where there are no colours."""
EDGE, REST = "│", "·"
SEEN, NEAREST, FARTHEST = 1.7, 0.3, 40.0
"""How many times the gap's length is seen: at first, at least and at most."""

Ends = tuple[float, float]
ALL: Ends = (0.0, 1.0)
View = Mapping[str, Any]
"""``truth``, ``output`` and ``baseline`` as equally long lists of numbers; ``from`` and ``to`` of the gap in
them, 0 to 1; ``ms`` of the gap; ``left_seconds`` and ``right_seconds`` of the whole, where they are known."""


def draw(
    view: View, width: int, height: int, ink: Ink, baseline: bool = True, ends: Ends = ALL
) -> list[Strip]:
    """``height`` rows: the curves between two ``ends`` of 0 to 1, and below them the time."""
    rows = max(1, height - 1)
    gap = range(_column(view["from"], width, ends), _column(view["to"], width, ends) + 1)
    limits = _limits(view, ends)
    layers = Layers(width, rows)
    last = max(1, len(view[TRUTH]) - 1)
    places = [at / last for at in range(len(view[TRUTH]))]
    for name in LAYERS:
        if name != BASELINE or baseline:
            values = view[name] if name == TRUTH else apart(view[name], view[TRUTH])
            drawn = plot([(places, values)], [INKS[name]], width, rows, ink, limits=limits, ends=ends)
            layers.cover([row.text for row in drawn], INKS[name], _columns(name, gap, width, ink))
    for y in range(rows):
        for x in (gap[0], gap[-1]):
            layers.fill(x, y, EDGE, "head")
    for x in range(0, width, DOTTED):
        layers.fill(x, rows // 2, REST, "faint")
    return [*layers.strips(gap, ink), _time(view, gap, width, ink, ends)][:height]


def apart(values: Sequence[float], truth: Sequence[float]) -> list[float]:
    """``values`` where they or their neighbours are not the truth; elsewhere no number."""
    differ = [value != true for value, true in zip(values, truth, strict=True)]
    near = zip([False, *differ], differ, [*differ[1:], False], strict=False)
    return [value if any(around) else GAP for value, around in zip(values, near, strict=True)]


def _column(place: float, width: int, ends: Ends) -> int:
    """The cell of a place, or the one beside the first or the last."""
    return max(-1, min(width, round((place - ends[0]) / (ends[1] - ends[0]) * (width - 1))))


def _limits(view: View, ends: Ends) -> tuple[float, float]:
    """As far up and down as what is seen."""
    last = len(view[TRUTH]) - 1
    seen = slice(int(ends[0] * last), round(ends[1] * last) + 1)
    most = max((abs(value) for name in LAYERS for value in view[name][seen]), default=0) or 1
    return -most, most


def _columns(name: str, gap: range, width: int, ink: Ink) -> Sequence[int]:
    """Those of a curve that are drawn; some are left out where colour is not to be all that tells it."""
    if name == BASELINE:
        return range(0, width, DOTTED)
    if name == TRUTH and ink.mono:
        return [x for x in range(width) if x not in gap or x % DASHED]
    return range(width)


def spoken(ms: float) -> str:
    """``4.8 ms``, ``120 ms``, ``12 s``: the length of a gap."""
    if ms >= 9999.5:
        return f"{ms / 1000:.0f} s"
    return f"{round(ms, 1):g} ms" if ms < 100 else f"{ms:.0f} ms"


def _time(view: View, gap: range, width: int, ink: Ink, ends: Ends) -> Strip:
    """``0.340 s   ╰── 10 ms ──╯   0.370 s``: a bracket where the gap is, and when it all begins and ends."""
    words, inks = [" "] * width, ["dim"] * width
    first, last = max(0, gap[0]), min(width - 1, gap[-1])
    if first <= last:
        told = f" {spoken(view['ms'])} "
        bracket = told.center(last + 1 - first, "─") if len(told) < last - first else "─" * (last + 1 - first)
        words[first : last + 1] = bracket
        inks[first : last + 1] = ["head"] * len(bracket)
        for x, mark in ((gap[0], "╰"), (gap[-1], "╯")):
            if 0 <= x < width:
                words[x] = mark
    if "left_seconds" in view:
        left, right = view["left_seconds"], view["right_seconds"]
        begin, end = (f"{left + place * (right - left):.3f} s" for place in ends)
        if len(begin) < first:
            words[: len(begin)] = begin
        if len(end) < width - 1 - last:
            words[width - len(end) :] = end
    runs = groupby(zip(words, inks, strict=True), key=lambda pair: pair[1])
    return Strip([Segment("".join(word for word, _ in run), ink[name]) for name, run in runs], width)


class GapWave(Lines):
    """A gap with its legend; says so where there is none."""

    DEFAULT_CSS = "GapWave { height: 1fr; width: 1fr; }"

    def __init__(self, nothing: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.nothing = nothing
        self.view: View | None = None
        self.baseline = True
        self.heard = ""
        """The curve that is listened to."""
        self.seen = SEEN

    def show(self, view: View | None, nothing: str = "") -> None:
        """Another gap, of which as much is seen as of the one before."""
        self.view, self.nothing = view, nothing
        self.touch()

    def closer(self, factor: float) -> None:
        """See ``factor`` times as much."""
        self.seen = min(FARTHEST, max(NEAREST, self.seen * factor))
        self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.view:
            return [[(line, "dim")] for line in wrap(self.nothing, width)]
        ends = around(self.view, self.seen)
        return [self.legend(), *draw(self.view, width, height - 1, self.ink, self.baseline, ends)]

    def legend(self) -> list[Part]:
        """Each curve as it is drawn, and which of them is heard."""
        parts: list[Part] = []
        for name in (TRUTH, OUTPUT, *([BASELINE] if self.baseline else [])):
            here = name == self.heard
            parts += [
                (f"{mark(name, self.ink) * 2} ", INKS[name]),
                (WORDS[name], "b:text" if here else "text"),
            ]
            parts.append((" ♪   " if here else "   ", INKS[name]))
        return parts


def mark(name: str, ink: Ink) -> str:
    """How a curve looks, for a legend."""
    return {TRUTH: "╌" if ink.mono else "━", OUTPUT: "━", BASELINE: "┄"}[name]


def around(view: View, times: float) -> Ends:
    """The ends between which ``times`` the length of the gap is seen, its middle in the middle."""
    middle, half = (view["from"] + view["to"]) / 2, times * (view["to"] - view["from"]) / 2
    return max(0.0, middle - half), min(1.0, middle + half)
