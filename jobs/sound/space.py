"""Where a take stands: mono, stereo, to one side by delay (Haas), or around the head (binaural).

Everything is a stream: float32 (1|2, n) goes in, and what comes out in all is exactly as long. No HRTF file
(SOFA) is read: no library for it is among those we use.
"""

import math

import numpy as np

from jobs.sound.sparse import Taps
from jobs.sound.windows import SIZE, Windows

KINDS = ("mono", "stereo", "haas", "binaural")
RATE = 48_000
WIDTH = 0.5
"""Side against mid where mono material is made stereo: -6 dB."""
HAAS = (1.0, 35.0)
"""Milliseconds: below, the ear hears a direction by delay; above, an echo."""
VELVET = 3_060
"""The one of 6,000 seeds whose third octaves are flattest (+-2.1 dB from 160 Hz) and least like the mid."""


class Decorrelator:
    """A side for mono material: as loud, without its own direction; (1, n) or (n,) in, same shape out.

    Thirty taps of random sign and falling level within 30 ms, that cancel each other at 0 Hz (Alary, Politis
    & Välimäki, "Velvet-noise decorrelator", DAFx 2017). The mid is not touched: mono stays what it was.
    Noise and mixtures stay in the middle; the partials of a lone tone spread to both sides.
    """

    def __init__(self, rate: int = RATE):
        self._taps = Taps(*_velvet(rate))

    def process(self, block: np.ndarray) -> np.ndarray:
        """Float32; as many samples out as in."""
        block = np.asarray(block, np.float32)
        return self._taps.process(block.reshape(-1)).reshape(block.shape)


def decorrelated(mid: np.ndarray, rate: int = RATE) -> np.ndarray:
    """The side of a whole sound, (n,) or (1, n)."""
    return Decorrelator(rate).process(mid)


def widen(mid: np.ndarray, side: np.ndarray, gain: float) -> np.ndarray:
    """(n,) or (1, n) each -> (2, n): mid + gain side, mid - gain side; their mean is the mid again."""
    mid, side = np.asarray(mid, np.float32).reshape(-1), np.asarray(side, np.float32).reshape(-1)
    return np.stack([mid + np.float32(gain) * side, mid - np.float32(gain) * side])


def haas_delay(azimuth: float) -> float:
    """Milliseconds that the far side comes later: 0 in the middle, 1 beside it, 35 at the side."""
    across = abs(math.sin(math.radians(azimuth)))
    return HAAS[0] + (HAAS[1] - HAAS[0]) * across if across > 1e-9 else 0.0


def channels(kind: str, given: int) -> int:
    """Channels that come out for ``given`` channels; ``auto`` leaves them as they are."""
    return given if kind == "auto" else 1 if kind == "mono" else 2


class Space:
    """``kind`` mono, stereo, haas or binaural; ``auto`` leaves the sound alone.

    ``azimuth`` in degrees, -180..180, left is negative. ``given`` is how many channels come in. Two channels
    stay what they are for stereo; for haas one is delayed (``delay`` ms, or as the azimuth says); for
    binaural their mid comes from the azimuth and their side stays around the head. Levels are kept.
    """

    def __init__(
        self, kind: str, azimuth: float = 30.0, given: int = 1, rate: int = RATE, delay: float | None = None
    ):
        if kind not in (*KINDS, "auto"):
            raise ValueError(f"space {kind!r} is not one of {', '.join(KINDS)}")
        self.channels = channels(kind, given)
        self._machine: _Mono | _Wide | _Haas | Windows | None = None
        if kind == "mono" and given == 2:
            self._machine = _Mono()
        elif kind == "stereo" and given == 1:
            self._machine = _Wide(rate)
        elif kind == "haas":
            self._machine = _Haas(haas_delay(azimuth) if delay is None else delay, azimuth, rate)
        elif kind == "binaural":
            self._machine = _around(azimuth, given, rate)

    def process(self, block: np.ndarray) -> np.ndarray:
        """(1|2, n) -> (``channels``, m): as many samples as are ready."""
        block = np.asarray(block, np.float32)
        return block if self._machine is None else self._machine.process(block)

    def tail(self) -> np.ndarray:
        """What was held back: after it, as many samples came out as went in."""
        if isinstance(self._machine, Windows):
            return self._machine.tail()
        return np.zeros((self.channels, 0), np.float32)


class _Mono:
    def process(self, block: np.ndarray) -> np.ndarray:
        return (block[:1] + block[1:]) * np.float32(0.5)


class _Wide:
    def __init__(self, rate: int):
        self._side = Decorrelator(rate)

    def process(self, block: np.ndarray) -> np.ndarray:
        return widen(block, self._side.process(block), WIDTH)


class _Haas:
    def __init__(self, milliseconds: float, azimuth: float, rate: int):
        late = Taps(np.array([round(milliseconds / 1000 * rate)]), np.ones(1))
        now = Taps(np.zeros(1, int), np.ones(1))
        self._sides = (now, late) if math.sin(math.radians(azimuth)) < 0 else (late, now)

    def process(self, block: np.ndarray) -> np.ndarray:
        return np.stack([side.process(row) for side, row in zip(self._sides, block[[0, -1]], strict=True)])


def _around(azimuth: float, given: int, rate: int) -> Windows:
    # Half of what a process that exports needs to begin.
    from scipy import fft

    from jobs.sound.binaural import ears

    filters, now = ears(azimuth, rate)
    before, size = filters.shape[1] - 1 - now, SIZE - filters.shape[1] + 1
    spectra = fft.rfft(filters.astype(np.float32), SIZE)

    def work(block: np.ndarray) -> np.ndarray:
        mid = block[0] if given == 1 else (block[0] + block[1]) * np.float32(0.5)
        heard = fft.rfft(mid)
        # One ear at a time: both take the very same steps, so that left and right mirror to the bit.
        out = np.stack([fft.irfft(heard * ear, SIZE)[-size:] for ear in spectra])
        if given == 2:
            side = (block[0] - block[1])[before : before + size] * np.float32(0.5)
            out[0] += side
            out[1] -= side
        return out

    return Windows(work, given, 2, before, now, size)


def _velvet(rate: int) -> tuple[np.ndarray, np.ndarray]:
    count, first, last, fall = 30, 0.0015, 0.030, 15.0
    rng = np.random.default_rng([VELVET, 0xDEC0])
    edges = np.linspace(first, last, count + 1)
    times = edges[:-1] + rng.uniform(0, 1, count) * np.diff(edges)
    signs = rng.permutation(np.repeat([-1.0, 1.0], count // 2))
    gains = signs * 10 ** (-fall / 20 * (times - first) / (last - first))
    for sign in (-1, 1):
        gains[signs == sign] /= np.abs(gains[signs == sign]).sum()
    return np.round(times * rate).astype(int), gains / np.sqrt((gains**2).sum())
