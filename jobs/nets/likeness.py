"""The training sounds as something to compare with: half seconds of them, embedded, each with its owner."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist

from jobs.sound import populations
from jobs.sound.embedding import SHORTEST as LEAST
from jobs.sound.embedding import WIDTH, embed
from jobs.sound.spectrum import HOP, RATE
from jobs.sound.tape import Place

LISTENED = 240.0
"""Seconds of material that are embedded at most, spread over all sounds."""
NARROWEST = 0.1
"""Share of the mean spread that the spread of a number is taken for at least: five files of one note
hardly differ in some, and a hair in those must not be a world."""


@dataclass(frozen=True)
class Material:
    """``rows (n, width)`` in spreads of the material; ``owner (n,)`` the number of the sound in ``names``.

    ``centre`` and ``scale`` ``(width,)`` bring other embeddings to the same measure.
    """

    names: tuple[str, ...]
    owner: np.ndarray
    rows: np.ndarray
    centre: np.ndarray = field(repr=False)
    scale: np.ndarray = field(repr=False)

    @staticmethod
    def of(places: Sequence[Place], wave: np.ndarray) -> "Material":
        """Of the sounds on a tape or in a bank; without a row where all of them are silent."""
        each = max(0.5, LISTENED / max(1, len(places)))
        found, owner = [], []
        for i, place in enumerate(places):
            samples = min(max((place.frames - 1) * HOP, LEAST), round(each * RATE))
            start = place.start * HOP
            rows = embed(wave[start : start + samples])
            found.append(rows)
            owner += [i] * len(rows)
        rows = np.concatenate(found).astype(np.float64)
        spread = rows.std(axis=0) if len(rows) else np.ones(WIDTH)
        scale = np.maximum(spread, max(NARROWEST * float(spread.mean()), 1e-3))
        centre = rows.mean(axis=0) if len(rows) else np.zeros(WIDTH)
        return Material(
            tuple(place.name for place in places), np.array(owner), (rows - centre) / scale, centre, scale
        )

    def heard(self, wave: np.ndarray) -> np.ndarray:
        """``(samples,)`` at 48 kHz -> ``(n, width)`` in the material's measure; none where it is silent."""
        return (embed(wave) - self.centre) / self.scale

    @cached_property
    def apart(self) -> float:
        """How far the half seconds typically lie from the nearest of another sound, above 0.

        Of a single sound: from the nearest of its own.
        """
        distance = cdist(self.rows, self.rows)
        same = self.owner[:, None] == self.owner
        if same.all():
            same = np.eye(len(self.rows), dtype=bool)
        distance[same] = np.inf
        nearest = distance.min(axis=1)
        nearest = nearest[np.isfinite(nearest)]
        return max(float(np.median(nearest)), 1e-3) if len(nearest) else 1.0

    def nearest(self, rows: np.ndarray) -> tuple[str, float]:
        """The sound most of ``rows (n, width)`` are nearest to, and their median distance to the nearest.

        1 is as far as the sounds themselves lie apart, 0 a copy.
        """
        which, distance = populations.nearest(self.rows, rows)
        sounds, counts = np.unique(self.owner[which], return_counts=True)
        return self.names[int(sounds[counts.argmax()])], float(np.median(distance)) / self.apart

    def without(self, places: set[int]) -> "Material":
        """The same measure, some sounds left out."""
        kept = ~np.isin(self.owner, sorted(places))
        return Material(self.names, self.owner[kept], self.rows[kept], self.centre, self.scale)

    def halves(self) -> tuple[np.ndarray, np.ndarray]:
        """Every other half second of each sound, and the ones between: two draws of the same sounds."""
        index = np.arange(len(self.owner)) - np.searchsorted(self.owner, self.owner)
        return self.rows[index % 2 == 0], self.rows[index % 2 == 1]
