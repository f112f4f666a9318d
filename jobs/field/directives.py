"""``field_directives.json``: what the field is told about a repairer, and how training's results become it.

Lengths end in ``_ms``, levels and gains in ``_db``; ``packet`` and ``horizon`` are samples at the first of
``rates``. A *kind* is a class of sounds (music, speech, transient); "all" is every gap together. The
*confidence* of a net is what it says of its own answer, 0-1.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Annotated, Any, Self

from jobs.field.checked import (
    FILE,
    Model,
    Moment,
    Name,
    Record,
    Refused,
    content_of,
    number,
    optional,
    plain,
    several,
    text,
    whole,
)
from store.files import atomic

FORMAT = 1
NAME = "field_directives.json"
BYTES_AT_MOST = 1 << 20
NET, REPEAT, FADE = "net", "repeat", "fade"
ALL = "all"
LIGHT_ORDER = 128
"""Of the prediction that is fallen back on: a quarter of the work of order 512."""
CROSSFADE_MS = 2.0
"""The longest, so that what was not lost stays as it was."""
CLEAR_DB = 6.0
"""Gap SDR at which a quarter of the energy is wrong: what a suggested packet must reach."""
FALLBACK = text("net, ar-512, ar-128, repeat or fade", r"net|ar-[1-9]\d{0,3}|repeat|fade", 10)

Rates = Annotated[tuple[int, ...], several(whole(8_000, 384_000), 1, 16)]
Packet = Annotated[int, whole(1, 1 << 16)]
Horizon = Annotated[int, whole(1, 1 << 20)]
Milliseconds = Annotated[float, number(0.01, 10_000)]
Decibels = Annotated[float, number(-300, 300)]
Share = Annotated[float, number(0, 1)]
Gaps = Annotated[int, whole(1)]


@dataclass(frozen=True)
class Prediction(Record):
    """Settings of the linear predictor; ``context_ms`` is how much of the past it is fitted to."""

    order: Annotated[int, whole(1, 4096)]
    context_ms: Annotated[float, number(1, 2000)]


@dataclass(frozen=True)
class Interval(Record):
    """Of a mean over ``gaps`` gaps; what the mean is of, the classes below say."""

    mean_db: Decibels
    low_db: Decibels
    high_db: Decibels
    gaps: Gaps

    @classmethod
    def parse(cls, record: Any, where: str) -> Self:
        interval = super().parse(record, where)
        if not interval.low_db <= interval.mean_db <= interval.high_db:
            raise Refused(f"{where}: mean_db must lie from low_db to high_db")
        return interval


@dataclass(frozen=True)
class Threshold(Interval):
    """Up to ``longest_ms`` the net is used where its ``confidence`` is at least this; None: never.

    The mean is its gain over prediction alone, paired, in gaps of that length and confidence.
    """

    longest_ms: Milliseconds
    confidence: Annotated[float | None, optional(number(0, 1))]


@dataclass(frozen=True)
class Adjustments(Record):
    """What the measurements suggest."""

    packet: Packet
    crossfade_ms: Annotated[float, number(0, CROSSFADE_MS)]
    fade_after_ms: Milliseconds


@dataclass(frozen=True)
class Targets(Record):
    """What the field must keep: 99 of 100 blocks within a latency, memory in 10^6 bytes, % of one core."""

    latency_p99_ms: Annotated[float, number(0.01, 1000)]
    rss_mb: Annotated[float, number(1, 1e6)]
    cpu_percent: Annotated[float, number(0.1, 100)]


TARGETS = Targets(latency_p99_ms=1.0, rss_mb=128.0, cpu_percent=15.0)
"""At 48 kHz."""


@dataclass(frozen=True)
class Measured(Interval):
    """Gap SDR of one method for one kind of sounds and length of gap."""

    kind: Name
    gap_ms: Milliseconds
    method: Name


@dataclass(frozen=True)
class Directives(Record):
    """All that a runner is told. ``net`` is a file of the package, or None: prediction is shipped alone.

    ``fallbacks`` are tried in their order; the last, a fade to silence, always can.
    """

    format: Annotated[int, whole(FORMAT, FORMAT)]
    model: Model
    name: Name
    created: Moment
    rates: Rates
    packet: Packet
    horizon: Horizon
    prediction: Prediction
    net: Annotated[str | None, optional(FILE)]
    thresholds: Annotated[tuple[Threshold, ...], several(Threshold.parse, 0, 64)]
    fallbacks: Annotated[tuple[str, ...], several(FALLBACK, 1, 16)]
    adjustments: Adjustments
    targets: Targets
    measured: Annotated[tuple[Measured, ...], several(Measured.parse, 0, 2000)]

    @classmethod
    def parse(cls, record: Any, where: str = NAME) -> Self:
        """Raises Refused for a field that can't be, and for fields that contradict each other."""
        directives = super().parse(record, where)
        for complaint in _contradictions(directives):
            raise Refused(f"{where}: {complaint}")
        return directives

    def least_confidence(self, gap_ms: float) -> float | None:
        """From which confidence the net's answer is used in a gap of ``gap_ms`` so far; None: not at all.

        A gap longer than any that was measured is not the net's.
        """
        return next((one.confidence for one in self.thresholds if gap_ms <= one.longest_ms), None)


