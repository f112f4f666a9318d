"""One sound taken apart for a report: spectrum, harmonics, hearing, octaves, attacks, zero crossings.

What a fingerprint has is taken from where a fingerprint takes it (`jobs.sound.frames`, `jobs.sound.shape`),
so one name is one number everywhere; that is measured on the mean of the channels at 44.1 kHz. Bands are
measured at the rate of the sound, over all channels. Levels are dB of mean square: a sine at full scale has
-3, silence reads -200.
"""

from typing import Any

import numpy as np

from jobs.sound import levels, response, shape, slots, starts
from jobs.sound.frames import FRAME, frames
from jobs.sound.io import resample

BARK_HZ = np.array([
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400,
    5300, 6400, 7700, 9500, 12000, 15500,
])  # fmt: skip
"""Edges of the 24 critical bands (Zwicker, "Subdivision of the audible frequency range into critical bands",
JASA 1961)."""
OCTAVES = ("31.5", "63", "125", "250", "500", "1000", "2000", "4000", "8000", "16000")
OCTAVES_HZ = 1000 * 10 ** (0.3 * (np.arange(-5, 6) - 0.5))
"""Edges of those octaves, named by their nominal middle in Hz (IEC 61260-1:2014, base ten)."""
FLOOR_DB = -200.0
LEAST = 16
"""Samples of a spectrum; a shorter sound is followed by silence."""
TONAL_DB = 6.0
"""Harmonics above noise from which on a sound has a pitch."""
LOWEST_HZ, HIGHEST_HZ = 40.0, 2_000.0
"""Of a pitch."""
PITCH_FRAME = 4096
TONALITY_DB = -60.0
"""Flatness of a spectrum that is all tones (Johnston 1988)."""
RISE = (0.2, 0.9)
"""Shares of its highest level between which an attack is timed, as in a fingerprint."""
STEP = 0.001
"""Seconds of the envelope that attacks are timed on."""


def evaluate(audio: Any, rate: int) -> dict[str, Any]:
    """Of ``(channels, samples)`` or ``(samples,)`` at ``rate`` Hz, in plain numbers, lists and dicts.

    Raises ValueError as `levels.validate` does.
    """
    sound = levels.validate(audio)
    lengthened = ((0, 0), (0, max(0, LEAST - sound.shape[1])))
    power = response.mean_power(np.pad(sound.astype(np.float64), lengthened), rate)
    mono = sound.mean(axis=0, keepdims=True)
    mono = mono[0] if rate == slots.RATE else resample(mono, rate, slots.RATE)[0]
    heard = frames(mono, slots.RATE)
    told = shape.measure(heard.mean, slots.RATE)
    return {
        "spectral": {
            "centroid_hz": float(heard.centroid.mean(dtype=np.float64)),
            "rolloff_hz": told[13],
            "flatness": float(heard.flatness.mean(dtype=np.float64)),
        },
        "harmonic": {"hnr_db": told[38], "f0_hz": pitch(mono) if told[38] >= TONAL_DB else None},
        "bark": bark(power, rate),
        "octaves_db": octaves(power, rate),
        "transients": transients(sound, rate),
        "zero_crossings_per_second": zero_crossings(sound, rate),
    }


def pitch(mono: np.ndarray) -> float | None:
    """Hz, 40 to 2000, of ``(samples,)`` at 44.1 kHz: median over the frames within 20 dB of the loudest.

    By librosa's YIN (de Cheveigné & Kawahara 2002). None for less than 93 ms.
    """
    # Seconds to import.
    import librosa

    if len(mono) < PITCH_FRAME:
        return None
    found = librosa.yin(mono, fmin=LOWEST_HZ, fmax=HIGHEST_HZ, sr=slots.RATE, frame_length=PITCH_FRAME)
    loud = librosa.feature.rms(y=mono, frame_length=PITCH_FRAME, hop_length=PITCH_FRAME // 4)[0]
    return float(np.median(found[loud >= loud.max() / 10]))


def bark(power: np.ndarray, rate: int) -> dict[str, list[float]]:
    """``level_db`` of each critical band and ``threshold_db``: what lies below it in that band is masked.

    Simultaneous masking by the mean spectrum, after Johnston, "Transform coding of audio signals using
    perceptual noise criteria" (1988): the bands are spread as in the ear (Schroeder, Atal & Hall 1979) and
    lowered, more for tones than for noise. An outline of the whole sound, not of a moment; what is too soft
    to be heard at all depends on the volume and is not in it.
    """
    bands = response.band_powers(power, rate, BARK_HZ)
    number = np.arange(1, len(bands) + 1)
    away = number[:, None] - number + 0.474
    spread = 10 ** ((15.81 + 7.5 * away - 17.5 * np.sqrt(1 + away**2)) / 10)
    # By its sum, so that the spreading alone makes no band louder that lies among equals.
    excited = spread @ bands / spread.sum(axis=1)
    tonal = tonality(power)
    below = tonal * (14.5 + number) + (1 - tonal) * 5.5
    return {"level_db": _decibels(bands), "threshold_db": _decibels(excited * 10 ** (-below / 10))}


def tonality(power: np.ndarray) -> float:
    """0 for noise to 1 for tones: geometric by arithmetic mean of the power, in dB by -60 (Johnston 1988)."""
    mean = float(power.mean())
    if mean <= 0:
        return 0.0
    flatness = 10 * np.log10(np.maximum(power / mean, 1e-20)).mean()
    return float(np.clip(flatness / TONALITY_DB, 0, 1))


def octaves(power: np.ndarray, rate: int) -> dict[str, float]:
    """Level in dB by middle of the octave, 31.5 Hz to 16 kHz; what lies above half the rate is left out."""
    found = _decibels(response.band_powers(power, rate, OCTAVES_HZ))
    return {
        name: level for name, level, low in zip(OCTAVES, found, OCTAVES_HZ, strict=False) if low < rate / 2
    }


def transients(sound: np.ndarray, rate: int) -> dict[str, list[float]]:
    """Of each hit (`starts.slices`): ``onset_s``, when it reaches a fifth of its highest level, and
    ``attack_ms`` from there to nine tenths. A sound without hits is one; silence has none."""
    step = max(1, round(STEP * rate))
    hits = starts.slices(sound, rate)
    # To the last frames the end of a sound looks like a start.
    if len(hits) > 1 and hits[-1][1] - hits[-1][0] < (starts.EARLY + FRAME / 2 / slots.RATE) * rate:
        hits.pop()
    onsets, attacks = [], []
    for first, last in hits:
        edges = np.arange(0, last - first, step)
        hit = np.square(sound[:, first:last], dtype=np.float64).sum(axis=0)
        level = np.sqrt(np.add.reduceat(hit, edges) / np.diff(np.append(edges, last - first)))
        if not level.any():
            continue
        low, high = (int(np.argmax(level >= share * level.max())) for share in RISE)
        onsets.append((first + low * step) / rate)
        attacks.append((high - low) * step / rate * 1000)
    return {"onset_s": onsets, "attack_ms": attacks}


def zero_crossings(sound: np.ndarray, rate: int) -> float:
    """Changes of sign per second, mean over channels."""
    changes = np.count_nonzero(np.diff(np.signbit(sound), axis=1))
    return changes / len(sound) / (sound.shape[1] / rate)


def _decibels(powers: np.ndarray) -> list[float]:
    return [float(level) for level in 10 * np.log10(np.maximum(powers, 10 ** (FLOOR_DB / 10)))]
