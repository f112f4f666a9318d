"""The shape of a sound's mean power spectrum: bands, tilt, moments, contrast, resonance, harmonicity."""

from functools import lru_cache

import numpy as np
from scipy.fft import irfft

from jobs.sound.envelope import median
from jobs.sound.frames import SILENT
from jobs.sound.loops import numba
from jobs.sound.slots import BANDS_HZ, CONTRAST_HZ, SHAPE

FLOOR_DB = -100.0
"""Of a band against the whole, at least."""
ROLLOFF = 0.85
CONTRAST_SHARE = 0.02
GRID_PER_OCTAVE = 24
GRID_HZ = (60.0, 16000.0)
LOWEST_PITCH, HIGHEST_PITCH = 60.0, 1000.0
HNR_DB = (-20.0, 40.0)
ABOUT = 0.03
"""Correlation that two peaks may differ by and still be about as high."""
PARTIALS = 20


def measure(power: np.ndarray, rate: int) -> dict[int, float]:
    """Slot -> value of a mean power spectrum ``(bins,)``; of silence all are 0 but the bands, at -100 dB."""
    total = float(power.sum())
    if total < SILENT:
        silent = {slot: 0.0 for slot, _, _, _ in SHAPE}
        return silent | dict.fromkeys(range(len(BANDS_HZ)), FLOOR_DB)
    grids = _grids(rate, len(power))
    share = power / total
    found = dict(enumerate(_levels(share, *grids.bands, 10 ** (FLOOR_DB / 10))))
    grid = _levels(share, *grids.steps, 10 ** (FLOOR_DB / 10) / len(power))
    found[9] = grids.slope @ grid
    found |= dict(zip((10, 11, 12, 13, 15), _moments(share, grids.hertz), strict=True))
    found |= {16 + n: value for n, value in enumerate(_contrast(share, grids.contrast))}
    found[23], at = _resonance(grid)
    found[24] = grids.octaves[at]
    found[38], pitch = _harmonicity(_autocorrelation(power, grids), grids.window, rate)
    found[39] = _inharmonicity(power, pitch, rate)
    return {slot: float(value) for slot, value in found.items()}


class _Grids:
    """What is the same for all spectra of so many bins at one rate."""

    def __init__(self, rate: int, bins: int):
        self.hertz = np.arange(bins) * rate / (2 * (bins - 1))
        step = self.hertz[1]
        self.bands = _spans([_overlap(self.hertz, step, low, high) for _, low, high in BANDS_HZ])
        count = round(np.log2(GRID_HZ[1] / GRID_HZ[0]) * GRID_PER_OCTAVE)
        self.octaves = np.log2(GRID_HZ[0]) + np.arange(count + 1) / GRID_PER_OCTAVE
        half = 2 ** (0.5 / GRID_PER_OCTAVE)
        # Per hertz: where a step of the grid is narrower than a bin it reads between two bins.
        self.steps = _spans([_density(self.hertz, step, at / half, at * half) for at in 2**self.octaves])
        centred = self.octaves - self.octaves.mean()
        self.slope = centred / (centred @ centred)
        edges = np.minimum(bins, np.maximum(1, np.ceil(np.array(CONTRAST_HZ) / step))).astype(int)
        self.contrast = np.stack([edges[:-1], edges[1:]], axis=1)
        window = np.hanning(2 * (bins - 1) + 1)[:-1]
        own = irfft(np.abs(np.fft.rfft(window, 4 * (bins - 1))) ** 2)
        self.window = own / own[0]


@lru_cache(maxsize=2)
def _grids(rate: int, bins: int) -> _Grids:
    return _Grids(rate, bins)


