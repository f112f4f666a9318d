"""What the experts of a channel learn, in chores that each fit between two blocks.

When a packet is missing there is no time to learn. So every few milliseconds the newest past is taken, and
what is learned from it, in pieces, takes the place of what was learned before. How old that is matters more
than how high its order is. Against two experts that learn in the moment itself, of orders 1024 and 512, these
lose 0.4 to 1.1 dB with music and at most 0.6 dB with speech (gap SDR of packets of 10 and 5 ms, one in ten
lost); the lasting one learning every 10 ms would lose half of that, and take half as much time again.
"""

from collections.abc import Iterator
from math import ceil, sqrt

import numpy as np

from jobs.sound.experts import GRID, TRIALS, Course, Expert
from jobs.sound.forecast import LOUDEST
from jobs.sound.history import History
from jobs.sound.kernels import chosen
from jobs.sound.linear import Burg, by_burg, by_sums, oldest_first
from jobs.sound.weighing import EDGES, TINY, Weighing, edges, shares, spread

LASTING = Expert("ar-768", by_burg, 768, 0.15)
"""For what goes on; a higher order takes more than 15 % of a core."""
QUICK = Expert("levinson-384", by_sums, 384, 0.05)
"""For what changes. Of the last 100 ms it would be 0.2 dB worse with speech, and no better with music."""
EXPERTS = (LASTING, QUICK)
RENEWED = 0.005
"""Seconds between two lessons, of one channel or another: the quick expert learns in each."""
SOONEST, LATEST = 2, 6
"""Lessons of one channel from one in which the lasting expert learns to the next."""
OUTGROWN = 1.5
"""Times the squared error that it had when it had just learned: then it learns again before the latest."""
WEIGHED = 4
"""Lessons of one channel between two in which it is seen which of them has been right."""
FASTEST = 80_000
"""Hz up to which orders and pasts follow the rate; at more it matters more that they are learned in time."""
CHORE = 2_000_000
"""Multiplications of a chore: 0.2 ms."""
OF_BURG = 16
"""Of a step of Burg's method and one order, in the time that they take."""


