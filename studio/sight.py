"""What the terminal at hand can show: its colours, its characters, its speed, its mouse.

The environment wins, then ``studio.toml`` in the config folder, then what can be guessed:

    color = "256"            # truecolor, 256, 16, none     WOODSHED_COLOR, NO_COLOR
    glyphs = "block"         # braille, block, ascii        WOODSHED_GLYPHS
    low_bandwidth = true     # true, false                  WOODSHED_LOW_BANDWIDTH=on, off
    mouse = false            # true, false                  WOODSHED_MOUSE=on, off
    theme = "harbour"        # a theme for every start
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store import paths

CHOICES: dict[str, tuple[str, ...]] = {
    "color": ("truecolor", "256", "16", "none"),
    "glyphs": ("braille", "block", "ascii"),
    "low_bandwidth": ("on", "off"),
    "mouse": ("on", "off"),
}
DEEP = ("kitty", "alacritty", "wezterm", "ghostty", "foot", "contour", "direct")
"""Parts of the names of terminals that show 16 million colours and may not say so."""
ERASING = ("xterm", "tmux", "alacritty", "foot", "wezterm", "ghostty", "rxvt", "vte", "linux")
"""Beginnings of the names of terminals whose terminfo has ``ech`` and ``bce``, or that are tmux."""
COLORLESS = ("", "dumb", "unknown", "vt52", "vt100", "vt102", "vt220")


@dataclass
class Sight:
    """``low``: few bytes; None: to be measured. ``theme``: the one that the settings name."""

    color: str = "truecolor"
    glyphs: str = "braille"
    low: bool | None = False
    mouse: bool = True
    theme: str = ""
    wrong: str = ""
    """What is wrong with the settings, in a line."""

    free: bool = False
    """Whether the colours were guessed, so that fewer of them may do."""

    erases: bool = False
    """Whether blanks can be said by their number: erased cells take the colour of the ground."""

    def spare(self, low: bool | None) -> None:
        """Send few bytes, or not: a colour of 256 is written in half as many as one of millions."""
        self.low = low
        if low and self.free and self.color == "truecolor":
            self.color = "256"

    @property
    def step(self) -> float:
        """Seconds between two places of the play-head."""
        return 1.0 if self.low else 0.25

    @property
    def every(self) -> int:
        """Seconds between two pictures of a training that runs."""
        return 3 if self.low else 1


def look(environ: Mapping[str, str], low: bool = False) -> Sight:
    """The sight of this terminal; ``low``: few bytes were asked for."""
    told, wrong = settings()
    chosen: dict[str, str] = {}
    for field, choices in CHOICES.items():
        name = f"WOODSHED_{field.upper()}"
        given = environ.get(name, "")
        if given.lower() in choices:
            chosen[field] = given.lower()
        elif given and given.lower() != "auto":
            wrong = wrong or _complaint(name, given, choices)
        if field not in chosen and field in told:
            chosen[field] = told[field]
    # An answer of the environment, though not to a question of ours.
    if environ.get("NO_COLOR") and not environ.get("WOODSHED_COLOR"):
        chosen["color"] = "none"
    slow = {"on": True, "off": False}.get(chosen.get("low_bandwidth", ""))
    found = Sight(
        color=chosen.get("color") or _color(environ),
        glyphs=chosen.get("glyphs") or _glyphs(environ),
        free="color" not in chosen,
        mouse=chosen.get("mouse") != "off",
        theme=told.get("theme", ""),
        wrong=wrong,
        erases=_erases(environ),
    )
    found.spare(True if low else slow if slow is not None else _far(environ))
    return found


def settings() -> tuple[dict[str, str], str]:
    """What ``studio.toml`` says, and what is wrong with it (empty: nothing)."""
    path = paths.config() / "studio.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"{path}: {' '.join(str(error).split())[:200]}; the usual settings are in use"
    found, wrong = {}, ""
    for field, value in told.items():
        word = {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
        if field == "theme" and isinstance(value, str):
            found[field] = value
        elif word in CHOICES.get(field, ()):
            found[field] = word
        elif value != "auto" or field not in CHOICES:
            wrong = wrong or f"{path}: {_why(field, value)}"
    return found, wrong


def _why(field: str, value: Any) -> str:
    from jobs.specs import nearest

    if field not in (*CHOICES, "theme"):
        return f"{field[:40]!r}: no such setting{nearest(field, [*CHOICES, 'theme'])}"
    return _complaint(field, str(value), CHOICES.get(field, ("the name of a theme",)))


def _complaint(field: str, value: str, choices: tuple[str, ...]) -> str:
    from jobs.specs import nearest

    return (
        f"{field}: {value[:40]!r} is none of {', '.join(choices)}{nearest(value, choices)}; guessed instead"
    )


def _color(environ: Mapping[str, str]) -> str:
    term = environ.get("TERM", "").lower()
    if term in COLORLESS:
        return "none"
    if term.startswith("linux"):
        return "16"
    deep = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "WT_SESSION" in environ
    if deep or any(name in term for name in DEEP):
        # GNU screen garbles what it does not know; tmux makes of it what its own terminal has.
        return "256" if "STY" in environ else "truecolor"
    return "256" if "256color" in term or environ.get("TERM_PROGRAM") == "Apple_Terminal" else "16"


def _glyphs(environ: Mapping[str, str]) -> str:
    # The console of Linux has 256 or 512 characters, and braille is not among them.
    if environ.get("TERM", "").startswith(("linux", "vt")):
        return "ascii"
    said = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "UTF-8"
    return "braille" if "utf8" in said.lower().replace("-", "") else "ascii"


def _erases(environ: Mapping[str, str]) -> bool:
    """By name, as the terminfo of tmux says nothing of it; GNU screen erases to its own ground."""
    if "STY" in environ:
        return False
    return "TMUX" in environ or environ.get("TERM", "").startswith(ERASING)


def _far(environ: Mapping[str, str]) -> bool | None:
    """None: over SSH, where it is to be measured. In tmux only the way to tmux could be."""
    return None if "SSH_CONNECTION" in environ and "TMUX" not in environ else False
