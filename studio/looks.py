"""How the studio looks: the theme and its file, what the terminal can show, how fast it answers."""

import time
from pathlib import Path
from typing import Any

from textual.app import App

from store.errors import BadInput
from studio import themes
from studio.sight import Sight
from studio.widgets import ink as inks
from studio.widgets.depth import Last

SLOW = 0.15
"""Seconds for an answer from which on a terminal is far away."""
PLAIN_CSS = """
.-plain Window { background: $ink-background; }
.-mono .pane:focus-within, .-mono .pane:focus { border: heavy $ink-accent; }
.-low .pane { border: none; border-top: solid $ink-faint; }
.-low .pane:focus-within, .-low .pane:focus { border: none; border-top: heavy $ink-accent; }
"""
"""Where there are no colours the pane that has the focus has other lines; where bytes are few, none aside."""


WIDE_CSS = """
.-w160 ModelsPage > #shelf { width: 52%; max-width: 96; }
.-w160 HistoryPage > #takes { width: 64%; max-width: 110; }
.-w160 DataPage > #datasets { width: 30%; max-width: 46; }
.-w160.-tall Deck { layout: horizontal; }
.-w160.-tall Deck > #sliders { width: 58%; max-width: 120; height: 1fr; }
.-w160.-tall Deck > #heard { width: 1fr; height: 1fr; }
"""
"""Where there is room for it: lists with more columns, and in Play the pictures beside the sliders."""


class Looks(App[int], inherit_bindings=False):
    """The app's colours; the frame has the rest."""

    HORIZONTAL_BREAKPOINTS = [(0, "-w0"), (80, "-w80"), (120, "-w120"), (160, "-w160")]  # noqa: RUF012 - read by Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - read by Textual

    def __init__(self, theme: str, sight: Sight) -> None:
        # Before Textual reads its style sheet, which asks for the theme's colours.
        self.sight = sight
        self.chosen = sight.theme or theme
        """The theme that was asked for; it may be missing or broken."""
        self.ink = inks.Ink(inks.fitting(inks.load(self.chosen), sight), sight)
        super().__init__()
        self.animation_level = "none"
        self.no_color = self.ink.mono
        self._seen: tuple[Path | None, int] = self._stamp()
        self._asked = 0.0
        self._last = Last(sight.color, sight.glyphs, self.ink.own)
        if not self._last.idle:
            self._filters.append(self._last)
        self.set_class(self.ink.mono or sight.color == "16", "-plain")
        self.set_class(self.ink.mono, "-mono")
        self.set_class(bool(sight.low), "-low")
        self._wear(inks.load(self.chosen))

    def _wear(self, theme: dict[str, Any]) -> None:
        theme = inks.fitting(theme, self.sight)
        self.ink = inks.Ink(theme, self.sight)
        self.register_theme(inks.textual_theme(theme))
        if (self._last.own, self._last.color) != (self.ink.own, self.sight.color):
            # Another filter, not the same one changed: rows remember what a filter made of them.
            if self._last in self._filters:
                self._filters.remove(self._last)
            self._last = Last(self.sight.color, self.sight.glyphs, self.ink.own)
            if not self._last.idle:
                self._filters.append(self._last)
        if self.theme == theme["name"]:
            # The same name with other colours: Textual would not look at it again.
            self._watch_theme(theme["name"])
        else:
            self.theme = theme["name"]

    # --- the file of the theme -----------------------------------------------------------------------

    def _stamp(self) -> tuple[Path | None, int]:
        path = themes.where(self.chosen)
        try:
            return path, path.stat().st_mtime_ns if path else 0
        except OSError:
            return None, 0

    def reread(self) -> str:
        """Take over a theme file that has changed; what is wrong with it, in a line. Then nothing changes."""
        seen = self._stamp()
        if seen == self._seen:
            return ""
        self._seen = seen
        if seen[0] is None:
            return ""
        try:
            self._wear(themes.read(seen[0]))
        except BadInput as error:
            return f"{error}; the colours stay as they were"
        return ""

    def set_theme(self, name: str) -> None:
        """Another theme, at once and for the next start."""
        self.preview_theme(name)
        self.memory["theme"] = name  # type: ignore[attr-defined]

    def action_theme(self) -> None:
        from studio.screens.colors import colors

        colors(self)  # type: ignore[arg-type]

    def preview_theme(self, name: str) -> None:
        """Another theme for now."""
        self.chosen = name
        self._seen = self._stamp()
        self._wear(inks.load(name))

    # --- how far away the terminal is ----------------------------------------------------------------

    def ask_terminal(self) -> None:
        """Over SSH: ask for what every terminal answers, or passes over, and see how long it takes."""
        if self.sight.low is None and self._driver is not None and not self.is_headless:
            self._asked = time.monotonic()
            # A mode that Textual knows: its answer can't be taken for keys, however late it comes.
            self._driver.write("\x1b[?2026$p")

    def _on_terminal_supports_synchronized_output(self, message: Any) -> None:
        super()._on_terminal_supports_synchronized_output(message)
        if self._asked and self.sight.low is None:
            self.sight.spare(time.monotonic() - self._asked > SLOW)
            if self.sight.low:
                self.set_class(True, "-low")
                self._wear(inks.load(self.chosen))
                self.say("the way to this terminal is long: fewer bytes are sent")
