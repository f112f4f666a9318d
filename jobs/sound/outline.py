"""The outline of a sound whose length is not known beforehand, in constant memory."""

import numpy as np

from jobs.sound.pictures import pairs

_FINEST, _MOST = 16, 16_384
"""Samples of the first steps; steps that are kept at most."""


class Outline:
    """Minima and maxima of a sound of unknown length: steps double whenever there are too many."""

    def __init__(self) -> None:
        self._step = _FINEST
        self._low: list[np.ndarray] = []
        self._high: list[np.ndarray] = []
        self._rest = np.zeros(0, np.float32), np.zeros(0, np.float32)
        self._count = 0

    def add(self, block: np.ndarray) -> None:
        low = np.concatenate([self._rest[0], block.min(axis=0)])
        high = np.concatenate([self._rest[1], block.max(axis=0)])
        whole = len(low) // self._step * self._step
        self._rest = low[whole:], high[whole:]
        self._low.append(low[:whole].reshape(-1, self._step).min(axis=1))
        self._high.append(high[:whole].reshape(-1, self._step).max(axis=1))
        self._count += whole // self._step
        while self._count > _MOST:
            self._halve()

    def _halve(self) -> None:
        low, high = np.concatenate(self._low), np.concatenate(self._high)
        even = len(low) // 2 * 2
        # An odd step out goes back to the samples that still wait, as a flat stretch.
        flat = np.ones(self._step if len(low) > even else 0, np.float32)
        self._rest = (
            np.concatenate([flat * low[-1], self._rest[0]]),
            np.concatenate([flat * high[-1], self._rest[1]]),
        )
        self._low = [low[:even].reshape(-1, 2).min(axis=1)]
        self._high = [high[:even].reshape(-1, 2).max(axis=1)]
        self._step *= 2
        self._count = even // 2

    def picture(self, columns: int) -> bytes:
        """``columns`` pairs of int8: min, max."""
        low, high = list(self._low), list(self._high)
        if len(self._rest[0]):
            low.append(self._rest[0].min(keepdims=True))
            high.append(self._rest[1].max(keepdims=True))
        if not low or not sum(map(len, low)):
            return bytes(2 * columns)
        lowest = _columns(np.concatenate(low), columns, np.minimum)
        return pairs(lowest, _columns(np.concatenate(high), columns, np.maximum))


def _columns(values: np.ndarray, columns: int, how: np.ufunc) -> np.ndarray:
    edges = np.arange(columns) * len(values) // columns
    return values[edges] if len(values) < columns else how.reduceat(values, edges)
