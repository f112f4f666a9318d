"""A sound as a few numbers: statistics of mel-frequency cepstra, one vector per half second.

No weights, no download: what a small set of sounds can be compared by on any machine. The level is
part of it, phase and pitch contour are not.
"""

import functools
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from jobs.sound.measures import checked
from jobs.sound.spectrum import RATE, window

SIZE = 2048
HOP = 1024
MELS = 64
CEPSTRA = 20
FRAMES = 24
"""Frames in a chunk: 0.51 s."""
LEAST = 5
"""Frames a last, shorter chunk needs: 0.1 s."""
SHORTEST = (LEAST - 1) * HOP
"""Samples that a sound needs: 85 ms."""
FLOOR_DB = -80.0
"""Power added to every band, below a full-scale sine: what lies under it is not heard."""
QUIET_DB = -75.0
"""Chunks whose loudest frame is below this level are left out."""
WIDTH = 3 * CEPSTRA


def embed(wave: Any) -> np.ndarray:
    """``(samples,)`` at 48 kHz -> ``(chunks, 60)`` float32; chunks do not overlap, silent ones are left out.

    Of each chunk: mean, standard deviation and mean absolute step of 20 mel cepstra (Davis &
    Mermelstein 1980; statistics as in Tzanetakis & Cook 2002). Raises ValueError for less than 85 ms,
    and numbers that are not finite; a silent sound gives no chunks.
    """
    wave = checked(wave, "sound", SHORTEST)
    cepstra, level = _cepstra(wave)
    found = []
    for start in range(0, cepstra.shape[1], FRAMES):
        chunk = cepstra[:, start : start + FRAMES]
        whole = chunk.shape[1] >= LEAST or start == 0
        if whole and float(level[start : start + FRAMES].max()) > QUIET_DB:
            found.append(_statistics(chunk))
    return torch.stack(found).numpy() if found else np.zeros((0, WIDTH), np.float32)


def _statistics(chunk: Tensor) -> Tensor:
    """``(CEPSTRA, frames) -> (WIDTH,)``."""
    step = chunk.diff(dim=1).abs()
    return torch.cat([chunk.mean(dim=1), chunk.std(dim=1, correction=0), step.mean(dim=1)])


def _cepstra(wave: Tensor) -> tuple[Tensor, Tensor]:
    """``(CEPSTRA, frames)`` and the level of each frame in dB below a full-scale sine, ``(frames,)``."""
    spectrum = torch.stft(
        wave, SIZE, HOP, window=window(SIZE), return_complex=True, pad_mode="constant", center=True
    )
    power = (spectrum.real.square() + spectrum.imag.square()) / (SIZE / 4) ** 2
    log = 10 * torch.log10(_mel() @ power + 10 ** (FLOOR_DB / 10))
    return _cosines() @ log, 10 * torch.log10(power.sum(dim=0) + 1e-12)


@functools.lru_cache(maxsize=1)
def _mel() -> Tensor:
    """``(MELS, bins)`` triangles of height 1, evenly spaced on the mel scale (O'Shaughnessy 1987)."""
    top = 2595 * math.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, MELS + 2) / 2595) - 1)
    # No triangle narrower than a bin, so that none is empty at the bottom.
    edges = np.maximum(hertz / (RATE / SIZE), np.arange(MELS + 2))
    bins = np.arange(SIZE // 2 + 1)
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return torch.from_numpy(np.clip(np.minimum(rise, fall), 0, None)).float()


@functools.lru_cache(maxsize=1)
def _cosines() -> Tensor:
    """``(CEPSTRA, MELS)`` orthonormal cosine transform, type II."""
    grid = np.pi / MELS * np.arange(CEPSTRA)[:, None] * (np.arange(MELS) + 0.5)
    rows = np.sqrt(2 / MELS) * np.cos(grid)
    rows[0] /= np.sqrt(2)
    return torch.from_numpy(rows).float()
