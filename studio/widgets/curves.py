"""A few curves of a training in a small pane: what belongs on one axis above what belongs on another."""

from collections.abc import Callable, Sequence
from typing import Any

from studio.course import Curve, Term, value_at
from studio.text import cells, figure, safe_text
from studio.widgets.chart import chart, frame_of, whole
from studio.widgets.lines import Line, Lines, Part, wrap

LEAST = 4
"""Rows of a chart below which only its values are told."""

Axis = Sequence[tuple[Term, Curve]]
"""Curves on one axis."""


class Curves(Lines):
    """``give`` tells the curves of each axis as they are now, ``below`` a line of words under the first legend.

    ``nothing`` says why there are none.
    """

    DEFAULT_CSS = "Curves { height: 1fr; width: 1fr; }"

    def __init__(
        self,
        give: Callable[[], Sequence[Axis]],
        nothing: str,
        below: Callable[[], str] = lambda: "",
        unit: str = "step",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.give, self.nothing, self.below, self.unit = give, nothing, below, unit
        self.log_y = False

    def draw(self, width: int, height: int) -> list[Line]:
        axes = [axis for axis in self.give() if axis]
        if not axes:
            return [[(line, "dim")] for line in wrap(self.nothing, width)]
        # Curves of one training share their places.
        ends = whole([points for axis in axes for _, points in axis])
        lines: list[Line] = []
        for at, axis in enumerate(axes):
            last = at == len(axes) - 1
            lines.append(legend(axis, width))
            if not at and (words := self.below()):
                lines.append([(words, "dim")])
            # An axis of places below the last one is enough.
            room = (height - len(lines)) // (len(axes) - at) + (0 if last else 1)
            if room >= LEAST:
                drawn = self._chart(axis, width, room, ends)
                lines += drawn if last else drawn[:-1]
        return lines

    def _chart(self, axis: Axis, width: int, height: int, ends: tuple[float, float]) -> list[Line]:
        series = [points for _, points in axis]
        frame = frame_of(series, width, height, self.log_y, ends)
        letters = [term.letter for term, _ in axis] if len(axis) > 1 else []
        return list(chart(series, [term.ink for term, _ in axis], frame, self.ink, self.unit, letters))


def legend(axis: Axis, width: int) -> list[Part]:
    """The last value of each curve; its words as far as there is room, its letter where there are several."""
    told = []
    for term, points in axis:
        value = value_at(points, points[0][-1])
        told.append((term, "gap" if value is None else figure(value)))
    for worded in (True, False):
        parts: list[Part] = []
        for term, value in told:
            mark = f"{term.letter}━ " if len(axis) > 1 else "━ "
            parts += [(mark, f"b:{term.ink}"), (f"{term.words} " if worded else "", "dim"), (f"{value}  ", "text")]
        if sum(cells(safe_text(words)) for words, _ in parts) <= width + 2:
            break
    return parts
