"""The themes in a list: what the cursor is on is worn at once, escape takes it off again."""

from typing import TYPE_CHECKING

from studio import themes
from studio.messages import Highlighted
from studio.screens.dialog import Pick

if TYPE_CHECKING:
    from studio.frame import Studio


class Colors(Pick):
    """Gives the name of the chosen theme, or None."""

    BINDINGS = []  # noqa: RUF012 - read by Textual

    def __init__(self, app: "Studio") -> None:
        items = []
        for name in themes.names():
            theme = themes.load(name)
            # A file that is broken shows the usual colours under its name.
            broken = theme["name"] != name
            kind = "dark" if theme["dark"] else "light"
            safe = f"safe for {', '.join(theme['safe_for'])}" if theme["safe_for"] else theme["words"]
            items.append((name, name, "broken: woodshed themes check" if broken else f"{kind} · {safe}"))
        super().__init__("colours", items, at=app.chosen)

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        studio: Studio = self.app  # type: ignore[assignment]
        if event.item and event.item[0] != studio.chosen:
            studio.preview_theme(event.item[0])


def colors(app: "Studio") -> None:
    """Choose a theme by looking at it."""
    before = app.chosen

    def chosen(name: str | None) -> None:
        if name is None:
            app.preview_theme(before)
            return
        app.set_theme(name)
        if app.sight.theme not in ("", name):
            app.say(f"for now: studio.toml names {app.sight.theme}, which comes back with the next start")

    app.push_screen(Colors(app), chosen)
