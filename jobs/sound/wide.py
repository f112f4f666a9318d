"""Experts at rates far above 48 kHz, where learning takes four times as long for twice the rate.

Orders follow the rate, and for one gap an expert learns three times: for what follows, and for two trials by
which it is judged. What it is judged by is as well heard in every second or fourth sample of the sound, so
the trials are made there, with the orders and in the time of some 48 kHz.
"""

import numpy as np

from jobs.sound.experts import RATE, Course, Expert, Fits, Fresh
from jobs.sound.history import History, Thinned
from jobs.sound.weighing import Weighing

CROSSINGS, CUTOFF, SHAPE = 12, 0.9, 6.0
"""Of the low-pass: zero crossings of its sinc on each side, its edge as a share of half the lower rate, and
Kaiser's beta (-60 dB beyond)."""


def fresh(rate: int, experts: tuple[Expert, ...]) -> Fits:
    """Where a forecaster at ``rate`` Hz has from what its ``experts`` learn when they are asked."""
    every = round(rate / RATE)
    return Wide(rate, experts, every) if every > 1 and len(experts) > 1 else Fresh(rate, experts)


class Wide:
    """As `Fresh`, but judged in every ``every``-th sample."""

    def __init__(self, rate: int, experts: tuple[Expert, ...], every: int):
        self._every = every
        self._whole, self._thin = Fresh(rate, experts), Fresh(round(rate / every), experts)
        self._filter = lowpass(every)

    def now(self, history: History, limit: float) -> tuple[list[Course], np.ndarray, Weighing]:
        weights, weighing = self._thin.weights(Thinned(history, self._every, self._filter), limit)
        return self._whole.courses(history, 0, limit), np.repeat(weights, self._every, axis=1), weighing


def lowpass(every: int) -> np.ndarray:
    """(2 n + 1,): what is left can be told by every ``every``-th sample. A windowed sinc (Kaiser 1974)."""
    places = np.arange(-CROSSINGS * every, CROSSINGS * every + 1)
    made = np.sinc(CUTOFF * places / every) * np.kaiser(len(places), SHAPE)
    return made / made.sum()
