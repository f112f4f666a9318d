"""Sounds with gaps, one stretch after the other, each received or lost and small enough for memory.

Where stretches begin and end follows from the gaps alone, so that a sound in memory and one that streams from
a file are repaired to the same samples.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

LONGEST = 65_536
"""Samples of a stretch."""


class Stretch(NamedTuple):
    """Samples from ``start`` up to and without ``end``: all of them received, or none."""

    start: int
    end: int
    received: bool


class Repairing(Protocol):
    """Repairs what it is given stretch by stretch, the last axis being time."""

    def process(self, block: np.ndarray | None, count: int) -> np.ndarray:
        """A received ``block`` of ``count`` samples, or, of None, a lost one -> the next samples that are
        ready, float64: as many, or fewer or more where it looks ahead."""

    def rest(self) -> np.ndarray:
        """What was held back; nothing may come afterwards."""


def stretches(gaps: Sequence[tuple[int, int]], length: int) -> Iterator[Stretch]:
    """Of ``length`` samples. What lies between two gaps begins a stretch, and so does every gap."""
    at = 0
    for start, end in gaps:
        yield from _cut(at, start, True)
        yield from _cut(start, end, False)
        at = end
    yield from _cut(at, length, True)


def _cut(start: int, end: int, received: bool) -> Iterator[Stretch]:
    for at in range(start, end, LONGEST):
        yield Stretch(at, min(at + LONGEST, end), received)


def repaired(
    one: Repairing,
    wave: np.ndarray,
    gaps: Sequence[tuple[int, int]],
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """``wave`` (..., samples) in memory. What it holds in a gap is not looked at.

    ``check`` is called before every lost stretch and may raise.
    """
    ready = []
    for start, end, received in stretches(gaps, wave.shape[-1]):
        if not received:
            check()
        ready.append(one.process(wave[..., start:end] if received else None, end - start))
    return np.concatenate([*ready, one.rest()], axis=-1)
