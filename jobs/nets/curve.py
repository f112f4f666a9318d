"""Set-points looked up on what was heard at a few settings."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import isotonic_regression

CLOSE = 0.05
"""Spreads within which a curve that is not tilted has reached its target."""
KNEE = 0.75
"""Share of the way to the end of what is reached from which on set-points are drawn together."""
UNBOUNDED = (-np.inf, np.inf)


@dataclass(frozen=True)
class Curve:
    """What is ``found`` at the settings ``ways`` of a move, both ``(n,)``, made to rise.

    By isotonic regression: what a take of seconds measures jumps, and a coincidence would be taken for an
    answer. ``tilt``, in units of ``spread`` from end to end, is added, so that it is nowhere flat: where a
    measure no longer tells settings apart, the ear still may. ``asked`` are the least and the greatest target
    of a slider: where these lie beyond the curve, targets are drawn together, so that all of it moves
    something.
    """

    ways: np.ndarray
    found: np.ndarray
    spread: float
    asked: tuple[float, float] = UNBOUNDED
    tilt: float = 0.0

    @cached_property
    def rising(self) -> np.ndarray:
        tilt = self.tilt * self.spread * np.linspace(-0.5, 0.5, len(self.ways))
        return isotonic_regression(self.found).x + tilt

    def within(self, target: float) -> float:
        """The target, drawn in to where the curve comes."""
        home = float(np.interp(0.0, self.ways, self.rising))
        least, greatest = self.asked
        target = home + _drawn(target - home, self.rising[-1] - home, greatest - home)
        return home - _drawn(home - target, home - self.rising[0], home - least)

    def looked_up(self, target: float) -> float:
        """The setting where the curve comes to ``target``, or as near as it gets; of several the one that
        changes least."""
        target = self.within(target)
        near = self.ways[np.abs(self.rising - target) <= CLOSE * self.spread]
        if len(near) and not self.tilt:
            return float(near[np.abs(near).argmin()])
        k = int(np.clip(np.searchsorted(self.rising, target), 1, len(self.ways) - 1))
        low, high = self.rising[k - 1 : k + 1]
        share = float(np.clip((target - low) / max(high - low, 1e-12), 0, 1))
        return float(self.ways[k - 1] + share * (self.ways[k] - self.ways[k - 1]))

    def heard_near(self, target: float, leash: float) -> float:
        """The setting among ``ways`` where ``target`` was heard: one near the curve's own, as going from end
        to end costs ``leash`` spreads. For counts, that jump from one setting to the next."""
        target, way = self.within(target), self.looked_up(target)
        far = leash * np.abs(self.ways - way) / (self.ways[-1] - self.ways[0])
        return float(self.ways[(np.abs(self.found - target) / self.spread + far).argmin()])


def _drawn(far: float, reach: float, most: float) -> float:
    """How far to go where ``far`` is asked for, of ``most`` at most, and only ``reach`` can be had."""
    knee = KNEE * reach
    if far <= knee or most <= reach or not np.isfinite(most):
        return min(far, reach)
    return knee + (reach - knee) * min(1.0, (far - knee) / (most - knee))
