"""What is left of a long gap: the noise of the room, and after a second nothing."""

import numpy as np

from jobs.sound.conceal import GONE
from jobs.sound.filling import SHAPED_FROM, ShapedNoise
from jobs.sound.history import History, Past

ROUND = 1 << 13
"""Samples after which the noise comes again."""
SILENT = 1.0
"""Seconds into a gap from which all is silent."""


class Quiet:
    """`jobs.sound.filling.ShapedNoise` of what ``history`` holds now.

    It is made when it is needed, or before by ``make``, and takes the same time however long the gap is.
    """

    def __init__(self, history: History, rate: int):
        self._history, self._rate = history, rate
        self._begun = history.count
        self._made: np.ndarray | None = None
        self._gone, self._silent = GONE * rate, SILENT * rate

    def make(self) -> bool:
        """Now; False when it was made already."""
        if self._made is not None:
            return False
        heard = Past(self._history, round(SHAPED_FROM * self._rate), self._history.count - self._begun)
        self._made = ShapedNoise(heard, self._rate).round(ROUND)
        return True

    def between(self, start: int, end: int) -> np.ndarray:
        """The samples from ``start`` to ``end`` of the gap."""
        if start >= self._silent:
            return np.zeros(end - start)
        self.make()
        assert self._made is not None
        places = np.arange(start, end)
        falling = np.clip((self._silent - places) / (self._silent - self._gone), 0, 1)
        return self._made.take(places, mode="wrap") * falling
