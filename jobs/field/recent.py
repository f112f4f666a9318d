"""How loud and how steep it was lately, most of it looked at beforehand: a gap that begins can't wait."""

import numpy as np

from jobs.field.learning import RENEWED
from jobs.sound.forecast import RECENT
from jobs.sound.history import History
from jobs.sound.kernels import chosen

STEEP = 0.02
"""Seconds of the past whose steps, from one sample to the next, are no clicks."""


class Recent:
    """Of the received samples of a ``history`` at ``rate`` Hz, if it is told to ``look`` now and then."""

    def __init__(self, history: History, rate: int):
        self._history = history
        self._loud, self._steep, self._pace = (round(part * rate) for part in (RECENT, STEEP, RENEWED))
        self._looked = -self._pace
        self._peak, self._step = -1.0, 0.0
        self._found = np.zeros(2)

    def look(self) -> None:
        """At nearly all of it, if it is time to: what is added since makes up the rest."""
        if self._history.count - self._looked < self._pace:
            return
        self._peak, self._step = self._whole(self._pace)
        self._looked = self._history.count

    def known(self) -> tuple[int, float, float] | None:
        """(samples since it looked, peak, largest step) where it has looked lately, else None."""
        since = self._history.count - self._looked
        return (since, self._peak, self._step) if since <= self._pace else None

    def lately(self) -> tuple[int, float, float]:
        """As `known`, after a look where it has not looked lately."""
        if known := self.known():
            return known
        self.look()
        return 0, self._peak, self._step

    def now(self) -> tuple[float | None, float]:
        """The peak of the last `RECENT` seconds, None where nothing was received, and the largest step from
        one sample to the next of the last `STEEP` seconds; or of up to `RENEWED` less."""
        if known := self.known():
            since, *before = known
            peak, step = map(max, self._of(since), before)
        else:
            peak, step = self._whole(0)
        return None if peak < 0 else peak, step

    def _whole(self, less: int) -> tuple[float, float]:
        """Both, of ``less`` samples less than the whole of the time."""
        return self._of(self._loud - less - 1)[0], self._of(self._steep - less)[1]

    def _of(self, count: int) -> tuple[float, float]:
        """The peak, below 0 where nothing was received, and the largest step to each of the last ``count``
        samples."""
        chosen().loudest(self._history.wave(count + 1), self._history.received(count + 1), self._found)
        peak, step = self._found.tolist()
        return peak, step
