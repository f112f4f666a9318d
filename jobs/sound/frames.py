"""What the frames of a sound tell: one short-time Fourier transform, of which only small things are kept.

Frames are Hann windows of 2048 samples every 512, centred, with zeros outside, as librosa's are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numba
import numpy as np
from scipy import fft

from jobs.sound.mel import BANDS, mel_filters
from jobs.sound.slots import CREST_HZ, FRAME, HOP

BINS = FRAME // 2 + 1
AMIN = 1e-10
"""Least power of a bin where a logarithm is taken."""
SILENT = 1e-9
"""Power of a frame below which nothing is in it: a noise of -130 dBFS."""
GROUPS = 64
AT_ONCE = 32
"""Frames transformed at a time: what is made of them stays in the cache, and a long sound in memory."""


@dataclass(frozen=True)
class Frames:
    """Each ``(frames, ...)`` float32: ``centroid`` Hz, ``flatness`` 0-1, power in ``mel (128)`` and in three
    ``bands``, whole ``power``, ``flux`` against the frame before (1 - correlation of magnitudes; 0 beside
    silence); and the mean power spectrum ``mean (1025,)`` float64."""

    centroid: np.ndarray
    flatness: np.ndarray
    mel: np.ndarray
    bands: np.ndarray
    power: np.ndarray
    flux: np.ndarray
    mean: np.ndarray


def frames(mono: np.ndarray, rate: int) -> Frames:
    """Of ``(samples,)`` float32 at ``rate`` Hz: ``samples // 512 + 1`` frames."""
    count = len(mono) // HOP + 1
    told = np.empty((count, 4), np.float32)
    mel, bands = np.empty((count, BANDS), np.float32), np.empty((count, len(CREST_HZ)), np.float32)
    before, total = np.zeros(BINS, np.float32), np.zeros(BINS)
    windowed, tables = np.empty((min(AT_ONCE, count), FRAME), np.float32), _tables(rate)
    for start in range(0, count, AT_ONCE):
        some = slice(start, min(start + AT_ONCE, count))
        here = windowed[: some.stop - start]
        _cut(mono, start * HOP - FRAME // 2, _hann(), here)
        spectrum = fft.rfft(here, axis=1)
        total += _tell(spectrum, before, *tables, told[some], mel[some], bands[some])
    centroid, flatness, power, flux = told.T
    return Frames(centroid, flatness, mel, bands, power, flux[1:] if count > 1 else flux, total / count)


@lru_cache(maxsize=2)
def _tables(rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(Hz of the bins, bins of each band, bins of each mel filter, its weights)."""
    hertz = np.arange(BINS) * rate / FRAME
    edges = np.array([np.searchsorted(hertz, band) for band in CREST_HZ])
    filters = mel_filters(rate, FRAME)
    used = [np.flatnonzero(column) for column in filters.T]
    spans = np.array([(at[0], at[-1] + 1) if len(at) else (0, 0) for at in used])
    weights = np.zeros((BANDS, int((spans[:, 1] - spans[:, 0]).max())), np.float32)
    for row, (low, high), column in zip(weights, spans, filters.T, strict=True):
        row[: high - low] = column[low:high]
    return hertz.astype(np.float32), edges, spans, weights


@lru_cache(maxsize=1)
def _hann() -> np.ndarray:
    return np.hanning(FRAME + 1)[:-1].astype(np.float32)


@numba.njit(cache=True)
def _cut(wave, start, window, windowed):
    """Fill ``windowed (frames, 2048)`` with frames from sample ``start`` on, zeros outside of ``wave``."""
    for frame in range(len(windowed)):
        first = start + frame * HOP
        low, high = min(max(0, -first), FRAME), max(0, min(FRAME, len(wave) - first))
        out = windowed[frame]
        out[:low] = 0
        out[max(low, high) :] = 0
        for at in range(low, high):
            out[at] = wave[first + at] * window[at]


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _tell(spectrum, before, hertz, edges, spans, weights, told, mel, bands):
    """Fill ``told`` (centroid, flatness, power, flux), ``mel`` and ``bands`` of frames; their summed power.

    ``before``: magnitudes of the frame before; it becomes those of the last one.
    """
    bins = spectrum.shape[1]
    power, total, products = np.empty(bins, np.float32), np.zeros(bins, np.float32), np.empty(GROUPS)
    last = np.float32(0.0)
    for at in range(bins):
        last += before[at] * before[at]
    for frame in range(len(spectrum)):
        whole, tilted, summed, product = np.float32(0.0), np.float32(0.0), np.float32(0.0), np.float32(0.0)
        row = spectrum[frame]
        for at in range(bins):
            power[at] = row[at].real * row[at].real + row[at].imag * row[at].imag
        for at in range(bins):
            magnitude = np.sqrt(power[at])
            summed += magnitude
            tilted += magnitude * hertz[at]
            product += magnitude * before[at]
            whole += power[at]
            total[at] += power[at]
            before[at] = magnitude
        told[frame, 0] = tilted / summed if summed > 0 else 0.0
        told[frame, 2] = whole
        loud = whole > SILENT and last > SILENT
        told[frame, 3] = 1 - product / (np.sqrt(whole) * np.sqrt(last)) if loud else 0.0
        last = whole
        for band in range(len(weights)):
            low = spans[band, 0]
            level = np.float32(0.0)
            for at in range(spans[band, 1] - low):
                level += weights[band, at] * power[low + at]
            mel[frame, band] = level
        for band in range(len(edges)):
            level = np.float32(0.0)
            for at in range(edges[band, 0], edges[band, 1]):
                level += power[at]
            bands[frame, band] = level
        told[frame, 1] = _flatness(power, products)
    return total


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _flatness(power, products):
    """Geometric by arithmetic mean of values of at least 1e-10.

    Sixteen at a time are multiplied before the logarithm: a multiplication costs a hundredth of it.
    """
    floored = np.float32(0.0)
    products[:] = 1.0
    for part in range(len(power) // GROUPS):
        for at in range(GROUPS):
            value = max(power[part * GROUPS + at], np.float32(AMIN))
            floored += value
            products[at] *= value
    logs = 0.0
    for at in range(GROUPS):
        logs += np.log(products[at])
    for at in range(len(power) // GROUPS * GROUPS, len(power)):
        value = max(power[at], np.float32(AMIN))
        floored += value
        logs += np.log(np.float64(value))
    return np.exp(logs / len(power)) * len(power) / floored
