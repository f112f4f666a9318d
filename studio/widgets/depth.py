"""What is done last to every row, whoever drew it: colours that the terminal has, characters that it has."""

from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor
from textual.filter import LineFilter

from studio.palettes import nearest_16, nearest_256, parse
from studio.themes import STAND_INS
from studio.widgets.glyphs import drawn

OWN = {parse(text): number for text, number in STAND_INS.items()}


class Last(LineFilter):
    """``color``: truecolor, 256, 16 or none; ``glyphs``: braille, block or ascii; ``own``: whether colours
    of a theme stand for those of the terminal."""

    def __init__(self, color: str, glyphs: str, own: bool = False) -> None:
        super().__init__()
        self.color, self.glyphs, self.own = color, glyphs, own

    @property
    def idle(self) -> bool:
        """Whether all stays as it is."""
        return self.color == "truecolor" and self.glyphs == "braille" and not self.own

    def apply(self, segments: list[Segment], background: TextualColor) -> list[Segment]:
        color, glyphs, own = self.color, self.glyphs, self.own
        return [
            Segment(drawn(text, glyphs), style and _style(style, color, own), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=4096)
def _style(style: Style, color: str, own: bool) -> Style:
    if color == "none":
        return style.without_color
    return style + Style(
        color=style.color and _color(style.color, color, own),
        bgcolor=style.bgcolor and _color(style.bgcolor, color, own),
    )


@lru_cache(maxsize=4096)
def _color(color: Color, depth: str, own: bool) -> Color:
    if color.triplet is None:
        return color
    number = OWN.get(color.triplet) if own or depth == "16" else None
    if number is not None:
        return Color.default() if number < 0 else Color.from_ansi(number)
    if depth == "256":
        return Color.from_ansi(nearest_256(tuple(color.triplet)))
    return Color.from_ansi(nearest_16(tuple(color.triplet))) if depth == "16" else color
