"""When the slices of a take are heard: the timing that measures as dense and as even as was asked for."""

from dataclasses import replace

import numpy as np

from jobs.nets import loop
from jobs.nets.bank import Bank
from jobs.nets.curve import looked_up
from jobs.nets.lay import Piece, Timing, lay
from jobs.nets.phrase import mixed
from jobs.nets.walk import Event
from jobs.sound.descriptors import AXES, NAMES, listen, loudness
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


def heard_parts(frames: int) -> list[slice]:
    """All of a short take; of a long one its start, middle and end."""
    if frames <= WHOLE:
        return [slice(0, frames)]
    return [slice(start, start + PART) for start in (0, (frames - PART) // 2, frames - PART)]


def excerpt(pieces: list[Piece], frames: int) -> tuple[list[Piece], int]:
    """The pieces of the parts that are heard, moved together, and their frames."""
    parts = heard_parts(frames)
    if len(parts) == 1:
        return pieces, frames
    kept: list[Piece] = []
    for number, part in enumerate(parts):
        inside = (piece.within(part.start, part.stop) for piece in pieces)
        kept += [replace(p, at=p.at - part.start + number * PART) for p in inside if p]
    return kept, len(parts) * PART


class Clock:
    """The sources of a take under one timing after another: how dense it is, and how even."""

    def __init__(self, bank: Bank, events: list[Event], frames: int, seed: int):
        self.bank, self.events, self.frames, self.seed = bank, events, frames, seed
        self._known: dict[bytes, np.ndarray] = {}

    def measured(self, point: np.ndarray) -> np.ndarray:
        """`jobs.nets.loop.TIMED` and the loudness with the moves ``point`` of `jobs.nets.loop.TIMES`; heard
        once."""
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
        return np.array([*(AXES[NAMES.index(name)].measure(sound) for name in loop.TIMED), loudness(sound)])

    def _source(self, piece: Piece) -> np.ndarray:
        """``(1, samples)`` of a piece as it lies in the bank, faded."""
        start = self.bank.places[piece.place].start + piece.start
        return (self.bank.wave[start * HOP : (start + piece.frames) * HOP] * piece.fade())[None]

    def set(self, goal: loop.Goal, moved: tuple[str, ...], hold: bool = True) -> Timing:
        """The timing that reaches the goal in what was ``moved``; to ``hold``, what hangs together with it
        comes back to what it was.

        One axis after another is looked up: with few onsets in a take there is no slope to follow.
        """
        part = goal.at([NAMES.index(name) for name in loop.TIMED])
        here = self.measured(np.zeros(len(loop.TIMED)))[: len(loop.TIMED)]
        asked = np.array([name in moved for name in loop.TIMED])
        target = loop.Goal(np.where(asked, part.target, here), part.scale)
        point = np.zeros(len(loop.TIMED))
        timed = [name for name in loop.TIMED if name in moved]
        for name in timed:
            self._solve(point, name, target)
        if hold and "density" in timed:
            # What is played faster is cut shorter, so that it moves as much as it did.
            for name in ("rhythm", *timed):
                self._solve(point, name, target)
        elif hold and timed == ["rhythm"] and self._lost(point, here, part.scale):
            self._solve(point, "density", target, HELD)
        return Timing(*point.tolist())

    def _lost(self, point: np.ndarray, here: np.ndarray, scale: np.ndarray) -> bool:
        k = loop.TIMED.index("density")
        return bool(abs(self.measured(point)[k] - here[k]) > LOST * scale[k])

    def _solve(self, point: np.ndarray, name: str, target: loop.Goal, reach: float = 1.0) -> None:
        """Set one axis's own move in ``point``, unless it does not matter."""
        k = loop.TIMED.index(name)
        if not np.isfinite(target.scale[k]):
            return
        ways = _ways(loop.TIMES[k], reach)
        found = np.array([self._with(point, k, way)[k] for way in ways])
        tilt = 0.0
        if name == "pulse":
            # Scattering that brings a beat about by chance is none.
            tilt, good = TILT, (ways >= 0) | (found <= self._with(point, k, 0.0)[k])
            ways, found = ways[good], found[good]
        point[k] = looked_up(ways, found, float(target.target[k]), float(target.scale[k]), tilt)

    def _with(self, point: np.ndarray, k: int, way: float) -> np.ndarray:
        """What is measured with one move of ``point`` set to ``way``."""
        there = point.copy()
        there[k] = way
        return self.measured(there)

    def end(self, name: str, up: bool) -> float:
        """What the take measures with the timing's own move at one end."""
        k = loop.TIMED.index(name)
        point = np.zeros(len(loop.TIMED))
        point[k] = loop.TIMES[k].high if up else loop.TIMES[k].low
        return float(self.measured(point)[k])


def _ways(move: loop.Move, reach: float) -> np.ndarray:
    return reach * np.linspace(move.low, move.high, GRID)
