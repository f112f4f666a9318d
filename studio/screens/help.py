"""Help: the marks of this screen and every key that works here now."""

from textual.app import ComposeResult
from textual.binding import Binding

from studio.keymap import SCREENS, spell, unique
from studio.messages import Chosen
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.lines import Part
from studio.widgets.rows import Rows


class Help(Window):
    """Keys with a word in the bottom row first, then those that only move, then what the marks mean."""

    title_words = "keys"
    BINDINGS = [Binding("question_mark,q", "dismiss(None)", "back", show=False)]  # noqa: RUF012 - read by Textual

    def __init__(self) -> None:
        super().__init__()
        self.list = Rows(self._draw, key=lambda row: row, words=lambda row: " ".join(row))

    def parts(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        below = self.app.screen_stack[-2]
        active = [item.binding for item in below.active_bindings.values() if item.enabled]
        told = [b for b in unique(active) if b.id and b.description and not b.action.startswith("screen(")]
        rows = [(_all_keys(active, b), _words(b)) for b in sorted(told, key=lambda b: not b.show)]
        rows.append((f"1-{len(SCREENS)}", "the screens, as named in the top row"))
        page = self.app.page  # type: ignore[attr-defined]
        rows += page.legend if page and len(self.app.screen_stack) == 2 else ()
        self.list.styles.height = min(len(rows), self.app.size.height - 9)
        self.list.put(rows)

    def _draw(self, row: tuple[str, str], width: int) -> list[Part]:
        return [(pad(row[0], 11), "accent"), (pad(row[1], max(1, width - 11)), "text")]

    def on_chosen(self, event: Chosen) -> None:
        self.dismiss(None)


def _all_keys(active: list[Binding], wanted: Binding) -> str:
    same = [spell(b) for b in active if b.action == wanted.action]
    return " ".join(dict.fromkeys(same))


def _words(binding: Binding) -> str:
    return f"{binding.description}: {binding.tooltip}" if binding.tooltip else binding.description
