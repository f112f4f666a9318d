"""A list: cursor, filter, and only the two rows that changed are sent to the terminal."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from textual import events
from textual.binding import Binding
from textual.geometry import Offset, Region
from textual.strip import Strip

from studio.messages import Chosen, Highlighted
from studio.nearby import nearby
from studio.widgets.lines import Line, Lines, Part, strip, wrap

DrawItem = Callable[[Any, int], Sequence[Part]]
TOLD = 5
"""Rows at most for what is wrong with a filter, or what it may say."""


class Sieve(Protocol):
    """A filter that is more than words to look for."""

    @property
    def wrong(self) -> str:
        """One line; empty: nothing."""
        ...

    def fits(self, item: Any) -> bool:
        """Whether the item is shown."""
        ...


class Rows(Lines, can_focus=True):
    """Items, one row each. ``draw_item(item, width)`` gives a row's words.

    ``words(item)`` is what a filter looks in, ``key(item)`` keeps the cursor while the list changes.
    """

    DEFAULT_CSS = "Rows { height: 1fr; width: 1fr; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("up,k", "move(-1)", "up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="list.page_down"),
        Binding("home,g", "edge(0)", "first", show=False, id="list.first"),
        Binding("end,G", "edge(-1)", "last", show=False, id="list.last"),
        Binding("enter", "choose", "open", show=False, id="list.open"),
        Binding(
            "slash", "filter", "filter", key_display="/", id="list.filter", tooltip="show only matching rows"
        ),
    ]

    def __init__(
        self,
        draw_item: DrawItem,
        key: Callable[[Any], Any] = lambda item: item["id"],
        words: Callable[[Any], str] = lambda item: str(item.get("name", "")),
        head: Callable[[int], Sequence[Part]] | None = None,
        empty: Sequence[Line] = (),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.draw_item, self.key, self.words, self.head, self.empty = draw_item, key, words, head, empty
        self.items: list[Any] = []
        self.shown: list[Any] = []
        self.cursor = 0
        self.top = 0
        self.query_text = ""
        self.wanted: Any = None
        """The key that the cursor goes to as soon as it is there."""
        self.typing = False
        self.enters = ""
        """What enter does, in a word; the bottom row says it."""
        self.picks = False
        """A window to choose from: what is typed filters, enter chooses at once, escape is the window's."""
        self.sieve: Callable[[str], Sieve] | None = None
        """What a filter means, where it is more than words to look for."""
        self.hint = ""
        """What a filter may say."""
        self.wrong = ""
        self.near: Any = None
        """Where nothing matches, the item that may have been meant."""

    @property
    def item(self) -> Any:
        """What the cursor is on, or None."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    @property
    def here(self) -> str | int | None:
        """The key of what the cursor is on, where it can be remembered."""
        key = self.key(self.item) if self.item is not None else self.wanted
        return key if isinstance(key, str | int) else None

    def put(self, items: Sequence[Any], at: Any = None) -> None:
        """Show ``items``; the cursor stays on the same key, or goes to the key ``at``."""
        held = at if at is not None else (self.key(self.item) if self.item is not None else self.wanted)
        if items:
            self.wanted = None
        if at is None and self.items and self.items == items:
            return
        self.items = list(items)
        self._sift(held)

    def go(self, key: Any) -> bool:
        """Put the cursor on the item of that key."""
        for index, item in enumerate(self.shown):
            if self.key(item) == key:
                self._place(index)
                return True
        return False

    def sift(self, text: str | None = None) -> None:
        """Filter by ``text``, or once more by what it is filtered by; the cursor stays where it can."""
        if text is not None:
            self.query_text = text
        self._sift(self.key(self.item) if self.item is not None else None)

    def _sift(self, held: Any) -> None:
        self.wrong, self.near = "", None
        if self.sieve:
            sieve = self.sieve(self.query_text)
            self.shown, self.wrong = [item for item in self.items if sieve.fits(item)], sieve.wrong
        else:
            needles = self.query_text.casefold().split()
            words = [self.words(item).casefold() for item in self.items] if needles else self.items
            self.shown = [
                item for item, text in zip(self.items, words, strict=True) if all(n in text for n in needles)
            ]
            if needles and not self.shown:
                place = nearby(self.query_text, words)
                self.near = None if place is None else self.items[place]
        keys = [self.key(item) for item in self.shown]
        before = self.cursor
        self.cursor = keys.index(held) if held in keys else min(before, max(0, len(keys) - 1))
        self._follow()
        self.touch()
        self.post_message(Highlighted(self, self.item))

    # --- drawing -----------------------------------------------------------------------------------

    @property
    def _head_rows(self) -> int:
        return 1 if self.head and self.shown else 0

    def _room(self) -> int:
        return max(1, self.content_size.height - self._head_rows - len(self._query(self.content_size.width)))

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.items and not self.query_text:
            return list(self.empty)
        self._follow()
        room = self._room()
        inner = width - 2 if len(self.shown) > room else width
        lines: list[Line] = [self.head(inner)] if self.head and self._head_rows else []
        lines += [
            self._line(index, width) for index in range(self.top, min(len(self.shown), self.top + room))
        ]
        if not self.shown:
            lines += self._nothing(width)
        below = self._query(width)
        if below:
            lines += [[]] * (height - len(below) - len(lines))
            lines += below
        return lines

    def _nothing(self, width: int) -> list[Line]:
        """What is said where nothing matches, and below it what may have been meant."""
        if self.near is None:
            return [[("nothing matches", "dim")]]
        return [
            [("nothing matches; the nearest:", "dim")],
            [(" ", ""), *self.draw_item(self.near, width - 1)],
        ]

    def _query(self, width: int) -> list[Line]:
        """The filter, and above it what is wrong with it or what it may say."""
        if not (self.typing or self.query_text):
            return []
        caret: Part = ("▏" if self.typing else "", "accent")
        line: list[Part] = [("/", "accent"), (self.query_text, "text"), caret]
        if self.picks and not self.query_text:
            line.append(("type to filter, enter chooses", "faint"))
        words, color = (f"✗ {self.wrong}", "bad") if self.wrong else (self.hint, "faint")
        told = wrap(words, width)[:TOLD] if self.wrong or (self.typing and self.hint) else []
        return [*([(row, color)] for row in told), line]

    def _line(self, index: int, width: int) -> Strip:
        on = index == self.cursor
        ground = ("raised" if self.has_focus else "panel") if on else ""
        mark = ("▌", "accent" if self.has_focus else "faint") if on else (" ", "")
        room = self._room()
        if len(self.shown) > room:
            width -= 2
            row = strip([mark, *self.draw_item(self.shown[index], width - 1)], width, self.ink, ground)
            return Strip.join([row, strip([(" ", ""), self._thumb(index - self.top, room)], 2, self.ink)])
        return strip([mark, *self.draw_item(self.shown[index], width - 1)], width, self.ink, ground)

    def _thumb(self, row: int, room: int) -> Part:
        """The mark at the right edge that says how far down the list is."""
        count = len(self.shown)
        first = self.top * room // count
        last = max(first, (self.top + room) * room // count - 1)
        return ("┃" if first <= row <= last else "│", "dim" if first <= row <= last else "faint")

    def _follow(self) -> None:
        room = self._room()
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + room:
            self.top = self.cursor - room + 1
        self.top = max(0, min(self.top, len(self.shown) - room))

    def jumps(self) -> list[tuple[Offset, Callable[[], None]]]:
        """Every row that is seen, to jump to."""
        seen = range(self.top, min(len(self.shown), self.top + self._room()))
        if not seen:
            return [(Offset(0, 0), lambda: None)]
        return [(Offset(0, i - self.top + self._head_rows), partial(self._place, i)) for i in seen]

    # --- moving ------------------------------------------------------------------------------------

    def _place(self, index: int) -> None:
        index = max(0, min(index, len(self.shown) - 1))
        if index == self.cursor or not self.shown:
            return
        before, top = self.cursor, self.top
        self.cursor = index
        self._follow()
        if self.top != top or self._rows is None:
            self.touch()
        else:
            self._redraw(before)
            self._redraw(index)
        self.post_message(Highlighted(self, self.item))

    def _redraw(self, index: int) -> None:
        y = index - self.top + self._head_rows
        rows = self.rows()
        if 0 <= y < len(rows):
            width = self.content_size.width
            rows[y] = self._line(index, width)
            self.refresh(Region(0, y, width, 1))

    def action_move(self, by: int) -> None:
        self._place(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._place(self.cursor + by * self._room())

    def action_edge(self, which: int) -> None:
        self._place(0 if which == 0 else len(self.shown) - 1)

    def action_choose(self) -> None:
        if self.item is not None:
            self.post_message(Chosen(self, self.item))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.typing = self.typing and has_focus
        self.touch()

    def on_mouse_scroll_down(self) -> None:
        self._place(self.cursor + 3)

    def on_mouse_scroll_up(self) -> None:
        self._place(self.cursor - 3)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self.shown:
            self._place(self.top + offset.y - self._head_rows)

    # --- filter ------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # Where everything that is typed filters there is no key for it.
        if action == "filter":
            return not self.picks and bool(self.items)
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        self.typing = True
        self.touch()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self.picks:
            return
        if not self.typing and not (event.key == "escape" and self.query_text):
            return
        if event.key == "escape":
            self.typing, self.query_text = False, ""
        elif event.key == "enter" and self.picks:
            self.action_choose()
        elif event.key == "enter":
            self.typing = False
        elif event.key == "backspace":
            self.query_text = self.query_text[:-1]
        elif event.character and event.is_printable:
            self.query_text += event.character
        else:
            return
        event.stop()
        event.prevent_default()
        self.sift()
