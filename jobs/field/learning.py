"""What the experts of a channel learn, in chores that each fit between two blocks.

When a packet is missing there is no time to learn. So every now and then the newest past is taken, a
prediction of high order is learned from it in pieces, and takes the place of the one before. How old it is
matters more than its order: one of 768 that is renewed every 10 ms is within 0.3 dB of one of 1024 that is
learned in the moment itself (gap SDR, music and speech), one that is renewed every 20 ms loses 0.7 dB.
The quick one is learned in the moment where there is time for it.
"""

from collections.abc import Iterator
from math import ceil, sqrt

from typing import Protocol

import numpy as np

from jobs.sound.forecast import GRID, LEVINSON_512, RATE, TRIALS, Course, Expert
from jobs.sound.history import History
from jobs.sound.linear import Burg, by_burg

LASTING = Expert("ar-768", by_burg, 768, 0.15)
"""The one of high order; a lower one forgets tones, a higher one takes more than 15 % of a core."""
QUICK = LEVINSON_512
EXPERTS = (LASTING, QUICK)
RENEWED = 0.010
"""Seconds between two lessons."""
CHORE = 2_000_000
"""Multiplications of a chore: 0.2 ms."""
OF_BURG = 9
"""Multiplications of a step of Burg's method, each for every order so far."""
AT_ONCE = 2**18
"""Square of the order of a fit in the moment itself, over all channels: 0.2 ms."""
SHORTEST_AT_ONCE = 0.001
"""Seconds that a block lasts for which there is time for that."""
YOUNG = 0.0025
"""Seconds for which such a fit is good enough for another gap."""


class Learner:
    """`jobs.sound.forecast.Fits` of `EXPERTS` that are learned beforehand, at ``rate`` Hz.

    ``at_once``: whether there is time to fit the quick one in the moment itself.
    """

    def __init__(self, rate: int, at_once: bool):
        self._rate, self._at_once = rate, at_once
        self._span = TRIALS * round(GRID * rate)
        self._lasting: np.ndarray | None = None
        self._quick: np.ndarray | None = None
        self._quick_at = 0
        self._trials: list[tuple[int, list[Course]]] = []

    def now(self, history: History) -> list[np.ndarray]:
        young = history.count - self._quick_at < YOUNG * self._rate
        if self._quick is None or (self._at_once and not young):
            self._quick, self._quick_at = QUICK.coefficients(history, self._rate), history.count
        return [self._quick if self._lasting is None else self._lasting, self._quick]

    def quick(self, history: History) -> np.ndarray:
        """The coefficients of the quick one that ``now`` gave last."""
        return self.now(history)[1]

    def trials(self, history: History) -> Iterator[tuple[int, list[Course]]]:
        for point, courses in self._trials:
            ago = history.count - point
            if 0 < ago <= self._span:
                yield ago, courses

    def lesson(self, history: History, tried: bool) -> Iterator[None]:
        """Learn from the past as it is now: a chore before every yield, and one after the last.

        If ``tried``, what is learned is also held against what follows.
        """
        point = history.count
        length, order = LASTING.reach(point, self._rate)
        past = history.wave(length).copy()
        fit = Burg(past, order)
        yield
        pieces = ceil(OF_BURG * order**2 / 2 / CHORE)
        for piece in range(1, pieces + 1):
            fit.until(round(order * sqrt(piece / pieces)))
            yield
        self._lasting = fit.coefficients
        if tried:
            length, order = QUICK.reach(point, self._rate)
            quick = QUICK.fit(past[-length:], order)
            if point > self._quick_at:
                self._quick, self._quick_at = quick, point
            yield
            courses = [Course(past, found) for found in (self._lasting, quick)]
            for course, found in zip(courses, (self._lasting, quick), strict=True):
                pieces = ceil(self._span * len(found) / CHORE)
                for piece in range(1, pieces + 1):
                    course.until(self._span * piece // pieces)
                    yield
            self._trials = [(point, courses), *self._trials[: TRIALS - 1]]
