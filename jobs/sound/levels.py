"""Level, true peak, DC and clipping of a finished sound, always finite: silence reads -200 dB."""

import functools
from typing import Any

import numpy as np
import torch
from scipy.signal import firwin
from torch.nn import functional

from jobs.sound.facts import measure

OVERSAMPLED = 4
REACH = 12
"""Samples on each side that the interpolating filter looks at: twice the taps of the standard's own."""
BLOCK = 1 << 17
FLOOR = 1e-10


def validate(audio: Any) -> np.ndarray:
    """``(channels, samples)`` float32. Raises ValueError for no samples, more axes, NaN and Inf."""
    sound = np.atleast_2d(np.asarray(audio, np.float32))
    if sound.ndim != 2 or not sound.size:
        raise ValueError(f"sound: needs the shape (channels, samples), has {sound.shape}")
    if not np.isfinite(sound).all():
        raise ValueError("sound: holds numbers that are not finite")
    return sound


def true_peak_dbtp(audio: Any) -> float:
    """The highest peak, between the samples too, in dBTP: oversampled four times.

    Source: ITU-R BS.1770-5, annex 2. Block by block, so that a long sound takes no more memory.
    """
    sound = validate(audio)
    peak = float(np.abs(sound).max())
    for start in range(0, sound.shape[1], BLOCK):
        block = torch.from_numpy(sound[:, max(0, start - REACH) : start + BLOCK + REACH])
        before, after = REACH - min(start, REACH), max(0, start + BLOCK + REACH - sound.shape[1])
        padded = functional.pad(block, (before, min(after, REACH)))
        peak = max(peak, float(functional.conv1d(padded[:, None], _between()).abs().max()))
    return 20 * float(np.log10(max(peak, FLOOR)))


@functools.lru_cache(maxsize=1)
def _between() -> torch.Tensor:
    """``(3, 1, 2 * REACH + 1)``: a windowed sinc, a quarter, a half and three quarters of a sample on."""
    taps = firwin(2 * OVERSAMPLED * REACH + 1, 1 / OVERSAMPLED, window=("kaiser", 5.0)) * OVERSAMPLED
    taps = np.pad(taps, (0, OVERSAMPLED - 1)).reshape(-1, OVERSAMPLED)
    return torch.from_numpy(taps[:, 1:].T[:, None].copy()).float()


def evaluate(audio: Any, rate: int) -> dict[str, float]:
    """``level_dbfs`` (rms over all channels), ``peak_dbfs``, ``true_peak_dbtp``, ``dc`` and ``clipped``
    (as `jobs.sound.facts` defines them) of ``(channels, samples)``. Raises ValueError as `validate` does.
    """
    sound = validate(audio)
    facts = measure(sound, rate)
    return {
        "level_dbfs": facts.rms_dbfs,
        "peak_dbfs": facts.peak_dbfs,
        "true_peak_dbtp": true_peak_dbtp(sound),
        "dc": facts.dc,
        "clipped": facts.clipped,
    }
