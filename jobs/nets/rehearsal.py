"""A take as the closed loop hears it: played, listened to, corrected, before it is played for good."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jobs.nets import loop, steer
from jobs.nets.bank import Bank
from jobs.nets.clock import excerpt, heard_parts
from jobs.nets.lay import Piece
from jobs.nets.phrase import Control, Phrase, Wander, mixed, power_of
from jobs.nets.scales import Scale
from jobs.nets.voice import Voice
from jobs.sound.chain import Chain, Shaping
from jobs.sound.course import Course, course
from jobs.sound.descriptors import NAMES, listen, measure, width
from jobs.sound.opinions import OPINIONS, second
from jobs.sound.spectrum import HOP

MOST_SIDE_DB = 45.0
MOST_GAIN_DB = 30.0
NEAR_DB = 0.3
"""By which a width may differ from what it shall be."""
MADE_BELOW_DB = -30.0
"""Width below which a side is made of the mid."""
WIDTH = NAMES.index("width")
ROOM = 2.5
"""Times longer than it shall sound that a room decays: what it is added to decays sooner."""
SHORTEST_ROOM, LONGEST_ROOM = 1.0, 8.0
ROOMY = 90.0
"""Percentile of the sounds whose decay the room is made for."""
FAR = 0.8
"""Of a move's range: what lies beyond mostly spoils."""
LEFT = {
    "density": ("reverberance", "roughness", "tension"),
    "pulse": ("reverberance", "roughness", "tension", "rhythm"),
    "reverberance": ("rhythm",),
}
"""Moves that take nothing back where an axis is moved: a room blurs starts and beating adds some where starts
were counted, an envelope sharpens or softens them, and one that is held still undoes a decay."""
LEADING = 4
BALANCING = 6
"""Rounds of the loop."""
LOUDNESS = len(NAMES)
STIFF = 2.0
"""Cost of a move over its whole range, as an error in spreads, where it takes back what another has done."""
STIFF_OWN = 8.0
"""The same of a move that was led to its set-point: what came with it is for the others to take back."""


def axis_of(row: int) -> str:
    """Whose descriptor or second opinion a row of what is measured is."""
    return (*NAMES, "loudness", *OPINIONS)[row]


@dataclass(frozen=True)
class Setting:
    """What a take is played with: the nets' control and the chain's shaping."""

    control: Control
    shaping: Shaping


