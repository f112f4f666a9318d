"""What a request is. Light, as ``jobs.specs``, which lists them all."""

from dataclasses import dataclass
from typing import ClassVar

LANES = ("live", "short", "long")
"""``live`` answers a hand on a slider, ``short`` is imports and exports, ``long`` is training."""
SOUNDS_HELP = "files, folders with all below them, or datasets"


@dataclass(frozen=True)
class Spec:
    """A request. ``recipe`` names the module in ``jobs.recipes`` that fulfils it."""

    recipe: ClassVar[str]
    lane: ClassVar[str]
