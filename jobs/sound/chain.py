"""What sliders do to a take after the nets: envelope, beating, harmony, room and width. Streams.

Blocks are ``(1, n)`` mid, or ``(2, n)`` mid and side, float32 at 48 kHz.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jobs.sound.course import Course
from jobs.sound.fine import Fine
from jobs.sound.loops import numba
from jobs.sound.reverb import Reverb
from jobs.sound.space import Decorrelator
from jobs.sound.spectrum import HOP, RATE

BEAT_HZ = 60.0
"""Amplitude modulation is roughest at about 70 Hz (Zwicker & Fastl 1999, ch. 11)."""
BEAT_ABOVE = 700.0
"""Hertz. Side bands of what lies lower would be heard as other pitches, not as beating."""
MOST_DRY_DB = 45.0


@dataclass(frozen=True)
class Shaping:
    """``swing``: how much further the level moves, 0 as it is, -1 hardly at all; ``rough`` above 0: beating,
    below: smoothing; ``tension`` -2..2; ``room`` above 0: 0 dB of reverberation at 1, below: steeper
    decays; ``side_db`` gain of the side; ``gain_db`` of all. ``seed`` draws the room, which fades by 60 dB
    in ``room_seconds``.
    """

    swing: float = 0.0
    rough: float = 0.0
    tension: float = 0.0
    room: float = 0.0
    side_db: float = 0.0
    gain_db: float = 0.0
    room_seconds: float = 2.0
    seed: int = 0


ROOM_RANGE_DB = 30.0
"""Between a room that is hardly heard and one as loud as the sound."""


class Chain:
    """One take's shaping. Feed it the take block by block, then take the `rest`."""

    def __init__(self, shaping: Shaping, course: Course, channels: int):
        self.shaping, self.channels = shaping, channels
        self.at = 0
        self.gains = _frame_gains(shaping, course)
        fine = shaping.tension, max(0.0, -shaping.rough)
        self.fine = Fine(*fine, channels) if any(fine) else None
        self.shaped = 0
        self.depth = 1 - math.exp(-1.5 * max(0.0, shaping.rough))
        self.past = np.zeros((channels, 2))
        self.reverb = Reverb(shaping.room_seconds, shaping.seed) if shaping.room > 0 else None
        self.decorrelator = Decorrelator() if channels == 2 and shaping.side_db else None
        self.level = 10 ** (shaping.gain_db / 20)

    def process(self, block: np.ndarray) -> np.ndarray:
        block = self._timed(block)
        if self.fine:
            block = self.fine.process(block)
        return self._placed(block)

    def rest(self) -> np.ndarray:
        """What is still to come, so that as much comes out as went in."""
        if not self.fine:
            return np.zeros((self.channels, 0), np.float32)
        return self._placed(self.fine.rest())

    def _timed(self, block: np.ndarray) -> np.ndarray:
        if self.gains is None:
            return block
        at = np.arange(self.at, self.at + block.shape[1], dtype=np.float64) / HOP
        self.at += block.shape[1]
        db = np.interp(at, np.arange(len(self.gains)), self.gains)
        return (block * 10 ** (db / 20)).astype(np.float32)

    def _placed(self, block: np.ndarray) -> np.ndarray:
        if not block.shape[1]:
            return block
        if self.depth:
            block = self._beating(block)
        if self.reverb:
            block = block + self._wet(block)
        if self.channels == 2:
            block = self._wide(block)
        return block * np.float32(self.level)

    def _beating(self, block: np.ndarray) -> np.ndarray:
        high = _above(np.ascontiguousarray(block), self.past, *HIGH_PASS)
        at = np.arange(self.shaped, self.shaped + block.shape[1]) / RATE
        self.shaped += block.shape[1]
        wave = 1 + self.depth * np.sin(2 * math.pi * BEAT_HZ * at)
        return (block + high * (wave / math.sqrt(1 + self.depth**2 / 2) - 1)).astype(np.float32)

    def _wet(self, block: np.ndarray) -> np.ndarray:
        assert self.reverb is not None
        left, right = self.reverb.process(block[:1])
        wet = np.stack([(left + right) / 2, (left - right) / 2])[: self.channels]
        return wet * np.float32(10 ** (ROOM_RANGE_DB * (self.shaping.room - 1) / 20))

    def _wide(self, block: np.ndarray) -> np.ndarray:
        mid, side = block
        factor = 10 ** (self.shaping.side_db / 20)
        if self.decorrelator is not None:
            # A side made from the mid: there may be none to raise.
            made = self.decorrelator.process(mid[None])[0] * np.float32(MADE_SIDE)
            side = side + made if self.shaping.side_db > 0 else side
        return np.stack([mid, side * np.float32(factor)])


MADE_SIDE = 10 ** (-40 / 20)


def _butterworth(hertz: float) -> tuple[float, float, float]:
    """Of a high-pass of second order at ``hertz``: its gain and what it takes of its last two values.

    Written out, as is its loop: scipy.signal takes longer to import than a take to play.
    """
    warped = math.tan(math.pi * hertz / RATE)
    scale = 1 + math.sqrt(2) * warped + warped**2
    return 1 / scale, 2 * (warped**2 - 1) / scale, (1 - math.sqrt(2) * warped + warped**2) / scale


HIGH_PASS = _butterworth(BEAT_ABOVE)


@numba.njit(cache=True)
def _above(block, past, gain, first, second):
    """``block (channels, samples)`` through a high-pass; ``past (channels, 2)`` goes on in the next block."""
    out = np.empty(block.shape)
    for channel in range(len(block)):
        soon, later = past[channel]
        for at in range(block.shape[1]):
            x = gain * block[channel, at]
            y = x + soon
            soon = later - 2 * x - first * y
            later = x - second * y
            out[channel, at] = y
        past[channel, 0], past[channel, 1] = soon, later
    return out


def _frame_gains(shaping: Shaping, course: Course) -> np.ndarray | None:
    if not shaping.swing and shaping.room >= 0:
        return None
    moved = course.swing if shaping.swing > 0 else course.drift
    return shaping.swing * moved - np.minimum(max(0.0, -shaping.room) * course.fall, MOST_DRY_DB)


def shaped(blocks: Iterator[np.ndarray], chain: Chain) -> Iterator[np.ndarray]:
    """The blocks of a take through its chain."""
    for block in blocks:
        yield chain.process(block)
    yield chain.rest()
