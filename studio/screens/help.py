"""Help: what this screen is for and every key that works here now."""

from textual.app import ComposeResult
from textual.binding import Binding

from studio.keymap import SCREENS, spell, unique
from studio.messages import Chosen
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.lines import Part
from studio.widgets.rows import Rows


class Help(Window):
    """Keys of what had the focus, then of the page, then of everything."""

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
        rows = [
            (_all_keys(active, b), b.tooltip or b.description)
            for b in unique(active)
            if b.id and b.description
        ]
        rows += [("1-6", "screens: " + ", ".join(words for _, words, _ in SCREENS))]
        screens = {tip for _, _, tip in SCREENS}
        self.list.styles.height = min(len(rows), self.app.size.height - 9)
        self.list.put([row for row in rows if row[1] not in screens])

    def _draw(self, row: tuple[str, str], width: int) -> list[Part]:
        return [(pad(row[0], 20), "accent"), (pad(row[1], max(1, width - 20)), "text")]

    def on_chosen(self, event: Chosen) -> None:
        self.dismiss(None)


def _all_keys(active: list[Binding], wanted: Binding) -> str:
    same = [spell(b) for b in active if b.action == wanted.action]
    return " ".join(dict.fromkeys(same))
