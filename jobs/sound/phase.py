"""Phase for a spectrum that has none: integrated from loud bins outward.

The phase of neighbouring cells differs by a known step, along time by the instantaneous frequency
and along frequency by how the magnitude changes in time. Steps are taken in the order of loudness
(a heap), so errors gather where nobody hears them. Source: Prusa, Balazs & Sondergaard, "A
noniterative method for reconstruction of phase from STFT magnitude", IEEE/ACM TASLP 2017; the step
along time comes from the learned instantaneous frequency instead of from the magnitude.
"""

import math

import numba
import numpy as np
import torch
from torch import Tensor

from jobs.sound.spectrum import FFT, HOP, bin_advance

HANN_GAMMA = 0.25645
"""Width of the Gaussian nearest to a Hann window, times the window's length squared (same source)."""


def integrate(magnitude: Tensor, deviation: Tensor, seed: int = 0, tolerance: float = 1e-5) -> Tensor:
    """``magnitude`` and ``deviation`` ``(BINS, frames)`` -> phase in radians, float64.

    ``deviation`` is the advance over the hop that *ends* in a frame beyond the bin's own (radians).
    Bins more than ``tolerance`` below the loudest get a random phase drawn from ``seed``.
    """
    floor = 1e-7
    log = np.log(magnitude.double().numpy() + 1e-10)
    log = np.maximum(log, log.max() + math.log(floor)).astype(np.float32)
    along_time = (deviation.double() + bin_advance()).numpy().astype(np.float32)
    along_frequency = _frequency_steps(log)
    random = np.random.default_rng(seed).uniform(-math.pi, math.pi, log.shape)
    threshold = np.float32(log.max() + math.log(tolerance))
    return torch.from_numpy(_integrate(log, along_time, along_frequency, threshold, random))


def _frequency_steps(log: np.ndarray) -> np.ndarray:
    """Phase step from the bin below, from how log magnitude changes in time (Prusa et al., eq. 18)."""
    gamma = HANN_GAMMA * FFT * FFT
    slope = np.zeros_like(log)
    slope[:, 1:-1] = (log[:, 2:] - log[:, :-2]) / 2
    gradient = -(gamma / (FFT * HOP)) * slope - math.pi
    steps = np.zeros_like(log)
    steps[1:] = (gradient[1:] + gradient[:-1]) / 2
    return steps


@numba.njit(cache=True)
def _push(keys, cells, size, key, cell):
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if keys[parent] >= key:
            break
        keys[child] = keys[parent]
        cells[child] = cells[parent]
        child = parent
    keys[child] = key
    cells[child] = cell
    return size + 1


@numba.njit(cache=True)
def _pop(keys, cells, size):
    top = cells[0]
    size -= 1
    key = keys[size]
    cell = cells[size]
    hole = 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] > keys[child]:
            child += 1
        if keys[child] <= key:
            break
        keys[hole] = keys[child]
        cells[hole] = cells[child]
        hole = child
    keys[hole] = key
    cells[hole] = cell
    return top, size


@numba.njit(cache=True)
def _integrate(log, along_time, along_frequency, threshold, random):
    bins, frames = log.shape
    phase = random.copy()
    open_ = np.zeros((bins, frames), np.bool_)
    loud = 0
    for f in range(bins):
        for t in range(frames):
            if log[f, t] >= threshold:
                open_[f, t] = True
                loud += 1
    starts = np.empty(loud, np.int64)
    levels = np.empty(loud, np.float32)
    n = 0
    for f in range(bins):
        for t in range(frames):
            if open_[f, t]:
                starts[n] = f * frames + t
                levels[n] = -log[f, t]
                n += 1
    starts = starts[np.argsort(levels)]
    keys = np.empty(loud + 1, np.float32)
    cells = np.empty(loud + 1, np.int64)
    for start in starts:
        f0 = start // frames
        t0 = start % frames
        if not open_[f0, t0]:
            continue
        open_[f0, t0] = False
        phase[f0, t0] = 0.0
        size = _push(keys, cells, 0, log[f0, t0], start)
        while size > 0:
            cell, size = _pop(keys, cells, size)
            f = cell // frames
            t = cell % frames
            here = phase[f, t]
            if t + 1 < frames and open_[f, t + 1]:
                open_[f, t + 1] = False
                phase[f, t + 1] = here + along_time[f, t + 1]
                size = _push(keys, cells, size, log[f, t + 1], cell + 1)
            if t > 0 and open_[f, t - 1]:
                open_[f, t - 1] = False
                phase[f, t - 1] = here - along_time[f, t]
                size = _push(keys, cells, size, log[f, t - 1], cell - 1)
            if f + 1 < bins and open_[f + 1, t]:
                open_[f + 1, t] = False
                phase[f + 1, t] = here + along_frequency[f + 1, t]
                size = _push(keys, cells, size, log[f + 1, t], cell + frames)
            if f > 0 and open_[f - 1, t]:
                open_[f - 1, t] = False
                phase[f - 1, t] = here - along_frequency[f, t]
                size = _push(keys, cells, size, log[f - 1, t], cell - frames)
    return phase