def _contradictions(directives: Directives) -> Iterable[str]:
    prediction, slowest = directives.prediction, min(directives.rates)
    if directives.horizon < directives.packet:
        yield f"horizon is {directives.horizon}, less than a packet; nearest: {directives.packet}"
    needed = 2000 * prediction.order / slowest
    if prediction.context_ms < needed:
        yield (
            f"prediction: context_ms is {prediction.context_ms:g}; an order of {prediction.order} at "
            f"{slowest} Hz needs twice as many samples, nearest: {needed:.4g}"
        )
    if any(a.longest_ms >= b.longest_ms for a, b in pairwise(directives.thresholds)):
        yield "thresholds: longest_ms must rise from one to the next; sort them"
    if directives.fallbacks[-1] != FADE:
        yield f"fallbacks: the last is {directives.fallbacks[-1]}; it must be {FADE}, which always can"
    if len(set(directives.fallbacks)) < len(directives.fallbacks):
        yield "fallbacks: one is named twice; name each once"
    used = any(one.confidence is not None for one in directives.thresholds)
    if len({directives.net is not None, used, NET in directives.fallbacks}) > 1:
        yield "net, thresholds and fallbacks must all name a net, or none of them"


def read(path: Path | str) -> Directives:
    """Raises Refused."""
    name = Path(path).name
    return Directives.parse(plain(content_of(path, BYTES_AT_MOST), name), name)


def write(directives: Directives, path: Path | str) -> Path:
    """The whole file or nothing of it. Raises Busy when the disk refuses."""
    return atomic(path, json.dumps(directives.record(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


@dataclass(frozen=True)
class Gain(Interval):
    """How much better the net is than prediction alone, paired, for one kind and length of gap.

    Of the gaps in which the net's confidence was at least ``confidence``.
    """

    kind: Name
    gap_ms: Milliseconds
    confidence: Share = 0.0


@dataclass(frozen=True)
class Results(Record):
    """What training measured. ``gains`` is empty where there is no net."""

    model: Model
    name: Name
    created: Moment
    rates: Rates
    packet: Packet
    horizon: Horizon
    prediction: Prediction
    net: Annotated[str | None, optional(FILE)]
    gains: Annotated[tuple[Gain, ...], several(Gain.parse, 0, 2000)]
    measured: Annotated[tuple[Measured, ...], several(Measured.parse, 1, 2000)]
    targets: Targets = TARGETS


def directives_for(results: dict[str, Any]) -> Directives:
    """Directives from measured results, whose fields are those of ``Results``. Raises Refused.

    - The net is used in gaps of a length where the interval of its gain lies above 0 over all sounds, and
      below 0 for no kind of sounds; from the lowest confidence at which that is so.
    - Where it is used at no length it is not shipped: prediction goes alone.
    - Fallbacks: net, prediction, prediction of order 128, repeat, fade to silence.
    - Suggested packet: the longest gap of which the interval of gap SDR lies above 6 dB, as that of all
      shorter ones does; at most the horizon, and the shortest that was measured where none does.
    - Fade after: the same above 0 dB, which silence has.
    - Crossfade: half of that packet, 2 ms at most.
    """
    found = Results.parse(results, "results")
    lengths = sorted({one.gap_ms for one in found.gains}) if found.net else []
    thresholds = [_threshold(found.gains, gap_ms) for gap_ms in lengths]
    used = {one.longest_ms for one in thresholds if one.confidence is not None}
    order, rate = found.prediction.order, found.rates[0]
    lows = _lows(found, used)
    packet = min(max(1, round(_reach(lows, CLEAR_DB) * rate / 1000)), found.horizon)
    predictions = dict.fromkeys(f"ar-{one}" for one in (order, min(order, LIGHT_ORDER)))
    made = Directives(
        FORMAT, found.model, found.name, found.created, found.rates, found.packet, found.horizon,
        found.prediction,
        found.net if used else None,
        tuple(thresholds),
        (*([NET] if used else []), *predictions, REPEAT, FADE),
        Adjustments(packet, min(CROSSFADE_MS, 500 * packet / rate), _reach(lows, 0.0)),
        found.targets,
        found.measured,
    )  # fmt: skip
    return Directives.parse(made.record(), "results")


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
        method = NET if gap_ms in used else f"ar-{found.prediction.order}"
        if (gap_ms, method) not in rows:
            raise Refused(f"results: measured has no {method} of kind '{ALL}' for {gap_ms:g} ms; measure it")
        lows[gap_ms] = rows[gap_ms, method]
    return lows


def _reach(lows: dict[float, float], floor_db: float) -> float:
    """The longest gap above ``floor_db``, as all shorter ones are; else the shortest of all."""
    return max(takewhile(lambda gap_ms: lows[gap_ms] > floor_db, lows), default=min(lows))
