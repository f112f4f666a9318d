"""How the level of a take runs: what the envelope's sliders act on."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d

from jobs.sound.descriptors import GATE_DB, HALF_WINDOW
from jobs.sound.spectrum import FRAMES_PER_SECOND

QUICK, SLOW = 2 * HALF_WINDOW + 1, int(3 * FRAMES_PER_SECOND)
"""Frames of the running means that a level is drawn away from and drawn to. Drawn to a quick one, a step
between two sounds would still be a step."""
HELD = 6.0
"""dB per second by which a peak is forgotten."""
MOST_SWING = 24.0
MOST_FALL = 40.0


@dataclass(frozen=True)
class Course:
    """``(frames,)`` dB: ``swing`` of the level around its running mean over half a second, ``drift`` around
    that over three seconds, and ``fall`` below the peak it decays from."""

    swing: np.ndarray
    drift: np.ndarray
    fall: np.ndarray

    def parts(self, spans: list[slice]) -> "Course":
        """Some of its frames, one span after the other."""
        return Course(*(np.concatenate([x[s] for s in spans]) for x in (self.swing, self.drift, self.fall)))


def course(power: np.ndarray) -> Course:
    """Of ``power (frames,)``. Frames that are not heard have none of them."""
    level = uniform_filter1d(10 * np.log10(power + 1e-6), 5, mode="nearest")
    weight = 1 / (1 + np.exp(-np.clip((level - level.max() + GATE_DB) / 3, -40, 40)))

    def around(size: int) -> np.ndarray:
        total = uniform_filter1d(weight, size, mode="constant") + 1e-6
        mean = uniform_filter1d(level * weight, size, mode="constant") / total
        return np.clip(level - mean, -MOST_SWING, MOST_SWING) * weight

    forgotten = HELD / FRAMES_PER_SECOND * np.arange(len(level))
    peak = np.maximum.accumulate(level + forgotten) - forgotten
    return Course(around(QUICK), around(SLOW), np.clip(peak - level, 0, MOST_FALL) * weight)
