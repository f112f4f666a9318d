"""What a gap would begin with if it began now, made while nothing waits: a gap that begins can't."""

import numpy as np

from jobs.field.ladder import HARSH, HEARD, fading
from jobs.field.learning import Learner
from jobs.field.recent import Recent
from jobs.sound.experts import ROOM, Course
from jobs.sound.forecast import LOUDEST, Forecast
from jobs.sound.history import History
from jobs.sound.kernels import chosen


class Outlook:
    """The first ``count`` samples of a gap at ``rate`` Hz, by the experts of ``learner``.

    When it was made: ``given`` (count + 1,) behind what was heard last, how far ``beside`` what was forecast
    the last of it is, its ``limit``, and how large a step is no click, ``steepest``.
    """

    def __init__(self, rate: int, count: int, history: History, recent: Recent, learner: Learner):
        self._history, self._recent, self._learner = history, recent, learner
        self._fading = fading(rate)
        self._made, self._found = np.empty(count), np.zeros(4)
        self._known = np.array([0, 0, LOUDEST, 0, HEARD, HARSH])
        self._at = -1
        """Samples that had been heard."""
        self._orders: tuple[int, ...] = ()
        self._waves: list[np.ndarray] = []
        self.given = np.empty(0)
        self.beside = self.limit = self.steepest = 0.0

    def make(self, last: float, limit: float) -> None:
        """Behind a sample ``last``; ``limit`` where nothing was received lately."""
        self._at = -1  # whatever fails below, what was made before is of other experts
        since, peak, step = self._recent.lately()
        history, experts = self._history, self._learner.learned
        orders, count = tuple(len(one) for one in experts), len(self._made)
        if orders != self._orders:
            self._orders, self._waves = orders, [np.empty(order + max(ROOM, count)) for order in orders]
            self.given = np.empty(count + 1)
        self.given[0] = last
        self._known[0], self._known[1], self._known[3] = peak, step, limit
        heard = max(*orders, since + 1)
        chosen().outlook(
            history.wave(heard), history.received(heard), since, self._known, *experts,
            self._learner.weights.reshape(-1), *self._waves, self._made, self.given, self._fading,
            self._found,
        )  # fmt: skip
        self._at = history.count

    def forecast(self) -> Forecast | None:
        """It, if it is of now and not too loud: whoever takes it has all that was made."""
        if self._at != self._history.count:
            return None
        self.beside, outside, self.limit, self.steepest = self._found.tolist()
        courses = [
            Course.going_on(wave, one, len(self._made), self.limit)
            for wave, one in zip(self._waves, self._learner.learned, strict=True)
        ]
        self._at, self._orders = -1, ()
        return None if outside else Forecast(courses, self._learner.weights, self._learner.weighing)
