"""Lines that a page hands over ready made, and the bars inside them."""

from collections.abc import Callable, Sequence
from typing import Any

from studio.widgets.lines import Line, Lines, Part, wrap

Give = Sequence[Line] | Callable[[int], Sequence[Line]]
"""Lines, or what makes them for a width."""


class Facts(Lines):
    """Shows the lines it was last given; as high as they are."""

    DEFAULT_CSS = "Facts { height: auto; width: 1fr; }"

    def __init__(self, lines: Give = (), **options: Any) -> None:
        super().__init__(**options)
        self.give = lines
        self._high = -1

    def show(self, lines: Give) -> None:
        """Other lines; nothing is sent when they are the same."""
        if not callable(lines) and lines == self.give:
            return
        self.give = lines
        if len(self._lines(self.content_size.width)) == self._high:
            self.touch()
        else:
            self._rows = None
            self.refresh(layout=True)

    def _lines(self, width: int) -> Sequence[Line]:
        return self.give(width) if callable(self.give) else self.give

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        self._high = len(self._lines(width))
        return self._high

    def draw(self, width: int, height: int) -> list[Line]:
        return list(self._lines(width))


def bar(done: float, total: float, width: int, color: str = "accent") -> list[Part]:
    """How much of ``total`` is done."""
    part = min(1.0, max(0.0, done / total)) if total else 0.0
    full = round(part * width)
    return [("━" * full, color), ("─" * (width - full), "faint")]


def empty(what: str, how: Sequence[Part], command: str, width: int = 60) -> list[Line]:
    """An empty page: what this is, the one key to press, the same as a command line."""
    return [
        [],
        *[[(f"  {line}", "text")] for line in wrap(what, width)],
        [],
        [("  ", ""), *how],
        [("  ", ""), ("or  ", "dim"), (command, "second")],
    ]
