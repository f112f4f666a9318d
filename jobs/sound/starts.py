"""A sound cut where its hits begin, without anything that is learned: by the rise of its bands."""

import numpy as np

from jobs.sound.envelope import onsets
from jobs.sound.fingerprint import levels_of, rise_of
from jobs.sound.frames import HOP, frames
from jobs.sound.io import resample
from jobs.sound.slots import RATE

EARLY = 0.02
"""Seconds before an onset at which its slice begins: frames tell it late, and the attack belongs to it."""


PAUSE = 0.02
"""Of the highest peak: what stays below it is a pause."""


def slices(audio: np.ndarray, rate: int) -> list[tuple[int, int]]:
    """(start, end) samples of each hit of (channels, samples); one for all where there is no second hit.

    What comes before the first hit belongs to it.
    """
    at_rate = audio if rate == RATE else resample(audio, rate, RATE)
    mono = at_rate.mean(axis=0, dtype=np.float32)
    found = onsets(rise_of(levels_of(frames(mono, RATE).mel))) * HOP / RATE - EARLY
    starts = sorted({max(0, round(seconds * rate)) for seconds in found})
    starts = [start for start in starts if start < audio.shape[1]]
    # Before the first rise a hit may have begun at once, which is no rise; or nothing is heard yet.
    if starts and np.abs(audio[:, : starts[0]]).max(initial=0.0) < PAUSE * np.abs(audio).max():
        starts = starts[1:]
    starts = [0, *starts]
    return list(zip(starts, [*starts[1:], audio.shape[1]], strict=True))
