"""A pane whose lines may be more than fit: it takes the focus with tab and scrolls by the keys of a list."""

from textual.binding import Binding
from textual.containers import VerticalScroll


class Scroll(VerticalScroll):
    """Arrows, ``jk``, pages and ends."""

    DEFAULT_CSS = """
    Scroll {
        height: 1fr; scrollbar-size-vertical: 1;
        scrollbar-color: $ink-faint; scrollbar-color-active: $ink-dim;
        scrollbar-color-hover: $ink-dim; scrollbar-background: $ink-background;
        scrollbar-background-hover: $ink-background; scrollbar-background-active: $ink-background;
    }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("up,k", "scroll_up", "up", show=False, id="scroll.up"),
        Binding("down,j", "scroll_down", "down", show=False, id="scroll.down"),
        Binding("pageup", "page_up", "page up", show=False, id="scroll.page_up"),
        Binding("pagedown", "page_down", "page down", show=False, id="scroll.page_down"),
        Binding("home,g", "scroll_home", "first", show=False, id="scroll.first"),
        Binding("end,G", "scroll_end", "last", show=False, id="scroll.last"),
    ]
