"""Second opinions: each continuous axis measured in another way that is as good, in the same unit.

A loop that closes on one definition learns to please it: what it holds drifts by any other. So what is
held is held by both.
"""

import math

import numpy as np
from scipy.ndimage import uniform_filter1d

from jobs.sound.descriptors import HALF_WINDOW, Heard, audible, decay, mean_of

OPINIONS = ("brightness", "warmth", "roughness", "tension", "rhythm", "reverberance")
MOST_DB = 40.0
STEEPEST = 0.92
"""Share of falls that are slower than the one that counts."""


def second(heard: Heard) -> np.ndarray:
    """``(len(OPINIONS),)``: by amplitude where the first opinion counts frames, and the other way round;
    of roughness the dissonance of Sethares, log2."""
    loud = audible(heard)
    amplitude = loud * 10 ** ((heard.level - heard.level.max()) / 20)
    balance = 10 * np.log10((heard.low + 1e-6) / (heard.rest + 1e-6))
    return np.array(
        [
            mean_of(heard.octaves, amplitude),
            mean_of(np.clip(balance, -MOST_DB, MOST_DB), loud),
            math.log2(mean_of(heard.dissonant, loud) + 0.05),
            mean_of(heard.tension, amplitude),
            _movement(heard, loud),
            decay(heard, STEEPEST),
        ]
    )


def _movement(heard: Heard, loud: np.ndarray) -> float:
    """Standard deviation of the level within half a second, dB, over the frames that are heard alone."""

    def pool(values: np.ndarray) -> np.ndarray:
        return uniform_filter1d(values, 2 * HALF_WINDOW + 1, mode="constant")

    total = pool(loud) + 1e-6
    mean = pool(heard.level * loud) / total
    square = pool(heard.level**2 * loud) / total
    return mean_of(np.sqrt(np.maximum(square - mean**2, 1e-4)), loud)
