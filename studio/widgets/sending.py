"""What is sent to the terminal of a screen or of a part that changed: what is new of it and no more."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

SGR = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""Codes of the attributes of a style, in the order of its bits (ECMA-48, 8.3.117)."""
SEEN = sum(1 << bit for bit in (3, 4, 5, 6, 8, 9, 10, 11, 12))
"""Attributes that are seen on a blank: underlined, reversed and the like, not bold or slanted."""


@lru_cache(16384)
def _codes(style: Style, system: ColorSystem) -> tuple[int, str, str]:
    """Bits of the attributes, code of the colour of the characters, code of the ground."""
    front, ground = style.color, style.bgcolor
    return (
        style._attributes & style._set_attributes,
        ";".join(front.downgrade(system).get_ansi_codes()) if front else "39",
        ";".join(ground.downgrade(system).get_ansi_codes(False)) if ground else "49",
    )


PLAIN = (0, "39", "49")
"""As a terminal is after ``ESC [ m``, and as everybody else expects to find it."""


MANY = 12
"""Blanks that cost more than erasing as many and going on behind them (ECH and CUF of ECMA-48)."""
BLANKS = " " * MANY
RUN = re.compile(f"({BLANKS} *)")


class Pen:
    """Writes strips one after the other: of each style only what differs from the one before."""

    def __init__(self, system: ColorSystem | None, erases: bool = False) -> None:
        """``erases``: the terminal gives erased cells the colour of the ground."""
        self.system = system or ColorSystem.TRUECOLOR
        self.erases = erases
        self._now = PLAIN

    def write(self, segments: Iterable) -> str:
        """Characters and the escape sequences that they need, from where the terminal's cursor is."""
        out = []
        skipped = 0
        for text, style, _ in segments:
            wanted = _codes(style, self.system) if style else PLAIN
            if wanted != self._now:
                out.append(self._turn(wanted, text))
            if self.erases and BLANKS in text and not wanted[0] & SEEN:
                for part in filter(None, RUN.split(text)):
                    if skipped:
                        out.append(f"\x1b[{skipped}C")
                    skipped = len(part) if part.startswith(BLANKS) else 0
                    out.append(f"\x1b[{skipped}X" if skipped else part)
                continue
            if skipped:
                out.append(f"\x1b[{skipped}C")
                skipped = 0
            out.append(text)
        return "".join(out)

    def _turn(self, wanted: tuple[int, str, str], text: str) -> str:
        """The sequence that makes what is now what is ``wanted``, as far as ``text`` shows it."""
        had, front, ground = self._now
        bits, new_front, new_ground = wanted
        if not (bits | had) & SEEN and text.isspace():
            bits, new_front = had, front
        sgr = []
        if had & ~bits:
            sgr.append("0")
            had, front, ground = PLAIN
        if bits != had:
            sgr += [SGR[bit] for bit in range(len(SGR)) if bits & ~had & 1 << bit]
        if new_front != front:
            sgr.append(new_front)
        if new_ground != ground:
            sgr.append(new_ground)
        self._now = bits, new_front, new_ground
        return f"\x1b[{';'.join(sgr)}m" if sgr else ""

    def rest(self) -> str:
        """The sequence after which the terminal is plain again."""
        before, self._now = self._now, PLAIN
        return "\x1b[m" if before != PLAIN else ""


class Sparing(CompositorUpdate):
    """An update of Textual's, written with one pen from its first cell to its last.

    Textual says all of a style for every piece of text, and takes it back after each. Of a row it cuts the
    right side only: a digit at the end of a row would cost the whole row.
    """

    def __init__(self, update: LayoutUpdate | ChopsUpdate, erases: bool) -> None:
        self.update = update
        self.erases = erases

    def render_segments(self, console: Console) -> str:
        """Escape sequences and characters that draw the update."""
        pen = Pen(console._color_system, self.erases)
        parts = _whole(self.update) if isinstance(self.update, LayoutUpdate) else _changed(self.update)
        sent = [f"\x1b[{y + 1};{x + 1}H{pen.write(strip)}" for x, y, strip in parts]
        return "".join([*sent, pen.rest()])


Place = tuple[int, int, Iterable]
"""Column and row from 0, and the segments that lie from there on."""


def _whole(update: LayoutUpdate) -> Iterator[Place]:
    x, y, _, _ = update.region
    for row, strips in enumerate(update.strips, y):
        yield x, row, [segment for strip in strips for segment in strip]


def _changed(update: ChopsUpdate) -> Iterator[Place]:
    """What is drawn of the spans that changed."""
    for y, first, end in update.spans:
        for over, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= end or over <= first:
                continue
            start, stop = max(x, first), min(over, end)
            yield start, y, strip if (start, stop) == (x, over) else strip.crop(start - x, stop - x)


def sequence(strip: Strip, console: Console) -> str:
    """What one strip alone is on a terminal that erases."""
    pen = Pen(console._color_system, erases=True)
    return pen.write(strip) + pen.rest()
