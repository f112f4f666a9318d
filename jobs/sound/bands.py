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

import numba
import numpy as np
import torch
from torch import Tensor

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
    """``(..., BINS, frames) -> (..., 2, BANDS, frames)``."""
    bank = filterbank(BANDS, str(spectrum.device))
    power = spectrum.real.square() + spectrum.imag.square()
    deviation = wrapped(
        torch.angle(spectrum[..., 1:] * spectrum[..., :-1].conj()) - bin_advance().float().to(spectrum.device)
    )
    bins = torch.arange(BINS, device=spectrum.device, dtype=torch.float32)[:, None]
    frequency = bins + deviation * FFT / (2 * math.pi * HOP)
    frequency = torch.cat([frequency[..., :1], frequency], dim=-1)
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
    weights = filterbank().weights.numpy().astype(np.float32)
    first, last = _support(weights)
    power = np.ascontiguousarray(band_power(level_db).numpy().T, dtype=np.float32)
    return torch.from_numpy(np.sqrt(_invert(power, weights, first, last, updates)).T)


def deviation(offset: Tensor) -> Tensor:
    """Channel 1 ``(BANDS, frames)`` -> ``(BINS, frames)``: advance beyond the bin's own, radians per hop."""
    bank = filterbank()
    frequency = to_bins(bank.centre[:, None] + offset * bank.width[:, None])
    bins = torch.arange(BINS, dtype=torch.float32)[:, None]
    reach = FFT / (2 * HOP)
    return (frequency - bins).clamp(-reach, reach) * (2 * math.pi * HOP / FFT)


def _support(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and one-past-last bin of each band."""
    inside = weights > 0
    first = inside.argmax(axis=1)
    last = weights.shape[1] - inside[:, ::-1].argmax(axis=1)
    return first.astype(np.int64), last.astype(np.int64)


@numba.njit(cache=True, fastmath=True)
def _invert(power, weights, first, last, updates):
    """``power (frames, bands) -> (frames, bins)``; loops only where a band has weight."""
    frames, bands = power.shape
    bins = weights.shape[1]
    result = np.empty((frames, bins), np.float32)
    target = np.empty(bins, np.float32)
    model = np.empty(bins, np.float32)
    for t in range(frames):
        guess = result[t]
        guess[:] = 1e-9
        target[:] = 0
        for b in range(bands):
            total = np.float32(0)
            for f in range(first[b], last[b]):
                total += weights[b, f]
            share = power[t, b] / max(total, np.float32(1e-6))
            for f in range(first[b], last[b]):
                guess[f] += weights[b, f] * share
                target[f] += weights[b, f] * power[t, b]
        for _ in range(updates):
            model[:] = 1e-12
            for b in range(bands):
                level = np.float32(0)
                for f in range(first[b], last[b]):
                    level += weights[b, f] * guess[f]
                for f in range(first[b], last[b]):
                    model[f] += weights[b, f] * level
            for f in range(bins):
                guess[f] *= target[f] / model[f]
    return result
