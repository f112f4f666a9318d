"""The spectrum of a whole sound in bands of a twelfth of an octave: on the mean, and at its loudest.

Levels are dB of the power in a band; a sine of full scale is -3 dB (its power), white noise rises by 3 dB per
octave as bands widen.
"""

from functools import lru_cache

import numpy as np
from scipy.fft import rfft

LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
PER_OCTAVE = 12
SIZE = 16_384
"""Samples of a frame at 48 kHz: 2.9 Hz a bin, a twelfth of an octave at 50 Hz. Longer at higher rates."""
FLOOR_DB = -120.0


def centres(rate: int) -> np.ndarray:
    """(bands,) Hz of the middles of bands, up to 20 kHz or half the rate."""
    top = min(HIGHEST_HZ, rate / 2)
    count = int(np.floor(np.log2(top / LOWEST_HZ) * PER_OCTAVE)) + 1
    return LOWEST_HZ * 2 ** (np.arange(count) / PER_OCTAVE)


def spectrum(audio: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """(mean, loudest), each (bands,) dB, of (channels, samples) float32 at ``rate`` Hz, -120 dB at least.

    Power is the mean over channels; frames are Hann windows that overlap by half (Welch 1967).
    """
    size = SIZE * max(1, round(rate / 48_000))
    power = _frames(np.atleast_2d(audio), size)
    inside = _shares(rate, size)
    bands = power @ inside
    with np.errstate(divide="ignore"):
        mean, most = (10 * np.log10(found) for found in (bands.mean(axis=0), bands.max(axis=0)))
    return np.maximum(mean, FLOOR_DB), np.maximum(most, FLOOR_DB)


def _frames(audio: np.ndarray, size: int) -> np.ndarray:
    """(frames, bins) power of one side, scaled so that a sine's bins add up to its power."""
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    scale = 2.0 / (size * float(np.square(window, dtype=np.float64).sum()))
    count = max(1, -(-audio.shape[-1] // (size // 2)) - 1)
    out = np.zeros((count, size // 2 + 1))
    for frame in range(count):
        part = audio[:, frame * size // 2 : frame * size // 2 + size]
        found = rfft(part * window[: part.shape[-1]], size, axis=-1)
        out[frame] = (found.real**2 + found.imag**2).mean(axis=0)
    return out * scale


@lru_cache(maxsize=4)
def _shares(rate: int, size: int) -> np.ndarray:
    """(bins, bands): how much of each bin lies in each band, so that no power is lost between bands."""
    middles = centres(rate)
    half = 2 ** (0.5 / PER_OCTAVE)
    low, high = middles / half, middles * half
    hertz = np.arange(size // 2 + 1) * rate / size
    step = rate / size
    lower = np.maximum(low[:, None], hertz - step / 2)
    upper = np.minimum(high[:, None], hertz + step / 2)
    return np.ascontiguousarray((np.maximum(0.0, upper - lower) / step).T)
