"""A sound over frequency and over time: short-time spectra, mean power, bands, envelope.

`jobs.sound.fidelity` compares two sounds by these, `jobs.sound.anatomy` describes one. Sounds are float64
``(channels, samples)``; the powers of all bins add up to the mean square of the sound, which is 1 for a
square wave at full scale and 0.5 for a sine. Windows shrink to what a short sound can fill.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft

AT_ONCE = 1 << 15
"""Values that are transformed together: they stay in the cache, and no memory is asked for anew."""
LONG = 0.2
"""Seconds: the longest window of a mean spectrum has the highest power of two within it (8192 at 48 kHz)."""
HOP_SECONDS = 0.0025
"""Of the envelope, whose windows are two hops long."""
RANGE_DB = 80.0
"""Below the loudest window, where levels end."""
RANGE_PERCENTILES = (10, 95)
THIRDS_HZ = 1000 * 10 ** ((2 * np.arange(-16, 15) - 1) / 20)
"""Edges of the third-octave bands from 25 Hz to 20 kHz (IEC 61260-1:2014, base ten)."""
LOBE = 5
"""Bins on each side of a peak that belong to it: the main lobe of a Blackman-Harris window and a half."""
LOWEST_HZ = 20.0
_HANN = (0.5, 0.5)
_BLACKMAN_HARRIS = (0.35875, 0.48829, 0.14128, 0.01168)
"""Four terms, side lobes below -92 dB (Harris, "On the use of windows for harmonic analysis", 1978)."""


def fitting(size: int, samples: int) -> int:
    """``size``, a power of two, or the highest one that is not longer than the sound."""
    return min(size, 1 << (samples.bit_length() - 1))


def hann(size: int) -> np.ndarray:
    """(size,): periodic, so that windows half a size apart add up to 1."""
    return _cosines(_HANN, size)


@lru_cache(maxsize=32)
def _cosines(terms: tuple[float, ...], size: int) -> np.ndarray:
    angle = 2 * np.pi * np.arange(size) / size
    shape = np.sum([(-1) ** n * term * np.cos(n * angle) for n, term in enumerate(terms)], axis=0)
    shape.flags.writeable = False
    return shape


def spectra(audio: np.ndarray, window: np.ndarray, hop: int) -> Iterator[np.ndarray]:
    """Complex ``(channels, some frames, bins)`` again and again; the last frame ends where the sound does.

    The sound is at least as long as the window. Frames come in pieces: an hour would not fit into memory.
    """
    every = sliding_window_view(audio, len(window), axis=1)
    frames = every[:, ::hop]
    some = max(1, AT_ONCE // (len(audio) * len(window)))
    for first in range(0, frames.shape[1], some):
        yield fft.rfft(frames[:, first : first + some] * window, axis=-1)
    if (every.shape[1] - 1) % hop:
        yield fft.rfft(every[:, -1:] * window, axis=-1)


def mean_power(audio: np.ndarray, rate: int) -> np.ndarray:
    """``(bins,)`` from 0 Hz to half the rate, mean over channels (Welch 1967: Hann, half overlapping)."""
    return _mean_power(audio, hann(_long(audio, rate)), 2)


def _mean_power(audio: np.ndarray, window: np.ndarray, overlap: int) -> np.ndarray:
    total, frames = np.zeros(len(window) // 2 + 1), 0
    for spectrum in spectra(audio, window, len(window) // overlap):
        total += np.einsum("cfb,cfb->b", spectrum, spectrum.conj()).real
        frames += spectrum.shape[1]
    total[1:-1] *= 2
    return total / (frames * len(audio) * len(window) * (window @ window))


def _long(audio: np.ndarray, rate: int) -> int:
    return fitting(1 << (int(LONG * rate).bit_length() - 1), audio.shape[1])


def band_powers(power: np.ndarray, rate: int, edges: np.ndarray) -> np.ndarray:
    """``(len(edges) - 1,)`` of a `mean_power` between ``edges`` in Hz; a bin that an edge cuts is shared."""
    step = rate / (2 * (len(power) - 1))
    bins = np.concatenate([[0.0], (np.arange(len(power) - 1) + 0.5) * step, [rate / 2]])
    below = np.interp(edges, bins, np.concatenate([[0.0], np.cumsum(power)]))
    return np.diff(below)


def thirds(audio: np.ndarray, rate: int) -> np.ndarray:
    """Power of each third-octave band from 25 Hz to 20 kHz that begins below half the rate."""
    edges = THIRDS_HZ[: np.count_nonzero(THIRDS_HZ[:-1] < rate / 2) + 1]
    return band_powers(mean_power(audio, rate), rate, edges)


def envelope(audio: np.ndarray, rate: int) -> np.ndarray:
    """``(channels, windows)`` rms of 5 ms every 2.5 ms, to the nearest sample; of a short sound one."""
    hop = max(1, round(HOP_SECONDS * rate))
    starts = np.arange(0, audio.shape[1], hop)
    energy = np.add.reduceat(audio * audio, starts, axis=1)
    count = np.diff(np.append(starts, audio.shape[1]))
    if len(starts) > 1:
        energy, count = energy[:, 1:] + energy[:, :-1], count[1:] + count[:-1]
    return np.sqrt(energy / count)


def dynamic_range(rms: np.ndarray) -> float:
    """dB from the 10th to the 95th percentile of the levels of an `envelope`, all channels together.

    As slot 29 of a fingerprint, but of shorter windows. Levels end 80 dB below the loudest.
    """
    if not rms.any():
        return 0.0
    levels = 20 * np.log10(np.maximum(rms / rms.max(), 10 ** (-RANGE_DB / 20)))
    low, high = np.percentile(levels, RANGE_PERCENTILES)
    return float(high - low)


def tonal_power(audio: np.ndarray, rate: int) -> np.ndarray:
    """As `mean_power`, with a window that shows what lies 90 dB below a tone; without DC."""
    level = audio - audio.mean(axis=1, keepdims=True)
    return _mean_power(level, _cosines(_BLACKMAN_HARRIS, _long(audio, rate)), 4)


def fundamental(power: np.ndarray, rate: int) -> int:
    """Bin of the highest peak of a `tonal_power` between 20 Hz and 20 kHz."""
    hertz = np.arange(len(power)) * rate / (2 * (len(power) - 1))
    return int(np.argmax(np.where((hertz >= LOWEST_HZ) & (hertz <= THIRDS_HZ[-1]), power, -1.0)))


def thd_n(power: np.ndarray, bin_: int) -> float:
    """THD+N in percent: rms of all but the tone in ``bin_`` by that of all; 100 where nothing is."""
    total = float(power.sum())
    rest = float(power[: max(0, bin_ - LOBE)].sum() + power[bin_ + LOBE + 1 :].sum())
    return 100 * float(np.sqrt(rest / total)) if total > 0 else 100.0
