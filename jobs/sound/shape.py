"""The shape of a sound's mean power spectrum: bands, tilt, moments, contrast, resonance, harmonicity."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.fft import irfft
from scipy.ndimage import median_filter

from jobs.sound.frames import SILENT
from jobs.sound.slots import BANDS_HZ, CONTRAST_HZ, SHAPE

FLOOR_DB = -100.0
"""Of a band against the whole, at least."""
ROLLOFF = 0.85
CONTRAST_SHARE = 0.02
GRID_PER_OCTAVE = 24
GRID_HZ = (60.0, 16000.0)
LOWEST_PITCH, HIGHEST_PITCH = 60.0, 1000.0
HNR_DB = (-20.0, 40.0)
PARTIALS = 20


def measure(power: np.ndarray, rate: int) -> dict[int, float]:
    """Slot -> value of a mean power spectrum ``(bins,)``; of silence all are 0 but the bands, at -100 dB."""
    total = float(power.sum())
    if total < SILENT:
        silent = {slot: 0.0 for slot, _, _, _ in SHAPE}
        return silent | dict.fromkeys(range(len(BANDS_HZ)), FLOOR_DB)
    grids = _grids(rate, len(power))
    share = power / total
    found = dict(enumerate(_levels(grids.in_bands @ share)))
    grid = 10 * np.log10(np.maximum(grids.on_grid @ share, 10 ** (FLOOR_DB / 10) / len(power)))
    found[9] = float(grids.slope @ grid)
    found |= dict(zip((10, 11, 12), _moments(share, grids.hertz), strict=True))
    found[13] = float(grids.hertz[np.searchsorted(np.cumsum(share), ROLLOFF)])
    found[15] = float(-(share * np.log(share + 1e-30)).sum() / np.log(len(share)))
    found |= {16 + n: value for n, value in enumerate(_contrast(share, grids.contrast))}
    found[23], found[24] = _resonance(grid, grids.octaves)
    found[38], pitch = _harmonicity(power, rate, grids.window)
    found[39] = _inharmonicity(power, pitch, rate)
    return found


class _Grids:
    """What is the same for all spectra of so many bins at one rate."""

    def __init__(self, rate: int, bins: int):
        self.hertz = np.arange(bins) * rate / (2 * (bins - 1))
        step = self.hertz[1]
        edges = [(low, high) for _, low, high in BANDS_HZ]
        self.in_bands = np.stack([_overlap(self.hertz, step, low, high) for low, high in edges])
        count = round(np.log2(GRID_HZ[1] / GRID_HZ[0]) * GRID_PER_OCTAVE)
        self.octaves = np.log2(GRID_HZ[0]) + np.arange(count + 1) / GRID_PER_OCTAVE
        half = 2 ** (0.5 / GRID_PER_OCTAVE)
        middles = 2**self.octaves
        # Per hertz: where a step of the grid is narrower than a bin it reads between two bins.
        self.on_grid = np.stack([_density(self.hertz, step, at / half, at * half) for at in middles])
        centred = self.octaves - self.octaves.mean()
        self.slope = centred / (centred @ centred)
        self.contrast = [
            slice(max(1, int(np.ceil(low / step))), min(bins, int(np.ceil(high / step))))
            for low, high in pairwise(CONTRAST_HZ)
        ]
        window = np.hanning(2 * (bins - 1) + 1)[:-1]
        own = irfft(np.abs(np.fft.rfft(window, 4 * (bins - 1))) ** 2)
        self.window = own / own[0]


@lru_cache(maxsize=2)
def _grids(rate: int, bins: int) -> _Grids:
    return _Grids(rate, bins)


def _overlap(hertz: np.ndarray, step: float, low: float, high: float) -> np.ndarray:
    """(bins,) share of each bin that lies between two frequencies."""
    lower, upper = np.maximum(low, hertz - step / 2), np.minimum(high, hertz + step / 2)
    return np.maximum(0.0, upper - lower) / step


def _density(hertz: np.ndarray, step: float, low: float, high: float) -> np.ndarray:
    if high - low >= step:
        weights = _overlap(hertz, step, low, high)
        return weights / weights.sum()
    return np.maximum(0.0, 1 - np.abs(hertz - (low + high) / 2) / step)


def _levels(shares: np.ndarray) -> list[float]:
    return [float(level) for level in 10 * np.log10(np.maximum(shares, 10 ** (FLOOR_DB / 10)))]


def _moments(share: np.ndarray, hertz: np.ndarray) -> tuple[float, float, float]:
    away = hertz - share @ hertz
    spread = float(np.sqrt(share @ away**2))
    if spread < 1e-6:
        return 0.0, 0.0, 0.0
    return spread, float(share @ away**3) / spread**3, float(share @ away**4) / spread**4


def _contrast(share: np.ndarray, bands: list[slice]) -> list[float]:
    found = []
    for band in bands:
        ordered = np.sort(share[band])
        few = max(1, round(CONTRAST_SHARE * len(ordered)))
        high, low = ordered[-few:].mean(), ordered[:few].mean()
        found.append(float(10 * np.log10((high + 1e-16) / (low + 1e-16))))
    return found


def _resonance(grid: np.ndarray, octaves: np.ndarray) -> tuple[float, float]:
    """(dB, log2 Hz) of the step of the grid that stands highest above the median of its octave."""
    above = grid - median_filter(grid, GRID_PER_OCTAVE + 1, mode="nearest")
    at = int(above.argmax())
    return float(above[at]), float(octaves[at])


def _harmonicity(power: np.ndarray, rate: int, window: np.ndarray) -> tuple[float, float]:
    """(HNR in dB, pitch in Hz): the highest peak of the autocorrelation, freed of that of the window."""
    size = len(window)
    low, high = int(rate / HIGHEST_PITCH), int(rate / LOWEST_PITCH)
    padded = np.interp(
        np.arange(size // 2 + 1) * (len(power) - 1) / (size // 2), np.arange(len(power)), power
    )
    own = irfft(padded, size)[: high + 2]
    known = own / (own[0] + 1e-30) / np.maximum(window[: high + 2], 1e-3)
    lags = known[low:high]
    rises = (known[low - 1 : high - 1] <= lags) & (lags >= known[low + 1 : high + 1])
    if not rises.any():
        return HNR_DB[0], 0.0
    best = float(lags[rises].max())
    # Of peaks about as high the shortest lag: multiples of a period repeat as well as it does.
    at = int(np.flatnonzero(rises & (lags >= best - 0.03))[0])
    strength = float(np.clip(lags[at], 1e-6, 1 - 1e-6))
    return float(np.clip(10 * np.log10(strength / (1 - strength)), *HNR_DB)), rate / (low + at)


def _inharmonicity(power: np.ndarray, pitch: float, rate: int) -> float:
    if pitch <= 0:
        return 0.0
    middle = power[1:-1]
    peaks = np.flatnonzero((middle > power[:-2]) & (middle >= power[2:])) + 1
    if not len(peaks):
        return 0.0
    peaks = peaks[np.argsort(power[peaks])[-PARTIALS:]]
    levels = np.log(power[peaks[:, None] + np.array([-1, 0, 1])] + 1e-30)
    bend = levels[:, 0] - 2 * levels[:, 1] + levels[:, 2]
    aside = np.where(bend < 0, 0.5 * (levels[:, 0] - levels[:, 2]) / np.where(bend < 0, bend, -1.0), 0.0)
    orders = (peaks + aside) * rate / (2 * (len(power) - 1)) / pitch
    off = np.abs(orders - np.maximum(1, np.round(orders)))
    return float((np.minimum(off, 0.5) * power[peaks]).sum() / power[peaks].sum())
