"""The shape that all nets for gaps share, and how they begin from a seed.

A net is called with ``past (B, C)``, what was heard before a gap, ``candidates (B, K, T)``, guesses at how it
goes on, the best first, and ``record (B, experts, edges)``, how wrong who guesses has lately been
(`jobs.sound.guesses.Moment`); it answers with ``(B, T)``. All of it was divided by the rms of the past
before. C, K and T are ``past``, ``candidates`` and ``horizon`` of the `Shape`.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch

RATES = (8_000, 192_000)
"""Hz, the lowest and the highest."""
SLOTS = (16, 400)
"""Of the past; the least is what the nets look at, the most a second at 2.5 ms."""
SAMPLES = (16, 480)
"""Of a slot: even, since it is transformed with its neighbour."""
GUESSES = (1, 16)


@dataclass(frozen=True)
class Shape:
    """What a saved net needs to be built again: Hz and samples; ``candidates`` is a count.

    A slot, 2.5 ms, is the time in which a net changes its mind; past and horizon (the longest gap with its
    crossfade) are whole slots, the horizon no longer than the past. Raises ValueError with the nearest valid
    value.
    """

    rate: int = 48_000
    past: int = 4_800
    horizon: int = 2_040
    slot: int = 120
    candidates: int = 4

    def __post_init__(self) -> None:
        _within("rate", self.rate, RATES)
        _within("slot", self.slot, SAMPLES, 2)
        _within("past", self.past, (SLOTS[0] * self.slot, SLOTS[1] * self.slot), self.slot)
        _within("horizon", self.horizon, (self.slot, self.past), self.slot)
        _within("candidates", self.candidates, GUESSES)

    @property
    def slots(self) -> int:
        """Of the horizon."""
        return self.horizon // self.slot


def _within(name: str, value: int, limits: tuple[int, int], step: int = 1) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: {value!r} is no whole number")
    low, high = limits
    nearest = min(max(round(value / step) * step, low), high)
    if value != nearest:
        multiple = f", a multiple of {step}" if step > 1 else ""
        raise ValueError(f"{name}: {value} must be {low} to {high}{multiple}; the nearest is {nearest}")


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Weights that are drawn inside are the same for a seed; the caller's random numbers go on untouched."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