class Rehearsal:
    """The pieces of a take, ready to be played with one setting after another."""

    def __init__(
        self,
        voice: Voice,
        bank: Bank,
        pieces: list[Piece],
        frames: int,
        wander: Wander,
        stereo: bool,
        scales: dict[str, Scale],
        base: Control,
        directions: Callable[[], dict[str, Control]],
    ):
        whole = course(power_of(bank, pieces, frames))
        pieces, self.frames = excerpt(pieces, frames)
        self.bank, self.pieces, self.stereo, self.base = bank, pieces, stereo, base
        self.voice, self.wander = voice, wander
        self.seed = wander.seed
        self.directions = directions
        self.phrase = Phrase(voice, bank, pieces, wander, False, wander.seed)
        self.course: Course = whole.parts(heard_parts(frames))
        roomy = ROOM * 2.0 ** scales["reverberance"].at(ROOMY)
        self.room_seconds = min(max(roomy, SHORTEST_ROOM), LONGEST_ROOM)
        self._dry: tuple[tuple[float, ...], np.ndarray] | None = None
        self.moves = tuple(move for move in loop.MOVES if scales[move.axis].available)
        self.asked = {move.axis: scales[move.axis].ends for move in self.moves}

    @cached_property
    def found(self) -> np.ndarray:
        """What the take measures as it is."""
        still = np.zeros(len(self.moves))
        found = self.measured(still)
        if self.stereo:
            found[WIDTH] = self.width(self.setting(still))
        return found

    def end(self, name: str, up: bool) -> float:
        """What the take measures with an axis's own move far up or down."""
        k = [move.axis for move in self.moves].index(name)
        point = np.zeros(len(self.moves))
        point[k] = FAR * (self.moves[k].high if up else self.moves[k].low)
        return float(self.measured(point)[NAMES.index(name)])

    def setting(self, point: np.ndarray) -> Setting:
        """Of the loop's moves."""
        value = {move.axis: float(v) for move, v in zip(self.moves, point, strict=True)}
        control = self.base
        for name in steer.STEERED:
            if value.get(name):
                control = control + self.directions()[name] * value[name]
        far = sum(abs(value.get(name, 0.0)) for name in steer.STEERED)
        control = replace(control, freed=abs(value.get(steer.FREED, 0.0)) / far if far else 0.0)
        shaping = Shaping(
            swing=value.get("rhythm", 0.0),
            rough=value.get("roughness", 0.0),
            tension=value.get("tension", 0.0),
            room=value.get("reverberance", 0.0),
            room_seconds=self.room_seconds,
            seed=self.seed,
        )
        return Setting(control, shaping)

    def measured(self, point: np.ndarray) -> np.ndarray:
        """Descriptors, loudness and second opinions, in this order, of the mid with these moves."""
        setting = self.setting(point)
        heard = listen(self._shaped(self._played(point, setting.control), setting.shaping)[0])
        return np.concatenate([measure(heard), second(heard)])

    def width(self, setting: Setting) -> float:
        """Side against mid in dB, of the audio in stereo."""
        phrase = Phrase(self.voice, self.bank, self.pieces, self.wander, True, self.seed)
        dry = mixed(phrase.waves(setting.control), 2, self.frames * HOP)
        take = self._shaped(dry, setting.shaping)
        return width(listen(take[0], take[1], tonal=False))

    def _shaped(self, dry: np.ndarray, shaping: Shaping) -> np.ndarray:
        chain = Chain(shaping, self.course, len(dry))
        return np.concatenate([chain.process(dry), chain.rest()], axis=1)

    def _widened(self, setting: Setting, target: float) -> tuple[Setting, float]:
        """The setting with the gain of the side that gives ``target`` dB of width."""
        found = self.width(setting)
        gain = float(np.clip(target - found, -MOST_SIDE_DB, MOST_SIDE_DB))
        if abs(gain) < NEAR_DB:
            return setting, found
        wide = Setting(setting.control, replace(setting.shaping, side_db=gain))
        # What is there obeys to the decibel; a side that is made of the mid is looked at once more.
        return wide, found + gain if found > MADE_BELOW_DB else self.width(wide)

    def _played(self, point: np.ndarray, control: Control) -> np.ndarray:
        key = tuple(float(v) for move, v in zip(self.moves, point, strict=True) if move.axis in steer.STEERED)
        if self._dry is None or self._dry[0] != key:
            waves = self.phrase.waves(control)
            self._dry = (key, mixed(waves, 1, self.frames * HOP))
        return self._dry[1]

    def led(self, goal: loop.Goal, moved: tuple[str, ...], point: np.ndarray) -> loop.Heard:
        """The take with the moves of the sliders that were moved, those alone, led to their set-points from
        ``point``, where each alone would come to its own."""
        at = loop.Heard(point, self.measured(point) if point.any() else self.found)
        which = tuple(k for k, move in enumerate(self.moves) if move.axis in moved)
        return self._led(goal, which, at) if len(which) > 1 else at

    def balanced(self, goal: loop.Goal, at: loop.Heard, moved: tuple[str, ...]) -> loop.Heard:
        """From there, with all moves, what was held brought back to what it measured.

        A set-point that was not reached is not pulled at any more: everything else would give way.
        """
        rows = [k for k in range(len(goal.target)) if np.isfinite(goal.scale[k]) and axis_of(k) != "width"]
        goal = loop.within_reach(goal, at.found, moved).at(rows)
        left = {name for axis in moved for name in LEFT.get(axis, ())}
        which = tuple(k for k, move in enumerate(self.moves) if move.axis not in left)
        if not which:
            return at
        moves = tuple(self.moves[k] for k in which)
        stiff = np.array([STIFF_OWN if move.axis in moved else STIFF for move in moves])
        return self._closed(moves, which, goal, rows, at, BALANCING, 0.15, stiff)

    def sketched(self, goal: loop.Goal, at: loop.Heard, loudness: float) -> tuple[Setting, np.ndarray]:
        """As `settled`, but by what is expected there: nothing is played."""
        found, side = at.found.copy(), 0.0
        if self.stereo:
            side = float(np.clip(goal.target[WIDTH] - found[WIDTH], -MOST_SIDE_DB, MOST_SIDE_DB))
            found[WIDTH] += side
        setting = self.setting(at.point)
        wide = Setting(setting.control, replace(setting.shaping, side_db=side))
        return _as_loud(wide, found, loudness), found

    def settled(self, goal: loop.Goal, at: loop.Heard, loudness: float) -> tuple[Setting, np.ndarray]:
        """The setting there, as wide as asked and as loud (dB), and what it measures."""
        setting = self.setting(at.point)
        found = at.found.copy()
        if self.stereo:
            setting, found[WIDTH] = self._widened(setting, float(goal.target[WIDTH]))
        return _as_loud(setting, found, loudness), found

    def _led(self, goal: loop.Goal, which: tuple[int, ...], at: loop.Heard) -> loop.Heard:
        """The moves of the moved sliders alone."""
        moves = tuple(self.moves[k] for k in which)
        rows = [NAMES.index(move.axis) for move in moves]
        return self._closed(moves, which, goal.at(rows), rows, at, LEADING, 0.5)

    def _closed(
        self,
        moves: tuple[loop.Move, ...],
        which: tuple[int, ...],
        goal: loop.Goal,
        rows: list[int],
        at: loop.Heard,
        rounds: int,
        largest: float,
        stiffness: float | np.ndarray = 0.1,
    ) -> loop.Heard:
        columns = list(which)
        heard = {}

        def measured(point: np.ndarray) -> np.ndarray:
            whole = at.point.copy()
            whole[columns] = point
            heard[point.tobytes()] = (whole, self.measured(whole))
            return heard[point.tobytes()][1][rows]

        start = loop.Heard(at.point[columns], at.found[rows])
        heard[start.point.tobytes()] = (at.point, at.found)
        jumps = np.array([axis_of(row) in loop.COUNTED for row in rows])
        slope = loop.slopes(moves, measured, start, goal)
        end = loop.close(moves, measured, start, slope, goal, rounds, largest, stiffness, jumps)
        return loop.Heard(*heard[end.point.tobytes()])


def _as_loud(setting: Setting, found: np.ndarray, loudness: float) -> Setting:
    """The setting with the gain that gives back the loudness (dB)."""
    gain = float(np.clip(loudness - found[LOUDNESS], -MOST_GAIN_DB, MOST_GAIN_DB))
    return Setting(setting.control, replace(setting.shaping, gain_db=gain))
