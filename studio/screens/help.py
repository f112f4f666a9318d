"""Help: the marks of this screen and every key that works here now."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding

from studio.keymap import SCREENS, spell, unique
from studio.messages import Chosen
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.lines import Part
from studio.widgets.rows import Rows


class Help(Window):
    """Keys of what has the focus, of the screen, of all; in each group those of the bottom row come first."""

    title_words = "keys"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("question_mark,q", "dismiss(None)", "back", show=False, id="help.back")
    ]

    def __init__(self) -> None:
        super().__init__()
        self.list = Rows(self._draw, key=lambda row: row, words=lambda row: " ".join(row))

    def parts(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        below = self.app.screen_stack[-2]
        page = self.app.page  # type: ignore[attr-defined]
        rows: list[tuple[str, str]] = []
        for title, bindings in _grouped(below, page):
            told = [b for b in unique(bindings) if b.id and b.description]
            told = [b for b in told if not b.action.startswith("screen(")]
            rows += [("", title)] if told else []
            rows += [(_all_keys(bindings, b), _words(b)) for b in sorted(told, key=lambda b: not b.show)]
        rows.append((f"1-{len(SCREENS)}", "the screens, as named in the top row"))
        if page and len(self.app.screen_stack) == 2 and page.legend:
            rows += [("", "marks"), *page.legend]
        self.list.put(rows)
        self.on_resize()

    def on_resize(self) -> None:
        self.list.styles.height = max(1, min(len(self.list.items), self.app.size.height - 9))

    def _draw(self, row: tuple[str, str], width: int) -> list[Part]:
        if not row[0]:
            return [(pad(row[1], width), "b:second")]
        return [(pad(row[0], 11), "accent"), (pad(row[1], max(1, width - 11)), "text")]

    def on_chosen(self, event: Chosen) -> None:
        self.dismiss(None)


def _grouped(below: Any, page: Any) -> list[tuple[str, list[Binding]]]:
    """Bindings that work now, by where they belong: what has the focus, this screen, everywhere."""
    groups: dict[str, list[Binding]] = {"here": [], "this screen": [], "everywhere": []}
    for item in below.active_bindings.values():
        if item.enabled:
            place = "everywhere" if item.node is below.app else "this screen" if item.node is page else "here"
            groups[place].append(item.binding)
    return list(groups.items())


def _all_keys(active: list[Binding], wanted: Binding) -> str:
    same = [spell(b) for b in active if b.action == wanted.action]
    return " ".join(dict.fromkeys(same))


def _words(binding: Binding) -> str:
    return f"{binding.description}: {binding.tooltip}" if binding.tooltip else binding.description
