"""What is left of a long gap: the noise of the room, and after a second nothing."""

from functools import cached_property, lru_cache

import numpy as np

from jobs.sound.conceal import GONE
from jobs.sound.filling import ShapedNoise
from jobs.sound.history import History

ROUND = 1 << 13
"""Samples after which the noise comes again: it is made once, in the time of a chore."""
SILENT = 1.0
"""Seconds into a gap from which all is silent."""


class Quiet(ShapedNoise):
    """`ShapedNoise` that is never louder than ``limit``, and costs the same however long the gap is."""

    def __init__(self, history: History, rate: int, limit: float):
        super().__init__(history, rate)
        self._limit = limit
        self._gone, self._silent = GONE * rate, SILENT * rate

    @cached_property
    def round(self) -> np.ndarray:
        """All that there is of it; its end goes on with its beginning."""
        made = np.fft.irfft(_white() / np.fft.rfft(self._coefficients, ROUND), ROUND)
        level = self._level / max(1e-12, float(np.sqrt((made**2).mean())))
        return np.clip(made * level, -self._limit, self._limit)

    def make(self) -> bool:
        """Now, before it is needed; False when it was made already."""
        made = "round" in vars(self)
        return not made and len(self.round) > 0

    def until(self, count: int) -> np.ndarray:
        return self.between(0, count)

    def between(self, start: int, end: int) -> np.ndarray:
        """The samples from ``start`` to ``end`` of the gap."""
        if start >= self._silent:
            return np.zeros(end - start)
        places = np.arange(start, end)
        falling = np.clip((self._silent - places) / (self._silent - self._gone), 0, 1)
        return self.round.take(places, mode="wrap") * falling


@lru_cache(maxsize=1)
def _white() -> np.ndarray:
    return np.fft.rfft(np.random.default_rng(0).standard_normal(ROUND))
