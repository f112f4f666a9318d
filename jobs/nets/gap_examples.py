"""Gaps to learn from: the moment before each, and what really followed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from jobs.nets.gap_shape import Shape
from jobs.sound.forecast import BURG_512, EXPERTS, Course, Forecaster
from jobs.sound.guesses import RECORDED, moment
from jobs.sound.linear import oldest_first

EARLIEST = 0.06
"""Seconds of a sound that are heard before its first gap."""
DENSEST = 100
"""Gaps a second of sound, at most: nearer together they teach the same."""
HEARD = 10 ** (-60 / 20)
"""rms of the 40 ms from a gap on, below which there is nothing to repair."""


@dataclass(frozen=True)
class Examples:
    """N gaps; sound is divided by the rms of the past, which is ``scale (N,)``.

    ``past (N, C)``, ``guesses (N, K, T)``, ``record (N, experts, edges)`` and ``truth (N, T)`` float32;
    ``baseline (N, T)`` is what AR-512 makes; ``source`` and ``kind`` (N,) say by number which sound a gap is
    of, and of which kind that is.
    """

    past: np.ndarray
    guesses: np.ndarray
    record: np.ndarray
    truth: np.ndarray
    baseline: np.ndarray
    scale: np.ndarray
    source: np.ndarray
    kind: np.ndarray

    def __len__(self) -> int:
        return len(self.truth)

    def some(self, which: np.ndarray) -> "Examples":
        return Examples(*(getattr(self, one.name)[which] for one in fields(self)))


def examples(
    waves: Sequence[np.ndarray],
    kinds: Sequence[int],
    shape: Shape,
    count: int,
    seed: int,
    told: Callable[[int, int], None] = lambda done, of: None,
    threads: int = 2,
    starts: Sequence[np.ndarray | None] = (),
) -> Examples:
    """About ``count`` gaps of ``waves``, each (samples,) at ``shape.rate`` Hz: of long sounds more, but not
    in proportion. The same for a seed. ``told`` is called as they are made, and may raise.

    ``starts`` has, for each wave, the samples at which its gaps may begin; None: anywhere. Where nothing fits
    there are no examples.
    """
    shares = _share(waves, count, shape.rate)
    known = starts or [None] * len(waves)
    places = [
        (number, at)
        for number, wave in enumerate(waves)
        for at in _places(wave, shape, shares[number], [seed, number], known[number])
    ]
    found = examples_at(waves, places, shape, told, threads)
    return replace(found, kind=np.array(kinds, int)[found.source])


def examples_at(
    waves: Sequence[np.ndarray],
    places: Sequence[tuple[int, int]],
    shape: Shape,
    told: Callable[[int, int], None] = lambda done, of: None,
    threads: int = 2,
) -> Examples:
    """Gaps that begin at ``places``, (number of the wave, sample) each; all of kind 0."""
    parts = _room(shape, len(places))
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda place: _example(waves[place[0]], place[1], shape), places)
        for at, example in enumerate(found):
            for part, one in zip(parts, example, strict=True):
                part[at] = one
            told(at + 1, len(places))
    source = np.array([number for number, _ in places], int)
    past, guesses, record, truth, baseline, scale = parts
    return Examples(past, guesses, record, truth, baseline, scale, source, np.zeros_like(source))


def possible(seconds: float) -> int:
    """Gaps that so much sound has at most."""
    return max(1, round(DENSEST * seconds))


def _room(shape: Shape, count: int) -> tuple[np.ndarray, ...]:
    """For all that is told of so many gaps, and what they are judged by, which would not fit twice."""
    heard = (shape.past,), (shape.candidates, shape.horizon), RECORDED
    sizes = *heard, (shape.horizon,), (shape.horizon,), ()
    return tuple(np.empty((count, *size), np.float32) for size in sizes)


def _share(waves: Sequence[np.ndarray], count: int, rate: int) -> list[int]:
    """Gaps of each: as the root of its length."""
    weights = np.sqrt([len(wave) for wave in waves])
    fair = (max(1, round(count * weight / weights.sum())) for weight in weights)
    return [min(one, possible(len(wave) / rate)) for one, wave in zip(fair, waves, strict=True)]


def _places(
    wave: np.ndarray, shape: Shape, count: int, seed: list[int], starts: np.ndarray | None
) -> list[int]:
    """Where gaps begin: anywhere, or at some of ``starts``, from `EARLIEST` on where something is heard."""
    first, last = round(EARLIEST * shape.rate), len(wave) - shape.horizon
    if last <= first:
        return []
    window = min(shape.horizon, round(0.04 * shape.rate))
    power = np.cumsum(np.concatenate([[0.0], wave.astype(np.float64) ** 2]))
    random = np.random.default_rng(seed)
    if starts is None:
        drawn = random.integers(first, last, 4 * count)
    else:
        drawn = random.permutation(starts[(starts >= first) & (starts < last)])
    heard = power[drawn + window] - power[drawn] > HEARD**2 * window
    return [int(place) for place in drawn[heard][:count]]


def _example(wave: np.ndarray, at: int, shape: Shape) -> tuple[Any, ...]:
    forecaster = Forecaster(shape.rate, EXPERTS)
    forecaster.add(wave[max(0, at - forecaster.history.length) : at])
    now = moment(forecaster, shape.rate, shape.past, shape.horizon)
    baseline = _baseline(forecaster, shape)
    truth = wave[at : at + shape.horizon]
    told = now.past, now.guesses, now.record
    return *told, truth / now.scale, baseline / now.scale, np.float32(now.scale)


def _baseline(forecaster: Forecaster, shape: Shape) -> np.ndarray:
    learned = oldest_first(BURG_512.coefficients(forecaster.history, shape.rate))
    past = forecaster.history.wave(len(learned))
    return Course(past, learned, forecaster.limit()).until(shape.horizon)
