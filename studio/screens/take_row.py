"""A take as a row of a list: its marks, when it was made, its waveform, how long it is."""

from collections.abc import Collection

from studio.screens.taken import short
from studio.text import clock, pad
from studio.widgets.columns import Column, cells_of, fitting, wide
from studio.widgets.lines import Part
from studio.widgets.wave import read_peaks, thumbnail

HIDDEN = "one of the two you hear"


COLUMNS = (
    Column("model", 17, lambda take: take.get("model_name")),
    Column("preset", 13, lambda take: take.get("preset")),
    Column("seed", 12, lambda take: f"#{take.get('seed')}"),
)
NAME = 53
"""Cells for marks, name, waveform and length, before anything is told beside them."""


class TakeRow:
    """Draws them; a waveform is read once."""

    def __init__(self) -> None:
        self.bars: dict[tuple[str, int], str] = {}

    def draw(
        self, take: dict, width: int, sides: str, marked: Collection[str], low: bool = False
    ) -> list[Part]:
        """``sides``: A, B or both, where it is loaded as such; ``low``: no waveform, for want of bytes."""
        picture = 0 if low else 8 if width < 40 else 16
        tail = f" {clock(take.get('seconds')):>6}"
        more = [] if low else fitting(COLUMNS, width - NAME)
        room = width - 3 - picture - wide(more) - len(tail) - 1
        return [
            (pad(sides, 2), "b:accent"),
            ("✓" if take["id"] in marked else " ", "good"),
            (pad(short(take["name"], room), room), "text"),
            (" ", ""),
            (self._bars(take, picture) if picture else "", "wave"),
            *cells_of(more, take),
            (tail, "dim"),
        ]

    def _bars(self, take: dict, width: int) -> str:
        key = (take["id"], width)
        if key not in self.bars:
            self.bars[key] = pad(thumbnail(read_peaks(take.get("wave", "")), width), width)
        return self.bars[key]
