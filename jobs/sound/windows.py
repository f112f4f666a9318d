"""Work that looks a little back and ahead, done on a stream: nothing shows how the stream was cut."""

from collections.abc import Callable

import numpy as np

SIZE = 8_192
"""Samples that one piece of work yields."""


class Windows:
    """Calls ``work`` on stretches at fixed places of the stream, whatever blocks it comes in.

    ``work`` gets (channels, before + size + after) float32, silence beyond both ends, and gives
    (``out``, size). What comes out is aligned with what went in and exactly as long, a little later.
    """

    def __init__(
        self, work: Callable[[np.ndarray], np.ndarray], channels: int, out: int, before: int, after: int,
        size: int = SIZE,
    ):  # fmt: skip
        self._work, self._out = work, out
        self._size, self._whole, self._after = size, before + size + after, after
        self._held = np.zeros((channels, before), np.float32)
        self._given = self._made = 0

    def process(self, block: np.ndarray) -> np.ndarray:
        """(channels, n) -> (out, m): as many samples as are ready."""
        self._given += block.shape[1]
        return self._drain(block)

    def tail(self) -> np.ndarray:
        """What was held back, (out, m); nothing may be added afterwards."""
        left = self._given - self._made
        padding = np.zeros((len(self._held), self._size + self._after), np.float32)
        return self._drain(padding)[:, :left]

    def _drain(self, block: np.ndarray) -> np.ndarray:
        held = np.concatenate([self._held, block.astype(np.float32, copy=False)], axis=1)
        made = []
        while held.shape[1] >= self._whole:
            made.append(self._work(held[:, : self._whole]))
            held = held[:, self._size :]
        # A copy: a view would keep the whole block alive.
        self._held = held.copy()
        self._made += self._size * len(made)
        return np.concatenate(made, axis=1) if made else np.zeros((self._out, 0), np.float32)
