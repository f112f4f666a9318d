"""The representation a net learns: 384 bands, log power and instantaneous frequency.

Bands are one bin wide at the bottom, so that no band is empty and bass stays resolvable, and
logarithmic above, like hearing. Their triangles are a partition of unity: every bin's power is
shared out whole, nothing is counted twice.

Shapes: features are ``(..., 2, BANDS, frames)``: channel 0 is power in dB (floor -70 dB), channel 1
the power-weighted instantaneous frequency of the band as deviation from its centre, in band widths.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jobs.sound.loops import numba
from jobs.sound.spectrum import BINS, FFT, HOP, RATE, bin_advance, stft, wrapped

BANDS = 384
FLOOR_DB = -70.0
CEILING_DB = 60.0
AUDIBLE_DB = -60.0
VERSION = 1
"""Changes with anything that changes features, so that cached ones are made again."""


@dataclass(frozen=True)
class Filterbank:
    """``weights (BANDS, BINS)``, ``centre`` and ``width`` ``(BANDS,)`` in bins, ``hertz`` of the centre."""

    weights: Tensor
    centre: Tensor
    width: Tensor
    hertz: Tensor


def _edges(bands: int, bins: int) -> np.ndarray:
    """Centres in bins: 0, 1, ... up to k, then geometric to the last bin with no kink at k."""
    k = np.arange(2, bands - 2)
    end = k * ((k + 1) / k) ** (bands - 1 - k)
    first = int(k[np.argmin(np.abs(np.log(end / (bins - 1))))])
    ratio = ((bins - 1) / first) ** (1 / (bands - 1 - first))
    return np.concatenate([np.arange(first + 1), first * ratio ** np.arange(1, bands - first)])


@functools.lru_cache(maxsize=4)
def filterbank(bands: int = BANDS, device: str = "cpu") -> Filterbank:
    centre = _edges(bands, BINS)
    below = np.concatenate([[centre[0] - 1], centre[:-1]])
    above = np.concatenate([centre[1:], [centre[-1] + 1]])
    bins = np.arange(BINS)[None, :]
    rise = (bins - below[:, None]) / (centre - below)[:, None]
    fall = (above[:, None] - bins) / (above - centre)[:, None]
    weights = np.clip(np.minimum(rise, fall), 0, None)
    weights /= weights.sum(axis=0, keepdims=True)
    middle = (weights * bins).sum(axis=1) / weights.sum(axis=1)
    width = np.maximum(1.0, (np.append(middle[1:], middle[-1]) - np.append(middle[0], middle[:-1])) / 2)

    def tensor(array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).float().to(device)

    return Filterbank(tensor(weights), tensor(middle), tensor(width), tensor(middle * RATE / FFT))


def features(wave: Tensor) -> Tensor:
    """``(..., samples) -> (..., 2, BANDS, samples // 256 + 1)``."""
    return features_of(stft(wave))


def features_of(spectrum: Tensor) -> Tensor:
    """``(..., BINS, frames) -> (..., 2, BANDS, frames)``, frames 256 samples apart."""
    frequency = _frequency(spectrum[..., 1:], spectrum[..., :-1])
    return _banded(spectrum, torch.cat([frequency[..., :1], frequency], dim=-1))


def features_after(spectrum: Tensor, before: Tensor) -> Tensor:
    """As `features_of`, of frames anywhere; ``before`` holds the spectra 256 samples earlier."""
    return _banded(spectrum, _frequency(spectrum, before))


def _frequency(spectrum: Tensor, before: Tensor) -> Tensor:
    """Instantaneous frequency of each bin, in bins."""
    advance = bin_advance().float().to(spectrum.device)
    deviation = wrapped(torch.angle(spectrum * before.conj()) - advance)
    bins = torch.arange(BINS, device=spectrum.device, dtype=torch.float32)[:, None]
    return bins + deviation * FFT / (2 * math.pi * HOP)


def _banded(spectrum: Tensor, frequency: Tensor) -> Tensor:
    bank = filterbank(BANDS, str(spectrum.device))
    power = spectrum.real.square() + spectrum.imag.square()
    in_band = bank.weights @ power
    centre = (bank.weights @ (power * frequency)) / in_band.clamp_min(1e-12)
    level = 10 * torch.log10(in_band + 10 ** (FLOOR_DB / 10))
    offset = ((centre - bank.centre[:, None]) / bank.width[:, None]).clamp(-2, 2)
    return torch.stack([level, torch.where(level > AUDIBLE_DB, offset, 0.0)], dim=-3)


def to_bins(values: Tensor) -> Tensor:
    """Values of bands ``(..., BANDS, frames)`` (gains, frequencies) -> of bins ``(..., BINS, frames)``."""
    return filterbank(BANDS, str(values.device)).weights.T @ values


def band_power(level_db: Tensor) -> Tensor:
    """Channel 0 back to power; non-negative, since the floor that was added is taken off again."""
    floor = 10 ** (FLOOR_DB / 10)
    return (10 ** (level_db.clamp(FLOOR_DB, CEILING_DB) / 10) - floor).clamp_min(0)


def magnitude(level_db: Tensor, updates: int = 15) -> Tensor:
    """Log power of bands ``(BANDS, frames)`` -> magnitude of bins ``(BINS, frames)``, never negative.

    Multiplicative least-squares updates (Lee & Seung 2001) from the transposed bank: a spectrum of
    non-negative power whose bands are the given ones.
    """
    power = np.ascontiguousarray(band_power(level_db).numpy(), dtype=np.float32)
    return torch.from_numpy(_invert(power, *_shares(), updates))


def deviation(offset: Tensor) -> Tensor:
    """Channel 1 ``(BANDS, frames)`` -> ``(BINS, frames)``: advance beyond the bin's own, radians per hop."""
    bank = filterbank()
    frequency = to_bins(bank.centre[:, None] + offset * bank.width[:, None])
    bins = torch.arange(BINS, dtype=torch.float32)[:, None]
    reach = FFT / (2 * HOP)
    return (frequency - bins).clamp(-reach, reach) * (2 * math.pi * HOP / FFT)


@functools.lru_cache(maxsize=1)
def _shares() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Of each bin the lower of its two bands and the weights of both; of each band the sum of its weights;
    and how many bins at the bottom are a band of their own."""
    weights = filterbank().weights.numpy().astype(np.float32)
    bins = np.arange(weights.shape[1])
    lower = np.minimum((weights > 0).argmax(axis=0), len(weights) - 2)
    alone = int(np.argmax((weights > 0).sum(axis=1) > 1))
    return lower, weights[lower, bins], weights[lower + 1, bins], weights.sum(axis=1), alone


WIDE = 32
"""Frames inverted side by side, one per lane of the processor's vector unit."""


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _invert(power, lower, low, high, total, alone, updates):
    """``power (bands, frames)`` -> magnitude ``(bins, frames)``; only where a band has weight.

    Sample by sample: of arrays put into arrays the compiler writes out what it would say of wrong shapes,
    which takes longer than all the rest of it.
    """
    bands, frames = power.shape
    bins = len(lower)
    result = np.empty((bins, frames), np.float32)
    given = np.zeros((bands, WIDE), np.float32)
    level = np.empty((bands, WIDE), np.float32)
    target = np.empty((bins, WIDE), np.float32)
    guess = np.empty((bins, WIDE), np.float32)
    for start in range(0, frames, WIDE):
        count = min(WIDE, frames - start)
        for b in range(bands):
            for k in range(count):
                given[b, k] = power[b, start + k]
            for k in range(WIDE):
                level[b, k] = given[b, k] / total[b]
        _spread(given, target, lower, low, high, 0)
        _spread(level, guess, lower, low, high, 0)
        for f in range(alone):
            for k in range(WIDE):
                guess[f, k] = target[f, k]
        for f in range(alone, bins):
            for k in range(WIDE):
                guess[f, k] += np.float32(1e-9)
        for _ in range(updates):
            _gather(guess, level, lower, low, high, alone)
            _update(guess, target, level, lower, low, high, alone)
        for f in range(bins):
            for k in range(count):
                result[f, start + k] = np.sqrt(guess[f, k])
    return result


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _spread(of_bands, of_bins, lower, low, high, first):
    for f in range(first, len(lower)):
        below, above, mine = of_bands[lower[f]], of_bands[lower[f] + 1], of_bins[f]
        for k in range(len(mine)):
            mine[k] = low[f] * below[k] + high[f] * above[k]


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _gather(of_bins, of_bands, lower, low, high, first):
    of_bands[:] = 0
    for f in range(first, len(lower)):
        below, above, mine = of_bands[lower[f]], of_bands[lower[f] + 1], of_bins[f]
        for k in range(len(mine)):
            below[k] += low[f] * mine[k]
            above[k] += high[f] * mine[k]


@numba.njit(cache=True, fastmath=True, error_model="numpy")
def _update(guess, target, level, lower, low, high, first):
    for f in range(first, len(lower)):
        below, above, mine, wanted = level[lower[f]], level[lower[f] + 1], guess[f], target[f]
        for k in range(len(mine)):
            mine[k] *= wanted[k] / (low[f] * below[k] + high[f] * above[k] + np.float32(1e-12))
