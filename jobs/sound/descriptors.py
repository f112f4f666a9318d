"""What is heard, as numbers: one descriptor per slider, measured on audio.

A sound is listened to once, frame by frame (`listen`); most descriptors are then a mean over the
frames that are heard, so that a pause changes nothing (but `rhythm`, to which it is a gap) and a part of a
long tape costs nothing more.
Each is in a unit in which equal steps sound about equal.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d

from jobs.sound.bands import FLOOR_DB, filterbank
from jobs.sound.onsets import flux, onsets, pulse
from jobs.sound.partials import STEP, partials
from jobs.sound.spectrum import BINS, FFT, FRAMES_PER_SECOND, HOP, RATE, stft

WARM_BELOW = 400.0
"""Hertz. Bass and the body of most instruments lie below."""
GATE_DB = 45.0
"""Frames this far below the loudest count for nothing."""
HALF_WINDOW = 47
"""Frames on each side of the running mean that `rhythm` moves around: a quarter of a second."""
QUIET_DB = 40.0
"""dB below the loudest frame from which on a level is silence to `rhythm`."""
FALL = 20
"""Frames over which a fall is taken: 0.11 s, so that beating and noise are no decays."""
FALL_SMOOTH = 9
DEEPEST = 50.0
"""dB below the loudest frame at which a decay counts as over."""
STEEP = 0.75
"""Share of falls that are slower than the one that counts: a room slows down the steepest ones."""
FALLING = 15.0
"""dB per second below which a level counts as held, not as decaying."""
NARROWEST_DB = -40.0
FEWEST_ONSETS = 0.25
"""Per second. A single held note has none, a take of several sounds can't."""


@dataclass(frozen=True)
class Heard:
    """A sound as it is heard, each ``(frames,)`` float32, one frame every 256 samples.

    ``level`` dB of the frame's power; ``octaves`` of its centroid above 1 Hz; power ``low`` below
    400 Hz and in the ``rest``; ``rise`` as `jobs.sound.onsets.flux`; ``rough``, ``dissonant`` and
    ``tension`` as `jobs.sound.partials`; power of the stereo ``side``, zero where there is none.
    """

    level: np.ndarray
    octaves: np.ndarray
    low: np.ndarray
    rest: np.ndarray
    rise: np.ndarray
    rough: np.ndarray
    dissonant: np.ndarray
    tension: np.ndarray
    side: np.ndarray

    def part(self, start: int, end: int) -> "Heard":
        """Some of its frames."""
        return Heard(*(getattr(self, f.name)[start:end] for f in fields(self)))

    @property
    def seconds(self) -> float:
        return len(self.level) / FRAMES_PER_SECOND


PIECE = 1 << 21
"""Samples listened to at once: an hour of sound must not need its spectrum in memory."""


def listen(mid: np.ndarray, side: np.ndarray | None = None, tonal: bool = True) -> Heard:
    """``mid (samples,)`` and, of stereo, ``side (samples,)`` at 48 kHz -> ``samples // 256 + 1`` frames.

    What is of partials is left at 0 unless ``tonal``: it takes as long as all the rest.
    """
    if len(mid) <= PIECE + 2 * STEP:
        return _listen(mid, side, tonal)
    parts = []
    for start in range(0, len(mid), PIECE):
        low, high = max(0, start - 2 * STEP), min(len(mid), start + PIECE + 2 * STEP)
        found = _listen(mid[low:high], None if side is None else side[low:high], tonal)
        first = (start - low) // HOP
        last = start + PIECE >= len(mid)
        parts.append(found.part(first, len(found.level) if last else first + PIECE // HOP))
    return Heard(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Heard)))


