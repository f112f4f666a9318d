"""Experts: linear predictions of several orders and pasts, what each expects, and how wrong it was.

Experts are learned when they are asked (`Fresh`), or beforehand by whoever has no time then (`Fits`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from jobs.sound.history import History
from jobs.sound.kernels import chosen
from jobs.sound.linear import UNLIMITED, by_autocorrelation, by_burg, oldest_first
from jobs.sound.weighing import EDGES, Judged, Weighing, edges, spread

RATE = 48_000
"""Hz at which orders are given; at another rate they follow it, so that they span the same time."""
GRID = 0.020
"""Seconds between two points that forecasts are tried from."""
TRIALS = 2
SHORTEST = 48
"""Samples of the past that are looked at, at least."""

ROOM = 2048
"""Samples that a continuation has room for from the beginning."""


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
    """One expert's continuation of the past, as long as it is asked for, and nowhere above ``limit``.

    The coefficients of the expert as `jobs.sound.linear.oldest_first` has them.
    """

    def __init__(self, past: np.ndarray, oldest_first: np.ndarray, limit: float = UNLIMITED):
        self._oldest_first, self._order = oldest_first, len(oldest_first)
        self._wave = np.empty(self._order + ROOM)
        self._wave[: self._order] = past[len(past) - self._order :]
        self._done = 0
        self._limit = limit

    @classmethod
    def going_on(cls, wave: np.ndarray, oldest_first: np.ndarray, done: int, limit: float) -> "Course":
        """One of which ``done`` samples were made, in ``wave``, behind the past; it has room for `ROOM`."""
        made = cls.__new__(cls)
        made._oldest_first, made._order, made._wave = oldest_first, len(oldest_first), wave
        made._done, made._limit = done, limit
        return made

    def until(self, count: int) -> np.ndarray:
        """The first ``count`` samples that follow."""
        order, done = self._order, self._done
        if count > done:
            if order + count > len(self._wave):
                self._wave = np.concatenate([self._wave[: order + done], np.empty(2 * count - done)])
            chosen().extrapolate(
                self._wave[done : order + count], self._oldest_first, count - done, self._limit
            )
            self._done = count
        return self._wave[order : order + count]


class Fits(Protocol):
    """Where a forecaster has from what its experts have learned."""

    def now(self, history: History, limit: float) -> tuple[list[Course], np.ndarray, Weighing]:
        """What each expects to follow, never above ``limit``, their weights (experts, samples), of which
        those of the last sample go on, and by what they weigh: the experts are its first rows."""


class Fresh:
    """Each expert learns when it is asked: the best there is, for 3 ms and more."""

    def __init__(self, rate: int, experts: tuple[Expert, ...]):
        self._rate, self._experts = rate, experts
        self._edges = edges(rate)
        self._weighing = Weighing(len(experts), len(EDGES))
        self._grid = round(GRID * rate)
        self._tried: dict[int, list[Course]] = {}
        """Position of a point of the grid -> what the experts expected there."""

    def now(self, history: History, limit: float) -> tuple[list[Course], np.ndarray, Weighing]:
        return self.courses(history, 0, limit), *self.weights(history, limit)

    def weights(self, history: History, limit: float) -> tuple[np.ndarray, Weighing]:
        """(experts, samples), by how wrong each has lately been."""
        if len(self._experts) > 1:
            self._weighing = self._weighing.after(self._judged(history, limit))
        return spread(self._weighing.shares(), self._edges), self._weighing

    def _judged(self, history: History, limit: float) -> Iterator[Judged]:
        now = history.count
        newest = now - (now % self._grid or self._grid)
        points = [newest - trial * self._grid for trial in range(TRIALS)]
        self._tried = {point: found for point, found in self._tried.items() if point in points}
        for point in points:
            if point > 0:
                ago = now - point
                if point not in self._tried:
                    self._tried[point] = self.courses(history, ago)
                yield self._judge(self._tried[point], history, ago, limit)

    def _judge(self, courses: list[Course], history: History, ago: int, limit: float) -> Judged:
        truth, received = history.wave(ago), history.received(ago)
        reached = self._edges[self._edges < ago]
        errors, seen = np.zeros((len(courses), len(EDGES))), np.zeros(len(EDGES))
        seen[: len(reached)] = np.add.reduceat(received, reached, dtype=np.float64)
        for row, course in enumerate(courses):
            missed = (np.clip(course.until(ago), -limit, limit) - truth) ** 2 * received
            errors[row, : len(reached)] = np.add.reduceat(missed, reached)
        return errors, seen

    def courses(self, history: History, ago: int, limit: float = UNLIMITED) -> list[Course]:
        """What each expected ``ago`` samples before now."""
        learned = [oldest_first(expert.coefficients(history, self._rate, ago)) for expert in self._experts]
        return [Course(history.wave(len(one), ago), one, limit) for one in learned]
