"""Changes between partials: more or less harmonic tension, smoother beating. Streams.

A filter of 85 ms windows whose gains follow the sound: what lies near the tonal centre of a window is
raised against what lies far from it, or the weaker of two partials in a critical band is lowered.
"""

import math

import numpy as np
from scipy import fft
from scipy.ndimage import maximum_filter1d

from jobs.sound.partials import A4, LOWEST, TONAL_HIGHEST
from jobs.sound.spectrum import RATE

SIZE = 4096
STEP = 1024
TENSION_DB = 15.0
"""Gain of what lies in the tonal centre, against what lies farthest from it, at a tension of -1."""
DEEPEST_DB = 40.0
SPLIT = int(1000 * SIZE / RATE)
NARROW, BROAD = 10, 40
"""Bins on each side that a partial masks, below and above 1 kHz: about a critical band."""


class Fine:
    """``tension`` -2..2, ``smooth`` 0..2; both 0 change nothing.

    Blocks ``(channels, n)`` in, blocks of another length out, as many samples in all; gains are
    taken from the first channel, the mid.
    """

    def __init__(self, tension: float, smooth: float, channels: int):
        self.tension, self.smooth = tension, smooth
        self.window = np.sqrt(np.hanning(SIZE + 1)[:-1]).astype(np.float32)
        self.circles = _circles()
        self.tonal = self.circles.any(axis=1).astype(np.float32)
        edges = [*(LOWEST * 2**n for n in range(7)), TONAL_HIGHEST]
        self.octaves = [0, *(round(edge * SIZE / RATE) for edge in edges)]
        self.waiting = np.zeros((channels, SIZE - STEP), np.float32)
        self.overlap = np.zeros((channels, SIZE - STEP), np.float32)
        self.early = SIZE - STEP
        self.owed = 0

    def process(self, block: np.ndarray) -> np.ndarray:
        self.owed += block.shape[1]
        return self._run(block)

    def rest(self) -> np.ndarray:
        """What is still to come."""
        made = self._run(np.zeros((len(self.waiting), 2 * SIZE), np.float32))
        return made[:, : self.owed]

    def _run(self, block: np.ndarray) -> np.ndarray:
        self.waiting = np.concatenate([self.waiting, block], axis=1)
        count = max(0, (self.waiting.shape[1] - SIZE) // STEP + 1)
        if not count:
            return self.waiting[:, :0]
        made = np.zeros((len(self.waiting), SIZE + (count - 1) * STEP), np.float32)
        made[:, : SIZE - STEP] = self.overlap
        starts = np.arange(count) * STEP
        frames = self.waiting[:, starts[:, None] + np.arange(SIZE)] * self.window
        spectrum = fft.rfft(frames, axis=-1)
        changed = fft.irfft(spectrum * self._gains(np.abs(spectrum[0])), SIZE, axis=-1) * self.window / 2
        for start, frame in zip(starts, changed.swapaxes(0, 1), strict=True):
            made[:, start : start + SIZE] += frame
        self.waiting = self.waiting[:, count * STEP :]
        self.overlap = made[:, count * STEP :]
        ready = made[:, : count * STEP]
        dropped = min(self.early, ready.shape[1])
        self.early -= dropped
        self.owed -= ready.shape[1] - dropped
        return ready[:, dropped:]

    def _gains(self, magnitude: np.ndarray) -> np.ndarray:
        """``(frames, bins)`` factors."""
        db = np.zeros(magnitude.shape, np.float32)
        if self.tension:
            db -= self.tension * TENSION_DB * self._nearness(magnitude)
            db += self._kept(magnitude, db)
        if self.smooth:
            level = 20 * np.log10(magnitude + 1e-6)
            highest = np.concatenate(
                [
                    maximum_filter1d(level[:, : SPLIT + BROAD], 2 * NARROW + 1, axis=1)[:, :SPLIT],
                    maximum_filter1d(level[:, SPLIT - BROAD :], 2 * BROAD + 1, axis=1)[:, BROAD:],
                ],
                axis=1,
            )
            db -= np.minimum(self.smooth * (highest - level), DEEPEST_DB)
        return np.exp(db * np.float32(math.log(10) / 20))

    def _nearness(self, magnitude: np.ndarray) -> np.ndarray:
        """-1..1: how near each bin's pitch lies to the frame's tonal centroid (as Harte et al. 2006)."""
        centroid = magnitude @ self.circles / (magnitude @ self.tonal + 1e-9)[:, None]
        length = np.linalg.norm(centroid, axis=1, keepdims=True)
        return (centroid / np.maximum(length, 0.15)) @ self.circles.T / 1.5

    def _kept(self, magnitude: np.ndarray, db: np.ndarray) -> np.ndarray:
        """dB that give each octave back the power it had: harmony is to change, not brightness."""
        power = magnitude**2
        before = np.add.reduceat(power, self.octaves, axis=1)
        after = np.add.reduceat(power * 10 ** (db / 10), self.octaves, axis=1)
        change = 10 * np.log10((before + 1e-9) / (after + 1e-9))
        return np.repeat(change, np.diff([*self.octaves, power.shape[1]]), axis=1)


def _circles() -> np.ndarray:
    """``(bins, 6)`` places on the circles of fifths and thirds; zero where no pitch is heard."""
    hertz = np.arange(SIZE // 2 + 1) * RATE / SIZE
    pitch = 12 * np.log2(np.maximum(hertz, 1) / A4)
    columns = []
    for steps, radius in ((7, 1.0), (3, 1.0), (4, 0.5)):
        angle = 2 * math.pi * steps * pitch / 12
        columns += [radius * np.cos(angle), radius * np.sin(angle)]
    tonal = (hertz > LOWEST) & (hertz < TONAL_HIGHEST)
    return (np.stack(columns, axis=1) * tonal[:, None]).astype(np.float32)
