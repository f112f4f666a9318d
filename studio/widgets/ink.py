"""Colours by what they mean: a theme is a TOML file, an ``Ink`` is its styles ready to draw with."""

from functools import cached_property
from typing import Any

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

from studio.palettes import between, parse, ramp_256
from studio.sight import Sight
from studio.themes import COLORS, DEFAULT, PLAIN, STAND_INS, load, names

__all__ = ["COLORS", "DEFAULT", "LEVELS", "Ink", "fitting", "load", "names", "textual_theme"]

LEVELS = 32
"""Steps of the spectrogram's palette: few enough for long runs of one colour, enough for the eye."""


STRONG = ("accent", "bad", "warn", "head", "train")
"""Inks that are bold where there are no colours."""


class Ink:
    """The styles of a theme.

    ``ink["warn"]`` is a foreground, ``ink["b:accent"]`` bold, ``ink["text on raised"]`` with a ground.
    """

    def __init__(self, theme: dict[str, Any], sight: Sight | None = None) -> None:
        self.name: str = theme["name"]
        self.sight = sight or Sight()
        self.colors: dict[str, str] = theme["colors"]
        self.own = bool(theme.get("own"))
        self.mono = self.sight.color == "none"
        """Whether there are no colours: what they say is said by bold, reversed and underlined."""
        self.glyphs = self.sight.glyphs
        self._sixteen = bool(theme.get("sixteen"))
        self._stops: list[str] = theme["heat"]["stops"]
        self._styles: dict[str, Style] = {"": Style()}

    def __getitem__(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._make(name)
        return style

    def _make(self, name: str) -> Style:
        front, _, ground = name.partition(" on ")
        bold, _, color = front.rpartition(":")
        if self.mono:
            return Style(
                bold=True if "b" in bold or color in STRONG else None,
                underline=True if "u" in bold or ground == "panel" else None,
                reverse=True if ground in ("raised", "accent", "head") else None,
            )
        if self._sixteen and ground == "raised":
            # Few of the sixteen can be read on another of them.
            color = "text"
        return Style(
            color=self.colors[color],
            bgcolor=self.colors[ground] if ground else None,
            bold=True if "b" in bold else None,
            underline=True if "u" in bold else None,
        )

    @property
    def page_colors(self) -> dict[str, Any]:
        """The same colours for the player page: ``colors`` by name, ``heat`` as red, green and blue."""
        return {"colors": self.colors, "heat": [list(color.get_truecolor()) for color in self.heat]}

    @property
    def levels(self) -> int:
        """Steps of the palette of pictures."""
        return 8 if self.sight.low else LEVELS

    @cached_property
    def heat(self) -> list[Color]:
        """The palette of pictures, quiet to loud: ``levels`` colours, or of the sixteen one per stop."""
        stops = [parse(stop) for stop in self._stops]
        if self._sixteen:
            numbers = [STAND_INS.get(stop, -1) for stop in self._stops]
            return [Color.from_ansi(number) if number >= 0 else Color.default() for number in numbers]
        colors = [between(stops, step / (self.levels - 1)) for step in range(self.levels)]
        if self.sight.color == "256":
            return [Color.from_ansi(number) for number in ramp_256(colors)]
        return [Color.from_rgb(*color) for color in colors]

    @cached_property
    def shaded(self) -> bool:
        """Whether a picture is drawn in shades of one character per cell, for want of colours."""
        return self.mono or self._sixteen


def fitting(theme: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """The theme, or where there are but sixteen colours one that is made of them."""
    if sight.color != "16" or theme.get("sixteen"):
        return theme
    return {**load(PLAIN[theme["dark"]]), "name": theme["name"]}


def textual_theme(theme: dict[str, Any]) -> Theme:
    """The same colours for Textual's own style sheets."""
    c = theme["colors"]
    return Theme(
        name=theme["name"],
        primary=c["accent"],
        secondary=c["second"],
        warning=c["warn"],
        error=c["bad"],
        success=c["good"],
        accent=c["accent"],
        foreground=c["text"],
        background=c["background"],
        surface=c["surface"],
        panel=c["panel"],
        dark=theme["dark"],
        variables={f"ink-{name}": value for name, value in c.items()},
    )
