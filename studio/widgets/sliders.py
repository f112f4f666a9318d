"""Sliders: one row each with name, bar, value and what it does in plain words.

An axis is free until it is moved: nothing is asked of it. Once it is set, every position is a set-point
that is sent, the middle as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.strip import Strip

from studio.messages import Moved
from studio.text import figure, pad
from studio.widgets.lines import Line, Lines, Part, strip

MIDDLE = 50.0
"""Where an axis that was free begins to move."""
FREE = None
"""The value of an axis of which nothing is asked."""


@dataclass(frozen=True)
class Knob:
    """What a row moves: an axis of a model (0-100, with ranges) or a number of the request."""

    name: str
    value: float | None
    low: float = 0
    high: float = 100
    step: float = 1
    rest: float | None = FREE
    unit: str = ""
    help: str = ""
    low_word: str = ""
    high_word: str = ""
    safe: tuple[float, float] = (0, 100)
    warning: tuple[float, float] = (0, 100)
    points: tuple[float, ...] = ()
    axis: bool = True

    def held(self, value: float | None) -> float | None:
        """The value within range; a number of the request is never free."""
        value = value if self.axis or value is not None else self.rest
        return None if value is None else min(max(float(value), self.low), self.high)

    def words(self, value: float | None) -> str:
        """What this position means."""
        if not self.axis:
            return self.help
        if value is None:
            return f"{self.low_word} ↔ {self.high_word}"
        side = self.high_word if value > MIDDLE else self.low_word
        said = "the middle of yours" if value == MIDDLE else side
        if self.points:
            said += f" · {figure(self.points[min(round(value), len(self.points) - 1)])} {self.unit}"
        if not self.safe[0] <= value <= self.safe[1]:
            return f"⚠ beyond safe: {said}"
        return said


def knob(axis: Mapping[str, Any]) -> Knob:
    """The row of a model's axis."""
    safe, warning = axis.get("safe") or (0, 100), axis.get("warning") or (0, 100)
    return Knob(
        name=str(axis["name"]),
        value=FREE,
        low=float(warning[0]),
        high=float(warning[1]),
        unit=str(axis.get("unit", "")),
        help=str(axis.get("help", "")),
        low_word=str(axis.get("low_word", "less")),
        high_word=str(axis.get("high_word", "more")),
        safe=(float(safe[0]), float(safe[1])),
        warning=(float(warning[0]), float(warning[1])),
        points=tuple(axis.get("values") or ()),
    )


