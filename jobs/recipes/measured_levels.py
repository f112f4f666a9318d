"""Gap SDR of each way to fill the gaps that a repairer keeps, with its interval, as its package tells it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import LENGTHS_MS
from jobs.nets.gap_verdict import DRAWS, INTERVAL, by_kind, pooled


def levels(
    outputs: Mapping[str, np.ndarray], examples: Examples, kinds: Sequence[str], rate: int
) -> list[dict[str, Any]]:
    """A row for each kind of sounds, length of gap and method of ``outputs``, (N, T) each.

    Its interval is a bootstrap over sources, as that of `jobs.nets.gap_verdict`.
    """
    return [
        {"kind": kind, "gap_ms": length, "method": method, "gaps": int(which.sum()),
         **_level(output[which], examples.some(which), length, rate)}
        for kind, which in by_kind(examples, kinds)
        for length in LENGTHS_MS
        for method, output in outputs.items()
    ]  # fmt: skip


def _level(output: np.ndarray, examples: Examples, gap_ms: float, rate: int) -> dict[str, float]:
    mean = pooled(output, examples, gap_ms, rate)
    # One sound alone says nothing of others; its gaps are all there is to draw from.
    several = len(np.unique(examples.source)) > 1
    _, group = np.unique(examples.source if several else np.arange(len(examples)), return_inverse=True)
    count = round(gap_ms * rate / 1000)
    scale = examples.scale[:, None].astype(np.float64)
    lost, wrong = examples.truth[:, :count] * scale, (output - examples.truth)[:, :count] * scale
    signal, error = (np.bincount(group, (part**2).sum(axis=1)) for part in (lost, wrong))
    drawn = np.random.default_rng(0).integers(0, len(signal), (DRAWS, len(signal)))
    ratios = (signal[drawn].sum(axis=1) + 1e-20) / (error[drawn].sum(axis=1) + 1e-20)
    low, high = np.percentile(10 * np.log10(ratios), INTERVAL)
    return {"mean_db": mean, "low_db": min(float(low), mean), "high_db": max(float(high), mean)}
