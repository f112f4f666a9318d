"""Second opinions: each continuous axis measured in another way that is as good, in the same unit.

A loop that closes on one definition learns to please it: what it holds drifts by any other. So what is
held is held by both.
"""

import math

import numpy as np
from scipy.ndimage import uniform_filter1d

from jobs.sound.descriptors import Heard, audible, decay, mean_of

OPINIONS = ("brightness", "warmth", "roughness", "tension", "rhythm", "reverberance")
MOST_DB = 40.0
SECOND = 95
"""Frames of the running mean: half a second."""
STEEPEST = 0.92
"""Share of falls that are slower than the one that counts."""


def second(heard: Heard) -> np.ndarray:
    """``(len(OPINIONS),)``: by amplitude where the first opinion counts frames, and the other way round."""
    loud = audible(heard)
    amplitude = loud * 10 ** ((heard.level - heard.level.max()) / 20)
    balance = 10 * np.log10((heard.low + 1e-6) / (heard.rest + 1e-6))
    return np.array(
        [
            mean_of(heard.octaves, amplitude),
            mean_of(np.clip(balance, -MOST_DB, MOST_DB), loud),
            math.log2(mean_of(heard.rough, amplitude) + 0.05),
            mean_of(heard.tension, amplitude),
            _swing(heard.level),
            decay(heard, STEEPEST),
        ]
    )


def _swing(level: np.ndarray) -> float:
    """Root mean square, dB, of the level around its running mean, no deeper than 40 dB below the loudest."""
    floored = np.maximum(level, level.max() - MOST_DB)
    mean = uniform_filter1d(floored, SECOND, mode="nearest")
    counts = mean > floored.min() + 0.5
    return float(np.sqrt(np.square(floored - mean)[counts].mean())) if counts.any() else 0.0
