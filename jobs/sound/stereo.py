"""Two channels repaired together, and whether the image between them is kept.

Left and right are forecast as they are and once more as mid and side, and the mean of both is taken: what one
view misses the other often has, and errors that are not the same in both shrink. The mean is never worse than
the mean of the two errors (the square is convex).
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from jobs.sound.stretches import Repairing

TINY = 1e-20


class Coupled:
    """``channels`` that are each repaired by one of ``make()``, as `jobs.sound.stretches.Repairing`: shaped
    (channels, samples); two of them together.

    ``each`` works as ``map`` does, all views at once or one after the other.
    """

    def __init__(self, channels: int, make: Callable[[], Repairing], each: Callable[..., Iterable] = map):
        self._channels, self._each = channels, each
        self._views = [make() for _ in range(channels if channels != 2 else 4)]

    def process(self, block: np.ndarray | None, count: int) -> np.ndarray:
        given: Iterable = [None] * len(self._views)
        if block is not None:
            given = block if self._channels != 2 else np.concatenate([block, turn(block)])
        return self._together(self._each(lambda one, wave: one.process(wave, count), self._views, given))

    def rest(self) -> np.ndarray:
        return self._together(self._each(lambda one: one.rest(), self._views))

    def _together(self, made: Iterable[np.ndarray]) -> np.ndarray:
        views = np.stack(list(made))
        return views if self._channels != 2 else (views[:2] + turn(views[2:])) / 2


def turn(pair: np.ndarray) -> np.ndarray:
    """Left and right (2, samples) to mid and side, and back: what does the one does the other."""
    left, right = pair
    return np.stack([left + right, left - right]) / np.sqrt(2)


def image(output: np.ndarray, truth: np.ndarray, gaps: Sequence[tuple[int, int]]) -> dict[str, float]:
    """How the lost samples of two channels lie to each other, against how they should: ``level_error_db``,
    the mean of what the level between left and right is off, and ``phase_error_degrees``, that of the phase
    between them; gap by gap, each weighed by the energy of its truth."""
    levels, phases, weights = [], [], []
    for start, end in gaps:
        ours, theirs = output[:, start:end], truth[:, start:end]
        levels.append(abs(_level(ours) - _level(theirs)))
        phases.append(_phase(ours, theirs))
        weights.append(float((theirs**2).sum()))
    if not sum(weights) > 0:
        return {}
    return {
        "level_error_db": float(np.average(levels, weights=weights)),
        "phase_error_degrees": float(np.average(phases, weights=weights)),
    }


def _level(pair: np.ndarray) -> float:
    """dB of left over right, within 60 of each other."""
    left, right = (pair**2).sum(axis=1) + TINY
    return float(np.clip(10 * np.log10(left / right), -60, 60))


def _phase(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Degrees, weighed by what both channels have in common at each frequency."""
    size = 1 << max(4, (ours.shape[1] - 1).bit_length())
    across = []
    for pair in (ours, theirs):
        left, right = np.fft.rfft(pair * np.hanning(pair.shape[1]), size)
        across.append(left * right.conj())
    weight = np.abs(across[1])
    away = np.degrees(np.abs(np.angle(across[0] * across[1].conj())))
    return float((weight * away).sum() / (weight.sum() + TINY))
