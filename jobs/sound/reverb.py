"""Late reverberation made of noise, convolved in a stream.

The room is exponentially decaying filtered noise (Moorer, "About this reverberation business", 1979), one
independent noise per side, after 40 ms of sparse reflections of random sign (velvet noise; Välimäki et
al., "Late reverberation synthesis using filtered velvet noise", 2017). It is flat as a whole: highs begin
louder and fade sooner, so that more room is not another brightness. The convolution is partitioned
(Gardner, "Efficient convolution without input-output delay", 1995); the dense part begins one partition
late, which hides the delay of the blocks behind the sparse ones.
"""

from functools import lru_cache

import numpy as np
from scipy import fft

from jobs.sound.loops import numba
from jobs.sound.sparse import Taps

RATE = 48_000
SHORTEST, LONGEST = 0.05, 20.0
"""Seconds until the room has faded by 60 dB."""
SIZES = (2_048, 16_384, 131_072)
"""Samples of a partition. Each size convolves from its own length to the next one's, the last to the end."""
DENSITY = 1_500
"""Reflections a second and side before the dense part: from here on velvet noise sounds smooth."""
BANDS = (31.5, 63, 125, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
DAMPED = 9_000.0
"""Hz where the room fades 1.4 times as fast as below."""
FADED = np.log(1_000.0)
"""60 dB, in nepers."""


class Reverb:
    """The wet part alone: (1|2, n) at 48 kHz in, (2, n) out, any n; noise comes out as loud as it went in.

    What is panned hard is heard on both sides, with as much energy in all. ``seconds`` is the time to fade
    by 60 dB, held within 0.05-20.
    """

    def __init__(self, seconds: float, seed: int = 0):
        room = impulse(seconds, seed)
        self._length = room.shape[1]
        self._early = [_taps(room[index % 2, : SIZES[0]]) for index in range(4)]
        self._wide = False
        ends = (*SIZES[1:], self._length)
        self._levels = [
            _Level(room[:, size:end] if size != SIZES[-1] else room[:, size:], size)
            for size, end in zip(SIZES, ends, strict=True)
            if size < self._length
        ]

    def process(self, block: np.ndarray) -> np.ndarray:
        """Float32 (1|2, n) -> (2, n); nothing is held back."""
        block = np.atleast_2d(np.asarray(block, np.float32))
        mid, side = _mid_side(block)
        left, right, left_side, right_side = self._early
        out = np.stack([left.process(mid), right.process(mid)])
        self._wide = self._wide or side is not None
        if self._wide:
            # Once there was a side, its past must move on.
            crossed = np.zeros_like(mid) if side is None else side
            out[0] += right_side.process(crossed)
            out[1] -= left_side.process(crossed)
        for level in self._levels:
            out += level.process(mid, side)
        return out

    def tail(self) -> np.ndarray:
        """What still sounds when the input has ended: (2, length of the room)."""
        return self.process(np.zeros((1, self._length), np.float32))


class _Level:
    """Overlap-save with partitions of one size for the taps that begin ``size`` samples late."""

    def __init__(self, room: np.ndarray, size: int):
        self._size = size
        count = -(-room.shape[1] // size)
        padded = np.zeros((2, count * size), np.float32)
        padded[:, : room.shape[1]] = room
        self._rooms = _parts(fft.rfft(padded.reshape(2, count, size), 2 * size))
        self._past = np.zeros((2, 2, count, size + 1), np.float32)
        self._heard = np.zeros((2, 2 * size), np.float32)
        self._ready = np.zeros((2, size), np.float32)
        self._filled = self._next = 0
        self._wide = False

    def process(self, mid: np.ndarray, side: np.ndarray | None) -> np.ndarray:
        self._wide = self._wide or side is not None
        out = np.empty((2, len(mid)), np.float32)
        done = 0
        while done < len(mid):
            count = min(len(mid) - done, self._size - self._filled)
            place = slice(self._size + self._filled, self._size + self._filled + count)
            self._heard[0, place] = mid[done : done + count]
            self._heard[1, place] = 0 if side is None else side[done : done + count]
            out[:, done : done + count] = self._ready[:, self._filled : self._filled + count]
            done, self._filled = done + count, self._filled + count
            if self._filled == self._size:
                self._turn()
        return out

    def _turn(self) -> None:
        """A partition is full: what it and those before it sound like during the next one."""
        rows = 2 if self._wide else 1
        self._past[:, :rows, self._next] = _parts(fft.rfft(self._heard[:rows]))
        made = np.zeros((2, 2, self._size + 1), np.float32)
        _mix(self._rooms, self._past[:, :rows], self._next, made)
        self._ready = fft.irfft(made[0] + 1j * made[1], 2 * self._size)[:, self._size :]
        self._heard[:, : self._size] = self._heard[:, self._size :]
        self._next = (self._next + 1) % self._past.shape[2]
        self._filled = 0


def _parts(spectra: np.ndarray) -> np.ndarray:
    """Real and imaginary apart, (2, ...): so the processor multiplies many bins at once."""
    return np.stack([spectra.real, spectra.imag])


@numba.njit(cache=True)
def _mix(rooms, past, newest, out):
    """``out`` (2 parts, 2 sides, bins) += each partition of the room with what was heard so long ago.

    The mid goes through the room as it is, a side through its turned copy (right, -left): energy is kept.
    """
    count = rooms.shape[2]
    for k in range(count):
        at = (newest - k) % count
        _add(rooms[:, 0, k], past[:, 0, at], np.float32(1), out[:, 0])
        _add(rooms[:, 1, k], past[:, 0, at], np.float32(1), out[:, 1])
        if past.shape[1] > 1:
            _add(rooms[:, 1, k], past[:, 1, at], np.float32(1), out[:, 0])
            _add(rooms[:, 0, k], past[:, 1, at], np.float32(-1), out[:, 1])


@numba.njit(cache=True)
def _add(room, heard, sign, out):
    """``out`` += ``sign`` * room * heard, complex, all (2 parts, bins)."""
    a, b, c, d, real, imaginary = room[0], room[1], heard[0], heard[1], out[0], out[1]
    for n in range(len(real)):
        real[n] += sign * (a[n] * c[n] - b[n] * d[n])
        imaginary[n] += sign * (a[n] * d[n] + b[n] * c[n])


@lru_cache(maxsize=8)
def impulse(seconds: float, seed: int = 0) -> np.ndarray:
    """A room: float32 (2, samples) at 48 kHz, energy 1 per side, the sides uncorrelated; read-only."""
    seconds = float(np.clip(seconds, SHORTEST, LONGEST))
    rng = np.random.default_rng([seed, 0x5EED])
    start = SIZES[0]
    room = np.zeros((2, start + round(seconds * RATE)))
    # As much before the dense part as a room that decays from the beginning has there.
    share = min(0.9, 1 - np.exp(-2 * FADED * start / RATE / seconds))
    for side in range(2):
        room[side, :start] = _reflections(rng, seconds)
    late = _late(rng, room.shape[1] - start, seconds)
    late[1] -= late[0] * (late[0] @ late[1]) / (late[0] @ late[0])
    room[:, start:] = late
    for part, energy in ((room[:, :start], share), (room[:, start:], 1 - share)):
        part *= np.sqrt(energy / (part**2).sum(axis=1, keepdims=True))
    made = room.astype(np.float32)
    made.setflags(write=False)
    return made


def _reflections(rng: np.random.Generator, seconds: float) -> np.ndarray:
    out = np.zeros(SIZES[0])
    first = round(0.004 * RATE)
    count = round((SIZES[0] - first) * DENSITY / RATE)
    edges = np.linspace(first, SIZES[0], count + 1)
    places = (edges[:-1] + rng.uniform(0, 1, count) * np.diff(edges)).astype(int)
    out[places] = rng.choice([-1.0, 1.0], count) * np.exp(-FADED * places / RATE / seconds)
    return out


def _late(rng: np.random.Generator, count: int, seconds: float) -> np.ndarray:
    """(2, count) noise that fades band by band, each band with the same energy per Hz."""
    size = fft.next_fast_len(count, real=True)
    noise = fft.rfft(rng.standard_normal((2, size)))
    octaves = np.log2(np.maximum(fft.rfftfreq(size, 1 / RATE), 1e-3))
    time = np.arange(count) / RATE
    out = np.zeros((2, count))
    for index, middle in enumerate(BANDS):
        away = octaves - np.log2(middle)
        if index == len(BANDS) - 1:
            away = np.minimum(away, 0)
        weight = np.cos(np.pi / 2 * np.clip(away, -1, 1)) ** 2
        fades = seconds / np.hypot(1, middle / DAMPED)
        level = np.exp(-FADED * time / fades) / np.sqrt(fades)
        out += fft.irfft(noise * weight, size)[:, :count] * level
    return out


def _taps(row: np.ndarray) -> Taps:
    (delays,) = np.nonzero(row)
    return Taps(delays, row[delays])


def _mid_side(block: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    if len(block) == 1:
        return block[0], None
    return (block[0] + block[1]) * np.float32(0.5), (block[0] - block[1]) * np.float32(0.5)
