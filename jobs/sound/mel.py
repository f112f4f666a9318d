"""Mel bands and cepstra as librosa makes them, without the second that importing it takes.

Slaney's scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above; triangles of equal area.
"""

from functools import lru_cache

import numpy as np
from scipy.fft import dct

BANDS = 128
LINEAR_HZ = 200 / 3
CORNER_HZ = 1000.0
OCTAVE_STEP = np.log(6.4) / 27


@lru_cache(maxsize=2)
def mel_filters(rate: int, size: int) -> np.ndarray:
    """``(size / 2 + 1, 128)`` float32 weights of the bins of a transform of ``size`` samples."""
    bins = np.fft.rfftfreq(size, 1 / rate)
    edges = _hertz(np.linspace(0, _mel(rate / 2), BANDS + 2))
    ramps = edges[:, None] - bins
    widths = np.diff(edges)
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.ascontiguousarray((triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).T, np.float32)


def cepstrum(bands_db: np.ndarray, count: int) -> np.ndarray:
    """``(count,)`` coefficients (DCT-II, orthonormal) of mel levels ``(128,)`` in dB."""
    return dct(bands_db, type=2, norm="ortho")[:count]


def _mel(hertz: float) -> float:
    if hertz < CORNER_HZ:
        return hertz / LINEAR_HZ
    return CORNER_HZ / LINEAR_HZ + float(np.log(hertz / CORNER_HZ)) / OCTAVE_STEP


def _hertz(mels: np.ndarray) -> np.ndarray:
    corner = CORNER_HZ / LINEAR_HZ
    above = CORNER_HZ * np.exp(OCTAVE_STEP * (np.maximum(mels, corner) - corner))
    return np.where(mels < corner, mels * LINEAR_HZ, above)
