"""The field's runner: blocks of whole numbers in, received or lost, as many out, at once and for ever.

`Runner.process` takes what came and gives what is played; `Runner.idle` is called when that was given away,
and does what can wait: a fixed number of chores for every millisecond. What comes out follows from the blocks
alone, never from how fast the machine is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING

import numpy as np

from jobs.field.channel import AHEAD, FALLBACKS, Channel
from jobs.field.directives import CROSSFADE_MS, NET, Directives
from jobs.field.feedback import Feedback
from jobs.field.learning import RENEWED
from jobs.field.tally import Tally
from jobs.sound.conceal import HELD
from jobs.sound.kernels import chosen
from jobs.sound.pcm import FULL, HIGHEST, LOWEST

if TYPE_CHECKING:
    from jobs.field.net import Net

RATES, CHANNELS, BLOCKS = (8_000, 192_000), (1, 8), (16, 65_536)
"""Hz, channels and samples that are possible: the lowest and the highest."""
NET_AT_ONCE = 0.010
"""Seconds that a block lasts from which on the net answers when the first lost one comes: it takes 0.7 ms
with all that it is told. In shorter ones prediction begins, and the net goes on from the second or third."""
REHEARSED = 50.0
"""Milliseconds."""
INT32 = np.dtype(np.int32)
ALONE = "ar"
"""The model of a runner without directives: prediction."""


class Runner:
    """``channels`` at ``rate`` Hz in blocks of ``block`` samples.

    ``net`` is asked as far as ``directives`` say that it is better; without them, wherever it has an answer.
    ``version`` is that of the package they come from. Raises ValueError for what isn't possible.
    """

    def __init__(
        self, rate: int, channels: int, block: int, net: Net | None = None,
        directives: Directives | None = None, version: int = 1,
    ):  # fmt: skip
        check(rate, channels, block)
        if net and net.rate != rate:
            raise ValueError(
                f"net: made for {net.rate} Hz, not {rate}; leave it out, prediction has any rate"
            )
        self._rate, self._block, self._net, self._directives = rate, block, net, directives
        self._version = version
        self._milliseconds = 1000 * block / rate
        self._pace = round(RENEWED * rate) * channels
        self._shape = channels, block
        self._wave, self._marks, self._found = np.zeros(block), np.zeros(block, bool), np.zeros(3)
        self._begin()
        self._rehearse()
        self._begin()

    def _begin(self) -> None:
        self._tally = Tally(self._milliseconds)
        self._channels = [self._channel() for _ in range(self._shape[0])]
        self._owed = 0.0
        """Chores, of which there is one a millisecond."""
        self._lessons = self._learn()

    def _rehearse(self) -> None:
        """All that happens once, so that the first gap takes no longer than others."""
        noise = np.random.default_rng(0).integers(-(2**16), 2**16, self._shape, np.int32)
        blocks = math.ceil(REHEARSED / self._milliseconds)
        for lost in [False] * blocks + [True] * blocks + [False]:
            self.process(None if lost else noise)
            self.idle()

    def process(self, block: np.ndarray | None) -> np.ndarray:
        """int32 (channels, n) of 24 bits for a received one, or for None, a lost one.

        Raises ValueError for another shape or kind of numbers, and nothing else whatever they are: those
        beyond 24 bits are held there.
        """
        started = time.perf_counter()
        out = np.empty(self._shape, np.int32)
        if block is not None:
            block = self._checked(block)
        for index, row in enumerate(out):
            given = None if block is None else block[index]
            try:
                if given is None or not self._channels[index].take(given, row):
                    self._repair(index, row, given)
            except Exception:  # nothing is known to raise here; the sound must go on if something does
                self._renew(index)
                row[:] = 0 if given is None else np.clip(given, LOWEST, HIGHEST)
        self._tally.block(block is None, 1000 * (time.perf_counter() - started))
        return out

    def idle(self) -> None:
        """What can wait: to be called after each block, when what it gave was given away."""
        self._owed += self._milliseconds
        while self._owed >= 1:
            self._owed -= 1
            self._chore()
        for index, channel in enumerate(self._channels):
            try:
                channel.ahead()
            except Exception:  # nothing is known to raise here either
                self._renew(index)

    @property
    def failed(self) -> int:
        """Ways to repair that failed and were fallen back from, so far."""
        return self._tally.failed

    def feedback(self) -> Feedback:
        """What happened so far."""
        return self._tally.feedback(self._directives.model if self._directives else ALONE, self._version)

    def _checked(self, block: np.ndarray) -> np.ndarray:
        if not isinstance(block, np.ndarray) or block.dtype != INT32 or block.shape != self._shape:
            found = f"{block.dtype} {block.shape}" if isinstance(block, np.ndarray) else type(block).__name__
            raise ValueError(f"block: is {found}; int32 {self._shape} is needed")
        block = np.asarray(block)  # of a subclass a row would be another thing
        # Numba's loops would be compiled anew for one that may not be written to, or lies across words.
        return block if block.flags.carray else block.copy()

    def _repair(self, index: int, row: np.ndarray, given: np.ndarray | None) -> None:
        """What is played into ``row`` (n,) of one channel, by all that may be done to what was ``given``."""
        wave = None if given is None else self._wave
        if given is not None:
            chosen().take(given, row, self._wave, self._marks, 0, self._found)
            if self._found[0] < LOWEST or self._found[1] > HIGHEST:
                np.clip(given, LOWEST, HIGHEST, out=row)
                self._tally.clamped += int(np.count_nonzero(given != row))
                self._wave[:] = row / FULL
        made = self._channels[index].process(wave, self._block)
        if made is not wave:
            self._round(made, row)

    def _round(self, made: np.ndarray, row: np.ndarray) -> None:
        """Raises ValueError for NaN."""
        chosen().rounded(made, row, self._found)
        beyond, missing, _ = self._found.tolist()
        if missing:
            raise ValueError(f"{missing:g} samples are no numbers")
        self._tally.clamped += int(beyond)

    def _renew(self, index: int) -> None:
        """Go on with a channel that knows nothing."""
        self._tally.failed += 1
        self._channels[index] = self._channel()

    def _chore(self) -> None:
        try:
            for channel in self._channels:
                if channel.chore():
                    return
            next(self._lessons)
        except Exception:  # as above
            self._tally.failed += 1
            self._lessons = self._learn()

    def _learn(self) -> Iterator[None]:
        """One channel after the other learns for ever: a chore, or nothing to do, before every yield."""
        while True:
            for index in range(len(self._channels)):
                yield from self._channels[index].lesson()
            yield

    def _channel(self) -> Channel:
        fallbacks = self._directives.fallbacks if self._directives else FALLBACKS
        return Channel(
            self._rate, self._block, fallbacks, self._net if NET in fallbacks else None, self._used(),
            self._block >= NET_AT_ONCE * self._rate, self._crossfade(), self._pace,
            AHEAD * self._shape[0] <= self._block / self._rate <= HELD, self._tally,
        )  # fmt: skip

    def _crossfade(self) -> int:
        """Samples of the longest cross-fade."""
        longest = self._directives.adjustments.crossfade_ms if self._directives else CROSSFADE_MS
        return round(longest * self._rate / 1000)

    def _used(self) -> range:
        """Samples of a gap for which the net is used: it says nothing of how sure it is, so only where that
        isn't asked."""
        if self._net is None or self._directives is None:
            return range(self._net.horizon if self._net else 0)
        thresholds = self._directives.thresholds
        rest = list(dropwhile(lambda one: one.confidence != 0, thresholds))
        used = list(takewhile(lambda one: one.confidence == 0, rest))
        edges = [0.0, *(one.longest_ms for one in thresholds)]
        start, end = edges[len(thresholds) - len(rest)], used[-1].longest_ms if used else 0.0
        return range(round(start * self._rate / 1000), round(end * self._rate / 1000))


def check(rate: int, channels: int, block: int) -> None:
    """Raises ValueError for what isn't possible."""
    asked = ("rate", rate, RATES), ("channels", channels, CHANNELS), ("block", block, BLOCKS)
    for name, value, (low, high) in asked:
        if type(value) is not int or not low <= value <= high:
            nearest = min(max(value, low), high) if isinstance(value, int | float) else low
            raise ValueError(f"{name}: {value!r}; {low} to {high} is possible, nearest: {nearest:.0f}")