@torch.no_grad()
def _listen(mid: np.ndarray, side: np.ndarray | None, tonal: bool) -> Heard:
    wave = torch.from_numpy(np.array(mid, np.float32))
    spectrum = stft(wave)
    power = spectrum.real.square() + spectrum.imag.square()
    hertz = torch.arange(BINS, dtype=torch.float32) * RATE / FFT
    amplitude = (power + 1e-12).sqrt()
    centroid = (hertz @ amplitude) / amplitude.sum(dim=0)
    in_low = torch.sigmoid((WARM_BELOW - hertz) / 20)
    low, whole = in_low @ power, power.sum(dim=0)
    bands = 10 * torch.log10(filterbank().weights @ power + 10 ** (FLOOR_DB / 10))
    frames = power.shape[-1]
    found = partials(mid) if tonal else np.zeros((3, 1), np.float32)
    rough, dissonant, tension = (np.repeat(values, STEP // HOP)[:frames] for values in found)
    return Heard(
        level=(10 * torch.log10(whole + 1e-6)).numpy(),
        octaves=torch.log2(centroid.clamp_min(20.0)).numpy(),
        low=low.numpy(),
        rest=(whole - low).clamp_min(0).numpy(),
        rise=flux(bands.numpy()),
        rough=_as_long(rough, frames),
        dissonant=_as_long(dissonant, frames),
        tension=_as_long(tension, frames),
        side=np.zeros(frames, np.float32) if side is None else _power(side),
    )


def _as_long(values: np.ndarray, frames: int) -> np.ndarray:
    return np.pad(values, (0, frames - len(values)), mode="edge").astype(np.float32)


def _power(wave: np.ndarray) -> np.ndarray:
    """``(frames,)`` on the scale of a spectrum's power (Parseval, one side, Hann)."""
    spectrum = stft(torch.from_numpy(np.array(wave, np.float32)))
    return (spectrum.real.square() + spectrum.imag.square()).sum(dim=0).numpy()


def audible(heard: Heard) -> np.ndarray:
    """``(frames,)`` weights 0..1: which frames are loud enough to count."""
    below = heard.level - heard.level.max() + GATE_DB
    return 1 / (1 + np.exp(-np.clip(below / 3, -40, 40)))


def mean_of(values: np.ndarray, weight: np.ndarray) -> float:
    """Of ``values (frames,)``, each as much as its weight."""
    return float((values * weight).sum() / (weight.sum() + 1e-9))


def density(heard: Heard) -> float:
    """Onsets per second."""
    return len(onsets(heard.rise, heard.level)) / max(heard.seconds, 0.1)


def brightness(heard: Heard) -> float:
    """Spectral centroid, amplitude-weighted, in octaves above 1 Hz.

    Quiet frames count as much as loud ones, as they do for the ear: else one loud bass note would
    decide for a whole take.
    """
    return mean_of(heard.octaves, audible(heard))


def warmth(heard: Heard) -> float:
    """Power below 400 Hz against the rest, in dB."""
    return 10 * math.log10((float(heard.low.mean()) + 1e-6) / (float(heard.rest.mean()) + 1e-6))


def roughness(heard: Heard) -> float:
    """Mean roughness of the partials (Vassilakis 2001), as log2: doublings are about equal steps."""
    return math.log2(mean_of(heard.rough, audible(heard)) + 0.05)


def tension(heard: Heard) -> float:
    """Mean distance from a tonal centre, 0 to 1 (Harte et al. 2006)."""
    return mean_of(heard.tension, audible(heard))


def rhythm(heard: Heard) -> float:
    """How far the level moves within half a second: rms in dB around its running mean.

    Levels stop 40 dB below the loudest, so that a gap between two hits is as deep as it is heard; half
    seconds in which nothing is heard don't count.
    """
    floor = float(heard.level.max()) - QUIET_DB
    level = np.maximum(heard.level, floor)
    mean = uniform_filter1d(level, 2 * HALF_WINDOW + 1, mode="nearest")
    counts = mean > floor + 0.5
    return float(np.sqrt(np.square(level - mean)[counts].mean())) if counts.any() else 0.0


def pulse_strength(heard: Heard) -> float:
    """How regularly things start, 0 to 1."""
    return pulse(heard.rise)


def reverberance(heard: Heard) -> float:
    """How slowly sounds decay: log2 of the seconds to fall by 60 dB, where the level falls steeply.

    Blind, from the distribution of decay rates (Wen, Habets & Naylor 2008); 0 is one second.
    """
    return decay(heard, STEEP)


def decay(heard: Heard, share: float) -> float:
    """log2 of the seconds to fall by 60 dB that ``share`` of the falls take longer than."""
    floor = float(heard.level.max()) - DEEPEST
    level = np.pad(np.maximum(heard.level, floor), (0, FALL + FALL_SMOOTH), mode="edge")
    level = uniform_filter1d(level, FALL_SMOOTH, mode="nearest")
    rate = (level[:-FALL] - level[FALL:])[: len(heard.level)] * FRAMES_PER_SECOND / FALL
    falls = rate[(rate > FALLING) & (audible(heard) > 0.5)]
    if len(falls) < 2:
        return math.log2(60 / FALLING)
    return math.log2(60 / float(np.quantile(falls, share)))


def width(heard: Heard) -> float:
    """Side against mid in dB; -40 for mono."""
    side, mid = float(heard.side.mean()), float((heard.low + heard.rest).mean())
    return max(NARROWEST_DB, 10 * math.log10((side + 1e-9) / (mid + 1e-9)))


def loudness(heard: Heard) -> float:
    """Mean power in dB; not an axis: held while others move, so that no slider is a volume control."""
    return 10 * math.log10(float((heard.low + heard.rest + heard.side).mean()) + 1e-9)


@dataclass(frozen=True)
class Axis:
    """A slider: its descriptor, the unit it is shown in, and what it does in plain words.

    ``step`` is the least change that is heard, in the descriptor's unit; ``octaves``: the descriptor
    is a log2 of what is shown. ``made``: values at 0 and 100 where the sounds do not vary in it, of
    an axis that timing, room or panning can make of any sounds. ``least``: the lowest value that a take
    can be asked for.
    """

    name: str
    unit: str
    low_word: str
    high_word: str
    help: str
    measure: Callable[[Heard], float]
    step: float
    made: tuple[float, float] | None = None
    octaves: bool = False
    least: float = -math.inf

    def shown(self, value: float) -> float:
        """The descriptor's value in the unit people know."""
        return 2.0**value if self.octaves else value


AXES: tuple[Axis, ...] = (
    Axis(
        "density", "onsets/s", "sparse", "dense", "how much happens", density, 0.4, (0.5, 8.0),
        least=FEWEST_ONSETS,
    ),
    Axis(
        "brightness", "Hz", "dark", "bright", "where the middle of the spectrum lies", brightness, 0.1,
        octaves=True,
    ),
    Axis("warmth", "dB", "thin", "warm", "how much lies below 400 Hz", warmth, 1.0),
    Axis("roughness", "", "smooth", "rough", "how much the partials beat", roughness, 0.2, octaves=True),
    Axis("tension", "", "at rest", "tense", "how far from one tonal centre", tension, 0.02),
    Axis("rhythm", "dB", "ambient", "rhythmic", "how much the level moves", rhythm, 0.5),
    Axis("pulse", "", "free", "on the beat", "how regularly things start", pulse_strength, 0.05, (0.05, 0.8)),
    Axis(
        "reverberance", "s", "dry", "reverberant", "how slowly sounds decay", reverberance, 0.15,
        octaves=True,
    ),
    Axis("width", "dB", "narrow", "wide", "how much left and right differ", width, 1.0, (-30.0, 0.0)),
)  # fmt: skip
NAMES = tuple(axis.name for axis in AXES)


def measure(heard: Heard) -> np.ndarray:
    """``(len(AXES) + 1,)``: the axes in order, then loudness."""
    return np.array([axis.measure(heard) for axis in AXES] + [loudness(heard)])
