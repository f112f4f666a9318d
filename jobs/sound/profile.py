"""What a correction goes by: the spectrum of a sound and the spread of its levels, whatever its loudness.

Profiles of a sound and its reference are subtracted; those of many sounds have a mean, the gold template of
an instrument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jobs.sound import average, loudness

HERTZ = average.centres(44_100)
"""(120,) Hz: a twelfth of an octave each, 20 Hz to 20 kHz."""
PERCENTILES = np.array([5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100])
"""Of the levels of a sound."""
STEP = 0.010
"""Seconds of a level."""
FLOOR_DB = -70.0
"""Below the sound's loudness: less is silence in a spectrum."""
SOFTEST_DB = -45.0
"""Below the loudness: softer moments are pauses, and count in no comparison of levels."""


@dataclass(frozen=True)
class Profile:
    """``spectrum`` dB at ``HERTZ``, NaN where the rate has no such frequency, and ``levels`` dB at
    ``PERCENTILES`` of the rms of 10 ms, both relative to the ``loudness`` in LUFS (None of silence)."""

    spectrum: np.ndarray
    levels: np.ndarray
    loudness: float | None

    def record(self) -> dict[str, Any]:
        """As JSON."""
        known = [None if np.isnan(level) else round(float(level), 2) for level in self.spectrum]
        return {"spectrum": known, "levels": [round(float(level), 2) for level in self.levels],
                "loudness": self.loudness}  # fmt: skip

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Profile":
        """What ``record`` gave. Raises ValueError or KeyError for anything else."""
        spectrum = np.array([np.nan if level is None else float(level) for level in record["spectrum"]])
        levels = np.array(record["levels"], float)
        if spectrum.shape != HERTZ.shape or levels.shape != PERCENTILES.shape:
            raise ValueError(f"a profile has {len(HERTZ)} bands and {len(PERCENTILES)} levels")
        if not np.isfinite(levels).all() or np.isinf(spectrum).any():
            raise ValueError("a profile has finite numbers")
        told = record.get("loudness")
        return cls(spectrum, levels, None if told is None else float(told))


def profile(audio: np.ndarray, rate: int) -> Profile:
    """Of (channels, samples) float32."""
    level = loudness.measure(audio, rate).level
    base = level if level is not None else loudness.ABSOLUTE_GATE
    mean, _ = average.spectrum(audio, rate)
    spectrum = np.full(len(HERTZ), np.nan)
    count = min(len(HERTZ), len(mean))
    # The bands next to half the rate hold what the file's own filter left.
    spectrum[:count] = mean[:count]
    spectrum[0.45 * rate < HERTZ] = np.nan
    return Profile(np.maximum(spectrum - base, FLOOR_DB), _levels(audio, rate, base), level)


def mean(profiles: Sequence[Profile]) -> Profile:
    """The template of several, each as much as the others; levels of what is not silent."""
    heard = [one for one in profiles if one.loudness is not None] or list(profiles)
    spectra = np.stack([one.spectrum for one in heard])
    known = ~np.isnan(spectra)
    summed = np.where(known, spectra, 0.0).sum(axis=0)
    spectrum = np.where(known.any(axis=0), summed / np.maximum(known.sum(axis=0), 1), np.nan)
    told = [one.loudness for one in heard if one.loudness is not None]
    return Profile(
        spectrum, np.mean([one.levels for one in heard], axis=0), float(np.mean(told)) if told else None
    )


def _levels(audio: np.ndarray, rate: int, base: float) -> np.ndarray:
    levels = step_levels(audio, rate) - base
    heard = levels[levels > SOFTEST_DB]
    return np.percentile(heard, PERCENTILES) if len(heard) else np.full(len(PERCENTILES), SOFTEST_DB)


def step_levels(audio: np.ndarray, rate: int) -> np.ndarray:
    """(steps,) dBFS of the rms of 10 ms over all channels, the last one filled up with silence."""
    size = max(1, round(STEP * rate))
    power = np.square(audio, dtype=np.float64).mean(axis=0)
    power = np.pad(power, (0, -len(power) % size or (size if not len(power) else 0)))
    return 10 * np.log10(np.maximum(power.reshape(-1, size).mean(axis=1), 1e-12))
