"""A cross-fade from a gap into what is received behind it, in blocks however short."""

import numpy as np

from jobs.sound.kernels import chosen


class Fade:
    """From ``going_on`` (n,), what would have followed a sample ``last``. Blocks are given to ``into`` in
    turn, until nothing is ``left``."""

    def __init__(self, going_on: np.ndarray, last: float):
        self._going_on, self._passed = going_on, 0
        self._last, self._found = last, np.zeros(1)

    @property
    def left(self) -> bool:
        return self._passed < len(self._going_on)

    def into(self, block: np.ndarray) -> np.ndarray:
        """(n,): the next ``block`` (n,)."""
        out = np.empty(len(block))
        chosen().cross(self._going_on, self._passed, block, self._last, out, self._found)
        self._passed += len(block)
        self._last = float(out[-1])
        return out

    @property
    def steepest(self) -> float:
        """The largest step of the latest block, from the sample before to the first behind the cross-fade."""
        return float(self._found[0])
