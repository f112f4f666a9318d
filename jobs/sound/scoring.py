"""One number for how well lost sound was put back, and what it takes to be called mastered.

*Strict*, the default: each measure of `fidelity.principal` becomes a score from 0 to 1, ``min(1, target /
value)``, for the SDR ``value / target``; the composite is their weighted mean. Mastered is an output that
meets the four `TARGETS` and has a composite of 0.90. It may be deployed from 0.85 on.

Five of the six scores look at magnitudes or at phase alone, so this formula by itself gives 0.55 to a sound
turned upside down, which is worse than silence. Therefore a composite is never above ``0.5 + r``, where ``r``
is the `fidelity.correlation` of the two waves: no more than half for a sound that has nothing to do with the
truth, and nothing for one that goes against it. From ``r = 0.5`` on (an SDR of 0 dB at the level of the
truth) the formula alone decides.

*Legacy* is what the earlier program told, for comparison and with its flaws: it gives 0.65 to a sound turned
upside down, sees a gain by the SDR alone, and calls nothing at 20 dB of SDR mastered.

A gap is ``(start, end)`` in samples, ``end`` not included.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jobs.sound import fidelity
from jobs.sound.fidelity import LEAST, SILENT, Unmeasurable
from jobs.sound.labels import nearest
from jobs.sound.legacy import legacy_scores

Gaps = Sequence[tuple[int, int]]
TARGETS = {"sdr_db": 20.0, "delta_fft_percent": 10.0, "envelope_percent": 8.0, "phase_degrees": 5.0}
LESSER = {"dynamic_range_db": 1.0, "frequency_response_db": 1.0}
"""Targets of what is scored but need not be met: about the least change of level that is heard."""
SCORED = TARGETS | LESSER
PROFILES = {
    "default": (0.35, 0.25, 0.20, 0.10, 0.05, 0.05),
    "voice": (0.40, 0.20, 0.25, 0.10, 0.03, 0.02),
    "music": (0.30, 0.30, 0.20, 0.08, 0.07, 0.05),
    "transient": (0.25, 0.20, 0.15, 0.25, 0.10, 0.05),
}
"""Weights of `SCORED`, in its order."""
TIERS = {"excellent": 0.95, "very good": 0.90, "good": 0.80, "fair": 0.70, "poor": 0.50, "very poor": 0.0}
"""The least composite of each."""
MASTERED, DEPLOYABLE = 0.90, 0.85
UNRELATED = 0.5
"""The most that a composite may be where the waves have nothing to do with each other."""
DIGITS = 9
"""What meets a target exactly must not miss it by rounding."""


@dataclass(frozen=True)
class Score:
    """``measures`` and ``scores`` by name, ``composite`` 0 to 1 and its ``tier``; ``failing``: by how much
    each of the four targets that is not met is missed, in its own unit."""

    measures: dict[str, float]
    scores: dict[str, float]
    composite: float
    tier: str
    mastered: bool
    deployable: bool
    failing: dict[str, float]
    profile: str
    legacy: bool

    def record(self) -> dict[str, Any]:
        return asdict(self)


class NothingLost(Unmeasurable):
    """No gaps, or only such in which the truth is silent or too short to be measured."""


def score(output: Any, truth: Any, rate: int, profile: str = "default", legacy: bool = False) -> Score:
    """Of ``output`` against ``truth``, both (channels, samples) or (samples,). Raises Unmeasurable as
    `fidelity.validate` does, ValueError for an unknown profile."""
    _weights(profile)
    ours, theirs = fidelity.validate(output, truth, rate)
    scores = legacy_scores(ours, theirs, rate) if legacy else None
    return _judged(fidelity.evaluate(ours, theirs, rate), scores, profile)


def gap_score(
    output: Any, truth: Any, gaps: Gaps, rate: int, profile: str = "default", legacy: bool = False
) -> Score:
    """As `score`, of the lost samples alone and of `fidelity.principal` and the correlation alone.

    SDR and correlation are those of all lost samples together. The other measures are taken of the gaps
    without what surrounds them: those of one length at once, as if they were channels, so that energies are
    pooled; then the mean over lengths, each by its energy. Gaps of fewer than 16 samples count in the first
    two only. Raises NothingLost as well, and Unmeasurable for gaps that overlap or are not within the sound.
    """
    _weights(profile)
    ours, theirs = fidelity.validate(output, truth, rate)
    gaps = _checked(gaps, theirs.shape[1])
    lost = _lost(ours, gaps), _lost(theirs, gaps)
    measures = _pooled(ours, theirs, gaps, rate)
    measures |= {"sdr_db": fidelity.sdr_db(*lost), "correlation": fidelity.correlation(*lost)}
    return _judged(measures, legacy_scores(*lost, rate) if legacy else None, profile)


def gap_sdr_db(output: Any, truth: Any, gaps: Gaps) -> float:
    """SDR of all lost samples together. Raises as `gap_score` does."""
    ours, theirs = fidelity.validate(output, truth)
    gaps = _checked(gaps, theirs.shape[1])
    signal = _lost(theirs, gaps)
    return fidelity.ratio_db(fidelity.energy(signal), fidelity.energy(signal - _lost(ours, gaps)))


def gap_sdrs(output: Any, truth: Any, gaps: Gaps) -> list[float | None]:
    """SDR in dB of each gap; None where the truth is silent. Raises as `gap_score` does."""
    ours, theirs = fidelity.validate(output, truth)
    found: list[float | None] = []
    for start, end in _checked(gaps, theirs.shape[1]):
        signal = theirs[:, start:end]
        error = fidelity.energy(signal - ours[:, start:end])
        heard = np.abs(signal).max() >= SILENT
        found.append(fidelity.ratio_db(fidelity.energy(signal), error) if heard else None)
    return found


def _checked(gaps: Gaps, samples: int) -> list[tuple[int, int]]:
    before = 0
    for start, end in sorted(gaps):
        if not 0 <= start < end <= samples:
            raise Unmeasurable(f"gaps: {start} to {end} is no gap within {samples} samples")
        if start < before:
            raise Unmeasurable(f"gaps: {start} to {end} begins before the one ahead of it ends, at {before}")
        before = end
    if not len(gaps):
        raise NothingLost("gaps: none; there is nothing to measure")
    return list(gaps)


def _lost(wave: np.ndarray, gaps: Gaps) -> np.ndarray:
    return np.concatenate([wave[:, start:end] for start, end in gaps], axis=1)


def _pooled(ours: np.ndarray, theirs: np.ndarray, gaps: Gaps, rate: int) -> dict[str, float]:
    starts: dict[int, list[int]] = defaultdict(list)
    for start, end in gaps:
        starts[end - start].append(start)
    found, weights = [], []
    for length in starts:
        if length < LEAST:
            continue
        places = np.add.outer(starts[length], np.arange(length))
        output, truth = (wave[:, places].reshape(-1, length) for wave in (ours, theirs))
        if np.abs(truth).max() >= SILENT:
            found.append(fidelity.principal(output, truth, rate))
            weights.append(fidelity.energy(truth))
    if not found:
        raise NothingLost(
            f"gaps: silent in the truth, or shorter than {LEAST} samples; nothing can be measured"
        )
    return {name: float(np.average([one[name] for one in found], weights=weights)) for name in SCORED}


def _weights(profile: str) -> tuple[float, ...]:
    if profile not in PROFILES:
        guess = nearest(str(profile), tuple(PROFILES))
        meant = f"; did you mean {guess}?" if guess else f"; there are {', '.join(PROFILES)}"
        raise ValueError(f"profile: {profile!r} is not known{meant}")
    return PROFILES[profile]


def _judged(measures: dict[str, float], legacy: dict[str, float] | None, profile: str) -> Score:
    met = {name: _met(name, measures[name]) for name in SCORED}
    scores = legacy or met
    composite = sum(weight * scores[name] for name, weight in zip(SCORED, _weights(profile), strict=True))
    if not legacy:
        composite = max(0.0, min(composite, UNRELATED + measures["correlation"]))
    composite = round(composite, DIGITS)
    missed = {name: abs(measures[name] - target) for name, target in TARGETS.items()}
    failing = {name: missed[name] for name in TARGETS if round(met[name], DIGITS) < 1}
    return Score(
        measures=measures,
        scores=scores,
        composite=composite,
        tier=tier_of(composite),
        # The earlier program went by the composite alone.
        mastered=composite >= MASTERED and (legacy is not None or not failing),
        deployable=composite >= DEPLOYABLE,
        failing=failing,
        profile=profile,
        legacy=legacy is not None,
    )


def tier_of(composite: float) -> str:
    """The highest of `TIERS` whose least it reaches."""
    return next(tier for tier, least in TIERS.items() if composite >= least)


def _met(name: str, value: float) -> float:
    """0 to 1: how nearly a target is met."""
    if name == "sdr_db":
        return float(np.clip(value / SCORED[name], 0, 1))
    return SCORED[name] / max(abs(value), SCORED[name])
