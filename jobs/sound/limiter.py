"""True peaks, and a limiter that keeps them under a ceiling.

Between two samples a wave may rise above both. It is seen by sampling four times as often (ITU-R BS.1770-4,
annex 2; here with a longer filter than the standard's 12 taps a phase). The limiter looks
ahead: the gain it needs is the lowest within reach, smoothed by a window that is no longer than that reach
(Lund, "Stop counting samples", AES 121, 2006; the smoothing is the usual look-ahead design). What stays
under the ceiling passes unchanged, to the bit; the channels share one gain.
"""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from jobs.sound.loops import numba
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
SLICE = 64
"""Samples that a search for the highest peak looks at or passes over as a whole; at least `TAPS`."""
FIRST, AT_ONCE = 32, 256
"""Slices that are looked at first, the loudest, and then at a time: a few hundred kilobytes."""


class TruePeak:
    """The highest true peak of a stream, in constant memory."""

    def __init__(self, channels: int):
        self._highest = 0.0
        self._held = np.zeros((channels, SLICE), np.float32)

    def add(self, block: np.ndarray) -> None:
        """(channels, n) float32."""
        held = np.concatenate([self._held, block], axis=1)
        whole = held.shape[1] // SLICE * SLICE
        if whole > 2 * SLICE:
            # One layout whatever the length: compiled code is made for layouts, and not everywhere can it be.
            self._look(np.ascontiguousarray(held[:, :whole]))
        # The last slice has not been looked at: it reaches into what comes.
        self._held = held[:, max(0, whole - 2 * SLICE) :].copy()

    def dbtp(self) -> float:
        """dBTP of all that was added, nothing may be added afterwards; silence is -200."""
        self.add(np.zeros((len(self._held), 2 * SLICE), np.float32))
        return 20 * float(np.log10(max(self._highest, FLOOR)))

    def _look(self, wave: np.ndarray) -> None:
        """At all slices of (channels, slices * SLICE) but the first and the last."""
        peaks, bends = _slices_of(wave)
        self._highest = max(self._highest, float(peaks.max()))
        loudest = _bound(peaks, bends)
        channel, slot = np.nonzero(loudest > self._highest)
        most = loudest[channel, slot]
        order = np.argsort(-most)
        windows = sliding_window_view(wave, SLICE + 2 * TAPS, axis=1)[:, SLICE - TAPS :: SLICE]
        start, size = 0, FIRST
        while start < len(order) and most[order[start]] > self._highest:
            some = order[start : start + size]
            between = windows[channel[some], slot[some]] @ _slices()
            self._highest = max(self._highest, float(between.max()), -float(between.min()))
            start, size = start + size, AT_ONCE


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
        if np.abs(block).max() * _limits()[0] <= self._ceiling:
            return kept
        peaks = _peaks(block)
        if peaks.max() <= self._ceiling:
            return kept
        # Here and below: who only measures need not wait as long again as for all the rest.
        from scipy.ndimage import minimum_filter1d

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
    from scipy import fft

    count = block.shape[1]
    between = fft.irfft(fft.rfft(block)[:, None] * _between(count), count)[..., 2 * TAPS :]
    np.abs(between, out=between)
    return np.maximum(between.max(axis=(0, 1)), np.abs(block[:, TAPS:-TAPS]).max(axis=0))


@lru_cache(maxsize=1)
def _phases() -> np.ndarray:
    """(3, 2 TAPS + 1) taps of a windowed sinc: a quarter, a half and three quarters of a sample on."""
    # By numpy alone: scipy.signal takes longer to import than a sound to measure.
    at = np.arange(-OVERSAMPLED * TAPS, OVERSAMPLED * TAPS + 1)
    taps = np.sinc(at / OVERSAMPLED) * np.kaiser(len(at), 6.0)
    taps *= OVERSAMPLED / taps.sum()
    padded = np.pad(taps, (0, OVERSAMPLED - 1)).reshape(-1, OVERSAMPLED)
    return padded[:, 1:].T.copy()


@numba.njit(cache=True, fastmath=True)
def _slices_of(wave):
    """(channels, slices) twice: highest sample and highest second difference of each slice, either side."""
    channels, count = len(wave), wave.shape[1] // SLICE
    peaks, bends = np.zeros((channels, count), np.float32), np.zeros((channels, count), np.float32)
    bent = np.empty(SLICE, np.float32)
    for channel in range(channels):
        for at in range(count):
            start, stop = at * SLICE, (at + 1) * SLICE
            here, highest = wave[channel, start:stop], np.float32(0.0)
            for n in range(len(here)):
                highest = max(highest, abs(here[n]))
            peaks[channel, at] = highest
            start, stop = max(start, 1), min(stop, wave.shape[1] - 1)
            before, here = wave[channel, start - 1 : stop - 1], wave[channel, start:stop]
            after, highest = wave[channel, start + 1 : stop + 1], np.float32(0.0)
            for n in range(len(here)):
                bent[n] = before[n] - np.float32(2.0) * here[n] + after[n]
            for n in range(len(here)):
                highest = max(highest, abs(bent[n]))
            bends[channel, at] = highest
    return peaks, bends


def _bound(peaks: np.ndarray, bends: np.ndarray) -> np.ndarray:
    """(channels, slices - 2): what nothing between the samples of a slice is above, but for the first and
    the last."""
    most, line, bend = _limits()
    here, after = peaks[:, 1:-1], peaks[:, 2:]
    around = np.maximum(here, np.maximum(peaks[:, :-2], after))
    bent = np.maximum(bends[:, 1:-1], np.maximum(bends[:, :-2], bends[:, 2:]))
    return np.minimum(around * most, np.maximum(here, after) * line + bent * bend)


@lru_cache(maxsize=1)
def _limits() -> tuple[float, float, float]:
    """(most, line, bend): a value between two samples is at most ``most`` times the highest sample in reach.
    It is also at most ``line`` times the higher of the two and ``bend`` times the highest second difference
    in reach.

    The second lets most slices of music pass unseen. It holds since the taps are those of a straight line
    between the two, with the same sum and first moment, and a filter over second differences.
    """
    taps = _phases()[:, ::-1]
    away = np.arange(taps.shape[1]) - TAPS
    line = np.zeros_like(taps)
    line[:, TAPS + 1] = taps @ away
    line[:, TAPS] = taps.sum(axis=1) - line[:, TAPS + 1]
    over = np.cumsum(np.cumsum(taps - line, axis=1), axis=1)
    most, straight, bend = (float(np.abs(part).sum(axis=1).max()) for part in (taps, line, over))
    return most, straight, bend


@lru_cache(maxsize=1)
def _slices() -> np.ndarray:
    """(SLICE + 2 TAPS, 3 SLICE): a slice and what surrounds it -> what lies between its samples."""
    taps = _phases()
    made = np.zeros((SLICE + 2 * TAPS, SLICE, len(taps)), np.float32)
    for at in range(SLICE):
        made[at : at + taps.shape[1], at] = taps[:, ::-1].T
    return made.reshape(len(made), -1)


@lru_cache(maxsize=2)
def _between(count: int) -> np.ndarray:
    from scipy import fft

    return fft.rfft(_phases().astype(np.float32), count)
