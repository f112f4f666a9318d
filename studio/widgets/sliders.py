"""Sliders: one row each with name, bar, value and what it does in plain words.

An axis is free until it is moved: nothing is asked of it. Once it is set, every position is a set-point
that is sent, the middle as well. A locked row moves by hand alone.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from textual import events
from textual.binding import Binding
from textual.geometry import Offset, Region
from textual.strip import Strip

from studio.messages import Highlighted, Moved
from studio.text import pad
from studio.widgets.knob import LOCKED, MIDDLE, Knob
from studio.widgets.lines import Line, Lines, strip
from studio.widgets.rails import middle

HEADS = {
    "take": "what is asked for",
    "blend": "how much of each model",
    "explore": "what differs most in these sounds; it has no name",
    "file": "what a kept take is written as",
}


class Sliders(Lines, can_focus=True):
    """Rows of knobs under the heads of their groups. Posts Moved and, for the cursor, Highlighted."""

    DEFAULT_CSS = "Sliders { height: auto; width: 1fr; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("up,k", "step(-1)", "up", show=False, id="slider.up"),
        Binding("down,j", "step(1)", "down", show=False, id="slider.down"),
        Binding("pageup", "step(-8)", "page up", show=False, id="slider.page_up"),
        Binding("pagedown", "step(8)", "page down", show=False, id="slider.page_down"),
        Binding("home,g", "step(-1000)", "first", show=False, id="slider.first"),
        Binding("end,G", "step(1000)", "last", show=False, id="slider.last"),
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
        Binding("t", "lock", "lock", id="slider.lock", tooltip="randomise, reset and presets leave it alone"),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.knobs: list[Knob] = []
        self.values: dict[str, float | None] = {}
        self.locked: set[str] = set()
        self.heard: dict[str, float] = {}
        """Axis -> percentile of what was heard last, as far as it was measured."""
        self.at = 0
        self.top = 0

    def put(self, knobs: Sequence[Knob]) -> None:
        """Show these; a knob that was there keeps its value where it is still in range, and the cursor."""
        here = self.knob.name if self.knob else ""
        self.knobs = list(knobs)
        held = self.values
        # What has no row now may have one again: a weight of a model, an axis of another one.
        self.values = {**held, **{k.name: k.held(held.get(k.name, k.value)) for k in knobs}}
        names = [k.name for k in knobs]
        self.at = names.index(here) if here in names else min(self.at, max(0, len(knobs) - 1))
        self.touch()
        self.refresh(layout=True)

    def set(self, **values: float | None) -> None:
        """Positions by name; unknown names are left alone, the rest is held within range."""
        for k in self.knobs:
            if k.name in values:
                self.values[k.name] = k.held(values[k.name])
        self.touch()

    def show_heard(self, reached: Mapping[str, Any]) -> None:
        """Mark where the sound lies that was heard last."""
        self.heard = {
            k.name: float(reached[k.name])
            for k in self.knobs
            if k.axis and isinstance(reached.get(k.name), int | float) and 0 <= reached[k.name] <= 100
        }
        self.touch()

    def lay(self, values: Mapping[str, float | None]) -> None:
        """The same, for what is not a hand on the row: a locked one stays where it is."""
        self.set(**{name: value for name, value in values.items() if name not in self.locked})

    @property
    def knob(self) -> Knob | None:
        """What the cursor is on."""
        return self.knobs[self.at] if self.at < len(self.knobs) else None

    def go(self, name: str | None) -> None:
        """Put the cursor on the row of that name, if there is one."""
        names = [k.name for k in self.knobs]
        if name in names:
            self._place(names.index(name))

    def number(self, name: str) -> float:
        """The value of a number of the request."""
        return self.values.get(name) or 0.0

    def chosen(self, name: str) -> str:
        """The word of a choice; empty when there is no such row."""
        found = next((k for k in self.knobs if k.name == name), None)
        return found.choices[round(self.number(name))] if found and found.choices else ""

    @property
    def positions(self) -> dict[str, float]:
        """The axes that are set: what a request carries."""
        values = {k.name: self.values[k.name] for k in self.knobs if k.axis}
        return {name: value for name, value in values.items() if value is not None}

    # --- rows --------------------------------------------------------------------------------------

    def _plan(self) -> list[int | str]:
        """The rows from the top: indices of knobs, and the heads of their groups."""
        rows: list[int | str] = []
        group = ""
        for index, k in enumerate(self.knobs):
            if k.group != group:
                group = k.group
                rows.append(group)
            rows.append(index)
        return rows

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return max(1, len(self._plan()))

    def _follow(self, plan: list[int | str], height: int) -> None:
        place = plan.index(self.at) if self.at in plan else 0
        # The head above the first row of a group is seen with it.
        above = place - 1 if place and isinstance(plan[place - 1], str) else place
        self.top = min(self.top, above)
        if place >= self.top + height:
            self.top = place - height + 1
        self.top = max(0, min(self.top, len(plan) - height))

    def draw(self, width: int, height: int) -> list[Line]:
        plan = self._plan()
        self._follow(plan, height)
        over = len(plan) > height
        room = width - 2 if over else width
        lines = [self._row(row, room) for row in plan[self.top : self.top + height]]
        if not over:
            return list(lines)
        first = self.top * height // len(plan)
        last = max(first, (self.top + height) * height // len(plan) - 1)
        thumbs = [(" ┃", "dim") if first <= y <= last else (" │", "faint") for y in range(len(lines))]
        return [
            Strip.join([line, strip([thumb], 2, self.ink)]) for line, thumb in zip(lines, thumbs, strict=True)
        ]

    def _row(self, row: int | str, width: int) -> Strip:
        if isinstance(row, int):
            return self._line(row, width)
        words = f" {row} "
        rest = f"  {HEADS.get(row, '')}"
        return strip([(words, "b:dim"), (rest, "faint")], width, self.ink)

    def _line(self, index: int, width: int) -> Strip:
        k = self.knobs[index]
        value = self.values[k.name]
        here = index == self.at and self.has_focus
        locked = k.name in self.locked
        name = 14 if width < 100 else 18
        said = 22 if width < 100 else 36
        warned = k.beyond_safe(value) or k.beyond_reach(value)
        words = k.words(value)
        room = width - 1 - name - said - 2
        parts = [
            ("▌" if here else " ", "accent"),
            (pad(k.shown, name - 2), "faint" if k.dead else "b:text" if here else "text"),
            (f"{LOCKED} " if locked else "  ", "accent"),
            *middle(k, value, self.heard.get(k.name), max(16, room), here, locked),
            ("  ", ""),
            (pad(words, said), "faint" if k.dead else "warn" if warned else "dim"),
        ]
        return strip(parts, width, self.ink, "panel" if here else "")

    def jumps(self) -> list[tuple[Offset, Callable[[], None]]]:
        """Every row that is seen, to jump to."""
        seen = enumerate(self._plan()[self.top : self.top + self.content_size.height])
        return [(Offset(0, y), partial(self._place, row)) for y, row in seen if isinstance(row, int)]

    # --- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.display) and super().check_action(action, parameters)

    def action_step(self, by: int) -> None:
        self._place(self.at + by)

    def _place(self, index: int) -> None:
        before, self.at = self.at, max(0, min(index, len(self.knobs) - 1))
        if before == self.at:
            return
        top = self.top
        self._follow(self._plan(), max(1, self.content_size.height))
        if self.top != top:
            self.touch()
        else:
            self._redraw(before, self.at)
        self.post_message(Highlighted(self, self.knob))

    def action_turn(self, by: int) -> None:
        k = self.knob
        if k is None:
            return
        if k.dead:
            self.app.say(f"{k.shown}: {k.dead}")  # type: ignore[attr-defined]
            return
        held = self.values[k.name]
        start = (k.rest if k.rest is not None else MIDDLE) if held is None else held
        by = max(-1, min(1, by)) if k.choices else by
        self._move(k, start + by * k.step)

    def action_rest(self) -> None:
        k = self.knob
        if k is None:
            return
        if k.name in self.locked:
            self.app.say(f"{k.shown} is locked; t lets it go")  # type: ignore[attr-defined]
            return
        self._move(k, k.rest)

    def action_lock(self) -> None:
        k = self.knob
        if k is None:
            return
        if k.dead:
            self.app.say(f"{k.shown}: {k.dead}")  # type: ignore[attr-defined]
            return
        self.locked ^= {k.name}
        self._redraw(self.at)
        self.post_message(Highlighted(self, k))

    def type_in(self, value: float) -> None:
        """The row of the cursor at a value that was typed."""
        if self.knob is not None:
            self._move(self.knob, value)

    def _move(self, k: Knob, value: float | None) -> None:
        value = k.held(None if value is None else round(value, 6))
        if value != self.values[k.name]:
            self.values[k.name] = value
            self._redraw(self.at)
            self.post_message(Moved(k.name, value))

    def _redraw(self, *indices: int) -> None:
        if self._rows is None or len(self._rows) < len(self._plan()):
            # With a thumb at the edge the rows are joined ones; touch sends only those that changed.
            self.touch()
            return
        plan = self._plan()
        width = self.content_size.width
        for index in set(indices):
            y = plan.index(index)
            self._rows[y] = self._line(index, width)
            self.refresh(Region(0, y, width, 1))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.touch()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        plan = self._plan()
        row = plan[min(self.top + offset.y, len(plan) - 1)] if offset is not None and plan else None
        if isinstance(row, int):
            self._place(row)
