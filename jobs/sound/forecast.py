"""What is likely to follow: several linear predictions, trusted as far as they have just been right.

One order and one past don't suit all sounds: held notes want an order of a thousand and 200 ms, speech half
of both. So several *experts* forecast from two points of the last 40 ms, each is held against what was
received since, and at every distance into the gap they weigh by a power of their errors there.
"""

import numpy as np

from jobs.sound.experts import BURG_512 as BURG_512
from jobs.sound.experts import EXPERTS, GRID, TRIALS, Course, Expert, Fits
from jobs.sound.experts import LEVINSON_512 as LEVINSON_512
from jobs.sound.history import History
from jobs.sound.weighing import Weighing
from jobs.sound.weighing import shares as shares
from jobs.sound.wide import fresh

LOUDEST = 1.5
"""Times the highest peak of the last 100 ms: nothing that follows is louder."""
RECENT = 0.1


class Forecast:
    """What follows from one moment on, by every expert and by all of them together."""

    def __init__(self, courses: list[Course], weights: np.ndarray, weighing: Weighing):
        self.courses = courses
        """Of each expert, in their order."""
        self._weights, self._weighing = weights, weighing

    def record(self) -> np.ndarray:
        """(experts, edges): how wrong each has lately been, as `jobs.sound.weighing.Weighing.record`."""
        return self._weighing.record()[: len(self.courses)]

    def experts(self, count: int) -> np.ndarray:
        """(experts, count)."""
        return np.stack([course.until(count) for course in self.courses])

    def until(self, count: int) -> np.ndarray:
        """The first ``count`` samples, as the experts together see them."""
        if len(self.courses) == 1:
            return self.courses[0].until(count)
        missing = count - self._weights.shape[1]
        if missing > 0:
            self._weights = np.pad(self._weights, ((0, 0), (0, missing)), "edge")
        total = self.courses[0].until(count) * self._weights[0, :count]
        for course, weights in zip(self.courses[1:], self._weights[1:], strict=True):
            total += course.until(count) * weights[:count]
        return total


class Forecaster:
    """Forecasts of one channel at ``rate`` Hz. ``add`` what is heard; ``forecast`` what follows.

    ``fits`` are those of ``experts``; without them each learns when it is asked.
    """

    def __init__(self, rate: int, experts: tuple[Expert, ...] = EXPERTS, fits: Fits | None = None):
        self._rate, self._fits = rate, fits or fresh(rate, experts)
        longest = max(round(expert.seconds * rate) for expert in experts)
        self.history = History(max(longest, round(RECENT * rate)) + (TRIALS + 1) * round(GRID * rate))

    def add(self, block: np.ndarray, received: bool = True) -> None:
        """``block`` (n,) was received, or is what was put in its place."""
        self.history.add(block, received)

    def forecast(self, limit: float | None = None) -> Forecast:
        """From now on; ``limit`` where it is known."""
        return Forecast(*self._fits.now(self.history, self.limit() if limit is None else limit))

    def limit(self) -> float:
        """The highest that anything may be which follows now."""
        return LOUDEST * float(np.abs(self.history.wave(round(RECENT * self._rate))).max())
