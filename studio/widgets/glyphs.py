"""Characters that a terminal may not have, and what is drawn instead: as wide, and with the same meaning.

Curves and waves are drawn in braille, two by four dots to a cell. Where there is no braille a cell becomes
the quadrants its dots lie in, or the ASCII character whose shape is nearest.
"""

import unicodedata
from functools import cache, lru_cache

from studio.text import cells

SETS = ("braille", "block", "ascii")
ROWS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The dots of a cell, from the top: left, right."""
QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By bits: upper left 1, upper right 2, lower left 4, lower right 8."""
SHAPES = {
    " ": "00 00 00 00", "'": "10 10 00 00", "`": "01 01 00 00", '"': "11 11 00 00", "-": "00 11 00 00",
    "~": "00 00 11 00", "_": "00 00 00 11", ".": "00 00 00 10", ",": "00 00 00 01", ":": "00 10 00 10",
    "=": "00 11 00 11", "|": "10 10 10 10", "!": "01 01 01 01", "/": "01 01 10 10", "\\": "10 10 01 01",
    "#": "11 11 11 11", "^": "01 11 00 00", "v": "00 00 10 11", "m": "00 00 11 11", "F": "11 10 11 10",
    "]": "11 01 01 11", "L": "10 10 10 11", "J": "01 01 01 11", "r": "00 11 10 10", "7": "11 01 01 01",
}  # fmt: skip
"""ASCII characters as the dots they cover, row by row."""
PLAIN = {
    **dict.fromkeys("─╌–—┄", "-"), **dict.fromkeys("━┅═", "="), "╌": "~", **dict.fromkeys("│▏║", "|"),
    **dict.fromkeys("┃█▇▓▣◆", "#"), **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┣┫╋", "+"),
    "·": ".", "…": "~", "✓": "+", "✗": "x", "▲": "^", "⚠": "!", "■": "#", "▶": ">", "‖": "=", "◦": "o",
    "●": "*", "○": "o", "◇": "%", "♪": "~", "♫": "&", "▌": ">", "▸": ">", "▾": "v", "‹": "<", "›": ">",
    "→": ">", "←": "<", "↔": "-", "↑": "^", "↓": "v", "⇄": "x", "⇧": "S", "░": ":", "▒": "%", "°": "o",
    "▁": "_", "▂": ".", "▃": ":", "▄": "=", "▅": "+", "▆": "*", "▀": '"', "×": "x", "≥": ">", "≤": "<",
    "−": "-", "Δ": "d", "µ": "u", "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip
"""Our marks in ASCII."""


def quadrant(dots: int) -> str:
    """The block for a braille cell: a quadrant is filled when one of its two dots is."""
    bits = 0
    for half in (0, 1):
        for side in (0, 1):
            if dots & (ROWS[2 * half][side] | ROWS[2 * half + 1][side]):
                bits |= 1 << (2 * half + side)
    return QUADRANTS[bits]


def shape(dots: int) -> str:
    """The ASCII character that covers most of a braille cell's dots and least else."""
    wanted = [bool(dots & dot) for row in ROWS for dot in row]

    def apart(char: str) -> float:
        have = [dot == "1" for dot in SHAPES[char].replace(" ", "")]
        return sum(1.0 if want else 0.9 for want, has in zip(wanted, have, strict=True) if want != has)

    return " " if not dots else min((char for char in SHAPES if char != " "), key=apart)


@cache
def _table(glyphs: str) -> dict[int, str]:
    """Made when it is needed: most terminals have braille."""
    if glyphs == "block":
        return {0x2800 + dots: quadrant(dots) for dots in range(256)}
    return {**{0x2800 + dots: shape(dots) for dots in range(256)}, **{ord(a): b for a, b in PLAIN.items()}}


@lru_cache(maxsize=4096)
def drawn(text: str, glyphs: str) -> str:
    """``text`` in a set of glyphs, as wide as before."""
    if text.isascii() or glyphs == "braille":
        return text
    text = text.translate(_table(glyphs))
    return text if glyphs == "block" or text.isascii() else "".join(map(_plain, text))


def _plain(char: str) -> str:
    if char.isascii():
        return char
    base = unicodedata.normalize("NFKD", char)[0]
    width = cells(char)
    return base if base.isascii() and base.isprintable() and width == 1 else "?" * width
