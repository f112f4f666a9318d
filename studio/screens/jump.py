"""Jump: a letter over everything that can be gone to; the letter goes there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widget import Widget

from studio.screens.page import pane_of
from studio.widgets.keys import Keys
from studio.widgets.lines import Line, Lines

if TYPE_CHECKING:
    from studio.frame import Studio

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""Those under the fingers first."""

Target = tuple[Offset, Callable[[], Any]]
"""Where a label stands, in cells of the screen or of the content of a widget, and what going there is.

A widget with several targets has a method ``jumps() -> list[Target]`` in cells of its own content.
"""


def targets(app: "Studio") -> Iterator[Target]:
    """Everything on the screen that can be gone to, from the top left on."""
    for widget in app.screen.walk_children(Widget):
        if not (widget.is_on_screen and widget.display and all(up.display for up in widget.ancestors)):
            continue
        if several := getattr(widget, "jumps", None):
            area = widget.content_region
            for at, go in several():
                if 0 <= at.y < area.height and 0 <= at.x < area.width:
                    yield area.offset + at, _after_focus(widget, go)
        elif widget.focusable:
            pane = pane_of(widget)
            # On the frame of its pane it hides no word.
            yield (pane.region.offset if pane else widget.region.offset), widget.focus


def _after_focus(widget: Widget, go: Callable[[], Any]) -> Callable[[], Any]:
    def there() -> Any:
        if widget.focusable:
            widget.focus()
        return go()

    return there


def labels(count: int) -> list[str]:
    """As many labels, none the beginning of another: letters while they last, then pairs."""
    if count <= len(LETTERS):
        return list(LETTERS[:count])
    # So many letters begin pairs that the others and the pairs are enough.
    firsts = -(-(count - len(LETTERS)) // (len(LETTERS) - 1))
    firsts = min(firsts, len(LETTERS))
    single = list(LETTERS[: len(LETTERS) - firsts])
    pairs = [a + b for a in LETTERS[len(LETTERS) - firsts :] for b in LETTERS]
    return [*single, *pairs][:count]


@dataclass
class Spot:
    """A label and what it is over."""

    label: str
    at: Offset
    go: Callable[[], Any]


class Tag(Lines):
    """The label itself."""

    DEFAULT_CSS = "Tag { position: absolute; height: 1; }"

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot = spot
        self.typed = ""
        self.styles.width = len(spot.label)
        self.styles.offset = spot.at

    def draw(self, width: int, height: int) -> list[Line]:
        rest = self.spot.label.removeprefix(self.typed)
        return [[(self.typed, "dim on raised"), (rest, "b:background on accent")]]


class Jump(ModalScreen[Callable[[], Any] | None]):
    """The page stays as it is below; a letter leaves with where to go, escape with nothing."""

    DEFAULT_CSS = """
    Jump { background: transparent; }
    Jump > Keys { dock: bottom; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("escape,ctrl+o", "dismiss(None)", "back", key_display="esc", id="jump.back")
    ]

    def __init__(self, found: list[Target]) -> None:
        super().__init__()
        names = labels(len(found))
        self.spots = [Spot(name, at, go) for name, (at, go) in zip(names, found, strict=False)]
        self.typed = ""

    def compose(self) -> ComposeResult:
        for spot in self.spots:
            yield Tag(spot)
        keys = Keys()
        keys.said = ("a letter goes there, esc stays here", "text")
        yield keys

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" or not event.is_printable or event.character is None:
            return
        event.stop()
        event.prevent_default()
        typed = self.typed + event.character.lower()
        left = [spot for spot in self.spots if spot.label.startswith(typed)]
        if not left:
            self.dismiss(None)
        elif left[0].label == typed:
            self.dismiss(left[0].go)
        else:
            self.typed = typed
            for tag in self.query(Tag):
                tag.display = tag.spot.label.startswith(typed)
                tag.typed = typed
                tag.touch()


def jump(app: "Studio") -> None:
    """Label what can be gone to, and go where a letter says."""
    found = list(targets(app))

    def gone(go: Callable[[], Any] | None) -> None:
        if go is not None:
            app.call_after_refresh(go)

    app.push_screen(Jump(found), gone)
