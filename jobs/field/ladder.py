"""A filling that can't fail: where one does, or gets too loud, the next one goes on.

Nothing that is put in a gap is believed: it must be as long as was asked, finite, and no louder than what may
follow. Below the last rung there is silence. Where a block joins the one before, no step is larger than those
that were heard: such a step is a click.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

import numpy as np

from jobs.field.directives import FADE
from jobs.sound.filling import Filling, Silence
from jobs.sound.kernels import chosen

Rung = tuple[str, Callable[[], Filling]]
"""The name of a way to fill gaps, and what begins to fill one so."""
JOINED = 0.002
"""Seconds in which a block gets from where the sound was to where it belongs."""
HEARD = 0.001
"""Of full scale (-60 dB): smaller steps are not."""
HARSH = 1.5
"""Times the largest of those steps: what is made is held where it has larger ones."""
SAFE = 0.75
"""Of the largest step: what is left of a larger one within a gap, since a cross-fade may add to it."""


class Ladder:
    """The first of ``rungs`` that works, behind a sample ``last`` at ``rate`` Hz; nothing is louder than
    ``limit``. A step that is larger than ``steepest`` is a click.

    ``name`` and ``filling`` are of the rung it stands on, ``falls`` counts those that failed.
    """

    def __init__(self, rungs: Iterable[Rung], rate: int, limit: float, last: float, steepest: float):
        self._rungs = list(rungs)
        self._fading = fading(rate)
        self.limit, self.steepest = limit, max(HEARD, steepest)
        self._given = np.array([last])
        """What was heard last, and all that was given since: it stays as it is."""
        self._joined: Filling | None = None
        self._beside = 0.0
        """What was given last of, and how far from what it made."""
        self._found = np.zeros(2)
        self.falls = 0
        self.name: str = FADE
        self.filling: Filling = Silence()
        self._down()

    def begin(self, given: np.ndarray, beside: float) -> None:
        """It was made already: ``given`` (n + 1,) behind the sample before, of the first rung, which the last
        of it is ``beside``."""
        self._given, self._joined, self._beside = given, self.filling, beside

    def until(self, count: int) -> np.ndarray:
        if count >= len(self._given):
            self._given = np.concatenate([self._given, self._more(count)[1:]])
        return self._given[1 : count + 1]

    def _more(self, count: int) -> np.ndarray:
        """What was given last and what follows, up to ``count`` samples in all."""
        while True:
            try:
                return self._behind(self._checked(count))
            except Exception:  # whatever a filling or a net's runtime raises, the sound goes on
                if isinstance(self.filling, Silence):
                    raise
                self.falls += 1
                self._down()

    def _behind(self, made: np.ndarray) -> np.ndarray:
        """``made`` (n,) joined to what was given last, which is the first of (n + 1,). Raises ValueError for
        what is too loud."""
        first = len(self._given) == 1
        beside = self._beside if self._joined is self.filling else 0.0
        most = self.steepest if first else SAFE * self.steepest
        out = np.empty(len(made) + 1)
        out[0] = self._given[-1]
        harsh = HARSH * self.steepest
        chosen().join(made, out, beside, self.limit, self.steepest, most, harsh, self._fading, self._found)
        beside, outside = self._found.tolist()
        if outside:
            raise ValueError(f"{self.name}: not within {self.limit:g}")
        self._joined, self._beside = self.filling, beside
        return out

    def ready(self, count: int, goes_on: bool) -> None:
        """Make what ``until`` will need for as many samples; and nobody will come ``up`` before, if it
        ``goes_on``."""
        with suppress(Exception):  # it will fail again where it is asked for
            if goes_on:
                self.until(count)
            else:
                self.filling.until(count)

    def up(self, name: str, filling: Filling) -> None:
        """Go on with ``filling``, which is so far where this one is; if it fails, this one comes back."""
        before = self.filling
        self._rungs.insert(0, (self.name, lambda: before))
        self.name, self.filling = name, filling

    def held(self, wave: np.ndarray, last: float) -> np.ndarray:
        """``wave`` (n,) behind a sample ``last``, as near to it as no step larger than the steepest leads."""
        out = np.concatenate([[last], wave])
        chosen().hold(out, self.steepest)
        return out[1:]

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
        """What the filling makes behind what was given, if it is as much as it must be."""
        made = self.filling.until(count)
        if made.shape != (count,):
            raise ValueError(f"{self.name}: not {count} samples")
        return np.ascontiguousarray(made[len(self._given) - 1 :], np.float64)


def fading(rate: int) -> int:
    """`JOINED` in samples."""
    return round(JOINED * rate)
