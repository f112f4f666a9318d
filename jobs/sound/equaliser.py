"""An equaliser of second-order bands, after Bristow-Johnson's "Cookbook formulae for audio EQ" (1998).

Audio is (channels, samples); filters run in float64, so that a boost and its cut give back what was there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

SHELF_Q = math.sqrt(0.5)
HIGHEST = 0.45
"""Of the rate: bands above it are left out, since a filter can't follow its shape there."""


@dataclass(frozen=True)
class Band:
    """``kind`` peak, low or high (shelves); ``gain`` dB at ``hertz`` (of a shelf: half of it there)."""

    kind: Literal["peak", "low", "high"]
    hertz: float
    gain: float
    q: float = SHELF_Q


def equalise(audio: np.ndarray, rate: int, bands: Sequence[Band]) -> np.ndarray:
    """(channels, samples) float32 through all ``bands``."""
    found = sections(bands, rate)
    if not len(found):
        return audio
    # Most of a second, which who only asks what flaws there are need not wait.
    from scipy.signal import sosfilt

    return sosfilt(found, audio, axis=-1).astype(np.float32)


def response(bands: Sequence[Band], hertz: np.ndarray, rate: int) -> np.ndarray:
    """dB of all ``bands`` together at ``hertz``."""
    found = sections(bands, rate)
    if not len(found):
        return np.zeros(len(hertz))
    from scipy.signal import sosfreqz

    return 20 * np.log10(np.abs(sosfreqz(found, hertz, fs=rate)[1]))


def sections(bands: Sequence[Band], rate: int) -> np.ndarray:
    """(bands, 6), those left out that do nothing or lie too high for the rate."""
    used = [band for band in bands if abs(band.gain) > 1e-6 and band.hertz < HIGHEST * rate]
    return np.array([_section(band, rate) for band in used]).reshape(-1, 6)


def _section(band: Band, rate: int) -> list[float]:
    amplitude = 10 ** (band.gain / 40)
    turn = 2 * math.pi * band.hertz / rate
    cos, alpha = math.cos(turn), math.sin(turn) / (2 * band.q)
    if band.kind == "peak":
        up, down = alpha * amplitude, alpha / amplitude
        taps = [1 + up, -2 * cos, 1 - up, 1 + down, -2 * cos, 1 - down]
    else:
        # The two shelves are each other's mirror image.
        side = 1 if band.kind == "low" else -1
        more, less, slope = amplitude + 1, amplitude - 1, 2 * math.sqrt(amplitude) * alpha
        taps = [
            amplitude * (more - side * less * cos + slope),
            side * 2 * amplitude * (less - side * more * cos),
            amplitude * (more - side * less * cos - slope),
            more + side * less * cos + slope,
            -side * 2 * (less + side * more * cos),
            more + side * less * cos - slope,
        ]
    return [tap / taps[3] for tap in taps]
