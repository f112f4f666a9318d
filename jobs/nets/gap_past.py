"""Powers of the past as `jobs.nets.gates.Gates` hears them, as three linear steps and a square.

Samples are taken in steps that all parts and all means begin on. Kernels over such a step make its samples,
its differences and each mean that begins there; their squares are summed over the parts; and of these sums
those are picked that belong to a way and a part.
"""

import math

import numpy as np

from jobs.nets.gates import PARTS, POOLS, WAYS

SIZES = (1, 1, *POOLS)
"""Samples of what each way squares: a difference, a sample, means."""


def pooled(past: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For ``past`` samples and one before them: kernels ``(made, 1, size)``, to be moved by a step; columns
    of sums ``(steps, columns)``; what makes the powers, way by way and part by part, of the sums of the
    squares, ``(WAYS * PARTS, made, columns)``."""
    step = _step(past)
    columns, of = _different([_means(past, step, size) for size in SIZES])
    kernels = _kernels(step)
    rows = [range(step), range(step, 2 * step), *([2 * step + at] for at in range(len(POOLS)))]
    picked = np.zeros((WAYS, PARTS, len(kernels), columns.shape[1]))
    for way, some in enumerate(rows):
        for part in range(PARTS):
            picked[way, part, list(some), of[way] * PARTS + part] = 1 / len(some)
    return kernels, columns, picked.reshape(-1, *picked.shape[2:])


def _parts(past: int, size: int) -> tuple[int, int]:
    """(first, length) of parts of means of ``size``, in samples: what is left over is at the beginning."""
    count = past // size
    return size * (count % PARTS), size * (count // PARTS)


def _step(past: int) -> int:
    return math.gcd(past, *POOLS, *(edge for size in SIZES for edge in _parts(past, size)))


def _kernels(step: int) -> np.ndarray:
    """The first sample that they see is the one before."""
    kernels = np.zeros((2 * step + len(POOLS), 1, 1 + max(step, *POOLS)))
    for sample in range(step):
        kernels[sample, 0, sample : sample + 2] = -1, 1
        kernels[step + sample, 0, sample + 1] = 1
    for row, size in enumerate(POOLS, 2 * step):
        kernels[row, 0, 1 : 1 + size] = 1 / size
    return kernels


def _means(past: int, step: int, size: int) -> np.ndarray:
    """``(steps, PARTS)``: means over those steps in each part that a mean of ``size`` begins on."""
    first, length = _parts(past, size)
    since = step * np.arange(past // step)[:, None] - (first + length * np.arange(PARTS))
    chosen = (since >= 0) & (since < length) & (since % max(size, step) == 0)
    return chosen / chosen.sum(axis=0)


def _different(blocks: list[np.ndarray]) -> tuple[np.ndarray, list[int]]:
    """Different ``blocks`` side by side, and which of them each is."""
    kept: list[np.ndarray] = []
    of = []
    for block in blocks:
        same = [at for at, one in enumerate(kept) if np.array_equal(one, block)]
        of.append(same[0] if same else len(kept))
        kept += [] if same else [block]
    return np.concatenate(kept, axis=1), of
