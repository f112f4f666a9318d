"""What a repairer is worth: its gain over linear prediction with an interval, and one of three verdicts.

Gains are paired, gap by gap, and their interval is a bootstrap over sources (Efron & Tibshirani, "An
Introduction to the Bootstrap", 1993, percentiles): gaps of one sound are not independent of each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import JUDGED, LENGTHS_MS, sdr_each
from jobs.sound import scoring
from jobs.worth import BETTER, FEWEST, MASTERED, PREDICTION, is_better

DRAWS = 1_000
INTERVAL = (2.5, 97.5)
BEFORE_MS = 10.0
EVERY = "all"


def interval(gains: np.ndarray, source: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Mean, and its 95 % interval, of ``gains (N,)`` of gaps that belong to sounds by number.

    Of fewer than `FEWEST` sounds it holds 0 whatever they say: nothing follows from them for others.
    """
    numbers = np.unique(source)
    sums = np.array([gains[source == number].sum() for number in numbers])
    counts = np.array([(source == number).sum() for number in numbers])
    drawn = np.random.default_rng(seed).integers(0, len(numbers), (DRAWS, len(numbers)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, INTERVAL)
    if len(numbers) < FEWEST:
        low, high = min(low, 0.0), max(high, 0.0)
    return float(gains.mean()), float(low), float(high)


def by_kind(examples: Examples, kinds: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Which gaps are of all sounds, (N,), and of each of several kinds that there are gaps of."""
    yield EVERY, np.ones(len(examples), bool)
    for number, kind in enumerate(kinds if len(kinds) > 1 else ()):
        which = examples.kind == number
        if which.any():
            yield kind, which


def gains(
    output: np.ndarray, examples: Examples, over: np.ndarray, kinds: Sequence[str], rate: int
) -> list[dict[str, Any]]:
    """``output (N, T)`` against ``over (N, T)``: a row per kind of sound and length of gap, and of all
    together."""
    rows = []
    for kind, which in by_kind(examples, kinds):
        some, ours, theirs = examples.some(which), output[which], over[which]
        for length in LENGTHS_MS:
            each = sdr_each(ours, some.truth, length, rate) - sdr_each(theirs, some.truth, length, rate)
            mean, low, high = interval(each, some.source)
            rows.append({
                "kind": kind, "gap_ms": length, "gaps": len(some), "sources": len(np.unique(some.source)),
                "gain_db": mean, "interval_db": [low, high],
                "gap_sdr_db": pooled(ours, some, length, rate),
                "baseline_gap_sdr_db": pooled(theirs, some, length, rate),
            })  # fmt: skip
    return rows


def overall(
    output: np.ndarray, examples: Examples, over: np.ndarray, rate: int
) -> tuple[float, float, float]:
    """Gain in dB over all lengths, with its interval."""
    each = np.mean([
        sdr_each(output, examples.truth, length, rate) - sdr_each(over, examples.truth, length, rate)
        for length in LENGTHS_MS
    ], axis=0)  # fmt: skip
    return interval(each, examples.source)


def pooled(output: np.ndarray, examples: Examples, gap_ms: float, rate: int) -> float:
    """SDR of all lost samples together at the level they were heard, in dB: the figure of the tables."""
    count = round(gap_ms * rate / 1000)
    scale = examples.scale[:, None].astype(np.float64)
    signal = ((examples.truth[:, :count] * scale) ** 2).sum()
    error = (((output - examples.truth)[:, :count] * scale) ** 2).sum()
    return float(10 * np.log10((signal + 1e-20) / (error + 1e-20)))


def mastery(output: np.ndarray, examples: Examples, rate: int, profile: str = "default") -> scoring.Score:
    """The strict score of gaps of `JUDGED` ms, each behind what was heard before it."""
    count, before = (round(length * rate / 1000) for length in (JUDGED, BEFORE_MS))
    scale = examples.scale[:, None]
    heard = examples.past[:, -before:] * scale
    waves = [
        np.concatenate([heard, made[:, :count] * scale], axis=1).ravel() for made in (output, examples.truth)
    ]
    starts = np.arange(len(examples)) * (before + count) + before
    spots = [(int(start), int(start) + count) for start in starts]
    return scoring.gap_score(waves[0], waves[1], spots, rate, profile)


def verdict(
    score: scoring.Score, over_ar512: Mapping[str, float], over_prediction: Mapping[str, float]
) -> str:
    """One of three: what is not mastered is judged by whether it is better."""
    if score.mastered:
        return MASTERED
    return BETTER if is_better(over_ar512, over_prediction) else PREDICTION
