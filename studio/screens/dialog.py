"""Small windows over the page: ask for a line, choose from a list."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from studio.forms import Question
from studio.messages import Chosen, Opened, Stepped
from studio.text import pad
from studio.widgets.facts import Facts
from studio.widgets.fields import Fields
from studio.widgets.keys import Keys
from studio.widgets.lines import Line, Part
from studio.widgets.rows import Rows


class Window(ModalScreen[Any]):
    """A frame in the middle; esc leaves it without a change."""

    DEFAULT_CSS = """
    Window { align: center middle; background: $ink-background 70%; }
    Window > #frame {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        border: round $ink-accent; border-title-color: $ink-accent; background: $ink-surface; padding: 1 2;
    }
    Window > Keys { dock: bottom; }
    """
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("escape", "dismiss(None)", "back", id="window.back"),
        Binding("ctrl+o", "app.jump", "jump", show=False, id="window.jump",
                tooltip="a letter over each place to go"),
        Binding("question_mark", "app.help", "help", show=False, key_display="?", id="window.help",
                tooltip="keys of what has focus"),
    ]  # fmt: skip

    title_words = ""

    def __init__(self) -> None:
        super().__init__()
        self.made = time.monotonic()
        self.hears = False
        """Whether something in it has the focus, or nothing ever will."""

    def on_screen_resume(self) -> None:
        # Behind what gives the focus.
        self.call_later(self._listen)

    def _listen(self) -> None:
        self.hears = True
        self.post_message(Opened())

    def parts(self) -> ComposeResult:
        """What is inside the frame; each window has its own."""
        yield from ()

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = self.title_words
            yield from self.parts()
        yield Keys()


class Ask(Window):
    """Questions with a button; gives the answers, or None. ``check`` says what is wrong with one."""

    DEFAULT_CSS = "Ask Fields { height: auto; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("ctrl+r", "submit", "done", id="window.done", tooltip="as the button at the end does")
    ]

    def __init__(
        self,
        title: str,
        questions: Sequence[Question],
        button: str,
        check: Callable[[str, str], str] = lambda name, value: "",
        about: Sequence[Line] = (),
    ) -> None:
        super().__init__()
        self.title_words = title
        self.about = about
        self.form = Fields(questions, button, check)
        self.form.styles.height = len(questions) + 4

    def parts(self) -> ComposeResult:
        if self.about:
            yield Facts(self.about)
        yield self.form

    def on_stepped(self, event: Stepped) -> None:
        event.stop()
        if not event.name or len(self.form.questions) == 1:
            self.action_submit()

    def action_submit(self) -> None:
        for question in self.form.questions:
            self.form.set(question.name, self.form.values[question.name])
        if self.form.wrong:
            self.form.point(next(iter(self.form.wrong)))
        else:
            self.dismiss(dict(self.form.values))


class Pick(Window):
    """A list to choose from: typing filters it. Gives the chosen item, or None.

    An item is ``(value, words, note)``.
    """

    DEFAULT_CSS = "Pick Rows { height: 16; }"

    def __init__(self, title: str, items: Sequence[tuple[Any, str, str]], at: Any = None) -> None:
        super().__init__()
        self.title_words = title
        self.list = Rows(self._draw, key=lambda item: item[0], words=lambda item: f"{item[1]} {item[2]}")
        self.list.picks = True
        self.entries, self.start = items, at

    def parts(self) -> ComposeResult:
        self.list.styles.height = min(16, len(self.entries) + 1)
        yield self.list

    def on_mount(self) -> None:
        self.list.put(self.entries, at=self.start)
        self.list.typing = True

    def _draw(self, item: tuple[Any, str, str], width: int) -> list[Part]:
        words = max(12, width * 2 // 5)
        return [(pad(item[1], words), "text"), ("  ", ""), (pad(item[2], max(1, width - words - 2)), "dim")]

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.dismiss(event.item[0])
