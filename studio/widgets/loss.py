"""The curve of a training, live: reads the job's stream from where it stopped."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from studio.text import figure
from studio.widgets.curve import GAP, chart
from studio.widgets.lines import Line, Lines, Part

CURVES = {"loss": ("train", "train"), "train": ("train", "train"), "validation": ("validation", "valid")}
"""Key of a row -> what it is called and its ink.

``loss`` is taken with noise, dropout and more terms than ``validation``; ``train`` is measured as
``validation`` is, so once it is there it takes the place of ``loss``.
"""


ENOUGH = 3


class Loss(Lines):
    """Train against validation, linear or logarithmic. ``rows`` are events of kind row."""

    DEFAULT_CSS = "Loss { height: 1fr; width: 1fr; }"

    def __init__(self, nothing: list[Line] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.nothing = nothing or []
        self.log_y = False
        self.clear()

    def clear(self) -> None:
        """Forget the curve."""
        self.curves: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in CURVES}
        self._rows = None

    def add(self, row: Mapping[str, Any]) -> None:
        """A row of numbers. What it does not have is no point, null is a gap.

        A training that goes on from its checkpoint goes back: what it does again is cut off.
        """
        epoch = row.get("epoch")
        if not isinstance(epoch, int | float):
            return
        for name, (places, values) in self.curves.items():
            if name in row:
                keep = bisect_left(places, epoch)
                del places[keep:], values[keep:]
                places.append(float(epoch))
                values.append(_number(row[name]))

    def shown(self) -> dict[str, tuple[list[float], list[float]]]:
        """The curves that have points: ``loss`` until there is enough of ``train`` to see."""
        hidden = "loss" if len(self.curves["train"][0]) >= ENOUGH else "train"
        return {name: points for name, points in self.curves.items() if points[0] and name != hidden}

    def draw(self, width: int, height: int) -> list[Line]:
        shown = self.shown()
        if not shown:
            return self.nothing
        legend: list[Part] = []
        for name, (_, values) in shown.items():
            legend += [(f"━ {CURVES[name][0]} ", CURVES[name][1]), (f"{figure(values[-1])}  ", "text")]
        legend.append((" log" if self.log_y else "", "dim"))
        inks = [CURVES[name][1] for name in shown]
        return [legend, *chart(list(shown.values()), inks, width, height - 1, self.ink, self.log_y)]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else GAP
