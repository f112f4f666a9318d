"""Colours as numbers: how far two lie apart for the eye, and which of a terminal's own comes nearest.

Distances are of OKLab (Ottosson 2020): lightness 0 to 1, 0.02 is about what can just be seen.
"""

from functools import cache, lru_cache

RGB = tuple[int, int, int]
"""Red, green, blue, 0 to 255, sRGB."""

ANSI = (
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright_black", "bright_red", "bright_green", "bright_yellow",
    "bright_blue", "bright_magenta", "bright_cyan", "bright_white",
)  # fmt: skip
"""The sixteen that every terminal has, in their order; what they look like is the terminal's own affair."""
SIXTEEN: tuple[RGB, ...] = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip
"""What they are in an xterm that nobody has changed."""
_STEPS = (0, 95, 135, 175, 215, 255)
FIXED: tuple[RGB, ...] = (
    *((red, green, blue) for red in _STEPS for green in _STEPS for blue in _STEPS),
    *((8 + 10 * step,) * 3 for step in range(24)),
)
"""Numbers 16 to 255 of a terminal with 256 colours: a cube and a row of greys, the same in each of them."""


def parse(text: str) -> RGB:
    """``#rrggbb`` as numbers. Raises ValueError."""
    if len(text) != 7 or text[0] != "#" or not all(char in "0123456789abcdefABCDEF" for char in text[1:]):
        raise ValueError(text)
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def spelt(color: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def linear(part: float) -> float:
    """A channel 0-255 as light, 0 to 1."""
    part /= 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=4096)
def oklab(color: RGB) -> tuple[float, float, float]:
    """Lightness, green to red, blue to yellow."""
    r, g, b = map(linear, color)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def distance(one: RGB, other: RGB) -> float:
    """How far apart two colours lie in OKLab."""
    return float(sum((a - b) ** 2 for a, b in zip(oklab(one), oklab(other), strict=True)) ** 0.5)


def light(color: RGB) -> float:
    """Relative luminance of WCAG, 0 to 1."""
    r, g, b = map(linear, color)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: RGB, other: RGB) -> float:
    """Ratio of WCAG, 1 to 21; words want 4.5."""
    high, low = max(light(one), light(other)), min(light(one), light(other))
    return (high + 0.05) / (low + 0.05)


@cache
def nearest_256(color: RGB) -> int:
    """The number, 16 to 255, of the nearest fixed colour."""
    return 16 + min(range(len(FIXED)), key=lambda at: distance(FIXED[at], color))


@cache
def nearest_16(color: RGB) -> int:
    """The number, 0 to 15, of the nearest of the sixteen as an xterm has them."""
    return min(range(16), key=lambda at: distance(SIXTEEN[at], color))


def ramp_256(colors: list[RGB]) -> list[int]:
    """A ramp in fixed colours: each step no darker (or no lighter) than the one before, as the ramp goes."""
    rising = oklab(colors[-1])[0] >= oklab(colors[0])[0]
    sign = 1 if rising else -1
    out: list[int] = []
    floor = -2.0
    for color in colors:
        fitting = [at for at in range(len(FIXED)) if sign * oklab(FIXED[at])[0] >= floor]
        best = min(fitting, key=lambda at: distance(FIXED[at], color))
        floor = sign * oklab(FIXED[best])[0]
        out.append(16 + best)
    return out


def between(stops: list[RGB], at: float) -> RGB:
    """The colour at 0 to 1 of the way along ``stops``."""
    place = at * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    part = place - first
    low, high = stops[first], stops[first + 1]
    red, green, blue = (round(low[i] + (high[i] - low[i]) * part) for i in range(3))
    return red, green, blue
