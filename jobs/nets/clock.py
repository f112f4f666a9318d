"""When the slices of a take are heard: the timing that measures as dense and as even as was asked for."""

from dataclasses import replace

import numpy as np

from jobs.nets import loop
from jobs.nets.bank import Bank
from jobs.nets.curve import UNBOUNDED, Curve
from jobs.nets.lay import Piece, Timing, lay
from jobs.nets.phrase import mixed
from jobs.nets.walk import Event
from jobs.sound.descriptors import NAMES, listen, measure
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP

WHOLE = int(12 * FRAMES_PER_SECOND)
"""Frames up to which all of a take is heard; of a longer one, three parts."""
PART = int(4 * FRAMES_PER_SECOND)
GRID = 25
HELD = 0.1
"""Share of its range that density is given to come back to where it was."""
LOST = 0.5
"""Spreads by which density has to have moved for that: an onset more or less is nothing to be held."""
SAME = 0.3
"""Scales of the goal within which a count is the one that was asked for."""
TILTS = {"density": 0.3, "pulse": 0.3, "rhythm": 0.0}
"""How much each curve rises at least, in scales of the goal: a few onsets hardly tell a beat."""
LEASH = 10.0
"""Scales of the goal that what is measured has to be worth, from end to end, to leave the curve: counts jump
from one setting to the next, and the curve alone would take a neighbour's."""


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
    """The sources of a take under one timing after another: how dense it is, and how even.

    ``asked`` tells what each of `jobs.nets.loop.TIMED` measures at either end of its slider.
    """

    def __init__(
        self,
        bank: Bank,
        events: list[Event],
        frames: int,
        seed: int,
        asked: dict[str, tuple[float, float]],
    ):
        self.bank, self.events, self.frames, self.seed, self.asked = bank, events, frames, seed, asked
        self._known: dict[Timing, np.ndarray] = {}

    def measured(self, timing: Timing) -> np.ndarray:
        """All descriptors and the loudness under a timing, but no roughness, tension or width; heard once."""
        if timing not in self._known:
            self._known[timing] = self._heard(timing)
        return self._known[timing]

    def step(self) -> bool:
        """Hear one more point of the curves that every set-point is looked up in; whether there was one."""
        for name, move in zip(loop.TIMED, loop.TIMES, strict=True):
            for way in _ways(move, 1.0):
                timing = _with(_for((name,)), name, way)
                if timing not in self._known:
                    self.measured(timing)
                    return True
        return False

    def _heard(self, timing: Timing) -> np.ndarray:
        pieces = lay(self.bank, self.events, self.frames, timing, self.seed)
        pieces, length = excerpt(pieces, self.frames)
        take = mixed(((piece, self._source(piece)) for piece in pieces), 1, length * HOP)[0]
        return measure(listen(take, tonal=False))

    def _source(self, piece: Piece) -> np.ndarray:
        """``(1, samples)`` of a piece as it lies in the bank, faded."""
        start = self.bank.places[piece.place].start + piece.start
        return (self.bank.wave[start * HOP : (start + piece.frames) * HOP] * piece.fade())[None]

    def set(self, goal: loop.Goal, moved: tuple[str, ...], hold: bool = True) -> Timing:
        """The timing that reaches the goal in what was ``moved``; to ``hold``, what hangs together with it
        comes back to what it was.

        One axis after another is looked up: with few onsets in a take there is no slope to follow.
        """
        here = self.measured(Timing())
        asked = np.array([name in moved for name in NAMES])
        target = loop.Goal(np.where(asked, goal.target[: len(NAMES)], here[: len(NAMES)]), goal.scale)
        timed = tuple(name for name in loop.TIMED if name in moved and self._counts(name, target, here))
        timing = _for(timed)
        for name in timed:
            timing = self._solved(timing, name, target, timed)
        if hold and "density" in timed:
            # What is played faster is cut shorter, so that it moves as much as it did.
            for name in ("rhythm", *timed):
                timing = self._solved(timing, name, target, timed)
        elif hold and timed == ("rhythm",) and self._lost(timing, here, goal.scale):
            timing = self._solved(timing, "density", target, timed, HELD)
        return timing

    def _counts(self, name: str, target: loop.Goal, here: np.ndarray) -> bool:
        """Whether an axis has to be moved: as dense as a take already is, it stays the take it is. What few
        onsets make of its pulse says nothing."""
        k = NAMES.index(name)
        if not np.isfinite(target.scale[k]):
            return False
        return name != "density" or bool(abs(target.target[k] - here[k]) > SAME * target.scale[k])

    def _lost(self, timing: Timing, here: np.ndarray, scale: np.ndarray) -> bool:
        k = NAMES.index("density")
        return bool(abs(self.measured(timing)[k] - here[k]) > LOST * scale[k])

    def _solved(
        self, timing: Timing, name: str, target: loop.Goal, moved: tuple[str, ...], reach: float = 1.0
    ) -> Timing:
        """``timing`` with one axis's own move set, unless it does not matter."""
        k = NAMES.index(name)
        if not np.isfinite(target.scale[k]):
            return timing
        ways = _ways(_move(name), reach)
        found = np.array([self.measured(_with(timing, name, way))[k] for way in ways])
        if name == "pulse":
            # Scattering that brings a beat about by chance is none.
            good = (ways >= 0) | (found <= self.measured(_with(timing, name, 0.0))[k])
            ways, found = ways[good], found[good]
        asked = self.asked[name] if name in moved else UNBOUNDED
        curve = Curve(ways, found, float(target.scale[k]), asked, TILTS[name])
        wanted = float(target.target[k])
        way = curve.heard_near(wanted, LEASH) if name in loop.COUNTED else curve.looked_up(wanted)
        return _with(timing, name, way)

    def end(self, name: str, up: bool) -> float:
        """What the take measures with the timing's own move at one end."""
        timing = _for((name,))
        way = _move(name).high if up else _move(name).low
        return float(self.measured(_with(timing, name, way))[NAMES.index(name)])


def _for(moved: tuple[str, ...]) -> Timing:
    """What a take is set from where these are moved."""
    return Timing(parted=bool(set(loop.COUNTED) & set(moved)), metred="pulse" in moved)


def _with(timing: Timing, name: str, way: float) -> Timing:
    """``timing`` with one of `jobs.nets.loop.TIMED` set to ``way``."""
    if name == "rhythm":
        return replace(timing, staccato=way)
    return replace(timing, density=way) if name == "density" else replace(timing, pulse=way)


def _move(name: str) -> loop.Move:
    return loop.TIMES[loop.TIMED.index(name)]


def _ways(move: loop.Move, reach: float) -> np.ndarray:
    return reach * np.linspace(move.low, move.high, GRID)
