"""A sound cut where its hits begin, without anything that is learned: by the rise of its bands."""

import numpy as np

from jobs.sound.envelope import onsets
from jobs.sound.fingerprint import levels_of, rise_of
from jobs.sound.frames import HOP, frames
from jobs.sound.io import resample
from jobs.sound.slots import RATE

EARLY = 0.02
"""Seconds before an onset at which its slice begins: frames tell it late, and the attack belongs to it."""


def slices(audio: np.ndarray, rate: int) -> list[tuple[int, int]]:
    """(start, end) samples of each hit of (channels, samples); one for all where there is no second hit.

    What comes before the first hit belongs to it.
    """
    at_rate = audio if rate == RATE else resample(audio, rate, RATE)
    mono = at_rate.mean(axis=0, dtype=np.float32)
    found = onsets(rise_of(levels_of(frames(mono, RATE).mel))) * HOP / RATE - EARLY
    starts = sorted({max(0, round(seconds * rate)) for seconds in found})
    # The rise at the very beginning is the first hit, not a second one.
    starts = [0, *(start for start in starts[1:] if start < audio.shape[1])]
    return list(zip(starts, [*starts[1:], audio.shape[1]], strict=True))
