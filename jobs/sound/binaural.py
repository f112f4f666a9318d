"""Two ears on a ball: where a sound comes from, with no measured head and nothing to download.

The delay between the ears is Woodworth's (1938): radius / c * (angle + sin angle). The shadow of the head
is the shelf of Brown & Duda, "A structural model for binaural sound synthesis", 1998, without the bright
spot behind the head, so that the difference between the ears grows all the way to the side. Its phase is
taken out: the delay is then the same at all frequencies. The frontal direction is flat by definition.

A ball sounds the same from the front and the back. What comes from behind is therefore a little duller,
as under real ears; that cue is subtle, and no promise that everybody hears it behind.
"""

import numpy as np
from scipy import fft

RADIUS = 0.0875
SPEED = 343.0
SHELF = SPEED / RADIUS / np.pi
"""Hz of the shelf's corner: 2 c / radius, over two pi."""
BEHIND = 4.0
"""dB that the highs lose right behind the head."""
BEHIND_FROM = 4_000.0
"""Hz."""
REACH = 0.0025
"""Seconds to each side of an ear's delay that its filter is long."""


def lateral(azimuth: float) -> float:
    """Degrees away from the middle plane, 0-90: front and back are alike."""
    away = abs((azimuth + 180) % 360 - 180)
    return 180 - away if away > 90 else away


def delay(azimuth: float) -> float:
    """Seconds that the far ear hears later: 261, 488, 656 us at 30, 60, 90 degrees."""
    angle = np.radians(lateral(azimuth))
    return RADIUS / SPEED * float(angle + np.sin(angle))


def ears(azimuth: float, rate: int) -> tuple[np.ndarray, int]:
    """Filters float64 (left and right, taps) for a direction, -180..180 degrees, left is negative.

    The second value is the tap that means "now": the near ear is not delayed. Power is kept, mean of both
    ears, for sound with as much energy in each octave.
    """
    half = round(REACH * rate)
    count = 2 * half + round(2 * delay(90) * rate)
    size = fft.next_fast_len(8 * count)
    frequency = fft.rfftfreq(size, 1 / rate)
    near, far = _magnitudes(azimuth, frequency)
    both = np.stack([
        _filter(near, frequency, 0.0, half, count, rate),
        _filter(far, frequency, delay(azimuth), half, count, rate),
    ])  # fmt: skip
    wrapped = (azimuth + 180) % 360 - 180
    return (both if wrapped < 0 else both[::-1].copy()), half


def _magnitudes(azimuth: float, frequency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    side = np.sin(np.radians(lateral(azimuth)))
    front = np.hypot(1, 1.05 * frequency / SHELF)
    near = np.hypot(1, (1.05 + 0.95 * side) * frequency / SHELF) / front
    far = np.hypot(1, (1.05 - 0.95 * side) * frequency / SHELF) / front
    away = -min(0.0, float(np.cos(np.radians(azimuth))))
    low = 10 ** (-BEHIND * away / 20)
    dull = np.hypot(1, low * frequency / BEHIND_FROM) / np.hypot(1, frequency / BEHIND_FROM)
    near, far = near * dull, far * dull
    audible = (frequency > 20) & (frequency < 20_000)
    weight = audible / np.maximum(frequency, 1)
    power = (weight * (near**2 + far**2) / 2).sum() / weight.sum()
    return near / np.sqrt(power), far / np.sqrt(power)


def _filter(
    magnitude: np.ndarray, frequency: np.ndarray, late: float, half: int, count: int, rate: int
) -> np.ndarray:
    """A symmetric filter around ``half`` taps + ``late`` seconds, between two samples where need be."""
    middle = half / rate + late
    spectrum = magnitude * np.exp(-2j * np.pi * frequency * middle)
    away = np.clip((np.arange(count) / rate - middle) / REACH, -1, 1)
    return fft.irfft(spectrum, 2 * (len(frequency) - 1))[:count] * np.cos(np.pi / 2 * away) ** 2
