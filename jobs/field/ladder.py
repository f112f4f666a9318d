"""A filling that can't fail: where one does, or gets too loud, the next one goes on.

Nothing that is put in a gap is believed: it must be as long as was asked, finite, and no louder than what may
follow. Below the last rung there is silence.
"""

from collections.abc import Callable, Iterable

import numpy as np

from jobs.field.directives import FADE
from jobs.sound.filling import Filling, Silence

Rung = tuple[str, Callable[[], Filling]]
"""The name of a way to fill gaps, and what begins to fill one so."""
JOINED = 0.002
"""Seconds in which a rung comes from where the one before was."""
ROUNDING = 1e-9


class Ladder:
    """The first of ``rungs`` that works, at ``rate`` Hz; nothing is louder than ``limit``.

    ``name`` and ``filling`` are of the rung it stands on, ``falls`` counts those that failed.
    """

    def __init__(self, rungs: Iterable[Rung], limit: float, rate: int):
        self._rungs = list(rungs)
        self._limit = limit
        self._joined = round(JOINED * rate)
        self._given, self._last = 0, 0.0
        """Samples that were given, and the last of them."""
        self._joint, self._step = 0, 0.0
        """Where in the gap this rung began, and how far from where the one before ended."""
        self.falls = 0
        self.name: str = FADE
        self.filling: Filling = Silence()
        self._down()

    def until(self, count: int) -> np.ndarray:
        while True:
            try:
                made = self._checked(count)
                break
            except Exception:  # whatever a filling or a net's runtime raises, the sound goes on
                self.falls += 1
                self._down()
        if self._joint:
            if self._joint == self._given and not self._step:
                self._step = self._last - made[self._given - 1]
            falling = np.clip(1 - (np.arange(1, count + 1) - self._joint) / self._joined, 0, 1)
            made = np.clip(made + self._step * falling, -self._limit, self._limit)
        if count > self._given:
            self._given, self._last = count, float(made[-1])
        return made

    def up(self, name: str, filling: Filling) -> None:
        """Go on with ``filling``, which is so far where this one is; if it fails, this one comes back."""
        before = self.filling
        self._rungs.insert(0, (self.name, lambda: before))
        self.name, self.filling = name, filling

    def _down(self) -> None:
        """To the next rung that begins without failing."""
        self.name, self.filling = FADE, Silence()
        while self._rungs:
            name, begin = self._rungs.pop(0)
            try:
                self.filling = begin()
            except Exception:  # whatever it is, the next way is tried
                self.falls += 1
            else:
                self.name = name
                break
        self._joint, self._step = self._given, 0.0

    def _checked(self, count: int) -> np.ndarray:
        made = self.filling.until(count)
        # Written so that NaN is too loud.
        if made.shape != (count,) or not np.abs(made).max(initial=0) <= self._limit * (1 + ROUNDING):
            raise ValueError(f"{self.name}: not {count} samples within {self._limit:g}")
        return made
