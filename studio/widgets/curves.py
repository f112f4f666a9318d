"""A few curves of a training in a small pane: what belongs on one axis above what belongs on another."""

from collections.abc import Callable, Sequence
from typing import Any

from studio.course import Curve, Term, value_at
from studio.report import brief
from studio.text import cells
from studio.widgets.chart import chart, frame_of, whole
from studio.widgets.lines import Line, Lines, Part, wrap

LEAST = 3
"""Rows of a chart below which only its values are told."""

Axis = Sequence[tuple[Term, Curve]]
"""Curves on one axis."""


class Curves(Lines):
    """``give`` tells the curves of each axis as they are now, ``beside`` what is said below the first legend.

    ``nothing`` says why there are none.
    """

    DEFAULT_CSS = "Curves { height: 1fr; width: 1fr; }"

    def __init__(
        self,
        give: Callable[[], Sequence[Axis]],
        nothing: str,
        beside: Callable[[], Sequence[str]] = tuple,
        unit: str = "step",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.give, self.nothing, self.beside, self.unit = give, nothing, beside, unit
        self.log_y = False
        self._seen: Any = None

    def follow(self) -> None:
        """Draw again where there are other points, or there is another reason why there are none."""
        points = [(term.key, len(places), places[-1]) for axis in self.give() for term, (places, _) in axis]
        seen = points or self.nothing
        if seen != self._seen:
            self._seen = seen
            self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        axes = [axis for axis in self.give() if axis]
        if not axes:
            return [[(line, "dim")] for line in wrap(self.nothing, width)]
        # One axis of places, below the last, is enough for all.
        ends = whole([points for axis in axes for _, points in axis])
        heads = [legend(axis, width) for axis in axes]
        heads[0] += fitting(self.beside(), width)
        rows = height - sum(map(len, heads))
        lines: list[Line] = []
        for at, (axis, head) in enumerate(zip(axes, heads, strict=True)):
            last = at == len(axes) - 1
            room = rows - at * (rows // len(axes)) if last else rows // len(axes) + 1
            drawn = self._chart(axis, width, room, ends) if room >= LEAST else []
            lines += [*head, *(drawn if last else drawn[:-1])]
        return lines

    def _chart(self, axis: Axis, width: int, height: int, ends: tuple[float, float]) -> list[Line]:
        series = [points for _, points in axis]
        frame = frame_of(series, width, height, self.log_y, ends)
        letters = [term.letter for term, _ in axis] if len(axis) > 1 else []
        return list(chart(series, [term.ink for term, _ in axis], frame, self.ink, self.unit, letters))


def legend(axis: Axis, width: int) -> list[Line]:
    """The last value of each curve, its letter where there are several; as many rows as that needs."""
    rows: list[list[Part]] = [[]]
    for term, points in axis:
        value = value_at(points, points[0][-1])
        told: list[Part] = [
            (f"{term.letter}━ " if len(axis) > 1 else "━ ", f"b:{term.ink}"),
            (f"{term.words} ", "dim"),
            ("gap" if value is None else brief(value), "text"),
        ]
        if rows[-1] and _long(rows[-1]) + 2 + _long(told) > width:
            rows.append([])
        rows[-1] += [("  ", ""), *told] if rows[-1] else told
    return list(rows)


def _long(parts: Sequence[Part]) -> int:
    return sum(cells(words) for words, _ in parts)


def fitting(words: Sequence[str], width: int) -> list[Line]:
    """The first of them, as many as a row holds whole; no row where there are none."""
    line = ""
    for word in words:
        longer = f"{line}  {word}" if line else word
        if cells(longer) > width:
            break
        line = longer
    return [[(line, "dim")]] if line else []
