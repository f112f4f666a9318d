"""A window with a list of records, and beside it, or below it where it is narrow, what the cursor is on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from studio.messages import Highlighted
from studio.screens.dialog import Window
from studio.screens.scroll import Scroll
from studio.widgets.facts import Facts
from studio.widgets.lines import Line
from studio.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.frame import Studio

WIDE = 100
"""Columns of a terminal in which both stand side by side."""


class Shelves(Window):
    """Subclasses give ``rows``, ``items`` and ``about``."""

    DEFAULT_CSS = """
    Shelves > #frame { width: 118; height: 90%; padding: 0 1; }
    Shelves #both { layout: vertical; height: 1fr; }
    Shelves #both > Rows { height: 1fr; }
    Shelves #both > Scroll { height: auto; max-height: 45%; margin-top: 1; }
    Shelves #both.wide { layout: horizontal; }
    Shelves #both.wide > Rows { width: 46%; height: 1fr; }
    Shelves #both.wide > Scroll { width: 54%; height: 1fr; max-height: 100%; margin: 0 0 0 2; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("u", "undo", "undo", show=False, id="shelves.undo", tooltip="take back the last change"),
        Binding("question_mark", "app.help", "help", key_display="?", id="shelves.help"),
    ]

    def __init__(self, at: Any = None) -> None:
        """``at``: the key of what the cursor is on first."""
        super().__init__()
        self.start = at
        self.list = self.rows()
        self.facts = Facts()

    def rows(self) -> Rows:
        """The list."""
        return Rows(lambda item, width: [])

    def items(self) -> Sequence[Any]:
        """What is listed now."""
        return ()

    def about(self, item: Any, width: int) -> list[Line]:
        """What is told of an item."""
        return []

    @property
    def studio(self) -> "Studio":
        return self.app  # type: ignore[return-value]

    def parts(self) -> ComposeResult:
        with Container(id="both") as both:
            both.set_class(self.app.size.width >= WIDE, "wide")
            yield self.list
            yield Scroll(self.facts, can_focus=True)

    def on_resize(self) -> None:
        self.query_one("#both").set_class(self.app.size.width >= WIDE, "wide")

    def on_mount(self) -> None:
        self.look(self.start)
        self.list.focus()

    def look(self, at: Any = None) -> None:
        """Read in again; the cursor on ``at``."""
        self.list.put(self.items(), at=at)
        self._tell()

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._tell()
        self.refresh_bindings()

    def _tell(self) -> None:
        item = self.list.item
        self.facts.show((lambda width: self.about(item, width)) if item is not None else [])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.on_one:
            return self.list.item is not None
        return super().check_action(action, parameters)

    on_one: tuple[str, ...] = ()
    """Actions that need something to act upon."""

    async def action_undo(self) -> None:
        await self.studio.action_undo()
        self.look()
