"""A cross-fade from a gap into what is received behind it, in blocks however short."""

import numpy as np

from jobs.sound.conceal import faded


class Fade:
    """From ``going_on`` (n,), what would have followed. Blocks are given to ``into`` in turn, until nothing
    is ``left``."""

    def __init__(self, going_on: np.ndarray):
        self._going_on, self._passed = going_on, 0

    @property
    def left(self) -> bool:
        return self._passed < len(self._going_on)

    def into(self, block: np.ndarray) -> np.ndarray:
        """(n,): the next ``block`` (n,)."""
        out = faded(self._going_on, block, self._passed)
        self._passed += len(block)
        return out
