"""Rulers for the sliders: a second opinion on what each axis is called, that shares no code with the engine.

The sliders close a loop on the engine's own descriptors, so those can't grade them. Each ruler is
``name(audio (channels, samples), rate) -> float``; all but ``width`` listen to the mean of the channels.
What a ruler can't tell, as in silence or in too short a sound, is NaN. ``all_of`` shares the spectra.
"""

import functools
from collections.abc import Callable

import librosa
import numpy as np
from scipy import ndimage, signal

from tests.hearing import HEARD_DB, SILENCE_DB, Sound, heard

SIDE_FLOOR_DB = -40.0
WARM_HZ = 400.0
FALL_DB = 55.0
"""How far below the loudest a decay is followed."""
STILL_DB = 0.3
"""Movement of the flux that is no more than the breath of a steady sound."""
Measure = Callable[[Sound], float]
MEASURES: dict[str, Measure] = {}
RULERS: dict[str, Callable[[np.ndarray, int], float]] = {}


def ruler(measure: Measure) -> Callable[[np.ndarray, int], float]:
    """Make a ruler of what measures a Sound, and list it."""

    @functools.wraps(measure)
    def measured(audio: np.ndarray, rate: int) -> float:
        return measure(Sound(audio, rate))

    MEASURES[measure.__name__] = measure
    RULERS[measure.__name__] = measured
    return measured


def all_of(audio: np.ndarray, rate: int) -> dict[str, float]:
    """Every ruler's value, the spectra made once."""
    sound = Sound(audio, rate)
    return {name: measure(sound) for name, measure in MEASURES.items()}


@ruler
def density(sound: Sound) -> float:
    """Onsets per second: peaks of the flux that stand 1.5 dB out of its surroundings of 0.2 s.

    Not normalised by the flux's maximum as librosa does by default, or steady noise has onsets too.
    """
    if not heard(sound.short).any():
        return float("nan")
    onsets = librosa.onset.onset_detect(
        onset_envelope=sound.flux, sr=sound.rate, hop_length=sound.hop, units="frames",
        normalize=False, delta=1.5, wait=4, pre_max=3, post_max=3, pre_avg=9, post_avg=10,
    )  # fmt: skip
    return len(onsets) * sound.rate / len(sound.mid)


@ruler
def brightness(sound: Sound) -> float:
    """Spectral centroid (of magnitude, as librosa defines it) in octaves, log2 Hz, mean over heard frames.

    Bins 60 dB under their frame's loudest are left out: many of them outweigh a tone and are not heard.
    """
    magnitude = sound.short[:, heard(sound.short)]
    if not magnitude.size:
        return float("nan")
    magnitude = np.where(magnitude > 1e-3 * magnitude.max(axis=0), magnitude, 0.0)
    hz = np.fft.rfftfreq(2 * (len(magnitude) - 1), 1 / sound.rate)
    return float(np.log2(hz @ magnitude / magnitude.sum(axis=0) + 1.0).mean())


@ruler
def warmth(sound: Sound) -> float:
    """Energy of the heard frames below 400 Hz against the rest, dB within +-60."""
    power = (sound.short[:, heard(sound.short)] ** 2).sum(axis=1)
    if not power.any():
        return float("nan")
    low = np.fft.rfftfreq(2 * (len(power) - 1), 1 / sound.rate) < WARM_HZ
    return float(np.clip(10 * np.log10((power[low].sum() + 1e-20) / (power[~low].sum() + 1e-20)), -60, 60))


@ruler
def roughness(sound: Sound) -> float:
    """Sensory dissonance of the spectral peaks of heard long frames, mean; 0 for one partial.

    Plomp-Levelt curves of the 40 strongest peaks as Sethares gives them (JASA 94, 1993; Tuning, Timbre,
    Spectrum, Scale, 1998), each pair by the softer amplitude, over the sum of all amplitudes.
    """
    frequency, amplitude = (found[:, :40] for found in sound.peaks)
    if not amplitude.any():
        return float("nan")
    i, j = np.triu_indices(frequency.shape[1], 1)
    lower = np.minimum(frequency[:, i], frequency[:, j])
    gap = np.abs(frequency[:, i] - frequency[:, j]) * (0.24 / (0.0207 * lower + 18.96))
    curve = 5.0 * (np.exp(-3.51 * gap) - np.exp(-5.75 * gap))
    total = (np.minimum(amplitude[:, i], amplitude[:, j]) * curve).sum(axis=1)
    return float((total / amplitude.sum(axis=1).clip(1e-12)).mean())


@ruler
def tension(sound: Sound) -> float:
    """1 - length of the tonal centroid (Harte, Sandler & Gasser 2006), mean over heard long frames.

    0: one pitch class; 0.3: a pure triad; 0.7: a cluster of three; 1: no tonal centre. The chroma is of
    the peaks' amplitudes, weighted around 880 Hz as librosa's is, each frame in its own tuning (the
    circular mean of its cents): librosa's own filters leak into both neighbours, which adds 0.3.
    """
    frequency, amplitude = sound.peaks
    if not amplitude.any():
        return float("nan")
    pitch = 12 * np.log2(np.maximum(frequency, 1.0) / 440.0)
    amplitude = amplitude * np.exp(-0.5 * ((pitch / 12 - 1) / 2) ** 2)
    tuning = np.angle((amplitude * np.exp(2j * np.pi * pitch)).sum(axis=1, keepdims=True)) / (2 * np.pi)
    note = np.round(pitch - tuning)
    total = amplitude.sum(axis=1).clip(1e-12)
    square = np.zeros(len(total))
    for turns, radius in ((7 / 12, 1.0), (3 / 12, 1.0), (4 / 12, 0.5)):
        square += np.abs(radius * (amplitude * np.exp(2j * np.pi * turns * note)).sum(axis=1) / total) ** 2
    return float(1 - np.sqrt(square / 2.25).mean())


