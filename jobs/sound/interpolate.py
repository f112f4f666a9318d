"""Gaps filled from both sides, as there is time for in the office.

A linear prediction that fits the sound around a gap leaves a small error wherever it is laid over it; the
samples of the gap are those that make this error smallest, which is a system of equations with one diagonal
repeated (Janssen, Veldhuis & Vries, "Adaptive interpolation of discrete-time signals that can be modeled as
autoregressive processes", IEEE TASSP 1986). Prediction and samples are found in turn, beginning from what
follows from the past: where every tenth packet is lost, zeros in the gaps around would spoil the prediction.
"""

import sys
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from jobs.sound.conceal import GONE, concealer
from jobs.sound.linear import autocorrelation, by_burg
from jobs.sound.stretches import repaired

RATE = 48_000
ORDER, AROUND = 1024, 0.1
"""Order of the prediction at 48 kHz, and seconds of sound on each side that it is of."""
SWEEPS = 2
"""Times that all gaps are filled, one after the other: each is near others that are only guessed at first."""
LOADING = 1e-9
"""-90 dB: in sound without highs some samples are as good as any, and the equations have no one answer."""
LOUDEST = 1.5
"""Times the highest peak around: nothing in a gap is louder."""


class Interpolator:
    """One channel at ``rate`` Hz, as `jobs.sound.stretches.Repairing`; some tenths of a second are held back.

    What was received comes out as it came. Of a gap of more than twice `GONE` both ends are filled, towards
    the quiet that its middle has. ``check`` is called for every gap of every sweep and may raise.

    A gap is filled as soon as all that it looks at is there and was filled as often as it would be if every
    sweep went over the whole sound; so the samples are the same as if it did.
    """

    def __init__(self, rate: int, check: Callable[[], None] = lambda: None):
        self._rate, self._check = rate, check
        self._around, self._side = round(AROUND * rate), round(GONE * rate)
        self._begun = concealer(rate, 1, "ar")
        self._wave, self._start, self._given = np.zeros(0), 0, 0
        """What is held, from sample ``_start`` on; up to ``_given`` it was given away and is looked at."""
        self._open: int | None = None
        """Where a gap began whose end has not come yet."""
        self._long = False
        """Whether one side of it is waiting already."""
        self._waiting: list[deque[tuple[int, int]]] = [deque() for _ in range(SWEEPS)]
        """Gaps that each sweep has still to fill."""

    def process(self, block: np.ndarray | None, count: int) -> np.ndarray:
        begun = self._begun.process(block, count)
        if block is None:
            self._lose(count)
        else:
            self._close()
        self._wave = np.concatenate([self._wave, begun if block is None else block])
        return self._ready(False)

    def rest(self) -> np.ndarray:
        if self._open is not None and not self._long:
            self._close()
        self._open = None
        return self._ready(True)

    @property
    def _end(self) -> int:
        return self._start + len(self._wave)

    def _lose(self, count: int) -> None:
        """The next ``count`` samples are lost."""
        if self._open is None:
            self._open, self._long = self._end, False
        if not self._long and self._end + count - self._open > 2 * self._side:
            self._waiting[0].append((self._open, self._open + self._side))
            self._long = True

    def _close(self) -> None:
        """The gap ends here, if there is one."""
        if self._open is not None:
            self._waiting[0].append((self._end - self._side if self._long else self._open, self._end))
            self._open = None

    def _ready(self, whole: bool) -> np.ndarray:
        """Fill what can be filled; the samples that nothing will change any more. ``whole``: no more come."""
        while self._fill_next(whole):
            pass
        settled = self._end if whole else min(self._unfilled(SWEEPS), self._end)
        out = self._wave[self._given - self._start : settled - self._start].copy()
        self._given = settled
        forgotten = max(0, settled - self._around - self._start)
        self._wave, self._start = self._wave[forgotten:], self._start + forgotten
        return out

    def _unfilled(self, sweeps: int) -> int:
        """Where the first gap begins that one of the first ``sweeps`` has not filled."""
        starts = [gaps[0][0] for gaps in self._waiting[:sweeps] if gaps]
        if self._open is not None:
            starts.append(self._end - self._side if self._long else self._open)
        return min(starts, default=sys.maxsize)

    def _fill_next(self, whole: bool) -> bool:
        """Fill one gap in one sweep; False when none is due."""
        for sweep, gaps in enumerate(self._waiting):
            if not gaps:
                continue
            start, end = gaps[0]
            seen = end + self._around
            if (whole or seen <= self._end) and (not sweep or self._unfilled(sweep) >= seen):
                self._check()
                self._fill(start, end)
                gaps.popleft()
                if sweep + 1 < SWEEPS:
                    self._waiting[sweep + 1].append((start, end))
                return True
        return False

    def _fill(self, start: int, end: int) -> None:
        left, right = max(self._start, start - self._around), min(self._end, end + self._around)
        piece = self._wave[left - self._start : right - self._start]
        order = min(round(ORDER * self._rate / RATE), (len(piece) - (end - start)) // 3)
        if order > 0:
            filled = _filled(piece, start - left, end - left, order)
            self._wave[start - self._start : end - self._start] = filled


def interpolate(
    wave: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], check: Callable[[], None] = lambda: None
) -> np.ndarray:
    """``wave`` (samples,) with every gap (start, end) filled from both sides, all else as it was: float64.

    What ``wave`` holds in the gaps is not looked at. ``check`` is called for every gap of every sweep and may
    raise.
    """
    return repaired(Interpolator(rate, check), wave, gaps)


def _filled(piece: np.ndarray, start: int, end: int, order: int) -> np.ndarray:
    """The samples ``start`` to ``end`` of ``piece``."""
    known = piece.copy()
    known[start:end] = 0
    limit = LOUDEST * float(np.abs(known).max())
    kernel = autocorrelation(by_burg(piece, order), order)
    kernel[0] *= 1 + LOADING
    column = np.zeros(end - start)
    reach = min(len(column), order + 1)
    column[:reach] = kernel[:reach]
    # Here: who fills gaps from the past alone needs none of it, and waits half as long to begin.
    from scipy.linalg import solve_toeplitz

    made = solve_toeplitz(column, -_beside(known, kernel, start, end), check_finite=False)
    return np.clip(made, -limit, limit) if np.isfinite(made).all() else piece[start:end]


def _beside(known: np.ndarray, kernel: np.ndarray, start: int, end: int) -> np.ndarray:
    """What the known samples add to the equations of each sample of the gap."""
    order = len(kernel) - 1
    left, right = max(0, start - order), min(len(known), end + order)
    both = np.concatenate([kernel[:0:-1], kernel])
    size = 1 << (right - left + len(both)).bit_length()
    product = np.fft.irfft(np.fft.rfft(known[left:right], size) * np.fft.rfft(both, size), size)
    return product[start - left + order : end - left + order]
