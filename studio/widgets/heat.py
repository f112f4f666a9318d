"""Spectrograms in half blocks: two rows of a render-ready 8-bit picture per line of text."""

from functools import cache
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from studio.widgets.ink import LEVELS, Ink
from studio.widgets.lines import Line, Lines

SHADES = " ░▒▓█"
DENSE = " .:-=+*#%@"
"""Quiet to loud without colours, where there are blocks and where there is only ASCII."""


NOISY = 0.6
"""Changes of colour per cell from which on a picture is noise, whose levels may be coarser."""


@cache
def _quant(levels: int) -> bytes:
    return bytes(value * levels // 256 for value in range(256))


_styles: dict[tuple[int, int, int], Style] = {}


def read_picture(path: str | Path, size: tuple[int, int]) -> bytes:
    """Row-major 8-bit values, top row first; empty when the file is not there or has another size."""
    width, height = size
    try:
        with open(path, "rb") as file:
            data = file.read(width * height + 1)
    except (OSError, ValueError):
        return b""
    return data if len(data) == width * height else b""


def scaled(
    picture: bytes, size: tuple[int, int], width: int, height: int, levels: int = LEVELS
) -> list[bytes]:
    """``height`` rows of ``width`` values, ``levels`` steps; each takes the nearest of the picture."""
    across, down = size
    quantised = picture.translate(_quant(levels))
    places = [x * across // width for x in range(width)]
    rows = []
    for y in range(height):
        source = (2 * y + 1) * down // (2 * height)
        row = quantised[source * across : (source + 1) * across]
        rows.append(row if across == width else bytes([row[place] for place in places]))
    return rows


def heat(rows: list[bytes], ink: Ink) -> list[Strip]:
    """Pairs of rows of levels as strips of half blocks."""
    if ink.shaded or ink.glyphs == "ascii":
        return [_shades(upper, lower, ink) for upper, lower in zip(rows[0::2], rows[1::2], strict=False)]
    strips = _blocks(rows, ink, 1)
    if sum(map(len, strips)) > NOISY * sum(strip.cell_length for strip in strips):
        strips = _blocks(rows, ink, 2)
    return strips


def _blocks(rows: list[bytes], ink: Ink, near: int) -> list[Strip]:
    """What is no more than ``near`` levels apart looks the same: a new colour costs twenty bytes."""
    strips = []
    front = ground = -1
    for upper, lower in zip(rows[0::2], rows[1::2], strict=False):
        segments: list[Segment] = []
        run, key = "", (front, ground)
        for a, b in zip(upper, lower, strict=True):
            char, front, ground = _half(a, b, front, ground, near)
            if (front, ground) == key:
                run += char
                continue
            if run:
                segments.append(Segment(run, _style(ink, *key)))
            run, key = char, (front, ground)
        segments.append(Segment(run, _style(ink, *key)))
        strips.append(Strip(segments, len(upper)))
    return strips


@cache
def _half(a: int, b: int, front: int, ground: int, near: int) -> tuple[str, int, int]:
    """The character of level ``a`` over ``b`` that needs the fewest new colours, and the colours then."""
    upper, under, upper_ground, under_ground = (
        held >= 0 and abs(level - held) <= near
        for level, held in ((a, front), (b, front), (a, ground), (b, ground))
    )
    if abs(a - b) <= near:
        if upper_ground:
            return " ", front, ground
        return ("█", front, ground) if upper else (" ", front, a)
    if under + upper_ground > upper + under_ground:
        return "▄", front if under else b, ground if upper_ground else a
    return "▀", front if upper else a, ground if under_ground else b


def _style(ink: Ink, front: int, ground: int) -> Style:
    key = (id(ink), front, ground)
    style = _styles.get(key)
    if style is None:
        palette = ink.heat
        style = _styles[key] = Style(
            color=palette[front] if front >= 0 else None, bgcolor=palette[max(0, ground)]
        )
    return style


def _shades(upper: bytes, lower: bytes, ink: Ink) -> Strip:
    """A pair of rows as one: coloured ground, shades between two colours, or shades alone."""
    top = ink.levels - 1
    segments: list[Segment] = []
    run, before = "", Style()
    for a, b in zip(upper, lower, strict=True):
        char, style = _shade(max(a, b) / top, ink)
        if style != before and run:
            segments.append(Segment(run, before))
            run = ""
        run, before = run + char, style
    return Strip([*segments, Segment(run, before)], len(upper))


def _shade(level: float, ink: Ink) -> tuple[str, Style]:
    """Character and style of a level, 0 to 1."""
    plain = ink.glyphs == "ascii"
    if ink.mono:
        chars = DENSE if plain else SHADES
        return chars[min(int(level * len(chars)), len(chars) - 1)], Style()
    palette = ink.heat
    if not ink.shaded:
        return " ", Style(bgcolor=palette[round(level * (len(palette) - 1))])
    if plain:
        return DENSE[min(int(level * len(DENSE)), len(DENSE) - 1)], Style(
            color=palette[-1], bgcolor=palette[0]
        )
    place = level * (len(palette) - 1)
    low = min(int(place), len(palette) - 2)
    char = SHADES[min(int((place - low) * 4), 3) if place < len(palette) - 1 else 4]
    return char, Style(color=palette[low + 1], bgcolor=palette[low])


class Heat(Lines):
    """A spectrogram, low frequencies at the bottom."""

    DEFAULT_CSS = "Heat { height: 1fr; width: 1fr; }"

    def __init__(self, nothing: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.nothing = nothing
        self.picture: bytes = b""
        self.picture_size = (0, 0)

    def show(self, picture: bytes, size: tuple[int, int]) -> None:
        """Draw this picture."""
        self.picture, self.picture_size = picture, size
        self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.picture:
            return [*[[]] * (height // 2), [(self.nothing.center(width), "dim")]]
        ink = self.ink
        # Where bytes are few: half the columns, each two cells wide.
        across = (width + 1) // 2 if ink.sight.low else width
        rows = scaled(self.picture, self.picture_size, across, height * 2, ink.levels)
        if ink.sight.low:
            rows = [bytes(value for value in row for _ in (0, 1))[:width] for row in rows]
        return list(heat(rows, ink))
