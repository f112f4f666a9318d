"""A window that tells something: lines that scroll, and what a key copies of them."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding

from studio.screens.dialog import Window
from studio.screens.scroll import Scroll
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, wrap


class Told(Window):
    """Lines about something; ``copied`` is what ``y`` copies, if anything."""

    DEFAULT_CSS = """
    Told > #frame { width: 110; }
    Told Scroll { height: auto; max-height: 30; }
    """
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("y", "copy", "copy", id="told.copy", tooltip="the line to start it, or the key")
    ]

    def __init__(self, title: str, lines: Callable[[int], Sequence[Line]], copied: str = "") -> None:
        super().__init__()
        self.title_words, self.lines, self.copied = title, lines, copied

    def parts(self) -> ComposeResult:
        yield Scroll(Facts(self.lines), can_focus=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.copied) if action == "copy" else super().check_action(action, parameters)

    def action_copy(self) -> None:
        app: Any = self.app
        app.copy_to_clipboard(self.copied)
        app.say("it is in the clipboard", "good")


def wrapped(words: Sequence[str], width: int, ink: str = "text") -> list[Line]:
    """Each of ``words`` in lines of its own."""
    return [[(line, ink)] for one in words for line in wrap(one, width)]
