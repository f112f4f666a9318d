"""What may stand in a gap besides a forecast: nothing, the last packet again, the last period again, noise.

Each has ``until(count)``, the first ``count`` samples of the gap and what would follow, float64, like
`jobs.sound.forecast.Forecast`; what a long gap fades to has ``between(start, end)`` instead, since only a
part of it is asked for.
"""

from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np

from jobs.sound.history import History
from jobs.sound.linear import by_autocorrelation

SHORTEST_PERIOD, LONGEST_PERIOD = 0.0025, 0.015
"""Seconds: 66 to 400 Hz, the pitch of voices (ITU-T G.711 Appendix I, 1999)."""
COMPARED = 0.02
LAPPED = 4
"""A period is joined to itself over a fourth of it."""
FADED = 0.04
"""Seconds in which what is repeated fades."""
SOFT = 0.1
SHAPED_BY, SHAPED_FROM = 32, 0.1
"""Order of the filter of shaped noise, and seconds of the past that it follows."""
ROUND = 1.0
"""Seconds, at least, after which shaped noise comes again."""


class Filling(Protocol):
    def until(self, count: int) -> np.ndarray: ...


class Room(Protocol):
    def between(self, start: int, end: int) -> np.ndarray: ...


class Silence:
    """Zero-filling: what happens where nobody does anything."""

    def until(self, count: int) -> np.ndarray:
        return np.zeros(count)

    def between(self, start: int, end: int) -> np.ndarray:
        return np.zeros(end - start)


class Repetition:
    """The last ``period`` samples again and again, fading from the first on."""

    def __init__(self, history: History, rate: int, period: int):
        self._period = history.wave(period).copy()
        self._fade = FADED * rate

    def until(self, count: int) -> np.ndarray:
        places = np.arange(count)
        return self._period[places % len(self._period)] * np.clip(1 - places / self._fade, 0, 1)


class PitchRepetition:
    """The last period of a voice again, joined to itself without an edge (after ITU-T G.711 Appendix I)."""

    def __init__(self, history: History, rate: int):
        longest, compared = round(LONGEST_PERIOD * rate), round(COMPARED * rate)
        period = period_of(history.wave(longest + compared), round(SHORTEST_PERIOD * rate), longest)
        lapped = max(1, period // LAPPED)
        self._period = history.wave(period).copy()
        before = history.wave(lapped, period)
        rising = np.arange(lapped) / lapped
        self._period[-lapped:] = self._period[-lapped:] * (1 - rising) + before * rising
        self._fade = FADED * rate

    def until(self, count: int) -> np.ndarray:
        places = np.arange(count)
        return self._period[places % len(self._period)] * np.clip(1 - places / self._fade, 0, 1)


class ShapedNoise:
    """Noise with the spectrum of the quiet of the past: what a long gap fades to, since rooms are never
    silent."""

    def __init__(self, history: History, rate: int):
        self._past = history.wave(round(SHAPED_FROM * rate)).copy()
        self._slot = max(1, rate // 100)
        self._size = 1 << round(ROUND * rate).bit_length()

    @cached_property
    def _coefficients(self) -> np.ndarray:
        return by_autocorrelation(self._past, SHAPED_BY)

    @cached_property
    def _level(self) -> float:
        """rms of the quietest 10 ms, and 20 dB below the past at most: a held note has no quiet."""
        slots = self._past[: len(self._past) // self._slot * self._slot].reshape(-1, self._slot)
        quietest = float(np.sqrt((slots**2).mean(axis=1).min()))
        return min(quietest, SOFT * float(np.sqrt((self._past**2).mean())))

    @cached_property
    def _made(self) -> np.ndarray:
        return self.round(self._size)

    def between(self, start: int, end: int) -> np.ndarray:
        return self._made.take(np.arange(start, end), mode="wrap")

    def round(self, size: int) -> np.ndarray:
        """``size`` samples, a power of two, whose end goes on with their beginning."""
        made = self._filtered(size)
        return made * self._level / max(1e-12, float(np.sqrt((made**2).mean())))

    def _filtered(self, size: int) -> np.ndarray:
        """The spectrum of the filter laid on white noise."""
        return np.fft.irfft(_white(size) / np.fft.rfft(self._coefficients, size), size)


@lru_cache(maxsize=2)
def _white(size: int) -> np.ndarray:
    """The spectrum of white noise."""
    return np.fft.rfft(np.random.default_rng(0).standard_normal(size))


def period_of(wave: np.ndarray, shortest: int, longest: int) -> int:
    """Samples after which the end of ``wave`` (at least twice ``longest``) is most like itself."""
    compared = len(wave) - longest
    end = wave[-compared:]
    like = np.correlate(wave[: len(wave) - shortest], end, "valid")[::-1]
    power = np.cumsum(np.concatenate([[0.0], wave**2]))
    lags = np.arange(shortest, longest + 1)
    energy = power[len(wave) - lags] - power[len(wave) - compared - lags]
    return int(lags[np.argmax(like / np.sqrt(energy + 1e-12))])
