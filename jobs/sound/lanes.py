"""Sums over the bins of frames that lie side by side, each in a lane: (bins, lanes) float32.

So no sum is a chain in which one addition waits for the other. In these loops the lanes are counted at run
time and each writes to one array: loops of a known length are unrolled before the compiler sees that lanes
can be taken together, and of two arrays it can't tell that they don't overlap.
"""

import numpy as np

from jobs.sound.loops import numba
from jobs.sound.mel import BANDS

AMIN = 1e-10
"""Least power of a bin where a logarithm is taken."""
GROUP = 16
"""Powers multiplied before their product is brought back to its mantissa: the least are 1e-160 then."""


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def add(power, total):
    """Add to ``total (bins,)`` what all lanes have."""
    bins, lanes = power.shape
    for at in range(bins):
        together = np.float32(0.0)
        for lane in range(lanes):
            together += power[at, lane]
        total[at] += together


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def total(power, start, stop):
    """``(lanes,)``: of some bins."""
    lanes = power.shape[1]
    summed = np.zeros(lanes, np.float32)
    for at in range(start, stop):
        for lane in range(lanes):
            summed[lane] += power[at, lane]
    return summed


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def mel_power(power, first, weights):
    """``(128, lanes)``: each bin goes to the band ``first`` and the next, by its two ``weights``."""
    bins, lanes = power.shape
    mel = np.zeros((BANDS, lanes), np.float32)
    for at in range(bins):
        low, in_low, in_high = first[at], weights[at, 0], weights[at, 1]
        for lane in range(lanes):
            mel[low, lane] += power[at, lane] * in_low
            mel[low + 1, lane] += power[at, lane] * in_high
    return mel


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def magnitudes(power):
    """``(bins, lanes)``."""
    roots = np.empty_like(power)
    flat, squares = roots.reshape(-1), power.reshape(-1)
    for at in range(len(flat)):
        flat[at] = np.sqrt(squares[at])
    return roots


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def tilted(magnitudes, hertz):
    """``(2, lanes)``: of the magnitudes, and of them by frequency."""
    bins, lanes = magnitudes.shape
    sums = np.zeros((2, lanes), np.float32)
    for at in range(bins):
        here = hertz[at]
        for lane in range(lanes):
            sums[0, lane] += magnitudes[at, lane]
            sums[1, lane] += magnitudes[at, lane] * here
    return sums


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def products(magnitudes, last):
    """``(lanes,)``: of each lane with the one before; of the first with ``last``."""
    bins, lanes = magnitudes.shape
    products = np.zeros(lanes, np.float32)
    first, rest = np.float32(0.0), products[1:]
    for at in range(bins):
        before, after = magnitudes[at, :-1], magnitudes[at, 1:]
        for lane in range(lanes - 1):
            rest[lane] += before[lane] * after[lane]
        first += magnitudes[at, 0] * last[at]
    products[0] = first
    return products


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def flatness(power):
    """``(lanes,)`` geometric by arithmetic mean over bins of power of at least 1e-10.

    Powers are multiplied instead of their logarithms added, which would take longer than all the rest: of the
    product the exponent is taken off and counted now and then.
    """
    bins, lanes = power.shape
    floored, exponent = np.zeros(lanes, np.float32), np.zeros(lanes, np.int64)
    product = np.ones(lanes)
    bits = product.view(np.int64)
    for start in range(0, bins, GROUP):
        for at in range(start, min(start + GROUP, bins)):
            for lane in range(lanes):
                floored[lane] += max(power[at, lane], np.float32(AMIN))
            for lane in range(lanes):
                product[lane] *= max(power[at, lane], np.float32(AMIN))
        for lane in range(lanes):
            exponent[lane] += (bits[lane] >> 52) - 1023
        for lane in range(lanes):
            bits[lane] = (bits[lane] & 0xFFFFFFFFFFFFF) | (1023 << 52)
    found = np.empty(lanes)
    for lane in range(lanes):
        logs = np.log(product[lane]) + exponent[lane] * np.log(2.0)
        found[lane] = np.exp(logs / bins) * bins / floored[lane]
    return found
