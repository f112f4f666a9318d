"""Where sounds start, and how regularly: onsets of a level in bands, and the pulse they make."""

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from jobs.sound.spectrum import FRAMES_PER_SECOND

SMOOTH = 5
"""Frames that the level is averaged over: 27 ms, so that beating at 70 Hz is no row of onsets."""
LAG = 4
"""Frames over which a rise is taken: 21 ms, an attack and not a swell."""
APART = 6
"""Frames between two onsets at least: 32 ms, below which the ear hears one."""
AROUND = int(0.1 * FRAMES_PER_SECOND)
"""Frames on each side that an onset has to stand out of."""
LEAST_DB = 0.8
"""Mean rise over all bands that counts: much more than noise does by chance."""
SHARE = 0.1
"""Of the strongest rise: what is far weaker than the rest is no event of its own."""
HEARD_DB = 40.0
"""How far below the loudest frame an onset may end."""
BLUR = 9
"""Frames that rises are averaged over before they are compared: 48 ms, as nobody plays to the frame."""
STILL_DB = 0.2
"""Movement of the flux that is no more than a steady sound's breath."""
FASTEST, SLOWEST = 0.25, 1.5
"""Seconds between two beats of a pulse: 240 to 40 per minute."""


def flux(level: np.ndarray) -> np.ndarray:
    """``level (BANDS, frames)`` dB -> ``(frames,)`` mean rise in dB (spectral flux, Bello et al. 2005)."""
    smooth = uniform_filter1d(level, SMOOTH, axis=1, mode="nearest")
    rise = np.zeros(level.shape[-1], np.float32)
    # Shifted by half the lag, so that a rise is told where it is steepest.
    rise[LAG // 2 : -LAG // 2] = np.maximum(smooth[:, LAG:] - smooth[:, :-LAG], 0).mean(axis=0)
    return rise


def onsets(rise: np.ndarray, envelope: np.ndarray) -> np.ndarray:
    """Frames where something starts, from `flux` and the level of each frame in dB, both ``(frames,)``.

    A peak counts when it is the highest around, stands out of its surroundings and something that is
    heard follows it.
    """
    if not len(rise):
        return np.zeros(0, int)
    highest = rise == maximum_filter1d(rise, 2 * APART + 1, mode="nearest")
    delta = max(LEAST_DB, SHARE * float(rise.max()))
    stands_out = rise > uniform_filter1d(rise, 2 * AROUND + 1, mode="nearest") + delta
    follows = maximum_filter1d(envelope, 2 * APART + 1, origin=-APART, mode="nearest")
    found = np.flatnonzero(highest & stands_out & (follows > envelope.max() - HEARD_DB))
    if len(found) < 2:
        return found
    return found[np.concatenate([[True], np.diff(found) > APART])]


def pulse(rise: np.ndarray) -> float:
    """0 to 1: how much the rises repeat after some time between 0.25 and 1.5 s.

    The highest peak of the autocorrelation of the flux (Scheirer 1998; Grosche & Mueller 2011), each lag
    against the energies of the two stretches it compares, so that a short take's long lags count as
    much; 0 for less than two periods of the fastest pulse.
    """
    count = len(rise)
    low = int(FASTEST * FRAMES_PER_SECOND)
    high = min(int(SLOWEST * FRAMES_PER_SECOND), count // 2)
    if high <= low + 1:
        return 0.0
    smooth = uniform_filter1d(rise, BLUR, mode="constant")
    centred = smooth - smooth.mean()
    size = 1 << (2 * count - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    lags = np.arange(low, high)
    energy = np.concatenate([[0.0], np.cumsum(centred.astype(np.float64) ** 2)])
    both = np.sqrt(energy[count - lags] * (energy[count] - energy[lags]))
    correlation = np.fft.irfft(power, size)[low:high] / (both + STILL_DB**2 * (count - lags))
    return float(np.clip(correlation.max(), 0.0, 1.0))
