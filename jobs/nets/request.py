"""What is asked of an instrument, and what it will play: a request, and the plan that is made for it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jobs.nets.bank import Bank
from jobs.nets.lay import Piece
from jobs.nets.phrase import Wander
from jobs.nets.rehearsal import Setting
from jobs.nets.walk import Event, Shares, Variation, Walk, in_order
from jobs.sound.course import Course
from jobs.sound.spectrum import HOP, RATE


@dataclass(frozen=True)
class Request:
    """A take to play. ``sliders`` are percentiles of the trained sounds; axes left out are free.

    ``route``: "walk" through the bank, "order" plays its sounds as they are, "between" leads from
    the first sound to the second. ``shares``: of each model of a blend how many of the sounds are its
    own, and its weight. A ``quick`` take is
    led by what was heard before (`jobs.nets.sketch`) instead of closing a loop.
    """

    seconds: float
    seed: int = 0
    sliders: tuple[tuple[str, float], ...] = ()
    wander: float = 0.3
    render: str = "carrier"
    stereo: bool = False
    route: str = "walk"
    variations: tuple[Variation, ...] = ()
    shares: tuple[tuple[int, float], ...] = ()
    quick: bool = False

    @property
    def samples(self) -> int:
        return round(self.seconds * RATE)

    @property
    def frames(self) -> int:
        return self.samples // HOP + 1


@dataclass(frozen=True)
class Plan:
    """What a take is made of, before it is rendered: pieces, setting, the course of its level, and each
    axis's percentile in it, ``reached``."""

    pieces: list[Piece]
    setting: Setting
    course: Course
    reached: dict[str, float]


def events_of(request: Request, bank: Bank, pace: float = 1.0) -> Iterator[Event]:
    """Without end; ``pace`` is how many seconds of the walk a second of the take will be."""
    if request.route == "order":
        return in_order(bank)
    return Walk(bank, request.seed, request.variations, shares_of(request, pace)).events()


def shares_of(request: Request, pace: float = 1.0) -> Shares | None:
    """Which sounds belong together, and how much of the take is theirs; None where all are one."""
    if request.route == "between":

        def led(seconds: float) -> np.ndarray:
            way = min(1.0, seconds / (pace * request.seconds))
            way = way * way * (3 - 2 * way)
            return np.array([1 - way, way])

        return Shares(np.arange(2), led)
    if len(request.shares) < 2:
        return None
    counts, weights = zip(*request.shares, strict=True)
    return Shares(np.repeat(np.arange(len(counts)), counts), lambda _: np.array(weights))


def wander_of(request: Request) -> Wander:
    """What makes the take new."""
    return Wander(request.seed, request.wander, request.variations)
