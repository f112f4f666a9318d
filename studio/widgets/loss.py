"""The curve of a training, live: reads the job's stream from where it stopped."""

from collections.abc import Mapping
from typing import Any

from studio.text import figure
from studio.widgets.curve import GAP, chart
from studio.widgets.lines import Line, Lines


class Loss(Lines):
    """Train against validation, linear or logarithmic. ``rows`` are events of kind row."""

    DEFAULT_CSS = "Loss { height: 1fr; width: 1fr; }"

    def __init__(self, nothing: list[Line] | None = None, **options: str) -> None:
        super().__init__(**options)
        self.nothing = nothing or []
        self.log_y = False
        self.clear()

    def clear(self) -> None:
        """Forget the curve."""
        self.train: list[float] = []
        self.held: list[float] = []
        self.first = self.last = 0
        self._rows = None

    def add(self, row: Mapping[str, Any]) -> None:
        """A row of numbers; what is missing or null is a gap. Going back to a checkpoint cuts the curve."""
        epoch = row.get("epoch")
        epoch = int(epoch) if isinstance(epoch, int | float) else self.last + 1
        if not self.train:
            self.first = epoch
        elif epoch <= self.last:
            keep = max(0, epoch - self.first)
            del self.train[keep:], self.held[keep:]
        self.last = epoch
        self.train.append(_number(row.get("loss")))
        self.held.append(_number(row.get("validation")))

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.train:
            return self.nothing
        held = [(" ━ validation ", "valid"), (figure(self.held[-1]), "text")] if self.held[-1] == self.held[-1] else []
        legend: Line = [
            ("━ train ", "train"),
            (figure(self.train[-1]), "text"),
            (" ", ""),
            *held,
            ("   log" if self.log_y else "", "dim"),
        ]
        series, colors = [self.train, self.held], ["train", "valid"]
        return [legend, *chart(series, colors, width, height - 1, self.ink, self.log_y, self.first, self.last)]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else GAP