class Sliders(Lines, can_focus=True):
    """Rows of knobs. Posts Moved when one moves."""

    DEFAULT_CSS = "Sliders { height: auto; width: 1fr; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("up,k", "step(-1)", "up", show=False, id="slider.up"),
        Binding("down,j", "step(1)", "down", show=False, id="slider.down"),
        Binding(
            "left,h",
            "turn(-1)",
            "slide",
            key_display="←→",
            id="slider.less",
            tooltip="a step; with shift ten",
        ),
        Binding("right,l", "turn(1)", "more", show=False, id="slider.more"),
        Binding("shift+left,H", "turn(-10)", "much less", show=False, id="slider.much_less"),
        Binding("shift+right,L", "turn(10)", "much more", show=False, id="slider.much_more"),
        Binding("0", "rest", "free", id="slider.reset", tooltip="ask nothing of it; a number: as it was"),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.knobs: list[Knob] = []
        self.values: dict[str, float | None] = {}
        self.at = 0

    def put(self, knobs: Sequence[Knob]) -> None:
        """Show these; a knob that was there keeps its value where it is still in range."""
        self.knobs = list(knobs)
        held = self.values
        self.values = {k.name: k.held(held.get(k.name, k.value)) for k in knobs}
        self.at = min(self.at, max(0, len(knobs) - 1))
        self.touch()
        self.refresh(layout=True)

    def set(self, **values: float | None) -> None:
        """Positions by name; unknown names are left alone, the rest is held within range."""
        for k in self.knobs:
            if k.name in values:
                self.values[k.name] = k.held(values[k.name])
        self.touch()

    def number(self, name: str) -> float:
        """The value of a number of the request."""
        return self.values[name] or 0.0

    @property
    def positions(self) -> dict[str, float]:
        """The axes that are set: what a request carries."""
        values = {k.name: self.values[k.name] for k in self.knobs if k.axis}
        return {name: value for name, value in values.items() if value is not None}

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return max(1, len(self.knobs))

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Line]:
        return [self._line(index, width) for index in range(len(self.knobs))]

    def _line(self, index: int, width: int) -> Strip:
        k = self.knobs[index]
        value = self.values[k.name]
        here = index == self.at and self.has_focus
        name = 12 if width < 100 else 16
        said = 22 if width < 100 else 36
        bar = max(10, width - name - said - 9)
        beyond = k.axis and value is not None and not k.safe[0] <= value <= k.safe[1]
        unit = f" {k.unit}" if k.unit and not k.axis else ""
        number = pad("free" if value is None else f"{value:g}{unit}", 6, right=True)
        parts = [
            ("▌" if here else " ", "accent"),
            (pad(k.name, name), "b:text" if here else "text"),
            *self._bar(k, value, bar, here),
            (number + "  ", "dim" if value is None else "b:text" if here else "text"),
            (pad(k.words(value), said), "warn" if beyond else "dim"),
        ]
        return strip(parts, width, self.ink, "panel" if here else "")

    def _bar(self, k: Knob, value: float | None, width: int, here: bool) -> list[Part]:
        if value is None:
            return [("─" * width, "faint")]
        low, high = (0.0, 100.0) if k.axis else (k.low, k.high)
        spot = round((value - low) / ((high - low) or 1) * (width - 1))
        cells: list[Part] = []
        for x in range(width):
            position = x / (width - 1) * 100
            if x == spot:
                cells.append(("●", "head" if here else "accent"))
            elif not k.axis:
                cells.append(("━", "second") if x < spot else ("─", "faint"))
            elif k.safe[0] <= position <= k.safe[1]:
                cells.append(("━", "second"))
            elif k.warning[0] <= position <= k.warning[1]:
                cells.append(("╌", "warn"))
            else:
                cells.append(("·", "faint"))
        return _joined(cells)

    # --- keys --------------------------------------------------------------------------------------

    def action_step(self, by: int) -> None:
        before, self.at = self.at, max(0, min(self.at + by, len(self.knobs) - 1))
        self._redraw(before, self.at)

    def action_turn(self, by: int) -> None:
        if self.knobs:
            k = self.knobs[self.at]
            held = self.values[k.name]
            self._move(k, (MIDDLE if held is None else held) + by * k.step)

    def action_rest(self) -> None:
        if self.knobs:
            self._move(self.knobs[self.at], self.knobs[self.at].rest)

    def _move(self, k: Knob, value: float | None) -> None:
        value = k.held(None if value is None else round(value, 6))
        if value != self.values[k.name]:
            self.values[k.name] = value
            self._redraw(self.at)
            self.post_message(Moved(k.name, value))

    def _redraw(self, *indices: int) -> None:
        if self._rows is None:
            self.touch()
            return
        for index in set(indices):
            if index < len(self._rows):
                width = self.content_size.width
                self._rows[index] = self._line(index, width)
                self.refresh(Region(0, index, width, 1))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.touch()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            before, self.at = self.at, max(0, min(offset.y, len(self.knobs) - 1))
            self._redraw(before, self.at)


def _joined(cells: list[Part]) -> list[Part]:
    """Neighbours of one ink as one part."""
    out: list[Part] = []
    for char, color in cells:
        if out and out[-1][1] == color:
            out[-1] = (out[-1][0] + char, color)
        else:
            out.append((char, color))
    return out
