"""numba for our loops, without the BLAS that none of them uses.

With the first loop that a process loads numba looks for one in scipy.linalg, which takes longer than all else
until that loop runs. Where there is none, only products of matrices inside of loops can't be compiled.
"""

import numba as numba
from numba.np import linalg


def _no_blas() -> None:
    raise ImportError


linalg.ensure_blas = _no_blas
