"""A filling that can't fail: where one does, or gets too loud, the next one goes on.

Nothing that is put in a gap is believed: it must be as long as was asked, finite, and no louder than what may
follow. Below the last rung there is silence. Where a block joins the one before, no step is larger than those
that were heard: such a step is a click.
"""

from collections.abc import Callable, Iterable

import numpy as np

from jobs.field.directives import FADE
from jobs.sound.experts import hold
from jobs.sound.filling import Filling, Silence
from jobs.sound.history import History

Rung = tuple[str, Callable[[], Filling]]
"""The name of a way to fill gaps, and what begins to fill one so."""
JOINED = 0.002
"""Seconds in which a block gets from where the sound was to where it belongs."""
USUAL = 0.02
"""Seconds of the past whose steps, from one sample to the next, are no clicks."""
HEARD = 0.001
"""Of full scale (-60 dB): smaller steps are not."""
SAFE = 0.9
"""Of the largest step, since a cross-fade adds a little to it."""
ROUNDING = 1e-9


class Ladder:
    """The first of ``rungs`` that works, where ``history`` at ``rate`` Hz ends now; nothing is louder than
    ``limit``.

    ``name`` and ``filling`` are of the rung it stands on, ``falls`` counts those that failed.
    """

    def __init__(self, rungs: Iterable[Rung], history: History, rate: int, limit: float):
        self._rungs = list(rungs)
        self._limit = limit
        self._history, self._rate = history, rate
        self._given, self._last = 0, float(history.wave(1)[0])
        """Samples that were given, and what was heard last."""
        self._joint, self._step = 0, 0.0
        """Where in the gap it went on last, and how much too far from what was before."""
        self._steepest: float | None = None
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
        if count > self._given:
            self._joint, self._step = self._given, self._beyond(float(made[self._given]) - self._last)
        if self._step:
            falling = 1 - (np.arange(count) - self._joint) / round(JOINED * self._rate)
            made = made - self._step * np.clip(falling, 0, 1)
            hold(made, self._limit)
        if count > self._given:
            self._given, self._last = count, float(made[-1])
        return made

    def up(self, name: str, filling: Filling) -> None:
        """Go on with ``filling``, which is so far where this one is; if it fails, this one comes back."""
        before = self.filling
        self._rungs.insert(0, (self.name, lambda: before))
        self.name, self.filling = name, filling

    def steepest(self) -> float:
        """The largest step that is no click: of those that were received."""
        if self._steepest is None:
            count = round(USUAL * self._rate)
            steps = np.abs(np.diff(self._history.wave(count, self._given)))
            known = self._history.received(count + self._given)[:count]
            self._steepest = max(HEARD, SAFE * float((steps * (known[1:] & known[:-1])).max()))
        return self._steepest

    def _beyond(self, step: float) -> float:
        """What ``step`` is too large by."""
        if abs(step) <= HEARD:
            return 0.0
        return float(np.sign(step)) * max(0.0, abs(step) - self.steepest())

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

    def _checked(self, count: int) -> np.ndarray:
        made = self.filling.until(count)
        # Written so that NaN is too loud.
        if made.shape != (count,) or not np.abs(made).max(initial=0) <= self._limit * (1 + ROUNDING):
            raise ValueError(f"{self.name}: not {count} samples within {self._limit:g}")
        return made
