"""How loud and how steep it was lately, most of it looked at beforehand: a gap that begins can't wait."""

from collections.abc import Callable

import numpy as np

from jobs.field.learning import RENEWED
from jobs.sound.forecast import RECENT
from jobs.sound.history import History

STEEP = 0.02
"""Seconds of the past whose steps, from one sample to the next, are no clicks."""
NOTHING = -1.0


class Recent:
    """Of the received samples of a ``history`` at ``rate`` Hz, if it is told to ``look`` now and then."""

    def __init__(self, history: History, rate: int):
        self._history = history
        self._loud, self._steep, self._pace = (round(part * rate) for part in (RECENT, STEEP, RENEWED))
        self._looked = -self._pace
        self._peak, self._step = NOTHING, 0.0

    def look(self) -> None:
        """At nearly all of it, if it is time to: what is added since makes up the rest."""
        if self._history.count - self._looked < self._pace:
            return
        self._peak = self._peak_of(self._loud - self._pace)
        self._step = self._step_of(self._steep - self._pace)
        self._looked = self._history.count

    def peak(self) -> float | None:
        """Of the last `RECENT` seconds, or up to `RENEWED` less; None where nothing was received."""
        peak = self._latest(self._peak, self._loud, self._peak_of)
        return None if peak == NOTHING else peak

    def step(self) -> float:
        """The largest from one sample to the next of the last `STEEP` seconds, or up to `RENEWED` less."""
        return self._latest(self._step, self._steep, self._step_of)

    def _latest(self, known: float, whole: int, of: Callable[[int], float]) -> float:
        since = self._history.count - self._looked
        return max(known, of(since)) if since <= self._pace else of(whole)

    def _peak_of(self, count: int) -> float:
        known = self._history.received(count)
        # Three times as quick as `max` with `where`.
        return float(np.abs(self._history.wave(count) * known).max()) if known.any() else NOTHING

    def _step_of(self, count: int) -> float:
        """Of the steps to each of the last ``count`` samples."""
        wave, known = self._history.wave(count + 1), self._history.received(count + 1)
        return float((np.abs(np.diff(wave)) * (known[1:] & known[:-1])).max(initial=0))
