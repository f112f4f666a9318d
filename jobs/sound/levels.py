"""Level, true peak, DC and clipping of a finished sound, always finite: silence reads -200 dB."""

from typing import Any

import numpy as np
from scipy.signal import firwin, resample_poly

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
    taps = firwin(2 * OVERSAMPLED * REACH + 1, 1 / OVERSAMPLED, window=("kaiser", 5.0)).astype(np.float32)
    for start in range(0, sound.shape[1], BLOCK):
        lead = min(start, 2 * REACH)
        block = sound[:, start - lead : start + BLOCK + 2 * REACH]
        # What is heard of the surroundings alone is cut off again: their far ends are steps.
        between = resample_poly(block, OVERSAMPLED, 1, axis=1, window=taps)[:, lead * OVERSAMPLED :]
        peak = max(peak, float(np.abs(between[:, : BLOCK * OVERSAMPLED]).max()))
    return 20 * float(np.log10(max(peak, FLOOR)))


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
