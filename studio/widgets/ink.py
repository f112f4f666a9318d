"""Colours by what they mean: a theme is a TOML file, an ``Ink`` is its styles ready to draw with."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

from store import paths

DEFAULT = "woodshed"
COLORS = [
    "background",
    "surface",
    "panel",
    "raised",
    "text",
    "dim",
    "faint",
    "accent",
    "second",
    "good",
    "warn",
    "bad",
    "train",
    "valid",
    "wave",
    "head",
]
LEVELS = 32
"""Steps of the spectrogram's palette: few enough for long runs of one colour, enough for the eye."""


class Ink:
    """The styles of a theme.

    ``ink["warn"]`` is a foreground, ``ink["b:accent"]`` bold, ``ink["text on raised"]`` with a ground.
    """

    def __init__(self, theme: dict[str, Any]) -> None:
        self.name: str = theme["name"]
        self.colors: dict[str, str] = theme["colors"]
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
        return Style(
            color=self.colors[color],
            bgcolor=self.colors[ground] if ground else None,
            bold=True if "b" in bold else None,
            underline=True if "u" in bold else None,
        )

    @property
    def page_colors(self) -> dict[str, Any]:
        """The same colours for the player page: ``colors`` by name, ``heat`` as red, green and blue."""
        heat = [list(color.triplet or (0, 0, 0)) for color in self.heat]
        return {"colors": self.colors, "heat": heat}

    @cached_property
    def heat(self) -> list[Color]:
        """The palette of pictures, quiet to loud, LEVELS colours."""
        stops = [Color.parse(stop).triplet or (0, 0, 0) for stop in self._stops]
        return [Color.from_rgb(*_between(stops, step / (LEVELS - 1))) for step in range(LEVELS)]


def _between(stops: list[Any], at: float) -> tuple[float, float, float]:
    place = at * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    part = place - first
    low, high = stops[first], stops[first + 1]
    red, green, blue = (round(low[i] + (high[i] - low[i]) * part) for i in range(3))
    return red, green, blue


def folders() -> list[Path]:
    """Where themes lie: ours, then the person's own, which win."""
    return [Path(__file__).parents[2] / "themes", paths.config() / "themes"]


def names() -> list[str]:
    """Every theme there is, by name of its file."""
    return sorted({path.stem for folder in folders() for path in folder.glob("*.toml")})


def load(name: str) -> dict[str, Any]:
    """A theme; the default one when ``name`` is unknown or its file is broken."""
    for folder in reversed(folders()):
        path = folder / f"{name}.toml"
        if path.is_file():
            try:
                return _checked(tomllib.loads(path.read_text(encoding="utf-8")), name)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, OSError):
                break
    return load(DEFAULT) if name != DEFAULT else _plain()


def _checked(theme: dict[str, Any], name: str) -> dict[str, Any]:
    """Raises KeyError or ValueError when a colour is missing or is none."""
    stops = [_hex(stop) for stop in theme["heat"]["stops"]]
    if len(stops) < 2:
        raise ValueError("heat.stops needs two colours")
    return {
        "name": name,
        "dark": bool(theme.get("dark", True)),
        "colors": {color: _hex(theme["colors"][color]) for color in COLORS},
        "heat": {"stops": stops},
    }


def _hex(value: Any) -> str:
    if not (isinstance(value, str) and len(value) == 7 and value[0] == "#"):
        raise ValueError(value)
    int(value[1:], 16)
    return value


def _plain() -> dict[str, Any]:
    colors = dict.fromkeys(COLORS, "#cccccc")
    colors.update(background="#101010", surface="#101010", panel="#202020", raised="#303030", faint="#555555")
    return {"name": DEFAULT, "dark": True, "colors": colors, "heat": {"stops": ["#101010", "#ffffff"]}}


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
