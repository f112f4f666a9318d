"""How the results of a training become directives."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, Any

from jobs.field.channel import FALLBACKS
from jobs.field.checked import FILE, Model, Moment, Name, Record, Refused, optional, several
from jobs.field.directives import (
    ALL,
    CROSSFADE_MS,
    FORMAT,
    NET,
    TARGETS,
    Adjustments,
    Directives,
    Horizon,
    Interval,
    Measured,
    Milliseconds,
    Packet,
    Prediction,
    Rates,
    Share,
    Targets,
    Threshold,
)
from jobs.field.learning import LASTING

MEASURED = "ar-512"
"""Of the predictions that the office measures the one nearest to the runner's own, for which it stands where
packets and fades are advised. With 12 real sounds, one packet in ten lost, the runner's was 0.4 dB worse
(5 ms) to 0.3 dB better (20 ms), on average."""
CLEAR_DB = 6.0
"""Gap SDR at which a quarter of the energy is wrong: what a suggested packet must reach."""


@dataclass(frozen=True)
class Gain(Interval):
    """How much better the net is than prediction alone, paired, for one kind and length of gap.

    Of the gaps in which the net's confidence was at least ``confidence``.
    """

    kind: Name
    gap_ms: Milliseconds
    confidence: Share = 0.0


GAINS = several(Gain.parse, 0, 2000)


@dataclass(frozen=True)
class Results(Record):
    """What training measured. ``gains`` is empty where there is no net."""

    model: Model
    name: Name
    created: Moment
    rates: Rates
    packet: Packet
    horizon: Horizon
    net: Annotated[str | None, optional(FILE)]
    gains: Annotated[tuple[Gain, ...], GAINS]
    measured: Annotated[tuple[Measured, ...], several(Measured.parse, 1, 2000)]
    targets: Targets = TARGETS


def is_used(gains: Any) -> bool:
    """Whether a net with such ``gains``, as ``Results`` has them, is used at any length. Raises Refused."""
    return any(one.confidence is not None for one in _thresholds(GAINS(gains, "results: gains")))


def directives_for(results: dict[str, Any]) -> Directives:
    """Directives from measured results, whose fields are those of ``Results``. Raises Refused.

    - The net is used in gaps of a length where the interval of its gain lies above 0 over all sounds, and
      below 0 for no kind of sounds; from the lowest confidence at which that is so.
    - Where it is used at no length it is not shipped: prediction goes alone.
    - Prediction and fallbacks are those of the runner here.
    - Suggested packet: the longest gap of which the interval of gap SDR lies above 6 dB, as that of all
      shorter ones does; at most the horizon, and the shortest that was measured where none does.
    - Fade after: the same above 0 dB, which silence has.
    - Crossfade: half of that packet, 2 ms at most.
    """
    found = Results.parse(results, "results")
    thresholds = _thresholds(found.gains) if found.net else ()
    used = {one.longest_ms for one in thresholds if one.confidence is not None}
    rate = found.rates[0]
    lows = _lows(found, used)
    packet = min(max(1, round(_reach(lows, CLEAR_DB) * rate / 1000)), found.horizon)
    made = Directives(
        FORMAT, found.model, found.name, found.created, found.rates, found.packet, found.horizon,
        Prediction(LASTING.order, 1000 * LASTING.seconds),
        found.net if used else None,
        thresholds,
        tuple(name for name in FALLBACKS if used or name != NET),
        Adjustments(packet, min(CROSSFADE_MS, 500 * packet / rate), _reach(lows, 0.0)),
        found.targets,
        found.measured,
    )  # fmt: skip
    return Directives.parse(made.record(), "results")


def _thresholds(gains: Iterable[Gain]) -> tuple[Threshold, ...]:
    rows = list(gains)
    return tuple(_threshold(rows, gap_ms) for gap_ms in sorted({one.gap_ms for one in rows}))


def _threshold(gains: Iterable[Gain], gap_ms: float) -> Threshold:
    rows = [one for one in gains if one.gap_ms == gap_ms]
    harmed = {one.confidence for one in rows if one.high_db < 0}
    overall = sorted((one for one in rows if one.kind == ALL), key=lambda one: one.confidence)
    if not overall:
        raise Refused(
            f"results: gains has nothing of kind '{ALL}' for {gap_ms:g} ms; measure over all sounds"
        )
    sure = next((one for one in overall if one.low_db > 0 and one.confidence not in harmed), None)
    told = sure or overall[0]
    confidence = sure.confidence if sure else None
    return Threshold(told.mean_db, told.low_db, told.high_db, told.gaps, gap_ms, confidence)


def _lows(found: Results, used: set[float]) -> dict[float, float]:
    """Lower end of the interval of gap SDR, in dB, of what is used at each length, shortest first."""
    rows = {(one.gap_ms, one.method): one.low_db for one in found.measured if one.kind == ALL}
    lows = {}
    for gap_ms in sorted({one.gap_ms for one in found.measured}):
        method = NET if gap_ms in used else MEASURED
        if (gap_ms, method) not in rows:
            raise Refused(f"results: measured has no {method} of kind '{ALL}' for {gap_ms:g} ms; measure it")
        lows[gap_ms] = rows[gap_ms, method]
    return lows


def _reach(lows: dict[float, float], floor_db: float) -> float:
    """The longest gap above ``floor_db``, as all shorter ones are; else the shortest of all."""
    return max(takewhile(lambda gap_ms: lows[gap_ms] > floor_db, lows), default=min(lows))