def _spans(rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Weights of bins (rows, bins) as (first bin of each row, its weights up to the widest row's)."""
    used = [np.flatnonzero(row) for row in rows]
    firsts = np.array([at[0] for at in used])
    widest = max(int(at[-1] - at[0]) + 1 for at in used)
    padded = [np.pad(row, (0, widest)) for row in rows]
    return firsts, np.stack([row[at : at + widest] for row, at in zip(padded, firsts, strict=True)])


def _overlap(hertz: np.ndarray, step: float, low: float, high: float) -> np.ndarray:
    """(bins,) share of each bin that lies between two frequencies."""
    lower, upper = np.maximum(low, hertz - step / 2), np.minimum(high, hertz + step / 2)
    return np.maximum(0.0, upper - lower) / step


def _density(hertz: np.ndarray, step: float, low: float, high: float) -> np.ndarray:
    if high - low >= step:
        weights = _overlap(hertz, step, low, high)
        return weights / weights.sum()
    return np.maximum(0.0, 1 - np.abs(hertz - (low + high) / 2) / step)


@numba.njit(cache=True)
def _levels(share, firsts, weights, floor):
    """(rows,) dB of weighted bins."""
    found = np.empty(len(firsts))
    for row, first in enumerate(firsts):
        level = 0.0
        for at in range(min(weights.shape[1], len(share) - first)):
            level += weights[row, at] * share[first + at]
        found[row] = 10 * np.log10(max(level, floor))
    return found


@numba.njit(cache=True)
def _moments(share, hertz):
    """(spread, skewness, kurtosis, rolloff, entropy) of the power over frequency."""
    middle, below, rolloff, entropy = 0.0, 0.0, -1.0, 0.0
    for at in range(len(share)):
        middle += share[at] * hertz[at]
        entropy -= share[at] * np.log(share[at] + 1e-30)
        below += share[at]
        if below >= ROLLOFF and rolloff < 0:
            rolloff = hertz[at]
    second, third, fourth = 0.0, 0.0, 0.0
    for at in range(len(share)):
        away = hertz[at] - middle
        second += share[at] * away**2
        third += share[at] * away**3
        fourth += share[at] * away**4
    spread, entropy = np.sqrt(second), entropy / np.log(len(share))
    if spread < 1e-6:
        return 0.0, 0.0, 0.0, rolloff, entropy
    return spread, third / spread**3, fourth / spread**4, rolloff, entropy


@numba.njit(cache=True)
def _contrast(share, bands):
    """(bands,) dB of the mean of the highest few bins above that of the lowest few."""
    found = np.empty(len(bands))
    for row, (low, high) in enumerate(bands):
        ordered = np.sort(share[low:high])
        few = max(1, round(CONTRAST_SHARE * len(ordered)))
        found[row] = 10 * np.log10((ordered[-few:].mean() + 1e-16) / (ordered[:few].mean() + 1e-16))
    return found


@numba.njit(cache=True)
def _resonance(grid):
    """(dB, step) of the step of the grid that stands highest above the median of its octave."""
    half = GRID_PER_OCTAVE // 2
    octave = np.empty(2 * half + 1)
    highest, place = -np.inf, 0
    for at in range(len(grid)):
        for n in range(len(octave)):
            octave[n] = grid[min(max(at + n - half, 0), len(grid) - 1)]
        above = grid[at] - median(octave)
        if above > highest:
            highest, place = above, at
    return highest, place


def _autocorrelation(power: np.ndarray, grids: _Grids) -> np.ndarray:
    """Of the spectrum, read at twice as many bins: as long as the window's own."""
    size = len(grids.window)
    return irfft(_between(power), size)[: size // 2]


@numba.njit(cache=True)
def _between(power):
    """Twice as many bins, those between being the mean of their neighbours."""
    found = np.empty(2 * len(power) - 1)
    for at in range(len(power) - 1):
        found[2 * at] = power[at]
        found[2 * at + 1] = (power[at] + power[at + 1]) / 2
    found[-1] = power[-1]
    return found


@numba.njit(cache=True)
def _harmonicity(own, window, rate):
    """(HNR in dB, pitch in Hz): the highest peak of the autocorrelation, freed of that of the window."""
    low, high = int(rate / HIGHEST_PITCH), int(rate / LOWEST_PITCH)
    known = own[: high + 2] / (own[0] + 1e-30) / np.maximum(window[: high + 2], 1e-3)
    best = -np.inf
    for lag in range(low, high):
        if known[lag - 1] <= known[lag] >= known[lag + 1]:
            best = max(best, known[lag])
    if best == -np.inf:
        return HNR_DB[0], 0.0
    # Of peaks about as high the shortest lag: multiples of a period repeat as well as it does.
    lag = low
    while not (known[lag - 1] <= known[lag] >= known[lag + 1] and known[lag] >= best - ABOUT):
        lag += 1
    strength = min(max(known[lag], 1e-6), 1 - 1e-6)
    level = 10 * np.log10(strength / (1 - strength))
    return min(max(level, HNR_DB[0]), HNR_DB[1]), rate / lag


@numba.njit(cache=True)
def _inharmonicity(power, pitch, rate):
    """0 to 0.5: how far the highest peaks lie from multiples of the pitch, weighted by their power."""
    if pitch <= 0:
        return 0.0
    middle = power[1:-1]
    peaks = np.flatnonzero((middle > power[:-2]) & (middle >= power[2:])) + 1
    if not len(peaks):
        return 0.0
    away, weight = 0.0, 0.0
    for at in peaks[np.argsort(power[peaks])[-PARTIALS:]]:
        left, here, right = np.log(power[at - 1 : at + 2] + 1e-30)
        bend = left - 2 * here + right
        aside = 0.5 * (left - right) / bend if bend < 0 else 0.0
        order = (at + aside) * rate / (2 * (len(power) - 1)) / pitch
        away += min(abs(order - max(1, round(order))), 0.5) * power[at]
        weight += power[at]
    return away / weight
