"""Set-points looked up on what was heard at a few settings."""

import numpy as np
from scipy.optimize import isotonic_regression

CLOSE = 0.05
"""Spreads within which a curve has reached its target."""


NOWHERE = (-np.inf, np.inf)
KNEE = 0.5
"""Share of the way to the end of what is reached from which on set-points are drawn together."""


def looked_up(
    ways: np.ndarray,
    found: np.ndarray,
    target: float,
    spread: float,
    asked: tuple[float, float] = NOWHERE,
    tilt: float = 0.0,
    leash: float = 0.0,
) -> float:
    """The setting among ``ways``, or between two, where the curve ``found`` comes to ``target`` or as near as
    it gets; of several the one that changes least.

    The curve is made to rise first (isotonic regression): what a take of seconds measures jumps, and a
    coincidence would be taken for an answer. ``tilt``, in spreads from end to end, is added to it, so that it
    is nowhere flat: where a measure no longer tells settings apart, another still may. ``asked`` are the least
    and the greatest target: where these lie beyond the curve, targets are drawn together, so that all of a
    slider moves something.
    """
    rising = isotonic_regression(found).x + tilt * spread * np.linspace(-0.5, 0.5, len(ways))
    home = float(np.interp(0.0, ways, rising))
    target = home + _drawn(target - home, rising[-1] - home, asked[1] - home)
    target = home - _drawn(home - target, home - rising[0], home - asked[0])
    near = ways[np.abs(rising - target) <= CLOSE * spread]
    if len(near) and not tilt:
        return float(near[np.abs(near).argmin()])
    k = int(np.clip(np.searchsorted(rising, target), 1, len(ways) - 1))
    share = (target - rising[k - 1]) / max(float(rising[k] - rising[k - 1]), 1e-12)
    way = float(ways[k - 1] + share * (ways[k] - ways[k - 1]))
    if not leash:
        return way
    far = leash * np.abs(ways - way) / (ways[-1] - ways[0])
    return float(ways[(np.abs(found - target) / spread + far).argmin()])


def _drawn(far: float, reach: float, most: float) -> float:
    """How far to go where ``far`` is asked for, up to ``most``, and only ``reach`` can be had."""
    knee = KNEE * reach
    if far <= knee or most <= reach or not np.isfinite(most):
        return min(far, reach)
    return knee + (reach - knee) * min(1.0, (far - knee) / (most - knee))
