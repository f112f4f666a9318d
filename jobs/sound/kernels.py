"""Which compiled form of the loops of linear prediction runs: numba's, unless another was chosen.

What they do stands in `jobs.sound.recursions`. Numba is loaded by the first call that needs it, so that a
process with other machine code for them never pays for it.
"""

from typing import Protocol

import numpy as np


class Loops(Protocol):
    """`jobs.sound.recursions`, or what stands in for it."""

    def levinson(self, correlation: np.ndarray, out: np.ndarray, mirrored: np.ndarray, /) -> None: ...

    def burg(
        self, wave: np.ndarray, backwards: np.ndarray, correlation: np.ndarray, loading: float, out: np.ndarray,
        mirrored: np.ndarray, product: np.ndarray, mirrored_product: np.ndarray, last_row: np.ndarray, /,
    ) -> None: ...  # fmt: skip

    def extrapolate(self, wave: np.ndarray, oldest_first: np.ndarray, count: int, /) -> None: ...


_chosen: Loops | None = None


def use(loops: Loops | None) -> None:
    """From now on, in the whole process; None: numba's."""
    global _chosen
    _chosen = loops


def levinson(correlation: np.ndarray, out: np.ndarray, mirrored: np.ndarray) -> None:
    (_chosen or _numba()).levinson(correlation, out, mirrored)


def burg(
    wave: np.ndarray, backwards: np.ndarray, correlation: np.ndarray, loading: float, out: np.ndarray,
    mirrored: np.ndarray, product: np.ndarray, mirrored_product: np.ndarray, last_row: np.ndarray,
) -> None:  # fmt: skip
    (_chosen or _numba()).burg(
        wave, backwards, correlation, loading, out, mirrored, product, mirrored_product, last_row
    )


def extrapolate(wave: np.ndarray, oldest_first: np.ndarray, count: int) -> None:
    (_chosen or _numba()).extrapolate(wave, oldest_first, count)


def _numba() -> Loops:
    from jobs.sound import recursions

    use(recursions)
    return recursions
