"""A screen of the studio: shown and hidden as a whole, so coming back finds everything as it was."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal

if TYPE_CHECKING:
    from studio.frame import Studio


class Page(Horizontal):
    """Subclasses compose their panes, read in ``look``, follow what is live in ``tick``."""

    DEFAULT_CSS = """
    Page { height: 1fr; width: 1fr; }
    .pane { border: round $ink-faint; border-title-color: $ink-dim; padding: 0 1; height: 1fr; }
    .pane:focus-within, .pane:focus { border: round $ink-accent; border-title-color: $ink-accent; }
    """

    always: tuple[str, ...] = ()
    """Actions of the page that need nothing to act upon."""

    recalled = False
    """Whether it got back what it gave as its memory."""

    legend: tuple[tuple[str, str], ...] = ()
    """Marks of the page and what they mean, for its help."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)

    @property
    def studio(self) -> "Studio":
        return self.app  # type: ignore[return-value]

    @property
    def anything(self) -> bool:
        """Whether there is something that the page's keys could act upon."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # A key in the bottom row works: on an empty page only those are there that fill it.
        own = {str(binding.action).partition("(")[0] for binding in self.BINDINGS}  # type: ignore[union-attr]
        if action in own and action not in self.always:
            return self.anything
        return super().check_action(action, parameters)

    def look(self) -> None:
        """Something in the library or the ledger changed, or the page is shown again."""

    def tick(self) -> None:
        """A second passed while the page is shown."""

    def first(self) -> Any:
        """What gets the focus when the page is opened."""

    def left(self) -> None:
        """Escape leads back to the screen that led here."""

    def sound(self) -> tuple[str, str] | None:
        """(path, title) of what ``space`` would play."""
        return None

    def moved(self) -> None:
        """The player is somewhere else."""

    def memory(self) -> dict[str, Any]:
        """What to remember until the next start."""
        return {}

    def recall(self, memory: dict[str, Any]) -> None:
        """What ``memory`` gave last time."""


def pane(widget: Any, title: str, *classes: str) -> Any:
    """A border with a fixed title around a widget."""
    widget.border_title = title
    widget.add_class("pane", *classes)
    return widget


def newest_first(records: Sequence[Any]) -> list[Any]:
    return list(reversed(records))
