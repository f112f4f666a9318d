"""Linear prediction: a sample as a weighted sum of those before it, and what follows if that goes on.

``x[n] + a[1] x[n-1] + ... + a[p] x[n-p]`` is small where a sound is predictable (Makhoul, "Linear
prediction: a tutorial review", Proc. IEEE 1975). There are two ways to find ``a`` here.
`by_autocorrelation` is the quicker one; its window falls late, so that the newest samples count most, and
smears pure tones. `by_burg` has no window and follows tones as far as there are bits (Burg, "Maximum
entropy spectral analysis", 1975), in the form whose cost grows with the order and hardly with the past
(Vos, "A fast implementation of Burg's method", 2013).

Everything is float64: an order of hundreds on audio of 24 bits needs it.
"""

import sys
from functools import lru_cache

import numpy as np

from jobs.sound.kernels import chosen

FALLING = 0.05
"""Share of the window in which it falls to 0."""
LOADING = 1e-9
"""White noise (-90 dB) under an autocorrelation; without it the recursion divides by nothing for a pure
tone."""
BURG_LOADING = 1e-8
"""-80 dB: the quick form squares the wave, so what lies below that is lost in its own rounding."""
FLOOR = 1e-12
UNLIMITED = sys.float_info.max
"""The loops are compiled as if nothing were infinite."""


@lru_cache(maxsize=16)
def window(length: int) -> np.ndarray:
    """(length,): rises as a squared sine, falls within its last `FALLING` as a squared cosine.

    The idea is that of speech coders (ITU-T G.729, 3.2.1): what is about to go on is at the end.
    """
    fall = max(1, round(length * FALLING))
    rise = np.sin(np.linspace(0, np.pi / 2, length - fall)) ** 2
    shape = np.concatenate([rise, np.cos(np.linspace(0, np.pi / 2, fall)) ** 2])
    shape.flags.writeable = False
    return shape


def autocorrelation(wave: np.ndarray, lags: int) -> np.ndarray:
    """``(samples,) -> (lags + 1,)``: the sum of products at every distance from 0 to ``lags``."""
    size = _fast(len(wave) + lags + 1)
    spectrum = np.fft.rfft(wave, size)
    return np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[: lags + 1]


@lru_cache(maxsize=64)
def _fast(least: int) -> int:
    """The smallest size from ``least`` on whose transform is quick: 2, 3 and 5 are its only factors."""
    sizes = (2**a * 3**b * 5**c for a in range(1, 18) for b in range(4) for c in range(3))
    return min(size for size in sizes if size >= least)


def by_autocorrelation(past: np.ndarray, order: int) -> np.ndarray:
    """Coefficients (order + 1,), the first of them 1, of the windowed ``past`` (samples,), by Levinson's
    recursion.

    The filter is stable: what follows from it decays.
    """
    found = autocorrelation(past * window(len(past)), order)
    found[0] = found[0] * (1 + LOADING) + FLOOR
    coefficients = np.zeros(order + 1)
    chosen().levinson(found, found[::-1].copy(), coefficients, np.zeros(order + 1))
    return coefficients


def by_sums(past: np.ndarray, order: int) -> np.ndarray:
    """As `by_autocorrelation`, but for rounding, in one piece of code and with little memory: 0.1 ms at most
    for an order of hundreds, also after a sleep, where a Fourier transform takes twice as long."""
    out, correlation, backwards, mirrored = np.empty((4, order + 1))
    chosen().windowed(
        past, window(len(past)), LOADING, FLOOR, out, np.empty(len(past)), correlation, backwards, mirrored
    )
    return out


def by_burg(past: np.ndarray, order: int) -> np.ndarray:
    """Coefficients (order + 1,), the first of them 1, of ``past`` (samples,), at least ``order + 2`` of them.

    The filter is stable: what follows from it decays.
    """
    fit = Burg(past, order)
    fit.until(order)
    return fit.coefficients


class Burg:
    """`by_burg` in as many pieces as there is time for: ``coefficients`` are right after step ``order``."""

    def __init__(self, past: np.ndarray, order: int):
        self._wave = np.array(past, np.float64)
        if len(self._wave) < order + 2:
            raise ValueError(f"an order of {order} needs {order + 2} samples, there are {len(self._wave)}")
        self._backwards = self._wave[::-1].copy()
        self._correlation = autocorrelation(self._wave, order)
        self._loading = self._correlation[0] * BURG_LOADING + FLOOR
        self._rows, self._sums = np.zeros((4, order + 2)), np.zeros(2)
        self._step = 0
        self.coefficients = np.zeros(order + 1)

    def until(self, step: int) -> None:
        """The steps up to and with ``step``; the n-th costs as much as the first n / 2."""
        chosen().burg(
            self._wave, self._backwards, self._correlation, self._loading, self._step + 1, step,
            self.coefficients, *self._rows, self._sums,
        )  # fmt: skip
        self._step = step


def oldest_first(coefficients: np.ndarray) -> np.ndarray:
    """(order,): ``coefficients`` (order + 1,) without the first, reversed, as the loops take them."""
    return np.ascontiguousarray(coefficients[:0:-1])


def continued(past: np.ndarray, coefficients: np.ndarray, count: int) -> np.ndarray:
    """The ``count`` samples that follow ``past`` (samples,) where nothing new happens."""
    order = len(coefficients) - 1
    wave = np.zeros(order + count)
    known = past[max(0, len(past) - order) :]
    wave[order - len(known) : order] = known
    chosen().extrapolate(wave, oldest_first(coefficients), count, UNLIMITED)
    return wave[order:]
