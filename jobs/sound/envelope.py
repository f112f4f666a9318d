"""How a sound moves in time: flux, dynamics of frames and bands, attack, decay, onsets and their timing."""

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from jobs.sound.frames import HOP, SILENT, Frames
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
    low, high = np.percentile(levels, RANGE_PERCENTILES)
    crests = 10 * np.log10(heard.bands.max(axis=0) / heard.bands.mean(axis=0))
    starts = onsets(rise)
    return {
        14: float(heard.flux.mean()),
        29: float(high - low),
        **{30 + n: float(crest) for n, crest in enumerate(crests)},
        34: _attack(wave, rate),
        35: _decay(levels, rate),
        36: len(starts) / max(len(wave) / rate, 0.1),
        37: _jitter(starts) * HOP / rate * 1000,
    }


def _levels(power: np.ndarray) -> np.ndarray:
    """dB of power below the highest, 80 at most."""
    return 10 * np.log10(np.maximum(power / power.max(), 10 ** (-RANGE_DB / 10)))


def _attack(wave: np.ndarray, rate: int) -> float:
    whole = len(wave) // BLOCK * BLOCK
    if not whole:
        return float(np.log10(SHORTEST_ATTACK))
    blocks = wave[:whole].reshape(-1, BLOCK)
    rms = np.sqrt(np.einsum("ij,ij->i", blocks, blocks) / BLOCK)
    peak = int(rms.argmax())
    first, last = (int(np.argmax(rms[: peak + 1] >= share * rms[peak])) for share in ATTACK)
    # The attack is the last rise before the peak, not that of a softer note long before.
    below = np.flatnonzero(rms[: last + 1] < ATTACK[0] * rms[peak])
    first = max(first, int(below[-1]) + 1 if len(below) else 0)
    return float(np.log10(max(SHORTEST_ATTACK, (last - first) * BLOCK / rate)))


def _decay(levels: np.ndarray, rate: int) -> float:
    tail = levels[int(levels.argmax()) :]
    over = np.flatnonzero(tail < -DECAY_DB)
    tail = tail[: over[0] + 1] if len(over) else tail
    if len(tail) < 3:
        return 0.0
    at = np.arange(len(tail)) - (len(tail) - 1) / 2
    return float(max(0.0, -(at @ tail) / (at @ at) * rate / HOP))


def onsets(rise: np.ndarray) -> np.ndarray:
    """Frames, in fractions, where something starts, from the mean rise ``(frames,)`` of mel bands in dB."""
    if len(rise) < 3:
        return np.zeros(0)
    highest = rise == maximum_filter1d(rise, 2 * APART + 1, mode="constant")
    stands = rise > uniform_filter1d(rise, 2 * AROUND + 1, mode="constant") + LEAST_RISE
    found = np.flatnonzero(highest & stands)
    inner = found[(found > 0) & (found < len(rise) - 1)]
    left, middle, right = rise[inner - 1], rise[inner], rise[inner + 1]
    bend = left - 2 * middle + right
    aside = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    return np.sort(np.concatenate([inner + aside, np.setdiff1d(found, inner)]))


def _jitter(starts: np.ndarray) -> float:
    """In frames."""
    if len(starts) < FEWEST:
        return 0.0
    gaps = np.diff(starts)
    beat = float(np.median(gaps)) / 2
    steps = np.maximum(1, np.round(gaps / beat))
    return float(np.sqrt(np.square(gaps - steps * beat).mean()))
