"""A sound as 64 numbers: timbre, dynamics, time and loudness, from one short-time Fourier transform.

The first 20 values are those of librosa 0.11 with its defaults (frames of 2048 samples every 512, means over
frames), the two loudness values those of `jobs.sound.loudness`; what the 42 reserved slots hold is in
`jobs.sound.slots`, by schema version. All of it is measured at 44.1 kHz on the mean of the channels but for
loudness, true peak, clipping and the stereo values, which have the channels as they are. Every value is
finite for every sound: silence, clicks, DC.
"""

import numpy as np

from jobs.sound import envelope, loudness, shape
from jobs.sound.facts import FULL_SCALE, in_runs
from jobs.sound.frames import FRAME, HOP, Frames, frames
from jobs.sound.io import resample
from jobs.sound.lanes import AMIN
from jobs.sound.loops import numba
from jobs.sound.mel import cepstrum
from jobs.sound.slots import RATE, SILENT_LUFS

TOP_DB = 80.0
CEPSTRA = 13
ZERO = 1e-10
"""Samples nearer to 0 have no sign."""
MONO_DB = -60.0
"""Side against mid, at least."""


def fingerprint(audio: np.ndarray, rate: int) -> np.ndarray:
    """``(64,)`` float64 of (channels, samples) float32 at ``rate`` Hz, in the order of `slots.SLOTS`."""
    audio = np.atleast_2d(audio)
    at_rate = audio if rate == RATE else resample(audio, rate, RATE)
    if not at_rate.shape[1]:
        # A moment of silence: of nothing there is no mean.
        return fingerprint(np.zeros((len(audio), 1), np.float32), RATE)
    mono = at_rate[0] if len(at_rate) == 1 else at_rate.mean(axis=0, dtype=np.float32)
    heard = frames(mono, RATE)
    mel_db = levels_of(heard.mel)
    rise = rise_of(mel_db)
    levels = loudness.measure(audio, rate)
    slots = shape.measure(heard.mean, RATE) | envelope.measure(mono, heard, rise, RATE)
    slots |= _levels(audio, levels)
    return np.array([*_named(mono, heard, mel_db, rise, levels), *(slots[slot] for slot in range(42))])


def levels_of(mel: np.ndarray) -> np.ndarray:
    """``(frames, 128)`` dB of mel power, no more than 80 below the highest."""
    # Natural logarithms: numpy has no fast path for those to the base of ten.
    mel_db = np.log(np.maximum(mel, np.float32(AMIN)))
    mel_db *= np.float32(10 / np.log(10))
    return np.maximum(mel_db, mel_db.max() - TOP_DB, out=mel_db)


def rise_of(mel_db: np.ndarray) -> np.ndarray:
    """``(frames,)`` mean rise over bands in dB: librosa's onset strength, where it happens."""
    rise = np.zeros(len(mel_db), np.float32)
    rise[1:] = np.maximum(mel_db[1:] - mel_db[:-1], 0).mean(axis=1)
    return rise


def _named(
    mono: np.ndarray, heard: Frames, mel_db: np.ndarray, rise: np.ndarray, levels: loudness.Loudness
) -> list[float]:
    """The first 22."""
    energy, crossings, peak, mean = _hops(mono)
    rms, crossed = _over_frames(mono, energy, crossings)
    count = len(rise)
    # librosa's onset strength comes later by half a window, and as much of its end is cut.
    late = FRAME // (2 * HOP)
    return [
        float(heard.centroid.mean(dtype=np.float64)),
        float(heard.flatness.mean(dtype=np.float64)),
        *map(float, cepstrum(mel_db.mean(axis=0, dtype=np.float64), CEPSTRA)),
        peak / max(rms, 1e-12),
        rms,
        peak / max(mean, 1e-12),
        crossed,
        float(rise[: max(count - late, 1)].sum(dtype=np.float64)) / count,
        SILENT_LUFS if levels.level is None else levels.level,
        levels.range or 0.0,
    ]


@numba.njit(cache=True, fastmath=True)
def _hops(wave):
    """(energy, sign changes) of each hop that has a sample, peak and mean absolute value of ``wave``."""
    count = (len(wave) + HOP - 1) // HOP
    energy, crossings = np.zeros(count), np.zeros(count)
    peak, mean, below = np.float32(0.0), 0.0, np.float32(-ZERO)
    for hop in range(count):
        start, stop = hop * HOP, min((hop + 1) * HOP, len(wave))
        energy_here, mean_here, crossed = np.float32(0.0), np.float32(0.0), np.float32(0.0)
        here = wave[start:stop]
        for at in range(len(here)):
            energy_here += here[at] * here[at]
            mean_here += abs(here[at])
        for at in range(len(here)):
            peak = max(peak, abs(here[at]))
        after, before = wave[max(start, 1) : stop], wave[max(start, 1) - 1 : stop - 1]
        for at in range(len(after)):
            crossed += np.float32((after[at] < below) != (before[at] < below))
        energy[hop], crossings[hop] = energy_here, crossed
        mean += mean_here
    return energy, crossings, peak, mean / len(wave)


@numba.njit(cache=True)
def _over_frames(wave, energy, crossings):
    """(mean over frames of the rms, of the share of samples that change sign): a frame begins two hops before
    its place and has four."""
    count = len(wave) // HOP + 1
    rms, crossed = 0.0, 0.0
    for frame in range(count):
        low, high = max(0, frame - 2), min(frame + 2, len(energy))
        rms += np.sqrt(energy[low:high].sum() / FRAME)
        crossed += crossings[low:high].sum()
        # A frame's first sample has none before it to differ from.
        first = frame * HOP - FRAME // 2
        if 1 <= first < len(wave):
            below = np.float32(-ZERO)
            crossed -= (wave[first] < below) != (wave[first - 1] < below)
    return rms / count, crossed / count / FRAME


def _levels(audio: np.ndarray, levels: loudness.Loudness) -> dict[int, float]:
    level = levels.level
    short = levels.short_term_max
    heard = level is not None and short is not None
    clipped = audio.max() >= FULL_SCALE or audio.min() <= -FULL_SCALE
    left, right = audio[0], audio[min(1, len(audio) - 1)]
    return {
        25: levels.true_peak,
        26: levels.true_peak - level if level is not None else 0.0,
        27: levels.true_peak - short if heard and short is not None else 0.0,
        28: max(SILENT_LUFS, levels.momentary_max if levels.momentary_max is not None else SILENT_LUFS),
        33: 100.0 * in_runs(audio) / audio.size if clipped else 0.0,
        40: _correlation(left, right) if len(audio) > 1 else 1.0,
        41: _width(left, right) if len(audio) > 1 else MONO_DB,
    }


def _correlation(left: np.ndarray, right: np.ndarray) -> float:
    a, b = left - left.mean(dtype=np.float64), right - right.mean(dtype=np.float64)
    both = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip((a @ b) / both, -1, 1)) if both > 1e-12 else 1.0


def _width(left: np.ndarray, right: np.ndarray) -> float:
    mid, side = left + right, left - right
    power = float(mid @ mid), float(side @ side)
    if max(power) < 1e-12:
        return MONO_DB
    return float(np.clip(10 * np.log10((power[1] + 1e-20) / (power[0] + 1e-20)), MONO_DB, -MONO_DB))


def prepare() -> None:
    """Compile what is compiled, so that a process that can't write finds it in the cache."""
    for channels in (1, 2):
        fingerprint(np.ones((channels, FRAME), np.float32), RATE)