class Learner:
    """`jobs.sound.experts.Fits` of `EXPERTS` that are learned beforehand, at ``rate`` Hz, in a lesson every
    ``pace`` samples or when there is time for it."""

    def __init__(self, rate: int, pace: int):
        self._rate, self._pace = rate, pace
        self._edges = edges(rate)
        self._span = TRIALS * round(GRID * rate)
        self._found = np.zeros(1)
        self._next = self._next_weighed = self._soonest = self._latest = 0
        """Samples that must have been heard."""
        self._usual = 0.0
        self.learned = [np.zeros(1) for _ in EXPERTS]
        """Of each expert, `jobs.sound.linear.oldest_first`: of silence, until there is something to learn
        from."""
        self._trials: list[Trial] = []
        self._before = self.weighing = Weighing(len(EXPERTS) + 1, len(EDGES))
        """As of the last gap, and as of now; the last row is of who expects silence."""
        self.weights = spread(trust(self.weighing), self._edges)

    def now(self, history: History, limit: float) -> tuple[list[Course], np.ndarray, Weighing]:
        courses = [self._course(history, one, limit) for one in self.learned]
        return courses, self.weights, self.weighing

    def begun(self) -> None:
        """A gap has begun: what is seen from now on counts for more than what was seen before."""
        self._before = self.weighing

    def quick(self, history: History, limit: float) -> Course:
        """What the quick expert alone expects."""
        return self._course(history, self.learned[1], limit)

    def _course(self, history: History, learned: np.ndarray, limit: float) -> Course:
        return Course(history.wave(len(learned)), learned, limit)

    def due(self, history: History) -> bool:
        """Whether it is time for a lesson."""
        return history.count >= self._next

    def lesson(self, history: History) -> Iterator[None]:
        """Learn from the past as it is now, if it is time to: a chore before every yield."""
        if not self.due(history):
            return
        point = history.count
        self._next = point + self._pace
        length, order = self._reach(QUICK, point)
        self.learned[1] = oldest_first(QUICK.fit(history.wave(length), order))
        if point >= self._next_weighed:
            self._next_weighed = point + WEIGHED * self._pace
            self._weigh(history)
        yield
        if point >= self._soonest and (point >= self._latest or self._outgrown(history)):
            self._soonest, self._latest = (point + lessons * self._pace for lessons in (SOONEST, LATEST))
            yield from self._last(history)

    def _weigh(self, history: History) -> None:
        for trial in self._trials:
            trial.judge(history)
        self.weighing = self._before.after((trial.errors, trial.seen) for trial in self._trials)
        self.weights = spread(trust(self.weighing), self._edges)

    def _outgrown(self, history: History) -> bool:
        heard = history.wave(self._pace + len(self.learned[0]))
        return self._error(heard) > OUTGROWN * self._usual

    def _error(self, heard: np.ndarray) -> float:
        """Mean square of the lasting expert's, one sample ahead, over a lesson's time at the end."""
        by = self.learned[0]
        chosen().missed(heard[-self._pace - len(by) :], by, self._found)
        return float(self._found[0])

    def _last(self, history: History) -> Iterator[None]:
        """The lasting expert learns; then it is written down what both expect."""
        point, quick = history.count, self.learned[1]
        length, order = self._reach(LASTING, point)
        past = history.wave(length).copy()
        fit = Burg(past, order)
        yield
        for share in pieces(OF_BURG * order**2 / 2):
            fit.until(round(order * sqrt(share)))
            yield
        lasting = self.learned[0] = oldest_first(fit.coefficients)
        self._usual = self._error(past)
        courses = [Course(past, found, LOUDEST * np.abs(past).max()) for found in (lasting, quick)]
        for course in courses:
            for share in pieces(self._span * order):
                course.until(round(self._span * share))
                yield
        expected = np.stack([*(course.until(self._span) for course in courses), np.zeros(self._span)])
        self._trials = [Trial(point, expected, self._edges), *self._trials[: TRIALS - 1]]

    def _reach(self, expert: Expert, heard: int) -> tuple[int, int]:
        return expert.reach(heard, min(self._rate, FASTEST))


class Trial:
    """What experts ``expected`` (experts, samples) to follow ``point``, and how wrong they were so far:
    ``errors`` and ``seen`` as `jobs.sound.weighing.Judged`, by ``edges`` in samples."""

    def __init__(self, point: int, expected: np.ndarray, edges: np.ndarray):
        self.point, self._expected, self._edges = point, expected, edges.astype(np.float64)
        self._judged = 0
        self.errors, self.seen = np.zeros((len(expected), len(EDGES))), np.zeros(len(EDGES))

    def judge(self, history: History) -> None:
        """Hold what was expected since the last time against what was received."""
        ago = history.count - self.point
        start, end = self._judged, min(ago, self._expected.shape[1])
        if start >= end or ago - start > history.length:
            return
        truth, received = (of(ago - start)[: end - start] for of in (history.wave, history.received))
        expected, errors = self._expected.reshape(-1), self.errors.reshape(-1)
        chosen().judge(expected, len(self._expected), start, truth, received, self._edges, errors, self.seen)
        self._judged = end


def trust(weighing: Weighing) -> np.ndarray:
    """Weights of the experts (experts, edges) that add up to 1, or to less where all have erred more than
    silence, the last row, would have: from what was made of it the sound must not grow worse and worse."""
    errors, silence = weighing.errors[:-1], weighing.errors[-1]
    return shares(errors, weighing.seen) * np.minimum(1, (silence + TINY) / (errors.min(axis=0) + TINY))


def pieces(multiplications: float) -> Iterator[float]:
    """Shares of a work, rising to 1, between which it takes a chore."""
    count = ceil(multiplications / CHORE)
    return (piece / count for piece in range(1, count + 1))
