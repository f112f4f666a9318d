"""The sound around gaps, small enough to be drawn: what was there, what was made, what AR-512 makes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST = 200
"""Gaps that are kept: the worst, in the order of the sound."""
AROUND = 0.010
"""Seconds on each side, and at least as much as the gap is long."""
POINTS = 400
"""Of a curve."""
STEPS = 1000
"""Of its height: whole numbers take less room."""


def views(
    output: np.ndarray, truth: np.ndarray, baseline: np.ndarray, gaps: Sequence[tuple[int, int]],
    sdrs: Sequence[float | None], rate: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """For each gap ``start_seconds``, ``ms``, ``gap_sdr_db``, where it lies in the curves (``from``,
    ``to``, 0 to 1), and ``truth``, ``output`` and ``baseline`` of the loudest channel as whole numbers,
    ``peak`` = 1000."""
    # Where the truth is silent nothing can be bad.
    known = [np.inf if sdr is None else sdr for sdr in sdrs]
    order = sorted(range(len(gaps)), key=known.__getitem__)
    return [_view(output, truth, baseline, gaps[index], sdrs[index], rate) for index in sorted(order[:MOST])]


def _view(
    output: np.ndarray, truth: np.ndarray, baseline: np.ndarray, gap: tuple[int, int], sdr: float | None,
    rate: int,
) -> dict[str, Any]:  # fmt: skip
    start, end = gap
    around = max(round(AROUND * rate), end - start)
    left, right = max(0, start - around), min(truth.shape[1], end + around)
    channel = int(np.argmax((truth[:, left:right] ** 2).sum(axis=1)))
    waves = [one[channel, left:right] for one in (truth, output, baseline)]
    peak = max(1e-9, *(float(np.abs(wave).max()) for wave in waves))
    places = np.linspace(0, right - left - 1, min(POINTS, right - left)).round().astype(int)
    curves = [[round(float(value)) for value in wave[places] * (STEPS / peak)] for wave in waves]
    return {
        "start_seconds": start / rate,
        "ms": 1000 * (end - start) / rate,
        "gap_sdr_db": sdr,
        "channel": channel,
        "left_seconds": left / rate,
        "right_seconds": right / rate,
        "from": (start - left) / (right - left),
        "to": (end - left) / (right - left),
        "peak": peak,
        **dict(zip(("truth", "output", "baseline"), curves, strict=True)),
    }
