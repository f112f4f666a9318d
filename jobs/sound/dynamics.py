"""Gains that follow the level: a compressor and its opposite, transients softened, and a shaper.

The level is that of the loudest channel, all channels share one gain. The compressor is a feed-forward one
with its ballistics in the log domain (Giannoulis, Massberg & Reiss, "Digital Dynamic Range Compressor
Design", JAES 2012). Levels are dBFS of peaks, times are seconds.
"""

import numpy as np

from jobs.sound.loops import numba

FLOOR = 1e-6
KNEE_DB = 6.0
FAST, SLOW = 0.003, 0.08
"""Seconds over which softening compares levels."""
SOFTEST_DB = -12.0
"""What softening takes away at most."""


def compress(
    audio: np.ndarray,
    rate: int,
    threshold: float,
    ratio: float,
    attack: float,
    release: float,
    ahead: float = 0.0,
) -> np.ndarray:
    """(channels, samples): above ``threshold`` dBFS 1 dB more comes out for ``ratio`` dB more that go in.

    A ratio below 1 is an upward expander: what is above the threshold comes out as much louder. The gain
    looks ``ahead`` by that many seconds: some times the attack, and no hit gets through before it falls.
    """
    over = _level(audio) - threshold
    # A knee of 6 dB: no corner where the threshold is passed.
    bent = np.where(over < -KNEE_DB / 2, 0.0, np.minimum(np.square(over + KNEE_DB / 2) / (2 * KNEE_DB), over))
    bent = np.where(over > KNEE_DB / 2, over, bent)
    wanted = bent * (1 / ratio - 1)
    on, off = _pole(attack, rate), _pole(release, rate)
    # The gain falls while a compressor takes hold, and rises while an expander does.
    gain = _followed(wanted, off, on) if ratio > 1 else _followed(wanted, on, off)
    if early := min(round(ahead * rate), max(0, len(gain) - 1)):
        gain = np.pad(gain[early:], (0, early), mode="edge")
    return (audio * _factor(gain)).astype(np.float32)


def soften(audio: np.ndarray, rate: int, amount: float) -> np.ndarray:
    """(channels, samples) with its transients turned down: where the power of 3 ms is above that of 80 ms, by
    ``amount`` (0 to 1) of the difference in dB, 12 dB at most."""
    # Most of a second, for this alone.
    from scipy.signal import lfilter

    power = np.square(audio.astype(np.float64)).max(axis=0) + FLOOR**2
    quick, steady = (
        lfilter([1 - pole], [1, -pole], power) for pole in (_pole(FAST, rate), _pole(SLOW, rate))
    )
    above = np.maximum(0.0, 10 * np.log10(quick / steady))
    return (audio * _factor(np.maximum(SOFTEST_DB, -amount * above))).astype(np.float32)


def drive(audio: np.ndarray, gain: float) -> np.ndarray:
    """(channels, samples) through tanh: its peak is pushed ``gain`` dB into it and comes out as it was."""
    peak = max(float(np.abs(audio).max(initial=0.0)), FLOOR)
    factor = 10 ** (gain / 20)
    return (np.tanh(audio / peak * factor) * (peak / np.tanh(factor))).astype(np.float32)


def _level(audio: np.ndarray) -> np.ndarray:
    """(samples,) dBFS."""
    return 20 * np.log10(np.maximum(np.abs(audio).max(axis=0).astype(np.float64), FLOOR))


def _factor(gain: np.ndarray) -> np.ndarray:
    return np.exp(gain * (np.log(10) / 20))


def _pole(seconds: float, rate: int) -> float:
    """Of a one-pole filter with that time constant."""
    return float(np.exp(-1 / max(seconds * rate, 1e-6)))


@numba.njit(cache=True)
def _followed(values, rising, falling):
    """One pole after ``values``, another one on the way up than on the way down."""
    out = np.empty(len(values))
    last = values[0] if len(values) else 0.0
    for at in range(len(values)):
        pole = rising if values[at] > last else falling
        last = pole * last + (1 - pole) * values[at]
        out[at] = last
    return out
