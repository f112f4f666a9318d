"""One channel that repairs itself: little happens when a block comes, the rest in chores between blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from jobs.field.directives import FADE, NET, REPEAT
from jobs.field.ladder import HEARD, Ladder
from jobs.field.learning import EXPERTS, LASTING, QUICK, Learner
from jobs.field.quiet import Quiet
from jobs.field.repaired import Repaired
from jobs.field.tally import Tally
from jobs.sound.conceal import GONE, HELD, Concealer, faded
from jobs.sound.filling import Filling, PitchRepetition, Repetition
from jobs.sound.forecast import LOUDEST, RECENT, Forecast, Forecaster
from jobs.sound.guesses import told
from jobs.sound.history import History, Past

if TYPE_CHECKING:
    # Its runtime takes memory that prediction alone doesn't need.
    from jobs.field.net import Net

BY_ALL, BY_QUICK = f"ar-{LASTING.order}", f"ar-{QUICK.order}"
"""Predictions: by all experts, each trusted as far as it has just been right, and by the quick one alone."""
FALLBACKS = (NET, BY_ALL, BY_QUICK, REPEAT, FADE)
"""The order of ways to repair, unless directives have another."""
REPEATED = 0.010
"""Seconds of the past that are repeated where nothing better works."""
WAITED = HELD / 3
"""Seconds into a gap at which the quiet is made that it will fade to."""


def ways(fallbacks: Sequence[str]) -> tuple[str, ...]:
    """The ways that a channel tries for the ``fallbacks`` of directives, each once.

    Directives of older packages name predictions that a channel has not: those of its own that they do not
    name take their places, in turn.
    """
    known = {NET, REPEAT, FADE, BY_ALL, BY_QUICK}
    spare = iter([name for name in (BY_ALL, BY_QUICK) if name not in fallbacks])
    found = [name if name in known else next(spare, "") for name in fallbacks]
    return tuple(name for name in found if name)


class Channel(Concealer):
    """At ``rate`` Hz in blocks of ``block`` samples. ``process`` a block, then do some ``chore``.

    ``net`` is asked for the samples of a gap in ``used``: ``net_at_once``, or else in chores. ``fallbacks``
    as `ways` takes them. No cross-fade has more than ``crossfade`` samples. ``pace`` as
    `jobs.field.learning.Learner` has it.
    """

    def __init__(
        self, rate: int, block: int, fallbacks: Sequence[str], net: Net | None, used: range,
        net_at_once: bool, crossfade: int, pace: int, tally: Tally,
    ):  # fmt: skip
        self._learner = Learner(rate, pace)
        super().__init__(rate, block, self._begin, EXPERTS, self._learner)
        self._fallbacks, self._crossfaded, self._tally = ways(fallbacks), crossfade, tally
        self._net, self._used, self._net_at_once = net, used, net_at_once
        self._net_past = max(round(RECENT * rate), net.past if net else 0)
        kept = self._forecaster.history.length
        if self._net_past > kept:
            raise ValueError(f"net: hears {self._net_past} samples; {kept} are kept")
        self._ladder: Ladder | None = None
        self._limit = 0.0
        self._way = FADE
        """How the last lost block was filled."""
        self._asked: Iterator[None] = iter(())
        """What is still to be done for the net's answer."""

    def process(self, block: np.ndarray | None, count: int) -> np.ndarray:
        out = super().process(block, count)
        if self._ladder and self._limit > 1:
            self._tally.clamped += int(np.count_nonzero(np.abs(out) > 1))
        if self._ladder and block is None:
            self._way = self._ladder.name
        elif self._ladder:
            self._tally.repaired(self._way, self._ladder.falls)
            self._ladder = None
        return out

    def lesson(self) -> Iterator[None]:
        """As `jobs.field.learning.Learner` has it; none in a gap, when nothing new is heard."""
        return iter(()) if self._ladder else self._learner.lesson(self._forecaster.history)

    def chore(self) -> bool:
        """Do what the gap at hand needs next; False when it needs nothing."""
        if self._ladder is None:
            return False
        if next(self._asked, self) is not self:
            return True
        return self._missing > WAITED * self._rate and isinstance(self._noise, Quiet) and self._noise.make()

    def _begin(self, forecaster: Forecaster, rate: int, packet: int) -> Filling:
        history = forecaster.history
        limit = self._loudest(history)
        begin: dict[str, Callable[[], Filling]] = {
            BY_ALL: lambda: forecaster.forecast(limit),
            BY_QUICK: lambda: self._learner.quick(history, limit),
            REPEAT: self._repetition,
        }
        rungs = [(name, begin[name]) for name in self._fallbacks if name in begin]
        self._limit = limit
        self._ladder = Ladder(rungs, history, rate, limit)
        if self._net:
            self._asked = self._ask(self._net, self._ladder, Past(history, self._net_past))
            if self._net_at_once:
                for _ in self._asked:
                    pass
        return self._ladder

    def _loudest(self, history: History) -> float:
        """As the forecaster's limit, but of what was received: from gap to gap it must not grow."""
        count = round(RECENT * self._rate)
        known = history.received(count)
        return LOUDEST * float(np.abs(history.wave(count) * known).max()) if known.any() else self._limit

    def _repetition(self) -> Filling:
        return Repetition(self._forecaster.history, self._rate, round(REPEATED * self._rate))

    def _ask(self, net: Net, ladder: Ladder, past: Past) -> Iterator[None]:
        """A net, and go on with its answer from where the gap is then: a chore before every yield."""
        forecast = ladder.filling
        if not isinstance(forecast, Forecast):
            return
        try:
            forecast.until(net.horizon)
            pitch = PitchRepetition(past, self._rate)
            yield
            now = told(past.wave(net.past), forecast, pitch, net.horizon)
            made = net.run(now.past, now.guesses)
            since, end = max(self._missing, self._used.start), min(net.horizon, self._used.stop)
            answer = Repaired(made, now, self._limit, self._rate, since, end)
            if not answer.trusted:
                raise ValueError("net: not finite")
        except Exception:  # a net comes from outside, and its runtime has no common class for what it raises
            self._tally.failed += 1
        else:
            if since < end:
                ladder.up(NET, answer)
        yield

    def _crossfade(self, block: np.ndarray, usual: int, longest: int) -> np.ndarray:
        """Longer than usual where the way from what was made to ``block`` is too steep for that."""
        usual, longest = min(usual, self._crossfaded), min(longest, self._crossfaded)
        if not longest:
            return block[:0]
        before = self._made(self._missing - 1, self._missing + longest)
        length, into = usual, faded(before[1 : usual + 1], block)
        if self._ladder is None or abs(block[0] - before[1]) <= HEARD * usual:
            return into
        while length < longest:
            steps = np.diff(np.concatenate([before[:1], into, block[length : length + 1]]))
            if np.abs(steps).max() <= self._ladder.steepest():
                break
            length = min(longest, max(1, 2 * length))
            into = faded(before[1 : length + 1], block)
        return into

    def _quiet(self) -> Quiet:
        return Quiet(self._forecaster.history, self._rate)

    def _made(self, start: int, end: int) -> np.ndarray:
        """The same work however long the gap is."""
        if start < GONE * self._rate or not isinstance(self._noise, Quiet):
            return super()._made(start, end)
        if self._ladder:
            self._ladder.name = FADE
        return self._noise.between(start, end)
