"""Lines that a page hands over ready made, and the bars inside them."""

from collections.abc import Sequence
from typing import Any

from studio.widgets.lines import Line, Lines, Part, wrap


class Facts(Lines):
    """Shows the lines it was last given; as high as they are."""

    DEFAULT_CSS = "Facts { height: auto; width: 1fr; }"

    def __init__(self, lines: Sequence[Line] = (), **options: str) -> None:
        super().__init__(**options)
        self.lines = list(lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Other lines; nothing is sent when they are the same."""
        lines = list(lines)
        if lines == self.lines:
            return
        grown = len(lines) != len(self.lines)
        self.lines = lines
        self._rows = None
        self.refresh(layout=grown)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return len(self.lines)

    def draw(self, width: int, height: int) -> list[Line]:
        return self.lines


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
