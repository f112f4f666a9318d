"""How far each of several experts is trusted: by how wrong it has just been, at every distance into a gap.

Source of the idea: Cesa-Bianchi & Lugosi, "Prediction, Learning, and Games", 2006 (experts weighted by
their losses).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np

EDGES = (0.0, 0.00125, 0.0025, 0.005, 0.010, 0.020, 0.030)
"""Seconds into a gap at which a new set of weights begins."""
REMEMBERED = 0.3
"""Share that what was seen at the gap before counts for: where packets go missing one after the other,
little is seen since."""
STEEP = 4
"""Power of the errors by which experts weigh: below 3 the worse one still spoils pure tones."""
FEWEST = 16
"""Samples of a stretch that an expert is judged by, at least."""
TINY = 1e-30
"""Power far below a grid of 24 bits: nobody is wrong by nothing."""

Judged = tuple[np.ndarray, np.ndarray]
"""Squared errors (experts, edges) by distance from where a forecast began, and of how many samples (edges,)
they are."""


class Weighing:
    """What was seen of ``experts`` at distances that begin at ``edges`` edges."""

    def __init__(self, experts: int, edges: int):
        self.errors, self.seen = np.zeros((experts, edges)), np.zeros(edges)

    def after(self, judged: Iterable[Judged]) -> Weighing:
        """What was judged since, and a share of what was seen before."""
        new = Weighing(*self.errors.shape)
        new.errors, new.seen = self.errors * REMEMBERED, self.seen * REMEMBERED
        for errors, seen in judged:
            new.errors += errors
            new.seen += seen
        return new

    def shares(self) -> np.ndarray:
        """(experts, edges): weights that add up to 1."""
        return shares(self.errors, self.seen)

    def record(self) -> np.ndarray:
        """(experts, edges): rms of the errors; inf where nothing was seen. Where too little was it is that of
        the nearest distance."""
        known = _known(self.seen)
        if not len(known):
            return np.full(self.errors.shape, np.inf)
        return np.sqrt(self.errors[:, known] / self.seen[known])[:, _nearest(known, len(self.seen))]


def shares(errors: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Weights of the experts from their squared errors, both by distance: (experts, edges).

    Where too little was seen they are those of the nearest distance; where nothing was, all weigh the same.
    """
    known = _known(seen)
    if not len(known):
        return np.full(errors.shape, 1.0 / len(errors))
    error = errors[:, known] / seen[known] + TINY
    weights = (error.min(axis=0) / error) ** STEEP
    weights /= weights.sum(axis=0)
    if len(known) == len(seen):
        return weights
    return weights[:, _nearest(known, len(seen))]


def _known(seen: np.ndarray) -> np.ndarray:
    """Edges behind which enough was seen."""
    return np.flatnonzero(seen >= FEWEST)


def _nearest(known: np.ndarray, edges: int) -> np.ndarray:
    """(edges,): which of the ``known`` is the nearest to each."""
    return np.abs(np.arange(edges)[:, None] - known).argmin(axis=1)


def edges(rate: int) -> np.ndarray:
    """`EDGES` in samples."""
    return np.array([round(edge * rate) for edge in EDGES])


def spread(weights: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """``(experts, edges) -> (experts, samples)``, from the first edge to the last.

    They change in straight lines from the middle of one stretch to that of the next: where experts are far
    apart, a change from one sample to the next would be a click.
    """
    return weights @ _lines(tuple(edges.tolist()))


@lru_cache(maxsize=8)
def _lines(edges: tuple[int, ...]) -> np.ndarray:
    """(edges, samples): what each edge's weight counts for, from the first edge to the last."""
    middles = [*((edge + after) / 2 for edge, after in pairwise(edges)), edges[-1]]
    places = np.arange(edges[-1] + 1)
    return np.stack([np.interp(places, middles, row) for row in np.eye(len(edges))])
