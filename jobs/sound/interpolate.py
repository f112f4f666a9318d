"""Gaps filled from both sides, as there is time for in the office.

A linear prediction that fits the sound around a gap leaves a small error wherever it is laid over it; the
samples of the gap are those that make this error smallest, which is a system of equations with one diagonal
repeated (Janssen, Veldhuis & Vries, "Adaptive interpolation of discrete-time signals that can be modeled as
autoregressive processes", IEEE TASSP 1986). Prediction and samples are found in turn, beginning from what
follows from the past: where every tenth packet is lost, zeros in the gaps around would spoil the prediction.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.linalg import solve_toeplitz

from jobs.sound.conceal import conceal
from jobs.sound.linear import autocorrelation, by_burg

RATE = 48_000
ORDER, AROUND = 1024, 0.1
"""Order of the prediction at 48 kHz, and seconds of sound on each side that it is of."""
SWEEPS = 2
"""Times that all gaps are filled, one after the other: each is near others that are only guessed at first."""
LOADING = 1e-9
"""-90 dB: in sound without highs some samples are as good as any, and the equations have no one answer."""
LOUDEST = 1.5
"""Times the highest peak around: nothing in a gap is louder."""


def interpolate(
    wave: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], check: Callable[[], None] = lambda: None
) -> np.ndarray:
    """``wave`` (samples,) with every gap (start, end) filled from both sides, all else as it was: float64.

    What ``wave`` holds in the gaps is not looked at. ``check`` is called `PASSES` times for every gap and may
    raise.
    """
    out = np.array(wave, np.float64)
    begun = conceal(out, rate, gaps, 1, check=check)
    for start, end in gaps:
        out[start:end] = begun[start:end]
    around = round(AROUND * rate)
    for start, end in [*gaps] * SWEEPS:
        check()
        left, right = max(0, start - around), min(len(out), end + around)
        piece = out[left:right]
        order = min(round(ORDER * rate / RATE), (len(piece) - (end - start)) // 3)
        if order > 0:
            out[start:end] = _filled(piece, start - left, end - left, order)
    return out


PASSES = 1 + SWEEPS


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
