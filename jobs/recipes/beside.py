"""What else could have stood in the gaps, so that a figure can be held against something."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from jobs.desk import Desk
from jobs.sound.conceal import GONE, Fill, conceal
from jobs.sound.filling import Filling, PitchRepetition, Repetition, Silence
from jobs.sound.forecast import Forecaster

PLAIN = ("zero", "repeat", "ar-512")
WAYS = len(PLAIN) + 1
ORACLE = "oracle"
"""Each gap as whichever way comes nearest to the truth, those beside it too: what choosing alone could
reach."""


class Gaps:
    """Counts what is filled, for who waits."""

    def __init__(self, desk: Desk, every: int):
        self._desk, self._every, self._done = desk, every, 0

    def one(self) -> None:
        """One more begins. Raises Stopped."""
        self._desk.check()
        self._desk.progress(min(self._done, self._every), self._every, "gaps")
        self._done += 1


def beside(
    truth: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], packet: int, check: Callable[[], None]
) -> Iterator[tuple[str, np.ndarray]]:
    """Name and ``truth`` (channels, samples) with its gaps filled, way by way. Raises what ``check`` does,
    which is called before every gap."""
    true, places = alone(truth, gaps), end_to_end(gaps)
    best = alone(_filled(truth, rate, gaps, packet, [_oracle(one, gaps) for one in truth], check), gaps)
    for name in PLAIN:
        made = _filled(truth, rate, gaps, packet, [name] * len(truth), check)
        _take_nearer(best, alone(made, gaps), true, places)
        yield name, made
    whole = truth.astype(np.float64)
    for (start, end), (first, last) in zip(gaps, places, strict=True):
        whole[:, start:end] = best[:, first:last]
    yield ORACLE, whole


def _filled(
    truth: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], packet: int,
    ways: Sequence[str | Fill], check: Callable[[], None],
) -> np.ndarray:  # fmt: skip
    """(channels, samples): each channel in a way of its own."""
    return np.stack([
        conceal(one, rate, gaps, packet, way, check) for one, way in zip(truth, ways, strict=True)
    ])  # fmt: skip


def _take_nearer(
    best: np.ndarray, made: np.ndarray, truth: np.ndarray, places: Sequence[tuple[int, int]]
) -> None:
    """Of each place and channel what is nearer to the truth, into ``best``."""
    for start, end in places:
        here = slice(start, end)
        wrong = [((one[:, here] - truth[:, here]) ** 2).sum(axis=1) for one in (made, best)]
        nearer = wrong[0] < wrong[1]
        best[nearer, here] = made[nearer, here]


def alone(wave: np.ndarray, gaps: Sequence[tuple[int, int]]) -> np.ndarray:
    """The lost samples of ``wave`` (channels, samples), end to end, float64."""
    return np.concatenate([wave[:, start:end] for start, end in gaps], axis=1, dtype=np.float64)


def end_to_end(gaps: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where each gap lies in what `alone` gives."""
    ends = np.cumsum([end - start for start, end in gaps]).tolist()
    return list(zip([0, *ends], ends, strict=False))


def _oracle(wave: np.ndarray, gaps: Sequence[tuple[int, int]]) -> Fill:
    ends = dict(gaps)

    def fill(forecaster: Forecaster, rate: int, packet: int) -> Filling:
        start = forecaster.history.count
        # Nothing of any way is left where a gap lasts longer.
        truth = wave[start : min(ends[start], start + round(GONE * rate))]
        return min(_ways(forecaster, rate, packet), key=lambda way: _error(way, truth))

    return fill


def _ways(forecaster: Forecaster, rate: int, packet: int) -> list[Filling]:
    history, together = forecaster.history, forecaster.forecast()
    repetitions: list[Filling] = [PitchRepetition(history, rate), Repetition(history, rate, packet)]
    return [together, *together.courses, *repetitions, Silence()]


def _error(way: Filling, truth: np.ndarray) -> float:
    return float(((way.until(len(truth)) - truth) ** 2).sum())
