"""One channel that repairs itself: little happens when a block comes, the rest in chores between blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from jobs.field.directives import FADE, NET, REPEAT
from jobs.field.fade import Fade
from jobs.field.ladder import Ladder
from jobs.field.learning import EXPERTS, LASTING, QUICK, Learner, pieces
from jobs.field.outlook import Outlook
from jobs.field.quiet import Quiet
from jobs.field.recent import Recent
from jobs.field.repaired import Repaired
from jobs.field.tally import Tally
from jobs.sound.conceal import CROSS_FADE, GONE, HELD, Concealer
from jobs.sound.filling import Filling, PitchRepetition, Repetition
from jobs.sound.forecast import LOUDEST, RECENT, Forecast, Forecaster
from jobs.sound.guesses import told
from jobs.sound.history import Past
from jobs.sound.kernels import chosen
from jobs.sound.pcm import HIGHEST, LOWEST

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
AHEAD = 0.002
"""Seconds that a block lasts, for each channel, from which on what a gap begins with is made before every
block, lost or not. In shorter ones it would take too much of a core."""


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
    as `ways` takes them. No cross-fade has more than ``crossfade`` samples; one that is longer than a block
    goes on in the next. ``pace`` as `jobs.field.learning.Learner` has it. Of a block that may be lost as much
    as there is time for is made ``beforehand``.
    """

    def __init__(
        self, rate: int, block: int, fallbacks: Sequence[str], net: Net | None, used: range,
        net_at_once: bool, crossfade: int, pace: int, beforehand: bool, tally: Tally,
    ):  # fmt: skip
        self._learner = Learner(rate, pace)
        super().__init__(rate, block, self._begin, EXPERTS, self._learner)
        self._tally = tally
        begin: dict[str, Callable[[], Filling]] = {
            BY_ALL: lambda: self._forecaster.forecast(self._limit),
            BY_QUICK: lambda: self._learner.quick(self._forecaster.history, self._limit),
            REPEAT: lambda: Repetition(self._forecaster.history, rate, round(REPEATED * rate)),
        }
        self._rungs = [(name, begin[name]) for name in ways(fallbacks) if name in begin]
        self._longest = min(crossfade, round(CROSS_FADE * rate))
        """Samples of a cross-fade."""
        self._fade: Fade | None = None
        """What is left of the last one."""
        self._taken = np.zeros(3)
        self._last = 0.0
        """What was heard last before a gap: within a cross-fade, not what was received."""
        self._net, self._used, self._net_at_once = net, used, net_at_once
        self._net_past = max(round(RECENT * rate), net.past if net else 0)
        self._recent = Recent(self._forecaster.history, rate)
        self._outlook = None
        if beforehand and self._rungs and self._rungs[0][0] == BY_ALL:
            self._outlook = Outlook(rate, block, self._forecaster.history, self._recent, self._learner)
        kept = self._forecaster.history.length
        if self._net_past > kept:
            raise ValueError(f"net: hears {self._net_past} samples; {kept} are kept")
        self._ladder: Ladder | None = None
        """Of the gap at hand."""
        self._limit = 0.0
        self._way = FADE
        """How the last lost block was filled."""
        self._asked: Iterator[None] = iter(())
        """What is still to be done for the net's answer."""

    def take(self, block: np.ndarray, out: np.ndarray) -> bool:
        """What is usual, in few steps, since after a sleep each of them is slow: a received ``block`` (n,),
        int32 of 24 bits, goes into ``out`` as it is. False where it has to be processed."""
        history = self._forecaster.history
        if self._ladder or self._fade or len(block) > history.length:
            return False
        chosen().take(block, out, *history.room(len(block)), self._taken)
        lowest, highest, last = self._taken.tolist()
        if lowest < LOWEST or highest > HIGHEST:
            return False
        history.grow(len(block))
        self._last = last
        return True

    def process(self, block: np.ndarray | None, count: int) -> np.ndarray:
        out = super().process(block, count)
        if self._ladder and block is None:
            self._way = self._ladder.name
        elif self._ladder:
            self._tally.repaired(self._way, self._ladder.falls)
            self._ladder = None
        return out

    def ahead(self) -> None:
        """Make what the next block will need if it is lost, or will be joined to if it ends a gap."""
        if self._ladder:
            if self._missing < GONE * self._rate:
                more = max(self._longest, self._packet) if self._outlook else self._longest
                self._ladder.ready(self._missing + more, self._net is None)
        elif self._outlook:
            with suppress(Exception):  # what fails here will fail again where it is asked for
                self._outlook.make(self._last, self._limit)

    def lesson(self) -> Iterator[None]:
        """As `jobs.field.learning.Learner` has it; none in a gap, when nothing new is heard."""
        history = self._forecaster.history
        if not self._ladder and self._learner.due(history):
            self._recent.look()
            yield from self._learner.lesson(history)

    def chore(self) -> bool:
        """Do what the gap at hand needs next; False when it needs nothing."""
        if self._ladder is None:
            return False
        if next(self._asked, self) is not self:
            return True
        return self._missing > WAITED * self._rate and isinstance(self._noise, Quiet) and self._noise.make()

    def _begin(self, forecaster: Forecaster, rate: int, packet: int) -> Filling:
        self._fade, self._ladder = None, self._expected() or self._begun()
        ladder, self._limit = self._ladder, self._ladder.limit
        self._learner.begun()
        if self._net:
            self._asked = self._ask(self._net, self._ladder)
            if self._net_at_once:
                for _ in self._asked:
                    pass
        return ladder

    def _begun(self) -> Ladder:
        """Of a gap that begins now."""
        # As the forecaster's, but of what was received: from gap to gap it must not grow.
        peak, step = self._recent.now()
        self._limit = self._limit if peak is None else LOUDEST * peak
        return Ladder(self._rungs, self._rate, self._limit, self._last, step)

    def _expected(self) -> Ladder | None:
        """The same, if it was made beforehand."""
        forecast = self._outlook.forecast() if self._outlook else None
        if forecast is None or self._outlook is None:
            return None
        rungs, expected = [(BY_ALL, lambda: forecast), *self._rungs[1:]], self._outlook
        ladder = Ladder(rungs, self._rate, expected.limit, self._last, expected.steepest)
        if not (self._net and self._net_at_once):
            ladder.begin(expected.given, expected.beside)
        return ladder

    def _ask(self, net: Net, ladder: Ladder) -> Iterator[None]:
        """A net, and go on with its answer from where the gap is then: a chore before every yield."""
        forecast, history = ladder.filling, self._forecaster.history
        # Where the chores of many channels come first, what the net would hear is no longer kept.
        if not isinstance(forecast, Forecast) or self._net_past + self._missing > history.length:
            return
        past = Past(history, self._net_past, self._missing)
        try:
            for share in pieces(net.horizon * (LASTING.order + QUICK.order)):
                forecast.until(round(net.horizon * share))
                yield
            pitch = PitchRepetition(past, self._rate)
            yield
            now = told(past.wave(net.past), forecast, pitch, net.horizon)
            yield
            since, end = max(self._missing, self._used.start), min(net.horizon, self._used.stop)
            if since >= end:
                return
            made = net.run(now.past, now.guesses, now.record)
            answer = Repaired(made, now, self._limit, self._rate, since, end)
            if not answer.trusted:
                raise ValueError("net: not finite")
        except Exception:  # a net comes from outside, and its runtime has no common class for what it raises
            self._tally.failed += 1
        else:
            ladder.up(NET, answer)
        yield

    def _received(self, block: np.ndarray) -> np.ndarray:
        fade = self._fade
        out = super()._received(block)
        if fade:
            out = fade.into(block)
            self._fade = fade if fade.left else None
        self._last = float(out[-1])
        return out

    def _joined(self, block: np.ndarray) -> np.ndarray:
        """Its cross-fade is longer than usual where the way to ``block`` is too steep for that."""
        if not self._longest or self._ladder is None:
            return block
        length = min(self._missing // 4, self._longest, len(block))
        before = self._made(self._missing - 1, self._missing + self._longest)
        last, most = float(before[0]), self._ladder.steepest
        fade = Fade(before[1 : length + 1], last)
        out = fade.into(block)
        while fade.steepest > most and length < self._longest:
            length = min(self._longest, max(1, 2 * length))
            fade = Fade(before[1 : length + 1], last)
            out = fade.into(block)
        if fade.left:
            self._fade = fade
        if fade.steepest > most:
            held = self._ladder.held(out[:length], last)
            # Where it has not caught up by its end, the step would come there.
            if held[-1] == out[:length][-1]:
                out[:length] = held
        return out

    def _quiet(self) -> Quiet:
        return Quiet(self._forecaster.history, self._rate)

    def _made(self, start: int, end: int) -> np.ndarray:
        """The same work however long the gap is."""
        if start < GONE * self._rate or not isinstance(self._noise, Quiet):
            return super()._made(start, end)
        if self._ladder:
            self._ladder.name = FADE
        return self._noise.between(start, end)
