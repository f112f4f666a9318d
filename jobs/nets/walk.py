"""Which slices of the bank a take is made of: a seeded walk through the trained sounds.

Each choice weighs how well a slice goes on from the last one (a Gaussian transition in the latents, as
the sounds themselves move from slice to slice), how recently it was heard, and the part of the bank
that the present section lives in; sections return, so that a long take has a form. Every choice draws
its own random numbers from the seed and its own number (Gumbel-max, Maddison et al. 2014): a request
that changes a little changes a few events of a take, not all of it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.nets.bank import LEAST, Bank
from jobs.sound.spectrum import FRAMES_PER_SECOND

SHORT = int(1.5 * FRAMES_PER_SECOND)
"""Frames; a slice up to this length is played whole, from a longer one a part."""
GOES_ON = 0.5
"""Share of events that go on with the next slice of the same sound, where there is one."""
SMOOTH = 0.7
"""Weight of the transition's log likelihood."""
SECTION_SECONDS = 9.0
RETURNS = 0.4
"""Chance that a section goes back to the sounds of an earlier one."""
REMEMBERED = 16
"""Events a slice is avoided for after it was heard."""


@dataclass(frozen=True)
class Shares:
    """``of (sounds,)`` numbers the groups that the sounds belong to; ``at`` tells the share of the events
    that each group has some seconds into the walk, ``(groups,)``."""

    of: np.ndarray
    at: Callable[[float], np.ndarray]


@dataclass(frozen=True)
class Event:
    """A slice of the bank by number, and the frames until the next event in the walk's own time."""

    slice: int
    hold: int


@dataclass(frozen=True)
class Variation:
    """``amount`` 0..1 of the events are drawn anew from ``seed``."""

    seed: int
    amount: float


class Walk:
    """An endless walk, as `events`. The same arguments walk the same way, however far."""

    def __init__(
        self, bank: Bank, seed: int, variations: Sequence[Variation] = (), shares: Shares | None = None
    ):
        self.bank, self.seed, self.variations, self.shares = bank, seed, variations, shares
        self.owner = np.array([s.place for s in bank.slices])
        self.weight = self._weights()
        self.begins, self.ends = bank.edges

    def _weights(self) -> np.ndarray:
        """Log chance of each slice, so that a sound counts by the root of its length, not by its onsets."""
        holds = np.array([min(s.frames, SHORT) for s in self.bank.slices], float)
        of_sound = np.bincount(self.owner, holds, len(self.bank.places))
        lengths = np.array(self.bank.ends, float)
        return np.log(holds / of_sound[self.owner]) + 0.5 * np.log(lengths[self.owner])

    def events(self) -> Iterator[Event]:
        """One after another."""
        at, number, last, whole = 0.0, 0, -1, False
        heard: deque[int] = deque(maxlen=REMEMBERED)
        while True:
            random = self._random(number)
            chance, part = random.random(2)
            follower = int(self.bank.following[last]) if whole else -1
            open_ = self._open(random, at)
            if follower >= 0 and chance < GOES_ON and open_[follower]:
                chosen = follower
            else:
                chosen = self._chosen(random, last, heard, open_, at)
            hold = self._hold(chosen, part)
            yield Event(chosen, hold)
            heard.append(chosen)
            last, whole = chosen, hold == self.bank.slices[chosen].frames
            at += hold
            number += 1

    def _random(self, number: int) -> np.random.Generator:
        key = [self.seed, 3, number]
        for level, variation in enumerate(self.variations):
            if np.random.default_rng([self.seed, 6, number, level]).random() < variation.amount:
                key = [self.seed, 3, number, 1 + level, variation.seed]
        return np.random.default_rng(key)

    def _open(self, random: np.random.Generator, at: float) -> np.ndarray:
        """``(slices,)`` those of the group whose turn it is."""
        if not self.shares:
            return np.ones(len(self.owner), bool)
        edges = np.cumsum(self.shares.at(at / FRAMES_PER_SECOND))
        group = np.searchsorted(edges, random.random() * edges[-1], side="right")
        return self.shares.of[self.owner] == min(int(group), len(edges) - 1)

    def _chosen(
        self, random: np.random.Generator, last: int, heard: deque[int], open_: np.ndarray, at: float
    ) -> int:
        score = self.weight + self._section(at)[self.owner] + random.gumbel(size=len(self.weight))
        if last >= 0:
            score = score - SMOOTH * ((self.begins - self.ends[last]) ** 2).mean(axis=1)
            if len(self.bank.places) > 2:
                score[self.owner == self.owner[last]] -= 1.0
        for back, one in enumerate(reversed(heard)):
            score[one] -= 3.0 * (1 - back / REMEMBERED)
        return int(np.where(open_, score, -np.inf).argmax())

    def _section(self, at: float) -> np.ndarray:
        """Log preference for the sounds near the centre of the section that plays at frame ``at``."""
        centres = self.bank.centres
        if len(centres) < 5:
            return np.zeros(len(centres))
        distance = np.sqrt(((centres - centres[self._home(at)]) ** 2).mean(axis=1))
        return -1.5 * (distance / max(float(np.median(distance)), 1e-6)) ** 2

    def _home(self, at: float) -> int:
        section = int(at / FRAMES_PER_SECOND / SECTION_SECONDS)
        while True:
            random = np.random.default_rng([self.seed, 5, section])
            chance, which = random.random(2)
            if section == 0 or chance >= RETURNS:
                return int(random.integers(len(self.bank.centres)))
            section = int(which * section)

    def _hold(self, chosen: int, part: float) -> int:
        frames = self.bank.slices[chosen].frames
        if frames <= SHORT:
            return max(LEAST, frames)
        return min(frames, int((0.5 + 2.0 * part) * FRAMES_PER_SECOND))


def in_order(bank: Bank) -> Iterator[Event]:
    """The sounds of the bank from slice to slice as they are, over and over."""
    while True:
        for number, one in enumerate(bank.slices):
            if one.onset:
                yield Event(number, max(LEAST, one.frames))


def again(events: list[Event], frames: int, seed: int, in_order: bool = False) -> list[Event]:
    """The events, and then themselves in other orders, as many as fill ``frames`` at the fastest: a take that
    is played faster is made of the same."""
    result = list(events)
    for number in range(frames // (LEAST * max(1, len(events)))):
        order = np.arange(len(events))
        if not in_order:
            order = np.random.default_rng([seed, 10, number]).permutation(order)
        result += [events[k] for k in order]
    return result
