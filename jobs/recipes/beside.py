"""What else could have stood in the gaps, so that a figure can be held against something."""

from collections.abc import Sequence

import numpy as np

from jobs.recipes.repair import Gaps
from jobs.sound.conceal import conceal
from jobs.sound.filling import Filling, PitchRepetition, Repetition, Silence
from jobs.sound.forecast import Forecaster

PLAIN = ("zero", "repeat", "ar-512")
WAYS = len(PLAIN) + 1
ORACLE = "oracle"
"""Each gap as whichever way comes nearest to the truth: what choosing alone could reach."""


def beside(
    truth: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], packet: int, count: Gaps
) -> dict[str, np.ndarray]:
    """``truth`` (channels, samples) with its gaps filled in each of the ways, by name. Raises Stopped."""
    found = {}
    for name in PLAIN:
        found[name] = np.stack([conceal(one, rate, gaps, packet, name, count.one) for one in truth])
    found[ORACLE] = np.stack([_best(one, rate, gaps, packet, count) for one in truth])
    return found


def _best(
    wave: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], packet: int, count: Gaps
) -> np.ndarray:
    ends = dict(gaps)

    def fill(forecaster: Forecaster, rate: int, packet: int) -> Filling:
        start = forecaster.history.count
        truth = wave[start : ends[start]]
        return min(_ways(forecaster, rate, packet), key=lambda way: _error(way, truth))

    return conceal(wave, rate, gaps, packet, fill, count.one)


def _ways(forecaster: Forecaster, rate: int, packet: int) -> list[Filling]:
    history, together = forecaster.history, forecaster.forecast()
    repetitions: list[Filling] = [PitchRepetition(history, rate), Repetition(history, rate, packet)]
    return [together, *together.courses, *repetitions, Silence()]


def _error(way: Filling, truth: np.ndarray) -> float:
    return float(((way.until(len(truth)) - truth) ** 2).sum())
