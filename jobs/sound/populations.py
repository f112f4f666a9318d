"""How near one set of sounds is to another, by their embeddings: arrays ``(n, width)``, finite.

Each function refuses sets that are too small or not finite with a ValueError, and gives a finite
number otherwise. ``real`` comes first: scales (bandwidths, radii, spreads) are taken from it.
"""

import numpy as np
from scipy.spatial.distance import cdist, pdist

KAD_SCALE = 100.0
"""As the authors' toolkit prints it."""
NEIGHBOURS = 5


def validate(real: np.ndarray, made: np.ndarray, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64. Raises ValueError for fewer than ``least`` rows, widths that differ, NaN and Inf."""
    pair = np.asarray(real, np.float64), np.asarray(made, np.float64)
    for name, rows in zip(("real", "made"), pair, strict=True):
        if rows.ndim != 2 or len(rows) < least:
            raise ValueError(f"{name}: needs at least {least} embeddings (n, width), has {rows.shape}")
        if not np.isfinite(rows).all():
            raise ValueError(f"{name}: holds numbers that are not finite")
    if pair[0].shape[1] != pair[1].shape[1]:
        raise ValueError(f"widths differ: {pair[0].shape[1]} and {pair[1].shape[1]}")
    return pair


def kad(real: np.ndarray, made: np.ndarray) -> float:
    """Kernel audio distance: unbiased squared MMD with a Gaussian kernel, times 100.

    Source: Chung et al., "KAD: No More FAD! An Effective and Efficient Evaluation Metric for Audio
    Generation", arXiv 2502.15602 (2025); MMD by Gretton et al., JMLR 2012, eq. 3. The bandwidth is the
    median distance within ``real``. Around 0 (also below it) for two draws of the same sounds.
    """
    real, made = validate(real, made)
    width = float(np.median(pdist(real))) or 1.0

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * width * width))

    def within(a: np.ndarray) -> float:
        return float((kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1)))

    return KAD_SCALE * (within(real) + within(made) - 2 * float(kernel(real, made).mean()))


def coverage(real: np.ndarray, made: np.ndarray, neighbours: int = NEIGHBOURS) -> float:
    """Share of ``real`` that has something of ``made`` as near as its own k-th neighbour, 0 to 1.

    Source: Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", ICML 2020, eq. 7.
    """
    real, made = validate(real, made)
    among = np.sort(cdist(real, real), axis=1)
    radius = among[:, min(neighbours, len(real) - 1)]
    return float((cdist(real, made).min(axis=1) <= radius).mean())


def diversity(real: np.ndarray, made: np.ndarray) -> float:
    """Mean distance within ``made`` relative to that within ``real``: 1 is as varied, 0 all the same."""
    real, made = validate(real, made)
    return float(pdist(made).mean() / max(pdist(real).mean(), 1e-9))


def nearest(real: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each of ``made`` the row of ``real`` that is nearest and its distance, ``(n,)`` both."""
    real, made = validate(real, made, 1)
    distance = cdist(made, real)
    return distance.argmin(axis=1), distance.min(axis=1)
