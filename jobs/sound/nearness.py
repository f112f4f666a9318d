"""How far two versions of one sound are apart: levels of mel bands over time, at the same loudness."""

import numpy as np

from jobs.sound import loudness
from jobs.sound.frames import frames
from jobs.sound.io import resample
from jobs.sound.lanes import AMIN
from jobs.sound.slots import RATE

DEPTH_DB = 60.0
"""Below the loudest spot of both: softer ones count as that soft."""
ALIKE = 0.9
"""Correlation of levels over time from which on two sounds are one take."""
SAME_DB = 0.1
"""Distance below which nobody hears a difference."""


def distance(one: np.ndarray, other: np.ndarray, rate: int) -> float:
    """Rms difference in dB of (channels, samples) float32 and another version, the shorter one filled up."""
    first, second = (_levels(audio, rate) for audio in (one, other))
    count = max(len(first), len(second))
    floor = max(first.max(), second.max()) - DEPTH_DB
    padded = (
        np.pad(levels, ((0, count - len(levels)), (0, 0)), constant_values=-200.0)
        for levels in (first, second)
    )
    first, second = (np.maximum(levels, floor) for levels in padded)
    return float(np.sqrt(np.mean(np.square(first - second))))


def alike(one: np.ndarray, other: np.ndarray, rate: int) -> bool:
    """Whether two sounds are the same take, whatever was done to it: as long, loud at the same moments."""
    if abs(one.shape[1] - other.shape[1]) > 0.02 * max(one.shape[1], other.shape[1]):
        return False
    first, second = (_levels(audio, rate).max(axis=1) for audio in (one, other))
    count = min(len(first), len(second))
    first, second = first[:count], second[:count]
    if count < 3 or min(np.ptp(first), np.ptp(second)) < 1:
        return count < 3
    return float(np.corrcoef(first, second)[0, 1]) > ALIKE


def _levels(audio: np.ndarray, rate: int) -> np.ndarray:
    level = loudness.measure(audio, rate).level
    at_rate = audio if rate == RATE else resample(audio, rate, RATE)
    mel = frames(at_rate.mean(axis=0, dtype=np.float32), RATE).mel
    return 10 * np.log10(np.maximum(mel, AMIN)) - (0.0 if level is None else level)
