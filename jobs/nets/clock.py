"""When the slices of a take are heard: the timing that measures as dense and as even as was asked for."""

from dataclasses import replace

import numpy as np

from jobs.nets import loop
from jobs.nets.bank import Bank
from jobs.nets.lay import Piece, Timing, lay
from jobs.nets.phrase import mixed
from jobs.nets.walk import Event
from jobs.sound.descriptors import AXES, listen
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP

WHOLE = int(12 * FRAMES_PER_SECOND)
"""Frames up to which all of a take is heard; of a longer one, three parts."""
PART = int(4 * FRAMES_PER_SECOND)
LOOSE = 3.0
"""How much less an error counts in the axis of timing that was not moved: both hang on the same onsets."""
TIMED = ("density", "pulse")
"""Axes that timing makes."""


def excerpt(pieces: list[Piece], frames: int) -> tuple[list[Piece], int]:
    """All of a short take; of a long one three parts, moved together: its start, middle and end."""
    if frames <= WHOLE:
        return pieces, frames
    kept: list[Piece] = []
    for number, start in enumerate((0, (frames - PART) // 2, frames - PART)):
        inside = (piece.within(start, start + PART) for piece in pieces)
        kept += [replace(p, at=p.at - start + number * PART) for p in inside if p]
    return kept, 3 * PART


class Clock:
    """The sources of a take under one timing after another: how dense it is, and how even."""

    def __init__(self, bank: Bank, events: list[Event], frames: int, seed: int):
        self.bank, self.events, self.frames, self.seed = bank, events, frames, seed

    def measured(self, point: np.ndarray) -> np.ndarray:
        """Density and pulse with the moves ``point`` of `jobs.nets.loop.TIMES`."""
        pieces = lay(self.bank, self.events, self.frames, Timing(*point), self.seed)
        pieces, length = excerpt(pieces, self.frames)
        take = mixed(((piece, self._source(piece)) for piece in pieces), 1, length * HOP)[0]
        sound = listen(take, tonal=False)
        return np.array([axis.measure(sound) for axis in AXES if axis.name in TIMED])

    def _source(self, piece: Piece) -> np.ndarray:
        """``(1, samples)`` of a piece as it lies in the bank, faded."""
        start = self.bank.places[piece.place].start + piece.start
        return (self.bank.wave[start * HOP : (start + piece.frames) * HOP] * piece.fade())[None]

    def set(self, goal: loop.Goal, moved: tuple[str, ...]) -> Timing:
        """The timing nearest to the goal in what was ``moved``, and then in the other."""
        part = loop.part(goal, TIMED)
        loose = np.array([1.0 if name in moved else LOOSE for name in TIMED])
        return Timing(*loop.searched(loop.TIMES, self.measured, loop.Goal(part.target, part.scale * loose)))

    def end(self, name: str, up: bool) -> float:
        """What the take measures with the timing's own move at one end."""
        k = TIMED.index(name)
        point = np.zeros(len(TIMED))
        point[k] = loop.TIMES[k].high if up else loop.TIMES[k].low
        return float(self.measured(point)[k])
