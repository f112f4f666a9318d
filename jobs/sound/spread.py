"""How values of groups are spread, and how far two groups stand apart.

Apart is Cliff's delta ("Dominance statistics: ordinal analyses to answer ordinal questions", Psychological
Bulletin 114, 1993): how much more often a value of one group is above one of the other than below it. It
asks nothing of the shape of either, and a few wild values can't move it far.
"""

import numpy as np

PERCENTILES = (5, 25, 50, 75, 95)


def percentiles(values: np.ndarray) -> np.ndarray:
    """``(5, columns)``: the 5th, 25th, 50th, 75th and 95th of ``(rows, columns)``, in its units."""
    return np.percentile(values, PERCENTILES, axis=0)


def apart(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """``(columns,)`` from -1 (all of ``values (rows, columns)`` lie below all of ``others``) to 1."""
    ordered = np.sort(others, axis=0)
    found = np.empty(values.shape[1])
    for column in range(values.shape[1]):
        below = np.searchsorted(ordered[:, column], values[:, column], "left")
        at_most = np.searchsorted(ordered[:, column], values[:, column], "right")
        found[column] = (below + at_most).mean() / len(others) - 1
    return found
