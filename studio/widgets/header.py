"""The top row: the screens with their digits, the worker, the way sound takes."""

from collections.abc import Callable
from functools import partial

from textual import events
from textual.geometry import Offset

from studio.keymap import SCREENS
from studio.widgets.lines import Line, Lines, Part, spread


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
        parts: list[Part] = [(" woodshed ", "b:accent"), (" " if width < 100 else "   ", "")]
        at = sum(len(words) for words, _ in parts)
        self._places = []
        gap = "" if width < 100 else " "
        for digit, (name, words, _) in enumerate(SCREENS, 1):
            here = name == self.current
            chunk = [
                (f"{gap} {digit} ", "b:accent on raised" if here else "accent"),
                (f"{words} {gap}", "b:text on raised" if here else "dim"),
            ]
            long = sum(len(part) for part, _ in chunk)
            self._places.append((at, at + long, name))
            at += long
            parts += chunk
        statuses = [self._status(width >= 100, way) for way in (width >= 100, False)]
        fits = next(
            (s for s in statuses if at + sum(len(w) for w, _ in s) < width), self._status(False, False)
        )
        return [spread(parts, fits, width)]

    def _status(self, wide: bool, way: bool) -> list[Part]:
        """The worker and the way of sound, which gives way first."""
        alive = {None: ("·", "faint"), True: ("●", "good"), False: ("○", "dim")}[self.alive]
        words = {None: "", True: "worker", False: "asleep"}[self.alive]
        if self.waiting and self.alive is False:
            alive, words = ("▲", "warn"), "no worker"
        elif self.busy:
            words = f"{self.busy} running" if wide else f"{self.busy} run"
        route: list[Part] = [("   ♪ ", "dim"), (self.route, "dim")] if way and self.route else []
        return [alive, (f" {words}", "dim"), *route, (" ", "")]

    def jumps(self) -> list[tuple[Offset, Callable[[], None]]]:
        """The screens, to jump to."""
        return [(Offset(start + 1, 0), partial(self._go, name)) for start, _, name in self._places]

    def _go(self, name: str) -> None:
        self.app.run_worker(self.app.run_action(f"screen('{name}')"))

    def on_click(self, event: events.Click) -> None:
        for start, end, name in self._places:
            if start <= event.x < end:
                self._go(name)
