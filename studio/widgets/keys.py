"""The bottom row: the keys that work now, or the last word said until another key is pressed."""

from typing import Any

from textual.screen import Screen

from studio.keymap import spell, unique
from studio.text import cells
from studio.widgets.lines import Line, Lines, Part, wrap

MARKS = {"good": "✓", "warn": "▲", "bad": "✗", "text": "·"}


class Keys(Lines):
    """One row of keys; up to three when something has to be said."""

    DEFAULT_CSS = "Keys { height: auto; max-height: 3; width: 1fr; background: $ink-panel; }"

    def __init__(self) -> None:
        super().__init__()
        self.said: tuple[str, str] = ("", "")
        self._known: list[tuple[str, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen) -> None:
        known = self.keys()
        if known != self._known:
            self._known = known
            self.touch()

    def keys(self) -> list[tuple[str, str]]:
        """(key, word) of what works now, the focused widget's first."""
        active = [item.binding for item in self.screen.active_bindings.values() if item.enabled]
        focused = self.screen.focused
        word = getattr(focused, "enters", "") if getattr(focused, "item", None) is not None else ""
        opens = [(spell(binding), word) for binding in active if word and binding.id == "list.open"]
        shown = unique(binding for binding in active if binding.show)
        return [*opens[:1], *((spell(binding), binding.description) for binding in shown)]

    def say(self, words: str, level: str = "text") -> None:
        """A word to the person, in place of the keys until the next key is pressed."""
        if (words, level) != self.said:
            self.said = (words, level)
            self._rows = None
            self.refresh(layout=True)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return max(1, min(3, len(wrap(self.said[0], max(10, width - 4)))))

    def draw(self, width: int, height: int) -> list[Line]:
        words, level = self.said
        if words:
            mark: Part = (f" {MARKS.get(level, '·')} ", level)
            lines = wrap(words, max(10, width - 4))
            return [[mark if not index else ("   ", ""), (line, "text")] for index, line in enumerate(lines)]
        return [self._bar(width)]

    def _bar(self, width: int) -> list[Part]:
        keys = self._known = self.keys()
        last = [(key, word) for key, word in keys if word == "help"]
        parts: list[Part] = [(" ", "")]
        room = width - 1 - sum(cells(key) + cells(word) + 3 for key, word in last)
        for key, word in keys:
            need = cells(key) + cells(word) + 3
            if (key, word) in last or need > room:
                continue
            parts += [(key, "accent"), (f" {word}  ", "dim")]
            room -= need
        for key, word in last:
            parts += [(" " * max(0, room), ""), (key, "accent"), (f" {word} ", "dim")]
        return parts
