"""What would bring a sound to its reference: an equaliser and a gain by level, in closed form.

The equaliser is the difference of the mean spectra in twelfths of an octave, smoothed by how alike the two
are, played by a filter of minimum phase (so that a flaw made by such a filter is undone, and nothing sounds
before an attack). The dynamics match the spread of levels, percentile by percentile. Both are bounded by
12 dB, and ``strength`` scales them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from jobs.sound import loudness
from jobs.sound.damage import OCTAVES, TARGETS
from jobs.sound.limiter import true_peak
from jobs.sound.profile import FLOOR_DB, HERTZ, PERCENTILES, STEP, Profile, profile, step_levels

MOST_DB = 12.0
"""Of the equaliser and of the dynamics, up or down."""
FINE, BROAD, TEMPLATE = 1, 5, 9
"""Bands (of a twelfth of an octave) that a difference is averaged over: to the clean take of the same sound,
to another sound, to the mean of many."""
LEAST_DB = 0.3
"""Less is nothing."""
DYNAMICS_LEAST_DB = 2.0
"""Spread of levels from which on dynamics are changed."""
HEARD_DB = -55.0
"""Bands in which both are softer than this, below their loudness, tell nothing."""
TAPS = 4096
"""Of the filter at 48 kHz."""
SMOOTH = 0.015
"""Seconds over which the gain of the dynamics moves."""
CEILING = -1.0
"""dBTP."""
NARROW_DB, NARROW_OCTAVES = 6.0, 0.06
"""Least cut that is taken for one of a resonance, and its width."""
ADVICE_DB, ADVICE_APART = 1.0, 2
"""Least gain worth a word, and bands between two pieces of advice."""
LOW_HZ, HIGH_HZ = 50.0, 10_000.0
"""A gain that reaches beyond them is that of a shelf."""
NICE_HZ = (30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 2500,
           3000, 4000, 5000, 6000, 8000, 10000, 12000, 16000)  # fmt: skip


@dataclass(frozen=True)
class Correction:
    """``eq``: dB at `profile.HERTZ`; ``gains``: dB to add at ``levels``, relative to the loudness."""

    eq: np.ndarray
    levels: np.ndarray
    gains: np.ndarray

    def scaled(self, strength: float = 1.0, only: str = "") -> "Correction":
        """``strength`` 0 to 1; ``only`` "eq" or "dynamics"."""
        eq = self.eq * strength * (only != "dynamics")
        return replace(self, eq=eq, gains=self.gains * strength * (only != "eq"))

    @property
    def spread(self) -> float:
        """dB by which loud moments are raised against soft ones; negative: brought nearer."""
        low, high = np.searchsorted(PERCENTILES, (40, 95))
        return float(self.gains[high] - self.gains[low])

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {name: [round(float(value), 3) for value in getattr(self, name)]
                for name in ("eq", "levels", "gains")}  # fmt: skip

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Correction":
        """What ``record`` gave. Raises ValueError or KeyError for anything else."""
        eq, levels, gains = (np.array(record[name], float) for name in ("eq", "levels", "gains"))
        if eq.shape != HERTZ.shape or levels.shape != PERCENTILES.shape or gains.shape != levels.shape:
            raise ValueError(f"a correction has {len(HERTZ)} bands and {len(PERCENTILES)} levels")
        if not all(np.isfinite(one).all() for one in (eq, levels, gains)):
            raise ValueError("a correction has finite numbers")
        if max(np.abs(eq).max(), np.abs(gains).max()) > 2 * MOST_DB or (np.diff(levels) < 0).any():
            raise ValueError(f"a correction has gains of {MOST_DB:g} dB at most, and levels that rise")
        return cls(eq, levels, gains)


def match(audio: np.ndarray, rate: int, reference: Profile, smooth: int = BROAD) -> Correction:
    """What leads from (channels, samples) float32 to the profile of a reference.

    The dynamics are those that are left to do after the equaliser, which changes levels as well. (Levels
    compared moment by moment, where the clean take is known, undo less: a compressor's gain goes by what was
    before, not by the level of a moment.)
    """
    eq = _equaliser(profile(audio, rate), reference, smooth)
    levels = profile(_filtered(audio, rate, eq), rate).levels
    return Correction(eq, levels, _gains(levels, reference.levels))


def _equaliser(sound: Profile, reference: Profile, smooth: int) -> np.ndarray:
    difference = reference.spectrum - sound.spectrum
    told = np.maximum(sound.spectrum, reference.spectrum) > HEARD_DB
    difference = np.where(told & ~np.isnan(difference), difference, 0.0)
    # Loudness is kept, so the whole may be off by a constant that no filter has to make.
    difference = np.where(told, difference - _middle(difference, sound, told), 0.0)
    if smooth > 1:
        weight = uniform_filter1d(told.astype(float), smooth, mode="nearest")
        difference = uniform_filter1d(difference, smooth, mode="nearest") / np.maximum(weight, 1 / smooth)
    return np.clip(np.where(np.abs(difference) < LEAST_DB, 0.0, difference), -MOST_DB, MOST_DB)


def _middle(difference: np.ndarray, sound: Profile, told: np.ndarray) -> float:
    """The median over what is heard: a flaw is in a part of the spectrum, the rest stays as it is."""
    heard = told & (sound.spectrum > FLOOR_DB / 2)
    return float(np.median(difference[heard])) if heard.any() else 0.0


def _gains(levels: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    gains = wanted - levels
    # Soft ends of two sounds differ by how long they ring; gains there follow the softest level that counts.
    counts = PERCENTILES >= 30
    gains = np.where(counts, gains, gains[np.argmax(counts)])
    if np.ptp(gains) < DYNAMICS_LEAST_DB:
        return np.zeros(len(gains))
    gains = gains - gains[len(gains) // 2]
    return np.clip(gains, -MOST_DB, MOST_DB)


def apply(audio: np.ndarray, rate: int, correction: Correction) -> tuple[np.ndarray, float]:
    """(channels, samples) float32 corrected and as loud as before, and the dB that it is softer than that
    because its true peak would pass -1 dBTP."""
    before = loudness.measure(audio, rate).level
    made = _filtered(audio, rate, correction.eq)
    if np.any(correction.gains) and before is not None:
        level = loudness.measure(made, rate).level
        made = made * _gain(made, rate, correction, before if level is None else level)
    after = loudness.measure(made.astype(np.float32), rate).level
    gain = before - after if before is not None and after is not None else 0.0
    over = true_peak(made.astype(np.float32)) + gain - CEILING
    held = max(0.0, over) if before is not None else 0.0
    return (made * 10 ** ((gain - held) / 20)).astype(np.float32), held


def _filtered(audio: np.ndarray, rate: int, eq: np.ndarray) -> np.ndarray:
    if not np.any(eq):
        return audio
    taps = minimum_phase(eq, rate)
    count = audio.shape[1]
    size = next_fast_len(count + len(taps) - 1, real=True)
    return irfft(rfft(audio, size) * rfft(taps, size), size)[:, :count].astype(np.float32)


def minimum_phase(eq: np.ndarray, rate: int) -> np.ndarray:
    """(taps,) of the filter whose gain is ``eq`` dB at `profile.HERTZ` (Oppenheim & Schafer, homomorphic)."""
    size = TAPS * max(1, round(rate / 48_000))
    hertz = np.fft.rfftfreq(2 * size, 1 / rate)
    decibels = np.interp(np.log2(np.maximum(hertz, 1e-3)), np.log2(HERTZ), eq)
    cepstrum = irfft(decibels * (np.log(10) / 20))
    fold = np.zeros(2 * size)
    fold[0] = fold[size] = 1.0
    fold[1:size] = 2.0
    taps = irfft(np.exp(rfft(cepstrum * fold)))[:size]
    taps[size // 2 :] *= np.hanning(size + 1)[size // 2 + 1 :]
    return taps


def _gain(audio: np.ndarray, rate: int, correction: Correction, level: float) -> np.ndarray:
    """(samples,) factors: what the level of each moment asks for, moved smoothly."""
    levels = step_levels(audio, rate)
    wanted = np.interp(levels - level, correction.levels, correction.gains)
    smooth = uniform_filter1d(wanted, max(1, round(SMOOTH / STEP)), mode="nearest")
    size = max(1, round(STEP * rate))
    middles = (np.arange(len(smooth)) + 0.5) * size
    return 10 ** (np.interp(np.arange(audio.shape[1]), middles, smooth) / 20)


def advice(correction: Correction, most: int = 3) -> list[dict[str, Any]]:
    """The ``most`` that matter most: ``{"kind", "hertz", "gain_db", "text"}``, largest first."""
    found: list[dict[str, Any]] = []
    curve = uniform_filter1d(correction.eq, BROAD, mode="nearest")
    free = np.ones(len(curve), bool)
    while free.any() and len(found) < most:
        at = int(np.argmax(np.where(free, np.abs(curve), -1)))
        if abs(curve[at]) < ADVICE_DB:
            break
        low, high = _region(curve, at, 0.25)
        free[max(0, low - ADVICE_APART) : high + ADVICE_APART] = False
        found.append(_equaliser_advice(curve, at))
    if abs(correction.spread) >= DYNAMICS_LEAST_DB:
        found.append(_dynamics_advice(correction.spread))
    return sorted(found, key=lambda one: -abs(one["gain_db"]))[:most]


def _region(curve: np.ndarray, at: int, share: float) -> tuple[int, int]:
    """The bands around one that have ``share`` of its gain at least."""
    less = np.flatnonzero(curve * np.sign(curve[at]) < share * abs(curve[at]))
    low = int(less[less < at][-1]) + 1 if (less < at).any() else 0
    high = int(less[less > at][0]) if (less > at).any() else len(curve)
    return low, high


def _equaliser_advice(curve: np.ndarray, at: int) -> dict[str, Any]:
    gain = float(curve[at])
    low, high = _region(curve, at, 0.5)
    word = "cut" if gain < 0 else "raise"
    where, hertz = "", float(HERTZ[at])
    if HERTZ[low] < LOW_HZ <= HERTZ[high - 1]:
        where, hertz = "everything below ", float(HERTZ[high - 1])
    elif HERTZ[high - 1] > HIGH_HZ >= HERTZ[low]:
        where, hertz = "everything above ", float(HERTZ[low])
    near = min(NICE_HZ, key=lambda nice: abs(np.log(nice / hertz)))
    shown = f"{near / 1000:g} kHz" if near >= 1000 else f"{near} Hz"
    text = f"{word} {where}{shown} by {abs(gain):.1f} dB"
    return {"kind": "eq", "hertz": near, "gain_db": round(gain, 1), "text": text}


def _dynamics_advice(spread: float) -> dict[str, Any]:
    text = "give peaks {:.1f} dB more room: compress less" if spread > 0 else "hold peaks back by {:.1f} dB"
    return {"kind": "dynamics", "hertz": None, "gain_db": round(spread, 1), "text": text.format(abs(spread))}


def of_targets(values: Sequence[float], levels: np.ndarray) -> Correction:
    """A correction of the 15 numbers of `jobs.sound.damage.TARGETS`, for a sound with such ``levels``.

    What is off in time or driven can't be undone by gains; it is left to the words of the diagnosis.
    """
    told = dict(zip(TARGETS, map(float, values), strict=True))
    eq = np.interp(np.log2(HERTZ), np.log2(OCTAVES), [told[name] for name in TARGETS[: len(OCTAVES)]])
    if told["resonance_db"] < -NARROW_DB:
        away = np.log2(HERTZ) - told["resonance_log2_hz"]
        eq = eq + told["resonance_db"] * np.exp(-0.5 * np.square(away / NARROW_OCTAVES))
    spread = told["dynamics_db"] if abs(told["dynamics_db"]) >= DYNAMICS_LEAST_DB else 0.0
    half = len(levels) // 2
    gains = np.where(np.arange(len(levels)) <= half, 0.0, (np.arange(len(levels)) - half) / half) * spread
    return Correction(np.clip(eq, -MOST_DB, MOST_DB), levels, np.clip(gains, -MOST_DB, MOST_DB))
