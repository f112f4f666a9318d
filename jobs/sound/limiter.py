"""True peaks, and a limiter that keeps them under a ceiling.

Between two samples a wave may rise above both. It is seen by sampling four times as often (ITU-R BS.1770-4,
annex 2; here with a longer filter than the standard's 12 taps a phase). The limiter looks
ahead: the gain it needs is the lowest within reach, smoothed by a window that is no longer than that reach
(Lund, "Stop counting samples", AES 121, 2006; the smoothing is the usual look-ahead design). What stays
under the ceiling passes unchanged, to the bit; the channels share one gain.
"""

from functools import lru_cache

import numpy as np
from scipy import fft
from scipy.ndimage import minimum_filter1d
from scipy.signal import firwin

from jobs.sound.windows import Windows

OVERSAMPLED = 4
TAPS = 48
"""Samples on each side that a value between two samples is made from."""
CEILING = -1.0
"""dBTP."""
MARGIN = 0.3
"""dB below the ceiling that a peak above it is brought to: a moving gain bends what lies between the samples,
and other meters, or 16 values a sample, see up to that much more close to half the rate."""
SMOOTH = 0.004
"""Seconds in which the gain falls and rises."""
HOLD = 0.020
"""Seconds that it stays, so that a low tone is turned down as a whole and not wave by wave."""
SIZE = 1 << 14
FLOOR = 1e-10


class TruePeak:
    """The highest true peak of a stream, in constant memory."""

    def __init__(self, channels: int):
        self._highest = 0.0
        self._windows = Windows(self._look, channels, 0, TAPS, TAPS, SIZE - 2 * TAPS)

    def add(self, block: np.ndarray) -> None:
        """(channels, n) float32."""
        self._windows.process(block)

    def dbtp(self) -> float:
        """dBTP of all that was added, nothing may be added afterwards; silence is -200."""
        self._windows.tail()
        return 20 * float(np.log10(max(self._highest, FLOOR)))

    def _look(self, block: np.ndarray) -> np.ndarray:
        if np.abs(block).max() * _most() > self._highest:
            self._highest = max(self._highest, float(_peaks(block).max()))
        return block[:0, TAPS:-TAPS]


class Limiter:
    """(channels, n) float32 at ``rate`` Hz: no true peak above ``ceiling`` dBTP, and as long as before."""

    def __init__(self, rate: int, channels: int, ceiling: float = CEILING):
        self.deepest = 0.0
        """dB that the highest peak so far was turned down by."""
        self._ceiling = 10 ** (ceiling / 20)
        self._target = 10 ** ((ceiling - MARGIN) / 20)
        self._reach, self._hold = round(SMOOTH * rate), round(HOLD * rate)
        bell = np.hanning(2 * self._reach + 3)[1:-1]
        self._bell = bell / bell.sum()
        self._before = 2 * self._reach + self._hold + TAPS
        self._after = 2 * self._reach + TAPS
        size = SIZE - self._before - self._after
        self._windows = Windows(self._limit, channels, channels, self._before, self._after, size)

    def process(self, block: np.ndarray) -> np.ndarray:
        """(channels, n) -> (channels, m): as many samples as are ready."""
        return self._windows.process(block)

    def tail(self) -> np.ndarray:
        """What was held back, (channels, m)."""
        return self._windows.tail()

    def _limit(self, block: np.ndarray) -> np.ndarray:
        kept = block[:, self._before : -self._after]
        if np.abs(block).max() * _most() <= self._ceiling:
            return kept
        peaks = _peaks(block)
        if peaks.max() <= self._ceiling:
            return kept
        needed = np.where(peaks > self._ceiling, self._target / np.maximum(peaks, FLOOR), 1.0)
        # From reach + hold before to reach after each sample: the bell meets no gain that is too high.
        width = 2 * self._reach + self._hold + 1
        lowest = minimum_filter1d(needed, width, mode="constant", cval=1.0, origin=self._hold // 2)
        falls = np.convolve(1 - lowest[self._reach + self._hold :], self._bell, "valid")[: kept.shape[1]]
        self.deepest = max(self.deepest, -20 * float(np.log10(1 - falls.max())))
        return kept * (1 - falls).astype(np.float32)


def true_peak(audio: np.ndarray) -> float:
    """dBTP of (channels, samples) or (samples,); silence is -200."""
    audio = np.atleast_2d(audio)
    meter = TruePeak(len(audio))
    meter.add(audio)
    return meter.dbtp()


def _peaks(block: np.ndarray) -> np.ndarray:
    """(channels, n) -> (n - 2 TAPS,): highest of all channels, from each sample to the next."""
    count = block.shape[1]
    between = fft.irfft(fft.rfft(block)[:, None] * _between(count), count)[..., 2 * TAPS :]
    np.abs(between, out=between)
    return np.maximum(between.max(axis=(0, 1)), np.abs(block[:, TAPS:-TAPS]).max(axis=0))


@lru_cache(maxsize=1)
def _phases() -> np.ndarray:
    """(3, 2 TAPS + 1) taps of a windowed sinc: a quarter, a half and three quarters of a sample on."""
    taps = firwin(2 * OVERSAMPLED * TAPS + 1, 1 / OVERSAMPLED, window=("kaiser", 6.0)) * OVERSAMPLED
    padded = np.pad(taps, (0, OVERSAMPLED - 1)).reshape(-1, OVERSAMPLED)
    return padded[:, 1:].T.copy()


@lru_cache(maxsize=2)
def _between(count: int) -> np.ndarray:
    return fft.rfft(_phases().astype(np.float32), count)


@lru_cache(maxsize=1)
def _most() -> float:
    """How far a wave can rise above all its samples at worst."""
    return float(np.abs(_phases()).sum(axis=1).max())
