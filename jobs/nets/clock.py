"""When the slices of a take are heard: the timing that measures as dense and as even as was asked for."""

from dataclasses import replace

import numpy as np

from jobs.nets import loop
from jobs.nets.bank import Bank
from jobs.nets.curve import looked_up
from jobs.nets.lay import Piece, Timing, lay
from jobs.nets.phrase import mixed
from jobs.nets.walk import Event
from jobs.sound.descriptors import AXES, NAMES, listen
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP

WHOLE = int(12 * FRAMES_PER_SECOND)
"""Frames up to which all of a take is heard; of a longer one, three parts."""
PART = int(4 * FRAMES_PER_SECOND)
GRID = 13
HELD = 0.1
"""Share of its range that density is given to come back to where it was."""
TILT = 0.5
"""Spreads that the curve of pulse rises at least: a few onsets hardly tell how scattered they are."""
LOST = 0.5
"""Spreads by which it has to have moved: an onset more or less is nothing to be held."""


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
        self._known: dict[bytes, np.ndarray] = {}

    def measured(self, point: np.ndarray) -> np.ndarray:
        """`jobs.nets.loop.TIMED` with the moves ``point`` of `jobs.nets.loop.TIMES`; heard once."""
        key = np.asarray(point, float).tobytes()
        if key not in self._known:
            self._known[key] = self._heard(point)
        return self._known[key]

    def step(self) -> bool:
        """Hear one more point of the curves that every set-point is looked up in; whether there was one."""
        for k, move in enumerate(loop.TIMES):
            for way in _ways(move, 1.0):
                point = np.zeros(len(loop.TIMES))
                point[k] = way
                if point.tobytes() not in self._known:
                    self.measured(point)
                    return True
        return False

    def _heard(self, point: np.ndarray) -> np.ndarray:
        pieces = lay(self.bank, self.events, self.frames, Timing(*point), self.seed)
        pieces, length = excerpt(pieces, self.frames)
        take = mixed(((piece, self._source(piece)) for piece in pieces), 1, length * HOP)[0]
        sound = listen(take, tonal=False)
        return np.array([AXES[NAMES.index(name)].measure(sound) for name in loop.TIMED])

    def _source(self, piece: Piece) -> np.ndarray:
        """``(1, samples)`` of a piece as it lies in the bank, faded."""
        start = self.bank.places[piece.place].start + piece.start
        return (self.bank.wave[start * HOP : (start + piece.frames) * HOP] * piece.fade())[None]

    def set(self, goal: loop.Goal, moved: tuple[str, ...], hold: bool = True) -> Timing:
        """The timing that reaches the goal in what was ``moved``, and, to ``hold``, keeps the density.

        One axis after another is looked up: with few onsets in a take there is no slope to follow.
        """
        part = goal.at([NAMES.index(name) for name in loop.TIMED])
        point = np.zeros(len(loop.TIMED))
        here = self.measured(point)
        target = [part.target[k] if name in moved else here[k] for k, name in enumerate(loop.TIMED)]

        def solve(name: str, reach: float = 1.0) -> None:
            k = loop.TIMED.index(name)
            point[k] = self._solved(point, k, reach, float(target[k]), float(part.scale[k]))

        for name in loop.TIMED:
            if name in moved:
                solve(name)
        if hold and "density" in moved:
            # What is played faster is cut shorter, so that it moves as much as it did.
            solve("rhythm")
            solve("density")
        elif hold and moved == ("rhythm",) and abs(self.measured(point)[0] - here[0]) > LOST * part.scale[0]:
            solve("density", HELD)
        return Timing(*point)

    def _solved(self, point: np.ndarray, k: int, reach: float, target: float, scale: float) -> float:
        ways = _ways(loop.TIMES[k], reach)
        found = []
        for way in ways:
            there = point.copy()
            there[k] = way
            found.append(self.measured(there)[k])
        return looked_up(ways, np.array(found), target, scale, TILT if loop.TIMED[k] == "pulse" else 0.0)

    def end(self, name: str, up: bool) -> float:
        """What the take measures with the timing's own move at one end."""
        k = loop.TIMED.index(name)
        point = np.zeros(len(loop.TIMED))
        point[k] = loop.TIMES[k].high if up else loop.TIMES[k].low
        return float(self.measured(point)[k])


def _ways(move: loop.Move, reach: float) -> np.ndarray:
    return reach * np.linspace(move.low, move.high, GRID)
