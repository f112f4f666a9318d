"""How a sound moves in time: flux, dynamics of frames and bands, attack, decay, onsets and their timing."""

import numpy as np

from jobs.sound.frames import HOP, SILENT, Frames
from jobs.sound.loops import numba
from jobs.sound.slots import ENVELOPE

RANGE_PERCENTILES = (10, 95)
BLOCK = 128
"""Samples of a step of the fine envelope: 2.9 ms at 44.1 kHz."""
RANGE_DB = 80.0
"""Frames this far below the loudest are as soft as it gets."""
ATTACK = (0.2, 0.9)
"""Shares of the highest level between which an attack is timed."""
SHORTEST_ATTACK = 1e-3
DECAY_DB = 40.0
"""How far below the peak a decay is followed."""
AROUND, APART = 12, 4
"""Frames that an onset stands out of on each side, and between two of them."""
LEAST_RISE = 1.0
"""dB by which an onset stands out of the mean rise around it."""
FEWEST = 3
"""Onsets from which timing can be told."""


def measure(wave: np.ndarray, heard: Frames, rise: np.ndarray, rate: int) -> dict[int, float]:
    """Slot -> value of ``wave (samples,)``, its frames, and the ``rise (frames,)`` of its mel bands in dB."""
    if float(heard.power.max()) < SILENT:
        return {slot: 0.0 for slot, _, _, _ in ENVELOPE} | {34: float(np.log10(SHORTEST_ATTACK))}
    levels = _levels(heard.power)
    low, high = _percentiles(levels)
    starts = onsets(rise)
    return {
        14: float(heard.flux.mean()),
        29: high - low,
        **{30 + n: float(crest) for n, crest in enumerate(_crests(heard.bands))},
        34: _attack(wave, rate),
        35: _decay(levels, rate),
        36: len(starts) / max(len(wave) / rate, 0.1),
        37: _jitter(starts) * HOP / rate * 1000,
    }


@numba.njit(cache=True)
def _levels(power):
    """dB of power below the highest, 80 at most."""
    return 10 * np.log10(np.maximum(power / power.max(), 10 ** (-RANGE_DB / 10)))


@numba.njit(cache=True)
def median(values):
    """By the sort that is compiled for percentiles anyway: numpy's own would be compiled beside it."""
    ordered = np.sort(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@numba.njit(cache=True)
def _percentiles(levels):
    ordered = np.sort(levels)
    found = np.empty(2)
    for n, percent in enumerate(RANGE_PERCENTILES):
        place = (len(ordered) - 1) * percent / 100
        at = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
        found[n] = ordered[at]
        if len(ordered) > 1:
            found[n] += (place - at) * (ordered[at + 1] - ordered[at])
    return found


@numba.njit(cache=True)
def _crests(bands):
    """``(bands,)`` dB of the highest above the mean of ``(frames, bands)`` power."""
    found = np.empty(bands.shape[1])
    for band in range(len(found)):
        found[band] = 10 * np.log10(bands[:, band].max() / bands[:, band].mean())
    return found


@numba.njit(cache=True, fastmath=True)
def _attack(wave, rate):
    """log10 of seconds."""
    count = len(wave) // BLOCK
    if count == 0:
        return np.log10(SHORTEST_ATTACK)
    power = np.zeros(count)
    for at in range(count):
        level, block = np.float32(0.0), wave[at * BLOCK : (at + 1) * BLOCK]
        for n in range(len(block)):
            level += block[n] * block[n]
        power[at] = level
    peak = power.argmax()
    low, high = ATTACK[0] ** 2 * power[peak], ATTACK[1] ** 2 * power[peak]
    last = 0
    while power[last] < high:
        last += 1
    # The attack is the last rise before the peak, not that of a softer note long before.
    first = last
    while first > 0 and power[first - 1] >= low:
        first -= 1
    return np.log10(max(SHORTEST_ATTACK, (last - first) * BLOCK / rate))


@numba.njit(cache=True)
def _decay(levels, rate):
    """dB/s."""
    start = levels.argmax()
    stop = start
    while stop < len(levels) and levels[stop] >= -DECAY_DB:
        stop += 1
    count = min(stop + 1, len(levels)) - start
    if count < 3:
        return 0.0
    slope, weight = 0.0, 0.0
    for at in range(count):
        away = at - (count - 1) / 2
        slope += away * levels[start + at]
        weight += away * away
    return max(0.0, -slope / weight * rate / HOP)


@numba.njit(cache=True)
def onsets(rise):
    """Frames, in fractions, where something starts, from the mean rise ``(frames,)`` of mel bands in dB."""
    count = len(rise)
    starts, found = np.empty(count), 0
    for at in range(count if count >= 3 else 0):
        if rise[at] < rise[max(0, at - APART) : at + APART + 1].max():
            continue
        if rise[at] <= rise[max(0, at - AROUND) : at + AROUND + 1].sum() / (2 * AROUND + 1) + LEAST_RISE:
            continue
        starts[found] = at
        if 0 < at < count - 1:
            bend = rise[at - 1] - 2 * rise[at] + rise[at + 1]
            starts[found] += 0.5 * (rise[at - 1] - rise[at + 1]) / bend if bend < 0 else 0.0
        found += 1
    return starts[:found]


@numba.njit(cache=True)
def _jitter(starts):
    """In frames."""
    if len(starts) < FEWEST:
        return 0.0
    gaps = np.empty(len(starts) - 1)
    for at in range(len(gaps)):
        gaps[at] = starts[at + 1] - starts[at]
    beat = median(gaps) / 2
    off = 0.0
    for gap in gaps:
        off += (gap - max(1, round(gap / beat)) * beat) ** 2
    return np.sqrt(off / len(gaps))
