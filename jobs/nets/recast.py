"""Other slices for a take, where what it is made of does not come to a set-point by its moves alone."""

from collections.abc import Iterator, Sequence

import numpy as np

from jobs.nets.bank import Bank
from jobs.nets.lay import Timing, heard
from jobs.nets.request import Request, shares_of
from jobs.nets.scales import Scale
from jobs.nets.walk import Event
from jobs.sound.descriptors import NAMES

RECAST = ("brightness", "warmth", "roughness", "tension", "reverberance")
"""Axes that a walk can go to other slices for; the others are made by the engine."""
FARTHEST = (0.9, 4.0)
"""Spreads that other slices are asked to lie further at most, each tried: some takes need the more, others
buy it with the rest."""
STAYS = 0.15
"""Cost of another slice than the one that was there, in squared spreads of the take."""
OTHER_LENGTH = 0.15
"""Cost of a slice e times as long or as short."""
OTHER_START = 0.6
"""Cost of a slice that starts on an onset for one that does not, or the other way round."""
OTHER_ATTACK = 0.3
"""Cost of a slice that rises e times as fast, or is 6 dB louder: the beat would be another."""
SWEEPS = 3
ANY = 0.05
"""Spread of the chance by which one of many alike is taken."""


class Recaster:
    """Events with other slices of one bank."""

    def __init__(self, bank: Bank, scales: dict[str, Scale]):
        self.bank, self.scales = bank, scales

    def tries(
        self, request: Request, events: list[Event], timing: Timing, away: np.ndarray, short: tuple[str, ...]
    ) -> Iterator[list[Event]]:
        """Events ``away (measured,)`` further in what falls ``short`` and alike in the rest, for what is
        heard: by how far they are asked to go, none twice."""
        tried = [events]
        for most in FARTHEST if short and request.route != "order" else ():
            other = self._moved(request, events, timing, away, short, most)
            if other not in tried:
                yield other
            tried.append(other)

    def furthest(
        self, request: Request, events: list[Event], timing: Timing, away: np.ndarray, short: tuple[str, ...]
    ) -> list[Event]:
        """The same, those that are asked to go furthest alone."""
        return self._moved(request, events, timing, away, short, FARTHEST[-1])

    def _moved(
        self,
        request: Request,
        events: list[Event],
        timing: Timing,
        away: np.ndarray,
        short: tuple[str, ...],
        most: float,
    ) -> list[Event]:
        columns = self.bank.marks.shape[1]
        shift, scale = np.zeros(columns), np.full(columns, np.inf)
        for name in (*RECAST, "rhythm"):
            if self.scales[name].kind == "sound":
                scale[NAMES.index(name)] = self.scales[name].spread
        for name in short:
            end = most * self.scales[name].spread
            shift[NAMES.index(name)] = np.clip(away[NAMES.index(name)], -end, end)
        lengths = heard(events, request.frames, timing, request.seed)
        those, rest = events[: len(lengths)], events[len(lengths) :]
        groups = self._groups(request, timing)
        return recast(self.bank, those, request.seed, shift, scale, groups, lengths) + rest

    def _groups(self, request: Request, timing: Timing) -> np.ndarray | None:
        """``(slices,)`` which may stand for each other."""
        shares = shares_of(request)
        groups = None if shares is None else shares.of[[one.place for one in self.bank.slices]]
        if timing.parted:
            # What is struck is exchanged for what can be struck.
            struck = self.bank.struck == np.arange(len(self.bank.struck))
            groups = struck + (0 if groups is None else 2 * groups)
        return groups


def recast(
    bank: Bank,
    events: list[Event],
    seed: int,
    shift: np.ndarray,
    scale: np.ndarray,
    groups: np.ndarray | None = None,
    lengths: Sequence[int] | None = None,
) -> list[Event]:
    """The same events with other slices, so that their mean lies ``shift`` further and is alike in the rest.

    ``shift`` and ``scale`` ``(descriptors,)`` in the descriptors' units; an infinite scale means that
    a descriptor does not matter. Few slices change, for some of about the same length and of the same
    of the ``groups (slices,)``, so that timing and shares stay: one event after another takes the
    slice that serves the whole best, some times over. ``lengths (events,)``: the frames each is heard for.
    """
    if not events:
        return events
    counts = np.isfinite(scale)
    marks = bank.marks[:, counts] / scale[counts]
    length = np.log([s.frames for s in bank.slices])
    firm = np.array([s.onset for s in bank.slices])
    rises, peaks = bank.attacks
    attack = np.stack([np.log(rises + 2.0), peaks / 6.0])
    chosen = np.array([event.slice for event in events])
    was = chosen.copy()
    if lengths is None:
        lengths = [event.hold for event in events]
    own = [bank.slices[event.slice].frames for event in events]
    weight = np.minimum(lengths, own).astype(float)
    weight /= weight.sum()
    missing = shift[counts] / scale[counts]
    for _ in range(SWEEPS):
        before = chosen.copy()
        for number in np.random.default_rng([seed, 7]).permutation(len(events)):
            now = chosen[number]
            left = missing - weight[number] * (marks - marks[now])
            cost = np.square(left).sum(axis=1)
            apart = OTHER_LENGTH * (length - length[was[number]]) ** 2
            apart = apart + OTHER_ATTACK * np.square(attack - attack[:, [was[number]]]).sum(axis=0)
            apart = apart + OTHER_START * (firm != firm[was[number]]) + STAYS
            apart[was[number]] = 0.0
            if groups is not None:
                apart[groups != groups[was[number]]] = np.inf
            chance = ANY * np.random.default_rng([seed, 9, int(number)]).random(len(marks))
            best = int((cost + weight[number] * (apart + chance)).argmin())
            missing, chosen[number] = left[best], best
        if np.array_equal(before, chosen):
            break
    return [Event(int(slice_), event.hold) for slice_, event in zip(chosen, events, strict=True)]
