"""Themes: TOML files that say what each colour means. Ours lie in ``themes/``, a person's own in the config
folder; a person's own wins.

    dark = true
    words = "what it is like"
    safe_for = ["deuteranopia", "protanopia"]

    [colors]
    text = "#d6d2c8"
    accent = "ansi_yellow"

    [heat]
    stops = ["#16171a", "#dd7b3e", "#faf0c8"]

A colour is ``#rrggbb``, or one of the terminal's own sixteen: ``ansi_blue``, ``ansi_bright_blue``,
``ansi_default``. ``heat`` are the colours of a spectrogram, quiet to loud.
"""

import tomllib
from pathlib import Path
from typing import Any

from jobs.specs import nearest
from store import paths
from store.errors import BadInput, NotFound
from store.names import shown
from studio import palettes

DEFAULT = "woodshed"
PLAIN = {True: "console", False: "console-light"}
"""Dark or light -> the theme that stands in where a terminal has but sixteen colours."""
GROUNDS = ("background", "surface", "panel", "raised")
COLORS = (
    *GROUNDS, "text", "dim", "faint", "accent", "second",
    "good", "warn", "bad", "train", "valid", "wave", "head",
)  # fmt: skip
EYES = ("deuteranopia", "protanopia", "tritanopia")
FIELDS = ("name", "dark", "words", "safe_for", "colors", "heat")
MOST = 64_000
"""Bytes of a file that may still be a theme."""
ANSI = {
    f"ansi_{word}": palettes.spelt(color) for word, color in zip(palettes.ANSI, palettes.SIXTEEN, strict=True)
}
OWN = {(True, True): "#000001", (True, False): "#e5e5e6", (False, True): "#fffffe", (False, False): "#000002"}
"""(dark, ground) -> what stands for the terminal's default colour until it is drawn."""
STAND_INS = {
    **{text: number for number, text in enumerate(ANSI.values())},
    **dict.fromkeys(OWN.values(), -1),
}
"""Colour that stands for one of the terminal's own -> its number; -1 is the default."""


def folders() -> list[Path]:
    """Where themes lie: ours, then the person's own, which win."""
    return [Path(__file__).parents[1] / "themes", paths.config() / "themes"]


def names() -> list[str]:
    """Every theme there is, by name of its file."""
    return sorted({path.stem for folder in folders() for path in folder.glob("*.toml")})


def where(name: str) -> Path | None:
    """The file of a theme; None when there is none."""
    for folder in reversed(folders()):
        path = folder / f"{name}.toml"
        try:
            if Path(name).name == name and path.is_file():
                return path
        except (OSError, ValueError):
            continue
    return None


def find(name: str) -> Path:
    """The file of a theme. Raises NotFound."""
    path = where(name)
    if path is None:
        known = names()
        raise NotFound(f"theme: no {shown(name)}{nearest(name, known)}; themes: {', '.join(map(str, known))}")
    return path


def load(name: str) -> dict[str, Any]:
    """A theme; the default one when ``name`` is unknown or its file is broken."""
    path = where(name)
    if path is not None:
        try:
            return read(path)
        except BadInput:
            pass
    return load(DEFAULT) if name != DEFAULT else _plain()


def read(path: Path) -> dict[str, Any]:
    """A theme as its file says it. Raises BadInput: the file, the field, what is wrong, the nearest.

    ``colors`` and the stops of ``heat`` are ``#rrggbb``; ``own`` are those that stand for one of the
    terminal's own, with its number.
    """
    try:
        data = path.read_bytes()
        if len(data) > MOST:
            raise BadInput(f"{path}: {len(data)} bytes are no theme; a theme has at most {MOST}")
        told = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: {' '.join(str(error).split())[:200]}") from None
    try:
        return _checked(told, path.stem)
    except ValueError as error:
        raise BadInput(f"{path}: {error}") from None


def _checked(told: dict[str, Any], name: str) -> dict[str, Any]:
    """Raises ValueError with the field, what is wrong and what would do."""
    _known(told, FIELDS, "")
    dark = told.get("dark", True)
    if not isinstance(dark, bool):
        raise ValueError(f"dark: {_told(dark)} is neither true nor false")
    words = told.get("words", "")
    if not isinstance(words, str):
        raise ValueError(f"words: {_told(words)} is no text")
    safe_for = told.get("safe_for", [])
    if not isinstance(safe_for, list) or not all(eyes in EYES for eyes in safe_for):
        raise ValueError(f"safe_for: {_told(safe_for)}; may list {', '.join(EYES)}")
    colors = told.get("colors")
    if not isinstance(colors, dict):
        raise ValueError('colors: missing; needs lines like text = "#d6d2c8" under [colors]')
    _known(colors, COLORS, "colors.")
    missing = [color for color in COLORS if color not in colors]
    if missing:
        raise ValueError(
            f"colors.{missing[0]}: missing{f', and {len(missing) - 1} more' * bool(missing[1:])}"
        )
    heat = told.get("heat")
    stops = heat.get("stops") if isinstance(heat, dict) else None
    if not isinstance(stops, list) or not 2 <= len(stops) <= 64:
        raise ValueError(
            'heat.stops: needs 2 to 64 colours, like stops = ["#000000", "#ffffff"] under [heat]'
        )
    texts = {color: _color(f"colors.{color}", colors[color], dark, color in GROUNDS) for color in COLORS}
    steps = [_color(f"heat.stops[{at}]", stop, dark, True) for at, stop in enumerate(stops)]
    written = [*colors.values(), *stops]
    own = {texts[c]: STAND_INS[texts[c]] for c in COLORS if str(colors[c]).startswith("ansi_")}
    own |= {
        step: STAND_INS[step] for step, stop in zip(steps, stops, strict=True) if stop.startswith("ansi_")
    }
    return {
        "name": name,
        "dark": dark,
        "words": words,
        "safe_for": safe_for,
        "colors": texts,
        "heat": {"stops": steps},
        "own": own,
        "sixteen": all(str(color).startswith("ansi_") for color in written),
    }


def _known(told: dict[str, Any], fields: tuple[str, ...], before: str) -> None:
    for field in told:
        if field not in fields:
            raise ValueError(f"{before}{_told(field)[1:-1]}: no such field{nearest(field, fields)}")


def _color(field: str, value: Any, dark: bool, ground: bool) -> str:
    if isinstance(value, str):
        if value == "ansi_default":
            return OWN[dark, ground]
        if value in ANSI:
            return ANSI[value]
        try:
            return palettes.spelt(palettes.parse(value))
        except ValueError:
            pass
    near = nearest(value, [*ANSI, "ansi_default"]) if str(value).startswith("ansi") else ""
    raise ValueError(f'{field}: {_told(value)} is no colour{near}; write "#rrggbb" or "ansi_blue"')


def _told(value: Any) -> str:
    """A value as it can stand in a line."""
    return repr(value) if len(repr(value)) <= 40 else f"{repr(value)[:37]}..."


def _plain() -> dict[str, Any]:
    colors = dict.fromkeys(COLORS, "#cccccc")
    colors.update(background="#101010", surface="#101010", panel="#202020", raised="#303030", faint="#555555")
    return {
        "name": DEFAULT, "dark": True, "words": "", "safe_for": [], "colors": colors,
        "heat": {"stops": ["#101010", "#ffffff"]}, "own": {}, "sixteen": False,
    }  # fmt: skip
