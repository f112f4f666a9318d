"""Experts: linear predictions of several orders and pasts, what each expects, and how wrong it was.

Experts are learned when they are asked (`Fresh`), or beforehand by whoever has no time then (`Fits`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np

from jobs.sound.history import History
from jobs.sound.kernels import extrapolate
from jobs.sound.linear import by_autocorrelation, by_burg

RATE = 48_000
"""Hz at which orders are given; at another rate they follow it, so that they span the same time."""
GRID = 0.020
"""Seconds between two points that forecasts are tried from."""
TRIALS = 2
EDGES = (0.0, 0.00125, 0.0025, 0.005, 0.010, 0.020, 0.030)
"""Seconds into a gap at which a new set of weights begins."""
SHORTEST = 48
"""Samples of the past that are looked at, at least."""

Judged = tuple[np.ndarray, np.ndarray]
"""Squared errors (experts, edges) by distance from where forecasts began, and of how many samples (edges,)
they are."""


@dataclass(frozen=True)
class Expert:
    """A linear prediction: ``order`` at 48 kHz, of the last ``seconds``."""

    name: str
    fit: Callable[[np.ndarray, int], np.ndarray]
    order: int
    seconds: float

    def coefficients(self, history: History, rate: int, ago: int = 0) -> np.ndarray:
        """As ``linear`` gives them, of what ended ``ago`` samples before now."""
        length, order = self.reach(history.count - ago, rate)
        return self.fit(history.wave(length, ago), order)

    def reach(self, heard: int, rate: int) -> tuple[int, int]:
        """(samples to learn from, order) where ``heard`` samples were heard.

        Of a sound that has just begun both are less: nothing can be learned from the silence before it.
        """
        length = min(round(self.seconds * rate), max(SHORTEST, heard))
        return length, min(round(self.order * rate / RATE), length // 3)


BURG_512 = Expert("ar-512", by_burg, 512, 0.1)
LEVINSON_512 = Expert("levinson-512", by_autocorrelation, 512, 0.1)
BURG_128 = Expert("ar-128", by_burg, 128, 0.1)
EXPERTS = (Expert("ar-1024", by_burg, 1024, 0.2), LEVINSON_512)
"""More of them, or more trials, change no class of sounds by more than 0.2 dB; these two differ most."""


class Course:
    """One expert's continuation of the past, as long as it is asked for."""

    def __init__(self, past: np.ndarray, coefficients: np.ndarray, limit: float = inf):
        self._oldest_first = np.ascontiguousarray(coefficients[:0:-1])
        self._order = len(self._oldest_first)
        self._wave = past[len(past) - self._order :].copy()
        self._limit = limit

    def until(self, count: int) -> np.ndarray:
        """The first ``count`` samples that follow."""
        done = len(self._wave) - self._order
        if count > done:
            wave = np.zeros(self._order + count - done)
            wave[: self._order] = self._wave[done:]
            extrapolate(wave, self._oldest_first, count - done)
            self._wave = np.concatenate([self._wave, within(wave[self._order :], self._limit)])
        return self._wave[self._order : self._order + count]


def within(wave: np.ndarray, limit: float) -> np.ndarray:
    """``wave`` held from -``limit`` to ``limit``, in half the time that ``np.clip`` takes for a block."""
    return np.minimum(np.maximum(wave, -limit), limit)


class Fits(Protocol):
    """Where a forecaster has from what its experts have learned."""

    def now(self, history: History) -> list[np.ndarray]:
        """Coefficients of each expert for what follows now."""

    def judged(self, history: History, limit: float) -> Iterator[Judged]:
        """What each expected at some points of the last ``TRIALS * GRID`` seconds, none above ``limit``, held
        against what was received since."""


class Fresh:
    """Each expert learns when it is asked: the best there is, for 3 ms and more."""

    def __init__(self, rate: int, experts: tuple[Expert, ...]):
        self._rate, self._experts = rate, experts
        self._edges = edges(rate)
        self._grid = round(GRID * rate)
        self._tried: dict[int, list[Course]] = {}
        """Position of a point of the grid -> what the experts expected there."""

    def now(self, history: History) -> list[np.ndarray]:
        return self._learned(history, 0)

    def judged(self, history: History, limit: float) -> Iterator[Judged]:
        now = history.count
        newest = now - (now % self._grid or self._grid)
        points = [newest - trial * self._grid for trial in range(TRIALS)]
        self._tried = {point: found for point, found in self._tried.items() if point in points}
        for point in points:
            if point > 0:
                ago = now - point
                if point not in self._tried:
                    self._tried[point] = self._courses(history, ago)
                made = [within(course.until(ago), limit) for course in self._tried[point]]
                yield _judge(made, history.wave(ago), history.received(ago), self._edges)

    def _courses(self, history: History, ago: int) -> list[Course]:
        return [
            Course(history.wave(len(coefficients) - 1, ago), coefficients)
            for coefficients in self._learned(history, ago)
        ]

    def _learned(self, history: History, ago: int) -> list[np.ndarray]:
        return [expert.coefficients(history, self._rate, ago) for expert in self._experts]


def edges(rate: int) -> np.ndarray:
    """`EDGES` in samples."""
    return np.array([round(edge * rate) for edge in EDGES])


def _judge(made: Sequence[np.ndarray], truth: np.ndarray, received: np.ndarray, edges: np.ndarray) -> Judged:
    """Forecasts (n,), each held against ``truth`` (n,) where that was ``received`` (n,) bool."""
    errors, seen = np.zeros((len(made), len(edges))), np.zeros(len(edges))
    reached = edges[edges < len(truth)]
    seen[: len(reached)] = np.add.reduceat(received, reached, dtype=np.float64)
    for row, wave in enumerate(made):
        errors[row, : len(reached)] = np.add.reduceat((wave - truth) ** 2 * received, reached)
    return errors, seen
