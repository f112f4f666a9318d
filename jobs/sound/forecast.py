"""What is likely to follow: several linear predictions, trusted as far as they have just been right.

One order and one past don't suit all sounds: held notes want an order of a thousand and 200 ms, speech half
of both. So several *experts* forecast from two points of the last 40 ms, each is held against what was
received since, and at every distance into the gap they weigh by a power of their errors there.
Source of the idea: Cesa-Bianchi & Lugosi, "Prediction, Learning, and Games", 2006 (experts weighted by
their losses).
"""

from collections.abc import Callable, Iterator
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
REMEMBERED = 0.3
"""Share that what was seen at the gap before counts for: where packets go missing one after the other,
little is seen since."""
STEEP = 4
"""Power of the errors by which experts weigh: below 3 the worse one still spoils pure tones."""
FEWEST = 16
"""Samples of a stretch that an expert is judged by, at least."""
SHORTEST = 48
"""Samples of the past that are looked at, at least."""
TINY = 1e-30
"""Power far below a grid of 24 bits: nobody is wrong by nothing."""
LOUDEST = 1.5
"""Times the highest peak of the last 100 ms: nothing that follows is louder."""
RECENT = 0.1


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
            made = np.clip(wave[self._order :], -self._limit, self._limit)
            self._wave = np.concatenate([self._wave, made])
        return self._wave[self._order : self._order + count]


class Fits(Protocol):
    """Where a forecaster has from what its experts have learned."""

    def now(self, history: History) -> list[np.ndarray]:
        """Coefficients of each expert for what follows now."""

    def trials(self, history: History) -> Iterator[tuple[int, list[Course]]]:
        """(samples before now, what each expert expected there), at most `TRIALS` times `GRID` before."""


class Fresh:
    """Each expert learns when it is asked: the best there is, for 3 ms and more."""

    def __init__(self, rate: int, experts: tuple[Expert, ...]):
        self._rate, self._experts = rate, experts
        self._grid = round(GRID * rate)
        self._tried: dict[int, list[Course]] = {}
        """Position of a point of the grid -> what the experts expected there."""

    def now(self, history: History) -> list[np.ndarray]:
        return self._learned(history, 0)

    def trials(self, history: History) -> Iterator[tuple[int, list[Course]]]:
        now = history.count
        newest = now - (now % self._grid or self._grid)
        points = [newest - trial * self._grid for trial in range(TRIALS)]
        self._tried = {point: found for point, found in self._tried.items() if point in points}
        for point in points:
            if point > 0:
                if point not in self._tried:
                    self._tried[point] = self._courses(history, now - point)
                yield now - point, self._tried[point]

    def _courses(self, history: History, ago: int) -> list[Course]:
        return [
            Course(history.wave(len(coefficients) - 1, ago), coefficients)
            for coefficients in self._learned(history, ago)
        ]

    def _learned(self, history: History, ago: int) -> list[np.ndarray]:
        return [expert.coefficients(history, self._rate, ago) for expert in self._experts]


class Forecast:
    """What follows from one moment on, by every expert and by all of them together."""

    def __init__(self, courses: list[Course], weights: np.ndarray, edges: np.ndarray):
        self.courses = courses
        """Of each expert, in their order."""
        self._weights, self._edges = weights, edges

    def experts(self, count: int) -> np.ndarray:
        """(experts, count)."""
        return np.stack([course.until(count) for course in self.courses])

    def until(self, count: int) -> np.ndarray:
        """The first ``count`` samples, as the experts together see them."""
        if len(self.courses) == 1:
            return self.courses[0].until(count)
        each = self.experts(count)
        places = np.searchsorted(self._edges, np.arange(count), side="right") - 1
        return np.einsum("kt,kt->t", self._weights[:, places], each)


class Forecaster:
    """Forecasts of one channel at ``rate`` Hz. ``add`` what is heard; ``forecast`` what follows.

    ``fits`` are those of ``experts``; without them each learns when it is asked.
    """

    def __init__(self, rate: int, experts: tuple[Expert, ...] = EXPERTS, fits: Fits | None = None):
        self._rate, self._fits = rate, fits or Fresh(rate, experts)
        self._edges = np.array([round(edge * rate) for edge in EDGES])
        longest = max(round(expert.seconds * rate) for expert in experts)
        self.history = History(max(longest, round(RECENT * rate)) + (TRIALS + 1) * round(GRID * rate))
        self._errors = np.zeros((len(experts), len(self._edges)))
        self._seen = np.zeros(len(self._edges))
        """What earlier forecasts were weighed by."""

    def add(self, block: np.ndarray, received: bool = True) -> None:
        """``block`` (n,) was received, or is what was put in its place."""
        self.history.add(block, received)

    def forecast(self) -> Forecast:
        """From now on."""
        limit = self.limit()
        courses = [
            Course(self.history.wave(len(coefficients) - 1), coefficients, limit)
            for coefficients in self._fits.now(self.history)
        ]
        if len(courses) == 1:
            return Forecast(courses, np.ones((1, 1)), self._edges[:1])
        return Forecast(courses, self._weigh(limit), self._edges)

    def limit(self) -> float:
        """The highest that anything may be which follows now."""
        return LOUDEST * float(np.abs(self.history.wave(round(RECENT * self._rate))).max())

    def _weigh(self, limit: float) -> np.ndarray:
        """(experts, edges): shares that add up to 1."""
        self._errors *= REMEMBERED
        self._seen *= REMEMBERED
        for ago, courses in self._fits.trials(self.history):
            self._judge(ago, courses, limit)
        return shares(self._errors, self._seen)

    def _judge(self, ago: int, courses: list[Course], limit: float) -> None:
        """Add up the squared errors of what was expected ``ago`` samples before now."""
        truth, received = self.history.wave(ago), self.history.received(ago)
        edges = self._edges[self._edges < ago]
        self._seen[: len(edges)] += np.add.reduceat(received.astype(np.float64), edges)
        for row, course in enumerate(courses):
            missed = (np.clip(course.until(ago), -limit, limit) - truth) ** 2 * received
            self._errors[row, : len(edges)] += np.add.reduceat(missed, edges)


def shares(errors: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Weights of the experts from their squared errors, both by distance: (experts, edges).

    Where too little was seen they are those of the nearest distance; where nothing was, all weigh the same.
    """
    known = np.flatnonzero(seen >= FEWEST)
    if not len(known):
        return np.full(errors.shape, 1.0 / len(errors))
    error = errors[:, known] / seen[known] + TINY
    weights = (error.min(axis=0) / error) ** STEEP
    nearest = np.abs(np.arange(len(seen))[:, None] - known).argmin(axis=1)
    return (weights / weights.sum(axis=0))[:, nearest]
