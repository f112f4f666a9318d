"""Level, true peak, DC and clipping of a finished sound, always finite: silence reads -200 dB."""

from typing import Any

import numpy as np

from jobs.sound.facts import measure
from jobs.sound.limiter import true_peak


def validate(audio: Any) -> np.ndarray:
    """``(channels, samples)`` float32. Raises ValueError for no samples, more axes, NaN and Inf."""
    sound = np.atleast_2d(np.asarray(audio, np.float32))
    if sound.ndim != 2 or not sound.size:
        raise ValueError(f"sound: needs the shape (channels, samples), has {sound.shape}")
    if not np.isfinite(sound).all():
        raise ValueError("sound: holds numbers that are not finite")
    return sound


def evaluate(audio: Any, rate: int) -> dict[str, float]:
    """``level_dbfs`` (rms over all channels), ``peak_dbfs``, ``true_peak_dbtp``, ``dc`` and ``clipped``
    (as `jobs.sound.facts` defines them) of ``(channels, samples)``. Raises ValueError as `validate` does.
    """
    sound = validate(audio)
    facts = measure(sound, rate)
    return {
        "level_dbfs": facts.rms_dbfs,
        "peak_dbfs": facts.peak_dbfs,
        "true_peak_dbtp": true_peak(sound),
        "dc": facts.dc,
        "clipped": facts.clipped,
    }
