"""Set-points looked up on what was heard at a few settings."""

import numpy as np
from scipy.optimize import isotonic_regression

CLOSE = 0.05
"""Spreads within which a curve has reached its target."""


def looked_up(ways: np.ndarray, found: np.ndarray, target: float, spread: float, tilt: float = 0.0) -> float:
    """The setting among ``ways``, or between two, where the curve ``found`` comes to ``target`` or as near as
    it gets; of several the one that changes least.

    The curve is made to rise first (isotonic regression): what a take of seconds measures jumps, and a
    coincidence would be taken for an answer. ``tilt``, in spreads from end to end, is added to it, so that it
    is nowhere flat: where a measure no longer tells settings apart, another still may.
    """
    rising = isotonic_regression(found).x + tilt * spread * np.linspace(-0.5, 0.5, len(ways))
    target = float(np.clip(target, rising[0], rising[-1]))
    near = ways[np.abs(rising - target) <= CLOSE * spread]
    if len(near):
        return float(near[np.abs(near).argmin()])
    k = int(np.searchsorted(rising, target))
    share = (target - rising[k - 1]) / (rising[k] - rising[k - 1])
    return float(ways[k - 1] + share * (ways[k] - ways[k - 1]))
