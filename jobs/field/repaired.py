"""What a net made of a gap, between what was forecast before and behind.

It is only taken where it is finite; it never gets louder than what was heard lately, and where its horizon
ends the forecast goes on.
"""

import numpy as np

from jobs.sound.guesses import Moment

JOINED = 0.0025
"""Seconds before the end of the horizon in which the net is left for the forecast, and behind the point in
which it takes over."""


class Repaired:
    """A net's answer ``made`` (T,) to ``now``: at ``rate`` Hz, from sample ``since`` of the gap to ``end``,
    and nowhere louder than ``limit``."""

    def __init__(
        self, made: np.ndarray, now: Moment, limit: float, rate: int, since: int = 0, end: int | None = None
    ):
        self._forecast = now.forecast
        made = made.astype(np.float64) * now.scale
        self.trusted = bool(np.isfinite(made).all())
        """Whether the net's answer is used at all."""
        self.clamped = int((np.abs(made) > limit).sum()) if self.trusted else 0
        self._made = np.clip(made, -limit, limit) if self.trusted else now.forecast.until(len(made)).copy()
        self._share = _share(len(made), since, min(len(made), end or len(made)), round(JOINED * rate))

    def until(self, count: int) -> np.ndarray:
        inside = min(count, len(self._made))
        share = self._share[:inside]
        known = self._forecast.until(count)
        joined = self._made[:inside] * share + known[:inside] * (1 - share)
        return np.concatenate([joined, known[inside:]])


def _share(count: int, since: int, end: int, joined: int) -> np.ndarray:
    """(count,): 1 from ``since`` to ``end`` and 0 around it, with ramps of ``joined`` samples inside."""
    share = np.zeros(count)
    share[:end] = 1
    short = min(joined, end)
    share[end - short : end] = np.linspace(1, 0, joined)[joined - short :]
    if since:
        share *= np.clip((np.arange(1, count + 1) - since) / (joined + 1), 0, 1)
    return share
