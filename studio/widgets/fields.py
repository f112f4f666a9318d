"""A form: one row per question, typed into where it stands, its help or what is wrong with it below.

Our own instead of a stock input per field: twenty fields cost one widget, nothing blinks, and what is
typed, pasted or completed passes the same gate as every other word.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from textual import events
from textual.binding import Binding
from textual.geometry import Offset

from studio.forms import Question, stepped
from studio.messages import Edited, Stepped
from studio.text import cells, pad, safe_text
from studio.widgets.lines import Line, Lines, Part, wrap

FOLD = "advanced"
LONGEST = 4096
"""Characters of an answer at most: as many as a path may have."""


class Fields(Lines, can_focus=True):
    """``check(name, value)`` gives the complaint about a value; ``button`` is the row to press at the end."""

    DEFAULT_CSS = "Fields { height: 1fr; width: 1fr; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("up", "step(-1)", "up", show=False, id="form.up"),
        Binding("down", "step(1)", "down", show=False, id="form.down"),
        Binding("tab", "tab(1)", "next", show=False, id="form.next"),
        Binding("shift+tab", "tab(-1)", "before", show=False, id="form.before"),
        Binding("left", "turn(-1)", "less", show=False, id="form.less"),
        Binding("right", "turn(1)", "more", show=False, id="form.more"),
        Binding("shift+left", "turn(-10)", "much less", show=False, id="form.much_less"),
        Binding("shift+right", "turn(10)", "much more", show=False, id="form.much_more"),
        Binding("enter", "enter", "next", show=False, id="form.enter"),
        Binding(
            "escape",
            "rest",
            "leave the field",
            id="form.rest",
            tooltip="to where letters and digits are keys",
        ),
    ]

    def __init__(
        self,
        questions: Sequence[Question],
        button: str,
        check: Callable[[str, str], str] = lambda name, value: "",
        label_width: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.button, self.check = button, check
        self.label_width = label_width
        self.values: dict[str, str] = {}
        self.wrong: dict[str, str] = {}
        self.at = 0
        self.caret = 0
        self.top = 0
        self.unfolded = False
        self.fresh = True
        self.ask(questions)

    def ask(self, questions: Sequence[Question]) -> None:
        """Other questions; what was answered already is kept where it still fits."""
        self.questions = list(questions)
        for question in questions:
            held = self.values.get(question.name)
            if held is None or (question.sort == "choice" and held not in question.choices):
                self.values[question.name] = question.initial
        self.caret = len(self.value)
        self.touch()

    @property
    def shown(self) -> list[Question | str]:
        """The rows: questions, the fold, the button."""
        rows: list[Question | str] = [q for q in self.questions if not q.advanced]
        advanced = [q for q in self.questions if q.advanced]
        if advanced:
            rows.append(FOLD)
            rows += advanced if self.unfolded else []
        return [*rows, self.button]

    @property
    def row(self) -> Question | str:
        return self.shown[min(self.at, len(self.shown) - 1)]

    @property
    def value(self) -> str:
        return self.values.get(self.row.name, "") if isinstance(self.row, Question) else ""

    @property
    def typing(self) -> bool:
        return isinstance(self.row, Question) and self.row.sort in ("text", "number", "path")

    def set(self, name: str, value: str) -> None:
        """Give a field a value as if it had been typed."""
        self.values[name] = value
        why = self.check(name, value)
        self.wrong.pop(name, None)
        if why:
            self.wrong[name] = why
        if isinstance(self.row, Question) and self.row.name == name:
            self.caret = len(value)
        self.touch()
        self.post_message(Edited(name, value))

    def point(self, name: str) -> None:
        """Put the cursor on a field, unfolding what hides it."""
        if any(q.advanced for q in self.questions if q.name == name):
            self.unfolded = True
        for index, row in enumerate(self.shown):
            if isinstance(row, Question) and row.name == name:
                self._place(index)

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Line]:
        below = self._below(width, height)
        room = max(1, height - len(below))
        rows = self.shown
        self.at = min(self.at, len(rows) - 1)
        self.top = max(min(self.top, self.at), self.at - room + 1, 0)
        label = self._label()
        lines: list[Line] = [
            self._line(row, index == self.at, label, width)
            for index, row in enumerate(rows[self.top : self.top + room], self.top)
        ]
        lines += [[]] * (height - len(lines) - len(below))
        return [*lines, *below]

    def _below(self, width: int, height: int) -> list[Line]:
        """What is wrong with the row, or what it means."""
        if height < 4:
            return []
        row = self.row
        if not isinstance(row, Question):
            words, color = ("fields that seldom need a change" if row == FOLD else ""), "dim"
        elif row.name in self.wrong:
            words, color = f"✗ {self.wrong[row.name]}", "bad"
        else:
            words, color = self._told(row, width), "dim"
        lines: list[Line] = [[(line, color)] for line in wrap(words, width)[:3]]
        return [[], *lines] if lines else []

    def _told(self, row: Question, width: int) -> str:
        """Its help, and before it the choice that has no room in its row."""
        words = safe_text(row.shown(self.values.get(row.name, "")))
        cut = row.sort == "choice" and cells(words) > width - self._label() - 5
        return f"{words}: {row.help}" if cut else row.help

    def _label(self) -> int:
        """Columns for the names."""
        names = [cells(row.label) for row in self.shown if isinstance(row, Question)]
        return self.label_width or min(20, max(names, default=8) + 2)

    def _line(self, row: Question | str, on: bool, label: int, width: int) -> list[Part]:
        here = on and self.has_focus
        mark: Part = ("▌", "accent") if here else (" ", "")
        if row == FOLD:
            count = sum(q.advanced for q in self.questions)
            return [mark, (f"{'▾' if self.unfolded else '▸'} advanced ({count})", "text" if here else "dim")]
        if isinstance(row, str):
            return [mark, (f" {row} ", "b:background on accent" if here else "accent on raised")]
        bad = row.name in self.wrong
        name: Part = (
            pad(("✗ " if bad else "") + row.label, label),
            "bad" if bad else "text" if here else "dim",
        )
        return [mark, name, *self._answer(row, here, width - label - 1)]

    def _answer(self, row: Question, here: bool, width: int) -> list[Part]:
        value = self.values.get(row.name, "")
        color = "bad" if row.name in self.wrong else "b:text" if here else "text"
        if row.sort in ("choice", "yesno"):
            words = safe_text(row.shown(value), max(1, width - 4)) or "none yet"
            return (
                [("‹ ", "accent"), (words, color), (" ›", "accent")] if here else [("  ", ""), (words, color)]
            )
        unit: Part = (f" {row.unit}" if row.unit else "", "dim")
        if not here:
            return [("  ", ""), (safe_text(value, width - 3) or "·", color if value else "faint"), unit]
        return [("  ", ""), *self._editor(value, width - 3 - len(unit[0])), unit]

    def _editor(self, value: str, width: int) -> list[Part]:
        """The value with its caret, scrolled so that the caret is seen."""
        before, after = safe_text(value[: self.caret]), safe_text(value[self.caret :])
        # All but what could be seen goes at once: what was pasted may be long.
        before = before[-4 * max(1, width) :]
        while cells(before) > max(1, width - 2):
            before = before[1:]
        under = after[:1] or " "
        return [(before, "u:text"), (under, "background on head"), (safe_text(after[1:]), "u:text")]

    def jumps(self) -> list[tuple[Offset, Callable[[], None]]]:
        """Every row that is seen, to jump to."""
        area = self.content_size
        room = max(1, area.height - len(self._below(area.width, area.height)))
        seen = range(self.top, min(len(self.shown), self.top + room))
        return [(Offset(0, index - self.top), partial(self._place, index)) for index in seen]

    # --- keys --------------------------------------------------------------------------------------

    def _place(self, index: int) -> None:
        typing = self.typing
        self.at = max(0, min(index, len(self.shown) - 1))
        self.caret = len(self.value)
        self.fresh = True
        self.touch()
        if self.typing != typing:
            self.refresh_bindings()

    def action_step(self, by: int) -> None:
        if isinstance(self.row, Question):
            self.set(self.row.name, self.value)
        self._place(self.at + by)

    def action_tab(self, by: int) -> None:
        """The next row; at the ends of the form the next pane."""
        if 0 <= self.at + by < len(self.shown):
            self.action_step(by)
        elif by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def action_turn(self, by: int) -> None:
        row = self.row
        if not isinstance(row, Question):
            self._fold(row == FOLD and by > 0)
        elif row.sort in ("choice", "yesno") or (row.sort == "number" and (self.fresh or abs(by) > 1)):
            self.set(
                row.name, stepped(row, self.value, by if row.sort == "number" else (1 if by > 0 else -1))
            )
        else:
            self.caret = max(0, min(len(self.value), self.caret + by))
            self.fresh = False
            self.touch()

    def _fold(self, unfolded: bool) -> None:
        self.unfolded = unfolded
        self.touch()

    def action_rest(self) -> None:
        """Out of the field, on the button, where nothing is typed; what was typed stays."""
        self.action_step(len(self.shown))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "rest":
            # A dialog is left by escape as a whole.
            return self.typing and not self.screen.is_modal
        return super().check_action(action, parameters)

    def action_enter(self) -> None:
        row = self.row
        if row == FOLD:
            self._fold(not self.unfolded)
        elif isinstance(row, str):
            self.post_message(Stepped(""))
        else:
            self.set(row.name, self.value)
            self._place(self.at + 1)
            self.post_message(Stepped(row.name))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if not self.typing:
            if event.key == "space" and isinstance(self.row, Question):
                self._taken(event)
                self.action_turn(1)
            return
        value, at = self.value, self.caret
        if event.key in ("home", "end"):
            self.caret = 0 if event.key == "home" else len(value)
            self.touch()
        elif event.key in ("backspace", "ctrl+w", "ctrl+u", "delete"):
            self._erase(event.key, value, at)
        elif event.character and event.is_printable:
            self._insert(event.character)
        else:
            return
        self.fresh = False
        self._taken(event)

    def on_paste(self, event: events.Paste) -> None:
        if self.typing and event.text:
            event.stop()
            first = event.text.lstrip()[:LONGEST].splitlines() or [""]
            self._insert("".join(c for c in first[0] if c.isprintable()))

    def _taken(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def _insert(self, text: str) -> None:
        value, at = self.value, self.caret
        row = self.row
        proposed = isinstance(row, Question) and row.suggested and value == row.initial
        if self.fresh and isinstance(row, Question) and (row.sort == "number" or proposed):
            # A number is mostly replaced, not edited.
            value, at = "", 0
        text = text[: max(0, LONGEST - len(value))]
        self._change(value[:at] + text + value[at:], at + len(text))
        self.fresh = False

    def _erase(self, key: str, value: str, at: int) -> None:
        if key == "delete":
            self._change(value[:at] + value[at + 1 :], at)
            return
        start = at - 1
        if key == "ctrl+u":
            start = 0
        elif key == "ctrl+w":
            start = max(value[: max(0, at - 1)].rfind(mark) + 1 for mark in " /")
        start = max(0, start)
        self._change(value[:start] + value[at:], start)

    def _change(self, value: str, caret: int) -> None:
        if isinstance(self.row, Question):
            self.set(self.row.name, value)
            self.caret = caret
            self.touch()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.fresh = True
        self.touch()
