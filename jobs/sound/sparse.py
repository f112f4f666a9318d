"""A filter of few taps, in a stream: the same sum in the same order whatever the length of the blocks."""

import numpy as np

from jobs.sound.loops import numba


class Taps:
    """``out[t] = sum_k gains[k] * in[t - delays[k]]`` for one channel; delays in samples, not negative."""

    def __init__(self, delays: np.ndarray, gains: np.ndarray):
        self._delays = np.asarray(delays, np.int64)
        self._gains = np.asarray(gains, np.float32)
        self.reach = int(self._delays.max(initial=0))
        self._past = np.zeros(self.reach, np.float32)

    def process(self, block: np.ndarray) -> np.ndarray:
        """(n,) float32 -> (n,)."""
        heard = np.concatenate([self._past, block.astype(np.float32, copy=False)])
        out = np.zeros(len(block), np.float32)
        _sum(heard, self.reach - self._delays, self._gains, out)
        self._past = heard[len(block) :].copy()
        return out


@numba.njit(cache=True)
def _sum(heard, starts, gains, out):
    """Tap by tap within stretches that stay in the cache; no tap looks at another sample than its own."""
    for begin in range(0, len(out), 2048):
        made = out[begin : begin + 2048]
        for k in range(len(starts)):
            past, gain = heard[starts[k] + begin :], gains[k]
            for t in range(len(made)):
                made[t] += gain * past[t]
