"""Spectrograms in half blocks: two rows of a render-ready 8-bit picture per line of text."""

from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from studio.widgets.ink import LEVELS, Ink
from studio.widgets.lines import Line, Lines

QUANT = bytes(value * LEVELS // 256 for value in range(256))
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


def scaled(picture: bytes, size: tuple[int, int], width: int, height: int) -> list[bytes]:
    """``height`` rows of ``width`` values, LEVELS steps; each takes the nearest of the picture."""
    across, down = size
    levels = picture.translate(QUANT)
    places = [x * across // width for x in range(width)]
    rows = []
    for y in range(height):
        source = (2 * y + 1) * down // (2 * height)
        row = levels[source * across : (source + 1) * across]
        rows.append(row if across == width else bytes([row[place] for place in places]))
    return rows


def heat(rows: list[bytes], ink: Ink) -> list[Strip]:
    """Pairs of rows of levels as strips of half blocks."""
    palette, which = ink.heat, id(ink)
    strips = []
    for upper, lower in zip(rows[0::2], rows[1::2], strict=False):
        width = len(upper)
        segments: list[Segment] = []
        x = 0
        while x < width:
            a, b = upper[x], lower[x]
            end = x + 1
            # What is one level apart looks the same, and a new colour costs the terminal forty bytes.
            while end < width and -2 < upper[end] - a < 2 and -2 < lower[end] - b < 2:
                end += 1
            if -2 < a - b < 2:
                b = a
            style = _styles.get((which, a, b))
            if style is None:
                style = Style(color=palette[a] if a != b else None, bgcolor=palette[b])
                _styles[which, a, b] = style
            segments.append(Segment(("▀" if a != b else " ") * (end - x), style))
            x = end
        strips.append(Strip(segments, width))
    return strips


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
        return list(heat(scaled(self.picture, self.picture_size, width, height * 2), self.ink))
