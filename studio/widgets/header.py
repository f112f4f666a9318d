"""The top row: the screens with their digits, the worker, the way sound takes."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual import events
from textual.geometry import Offset

from studio.keymap import SCREENS
from studio.text import cells, safe_text
from studio.widgets.lines import Line, Lines, Part, spread

ROOMY = 110
"""Columns from which there is room for the name of the program, and air between the screens."""
NARROW = 80
"""Columns below which only the screen that is open is named: all names would leave the worker no room."""


class Header(Lines):
    """One row, always visible."""

    DEFAULT_CSS = "Header { height: 1; width: 1fr; background: $ink-panel; }"

    def __init__(self) -> None:
        super().__init__()
        self.current = ""
        self.alive: bool | None = None
        self.busy = 0
        self.waiting = 0
        """Jobs that need a worker."""
        self.route = ""
        self._places: list[tuple[int, int, str]] = []

    def update(self, **told: object) -> None:
        """New words, drawn only when something changed."""
        if any(getattr(self, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(self, name, value)
            self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        """The screens, then as much of the rest as there is room for."""
        brand: list[Part] = [(" woodshed ", "b:accent"), ("   ", "")] if width >= ROOMY else []
        at = sum(len(words) for words, _ in brand)
        parts, self._places = list(brand), []
        gap = " " if width >= ROOMY else ""
        for digit, (name, words, _) in enumerate(SCREENS, 1):
            here = name == self.current
            named = here or width >= NARROW
            chunk = [
                (f"{gap} {digit} ", "b:accent on raised" if here else "accent"),
                (f"{words} {gap}" if named else "", "b:text on raised" if here else "dim"),
            ]
            long = sum(len(part) for part, _ in chunk)
            self._places.append((at, at + long, name))
            at += long
            parts += chunk
        return [spread(parts, self._fitting(width, width - at), width)]

    def _fitting(self, width: int, room: int) -> list[Part]:
        """The worker, the way of sound, the home where it is not the usual one: the last gives way first."""
        told = [self._worker(width >= ROOMY)]
        if self.route:
            told.append([("   ♪ " if width >= ROOMY else " ♪ ", "dim"), (self.route, "dim")])
        if home := os.environ.get("WOODSHED_HOME"):
            told.append([("   in ", "dim"), (safe_text(Path(home).name, 24), "dim")])
        for count in range(len(told), 0, -1):
            fits: list[Part] = [part for some in told[:count] for part in some]
            if sum(cells(words) for words, _ in fits) + 2 <= room:
                break
        return [*fits, (" ", "")]

    def _worker(self, wide: bool) -> list[Part]:
        alive = {None: ("·", "faint"), True: ("●", "good"), False: ("○", "dim")}[self.alive]
        words = {None: "", True: "worker", False: "asleep"}[self.alive]
        if self.waiting and self.alive is False:
            alive, words = ("▲", "warn"), "no worker"
        elif self.busy:
            words = f"{self.busy} running" if wide else f"{self.busy} run"
        return [alive, (f" {words}", "dim")]

    def jumps(self) -> list[tuple[Offset, Callable[[], None]]]:
        """The screens, to jump to."""
        return [(Offset(start + 1, 0), partial(self._go, name)) for start, _, name in self._places]

    def _go(self, name: str) -> None:
        self.app.run_worker(self.app.run_action(f"screen('{name}')"))

    def on_click(self, event: events.Click) -> None:
        for start, end, name in self._places:
            if start <= event.x < end:
                self._go(name)
