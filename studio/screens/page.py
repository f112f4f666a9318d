"""A screen of the studio: shown and hidden as a whole, so coming back finds everything as it was."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal

from studio.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.frame import Studio


class Page(Horizontal):
    """Subclasses compose their panes, read in ``look``, follow what is live in ``tick``."""

    DEFAULT_CSS = """
    Page { height: 1fr; width: 1fr; }
    .pane { border: round $ink-faint; border-title-color: $ink-dim; padding: 0 1; height: 1fr; }
    Page.one .pane { display: none !important; }
    Page.one .pane.alone {
        display: block !important; width: 1fr !important; height: 1fr !important;
        min-width: 0 !important; max-width: 100% !important;
        min-height: 0 !important; max-height: 100% !important;
    }
    .pane:focus-within, .pane:focus { border: round $ink-accent; border-title-color: $ink-accent; }
    """

    always: tuple[str, ...] = ()
    """Actions of the page that need nothing to act upon."""

    focused_last: Any = None
    """What had the focus when the page was left."""

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

    @property
    def covered(self) -> bool:
        """Whether a window lies over it: what moves beneath would make Textual send the window again."""
        # One that is not shown yet, or not any more, has no screen.
        return not self.is_attached or self.app.screen is not self.screen

    def first(self) -> Any:
        """What gets the focus when the page is opened."""

    def left(self) -> None:
        """Escape leads back to the screen that led here."""

    def sound(self) -> tuple[str, str] | None:
        """(path, title) of what ``space`` would play."""
        return None

    def moved(self) -> None:
        """The player is somewhere else."""

    copies: tuple[str, ...] = ("file", "id")
    """Fields of a record, the first of which it has is what a copy of it gives."""

    def copied(self) -> str:
        """What ``y`` copies; empty when there is nothing."""
        item = getattr(self.app.focused, "item", None) or getattr(self.first(), "item", None)
        if item is None:
            return ""
        fields = item if isinstance(item, dict) else vars(item)
        return str(next((fields[name] for name in self.copies if fields.get(name)), ""))

    def lists(self) -> list[Rows]:
        """Its lists that can be told apart."""
        return [rows for rows in self.query(Rows) if rows.id]

    def touched(self) -> Any:
        """What has the focus, if it is on this page."""
        focused = self.screen.focused
        return focused if self in _above(focused) else None

    def place(self) -> dict[str, Any]:
        """Where the hands are: focus, pane, and the filter and row of every list."""
        focused = self.focused_last or self.touched()
        alone = self.query_one(".alone") if self.query(".alone") else None
        return {
            "focus": getattr(focused, "id", None) or "",
            "alone": alone.id if alone else "",
            "lists": {rows.id: {"filter": rows.query_text, "at": rows.here} for rows in self.lists()},
        }

    def regain(self, place: Mapping[str, Any]) -> None:
        """What ``place`` gave last time."""
        for rows in self.lists():
            held = place.get("lists", {}).get(rows.id, {})
            rows.query_text = str(held.get("filter") or rows.query_text)
            rows.wanted = held.get("at")
        focus, alone = (str(place.get(name) or "") for name in ("focus", "alone"))
        self.focused_last = next((one for one in self.query("*") if one.id and one.id == focus), None)
        for one in self.query(".pane"):
            if one.id and one.id == alone:
                maximise(self, one)

    def memory(self) -> dict[str, Any]:
        """What to remember until the next start."""
        return {}

    def recall(self, memory: dict[str, Any]) -> None:
        """What ``memory`` gave last time."""


def _above(widget: Any) -> list[Any]:
    return list(widget.ancestors_with_self) if widget is not None else []


def maximise(page: Page, pane: Any | None) -> None:
    """One pane alone on the page; None: all of them again."""
    for one in page.query(".pane"):
        one.set_class(one is pane, "alone")
    page.set_class(pane is not None, "one")


def pane_of(widget: Any) -> Any | None:
    """The pane that a widget is in."""
    return next((one for one in _above(widget) if one.has_class("pane")), None)


def pane(widget: Any, title: str, *classes: str) -> Any:
    """A border with a fixed title around a widget."""
    widget.border_title = title
    widget.add_class("pane", *classes)
    return widget


def newest_first(records: Sequence[Any]) -> list[Any]:
    return list(reversed(records))