@ruler
def rhythm(sound: Sound) -> float:
    """How far the level moves: rms in dB of a 30 ms level around its running mean of half a second.

    Levels stop 40 dB below the loudest; half seconds in which nothing is heard don't count.
    """
    size, hop = round(0.03 * sound.rate), round(0.01 * sound.rate)
    if len(sound.mid) < sound.rate // 2:
        return float("nan")
    frames = librosa.util.frame(sound.mid, frame_length=size, hop_length=hop, axis=0)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-20)
    floor = level.max() - HEARD_DB
    if level.max() < SILENCE_DB:
        return float("nan")
    level = np.maximum(level, floor)
    mean = ndimage.uniform_filter1d(level, 50, mode="nearest")
    counts = mean > floor + 0.5
    return float(np.sqrt(((level - mean)[counts] ** 2).mean()))


@ruler
def pulse(sound: Sound) -> float:
    """Best peak, 0..1, of the flux's autocorrelation between lags of 0.25 and 1.5 s; 0: none.

    Each lag over the geometric mean of the energies of its two stretches, so that a short sound's
    long lags count as much; the flux is smoothed over 50 ms, as nobody plays by the frame. A flux
    that hardly moves (0.3 dB) is no pulse, however regular.
    """
    frames_per_second = sound.rate / sound.hop
    if len(sound.mid) < 1.9 * sound.rate or not heard(sound.short).any():
        return float("nan")
    flux = np.convolve(sound.flux, np.hanning(7) / np.hanning(7).sum(), mode="same")
    flux = flux - flux.mean()
    lags = np.arange(int(0.25 * frames_per_second), int(1.5 * frames_per_second) + 2)
    lags = lags[lags < len(flux) - 10]
    energy = np.concatenate([[0.0], np.cumsum(flux**2)])
    both = np.array([float(flux[lag:] @ flux[:-lag]) for lag in lags])
    weight = np.sqrt(energy[-1 - lags] * (energy[-1] - energy[lags]))
    curve = both / (weight + STILL_DB**2 * (len(flux) - lags))
    found, _ = signal.find_peaks(curve)
    return float(np.clip(curve[found].max(initial=0.0), 0, 1))


@ruler
def reverberance(sound: Sound) -> float:
    """How slowly sounds decay: log2 of seconds per 60 dB, -4 .. 3.3 (10 s and no decay at all are alike).

    A blind estimate after Ratnam et al. 2003 and Wen et al. 2008: straight lines through 0.38 s of level
    in 12 groups of mel bands (through 0.13 s where the level is at its floor by then); of those that fall,
    heard at their begin, the rate that one in twenty is over, weighted by dB over what is heard. Nothing
    falls faster than its room does, while slow notes and interference fill the middle: against rooms
    added to 17 materials the steep end ranks 0.95, the median of 0.13 s lines 0.15.
    """
    if sound.short.shape[1] < 36 or not heard(sound.short).any():
        return float("nan")
    level = 10 * np.log10((10 ** (sound.bands / 10)).reshape(12, 8, -1).mean(axis=1))
    top = level.max()
    begin = level[:, :-35]
    falls, ends = zip(*(_lines(level, span) for span in (36, 12)), strict=True)
    long = ends[0] > top - FALL_DB
    rate = np.where(long, falls[0], falls[1]) * sound.rate / sound.hop
    counts = (rate > 6.0) & (begin > top - HEARD_DB) & (long | (ends[1] > top - FALL_DB))
    weight = np.where(counts, begin - top + HEARD_DB, 0.0).ravel()
    if not weight.any():
        return float(np.log2(10.0))
    order = np.argsort(rate.ravel())
    steep = np.searchsorted(np.cumsum(weight[order]), 0.95 * weight.sum())
    return float(np.log2(60.0 / rate.ravel()[order[steep]]).clip(-4, np.log2(10.0)))


def _lines(level: np.ndarray, span: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each frame with 36 to come: fall in dB per frame of a line through ``span``, and where it ends."""
    x = np.arange(span) - (span - 1) / 2
    fall = -signal.fftconvolve(level, (x[::-1] / (x @ x))[None], mode="valid", axes=1)
    starts = level.shape[1] - 35
    return fall[:, :starts], level[:, span - 1 :][:, :starts]


@ruler
def width(sound: Sound) -> float:
    """Energy of the side against the mid, dB, from -40 (mono) to 40."""
    if len(sound.audio) < 2:
        return SIDE_FLOOR_DB
    left, right = sound.audio[:2].astype(np.float64)
    mid, side = ((left + right) ** 2).mean(), ((left - right) ** 2).mean()
    if mid + side < 10 ** (SILENCE_DB / 10):
        return float("nan")
    return float(np.clip(10 * np.log10((side + 1e-20) / (mid + 1e-20)), SIDE_FLOOR_DB, -SIDE_FLOOR_DB))
