"""What the frames of a sound tell: one short-time Fourier transform, of which only small things are kept.

Frames are Hann windows of 2048 samples every 512, centred, with zeros outside, as librosa's are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft

from jobs.sound import lanes
from jobs.sound.loops import numba
from jobs.sound.mel import BANDS, mel_filters
from jobs.sound.slots import CREST_HZ, FRAME, HOP

BINS = FRAME // 2 + 1
SILENT = 1e-9
"""Power of a frame below which nothing is in it: a noise of -130 dBFS."""
LANES = 32
"""Frames taken at a time: what is made of them stays in the cache, and a long sound in memory."""


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
    last, total = np.zeros(BINS, np.float32), np.zeros(BINS)
    windowed = np.empty((LANES, FRAME), np.float32)
    for start in range(0, count, LANES):
        some = slice(start, min(start + LANES, count))
        here = windowed[: min(LANES, count - start)]
        _cut(mono, start * HOP - FRAME // 2, _hann(), here)
        spectrum = fft.rfft(here, axis=1)
        _tell(spectrum, last, *_tables(rate), told[some], mel[some], bands[some], total)
    # One layout whatever the length: compiled code is made for layouts, and not everywhere can it be.
    centroid, flatness, power, flux = np.ascontiguousarray(told.T)
    return Frames(centroid, flatness, mel, bands, power, flux[1:] if count > 1 else flux, total / count)


@lru_cache(maxsize=2)
def _tables(rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(Hz of the bins, bins of each band, first mel band of each bin, its weights in that and the next)."""
    hertz = np.arange(BINS) * rate / FRAME
    edges = np.array([np.searchsorted(hertz, band) for band in CREST_HZ])
    filters = mel_filters(rate, FRAME)
    # Triangles meet in pairs: a bin has a part in two neighbours at most.
    first = np.minimum((filters > 0).argmax(axis=1), BANDS - 2)
    weights = np.take_along_axis(filters, first[:, None] + np.arange(2), axis=1)
    return hertz.astype(np.float32), edges, first, weights


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
        if low < high:
            inside, part, weights = out[low:high], wave[first + low : first + high], window[low:high]
            for at in range(len(inside)):
                inside[at] = part[at] * weights[at]


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _tell(spectrum, last, hertz, edges, first, weights, told, mel, bands, total):
    """Fill ``told`` (centroid, flatness, power, flux), ``mel`` and ``bands``, and add the power to ``total``.

    ``last``: magnitudes of the frame before; it becomes those of the last one. Sample by sample: of arrays
    put into arrays the compiler writes out what it would say of wrong shapes, for seconds.
    """
    count = len(told)
    power = np.empty((BINS, count), np.float32)
    for frame in range(count):
        for at in range(BINS):
            value = spectrum[frame, at]
            power[at, frame] = value.real * value.real + value.imag * value.imag
    lanes.add(power, total)
    whole, flatness = lanes.total(power, 0, BINS), lanes.flatness(power)
    in_bands = lanes.mel_power(power, first, weights)
    magnitudes = lanes.magnitudes(power)
    summed, tilted = lanes.tilted(magnitudes, hertz)
    product = lanes.products(magnitudes, last)
    whole_before = (last * last).sum()
    for at in range(BINS):
        last[at] = magnitudes[at, count - 1]
    for frame in range(count):
        loud = whole[frame] > SILENT and whole_before > SILENT
        told[frame, 0] = tilted[frame] / summed[frame] if summed[frame] > 0 else 0.0
        told[frame, 1] = flatness[frame]
        told[frame, 2] = whole[frame]
        told[frame, 3] = 1 - product[frame] / np.sqrt(whole[frame] * whole_before) if loud else 0.0
        whole_before = whole[frame]
        for at in range(BANDS):
            mel[frame, at] = in_bands[at, frame]
    for band in range(len(edges)):
        inside = lanes.total(power, edges[band, 0], edges[band, 1])
        for frame in range(count):
            bands[frame, band] = inside[frame]
