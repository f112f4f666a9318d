"""Phase for a spectrum that has none: integrated from loud bins outward.

The phase of neighbouring cells differs by a known step, along time by the instantaneous frequency
and along frequency by how the magnitude changes in time. Steps are taken in the order of loudness,
so errors gather where nobody hears them. Source: Prusa, Balazs & Sondergaard, "A
noniterative method for reconstruction of phase from STFT magnitude", IEEE/ACM TASLP 2017; the step
along time comes from the learned instantaneous frequency instead of from the magnitude.
"""

import math

import numpy as np
import torch
from torch import Tensor

from jobs.sound.loops import numba
from jobs.sound.spectrum import FFT, HOP, bin_advance

HANN_GAMMA = 0.25645
"""Width of the Gaussian nearest to a Hann window, times the window's length squared (same source)."""
BUCKETS = 1024
"""Steps of loudness that the order knows: a tenth of a dB each over 100 dB."""
DONE = -1


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
def _buckets(log, threshold):
    """``(bins, frames)`` numbers of loudness from the threshold up; below it cells count as done."""
    step = (log.max() - threshold) / BUCKETS
    found = np.full(log.shape, DONE, np.int16)
    for f in range(log.shape[0]):
        for t in range(log.shape[1]):
            if log[f, t] >= threshold:
                found[f, t] = min(BUCKETS - 1, int((log[f, t] - threshold) / step))
    return found


@numba.njit(cache=True)
def _loudest_first(bucket):
    """Cells that are not done by falling bucket (counting sort)."""
    ends = np.zeros(BUCKETS + 1, np.int64)
    for number in bucket.flat:
        if number != DONE:
            ends[BUCKETS - number] += 1
    ends = np.cumsum(ends)
    order = np.empty(ends[-1], np.int32)
    for cell, number in enumerate(bucket.flat):
        if number != DONE:
            order[ends[BUCKETS - 1 - number]] = cell
            ends[BUCKETS - 1 - number] += 1
    return order


@numba.njit(cache=True)
def _put(bucket, first, after, f, t):
    """Note that a cell has its phase and is to be gone on from; its bucket."""
    cell = f * bucket.shape[1] + t
    number = bucket[f, t]
    bucket[f, t] = DONE
    after[cell] = first[number]
    first[number] = cell
    return number


@numba.njit(cache=True)
def _integrate(log, along_time, along_frequency, threshold, random):
    """The phase of each cell from its loudest neighbour that has one.

    What comes next lies in buckets of a tenth of a dB, each a linked list through ``after``: a heap
    sorts finer than anyone hears and takes three times as long.
    """
    bins, frames = log.shape
    phase = random.copy()
    bucket = _buckets(log, threshold)
    first = np.full(BUCKETS, -1, np.int32)
    after = np.empty(bins * frames, np.int32)
    for start in _loudest_first(bucket):
        f, t = start // frames, start % frames
        top = bucket[f, t]
        if top == DONE:
            continue
        bucket[f, t] = DONE
        phase[f, t] = 0.0
        after[start] = -1
        first[top] = start
        while top >= 0:
            cell = first[top]
            if cell < 0:
                top -= 1
                continue
            first[top] = after[cell]
            f = cell // frames
            t = cell - f * frames
            here = phase[f, t]
            if t + 1 < frames and bucket[f, t + 1] != DONE:
                phase[f, t + 1] = here + along_time[f, t + 1]
                top = max(top, _put(bucket, first, after, f, t + 1))
            if t > 0 and bucket[f, t - 1] != DONE:
                phase[f, t - 1] = here - along_time[f, t]
                top = max(top, _put(bucket, first, after, f, t - 1))
            if f + 1 < bins and bucket[f + 1, t] != DONE:
                phase[f + 1, t] = here + along_frequency[f + 1, t]
                top = max(top, _put(bucket, first, after, f + 1, t))
            if f > 0 and bucket[f - 1, t] != DONE:
                phase[f - 1, t] = here - along_frequency[f, t]
                top = max(top, _put(bucket, first, after, f - 1, t))
    return phase
