"""What is likely to follow: several linear predictions, trusted as far as they have just been right.

One order and one past don't suit all sounds: held notes want an order of a thousand and 200 ms, speech half
of both. So several *experts* forecast from two points of the last 40 ms, each is held against what was
received since, and at every distance into the gap they weigh by a power of their errors there.
Source of the idea: Cesa-Bianchi & Lugosi, "Prediction, Learning, and Games", 2006 (experts weighted by
their losses).
"""

import numpy as np

from jobs.sound.experts import BURG_512 as BURG_512
from jobs.sound.experts import EXPERTS, GRID, TRIALS, Course, Expert, Fits, Fresh, edges
from jobs.sound.experts import LEVINSON_512 as LEVINSON_512
from jobs.sound.history import History

REMEMBERED = 0.3
"""Share that what was seen at the gap before counts for: where packets go missing one after the other,
little is seen since."""
STEEP = 4
"""Power of the errors by which experts weigh: below 3 the worse one still spoils pure tones."""
FEWEST = 16
"""Samples of a stretch that an expert is judged by, at least."""
TINY = 1e-30
"""Power far below a grid of 24 bits: nobody is wrong by nothing."""
LOUDEST = 1.5
"""Times the highest peak of the last 100 ms: nothing that follows is louder."""
RECENT = 0.1


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
        self._edges = edges(rate)
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
        for errors, seen in self._fits.judged(self.history, limit):
            self._errors += errors
            self._seen += seen
        return shares(self._errors, self._seen)


def shares(errors: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Weights of the experts from their squared errors, both by distance: (experts, edges).

    Where too little was seen they are those of the nearest distance; where nothing was, all weigh the same.
    """
    known = np.flatnonzero(seen >= FEWEST)
    if not len(known):
        return np.full(errors.shape, 1.0 / len(errors))
    error = errors[:, known] / seen[known] + TINY
    weights = (error.min(axis=0) / error) ** STEEP
    weights /= weights.sum(axis=0)
    if len(known) == len(seen):
        return weights
    return weights[:, np.abs(np.arange(len(seen))[:, None] - known).argmin(axis=1)]
