"""``field_directives.json``: what the field is told about a repairer.

Lengths end in ``_ms``, levels and gains in ``_db``; ``packet`` and ``horizon`` are samples at the first of
``rates``. A *kind* is a class of sounds (music, speech, transient); "all" is every gap together. The
*confidence* of a net is what it says of its own answer, 0-1.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
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
CROSSFADE_MS = 2.0
"""The longest, so that what was not lost stays as it was."""
FALLBACK = text("net, ar-768, ar-384, repeat or fade", r"net|ar-[1-9]\d{0,3}|repeat|fade", 10)

Rates = Annotated[tuple[int, ...], several(whole(8_000, 384_000), 1, 16)]
Packet = Annotated[int, whole(1, 1 << 16)]
Horizon = Annotated[int, whole(1, 1 << 20)]
Milliseconds = Annotated[float, number(0.01, 10_000)]
Decibels = Annotated[float, number(-300, 300)]
Share = Annotated[float, number(0, 1)]
Gaps = Annotated[int, whole(1)]


@dataclass(frozen=True)
class Prediction(Record):
    """The first linear prediction of the runner that this is for, which is fitted to the last ``context_ms``.
    It is told for people to know: a runner has its own."""

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
    """What the measurements suggest: ``packet`` and ``fade_after_ms`` to the host, which sends and plays; no
    cross-fade of the runner is longer than ``crossfade_ms``."""

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
    """Gap SDR of one method for one kind of sounds and length of gap, as the office measured it: ``net`` and
    ``ar``, which it is put on top of, and ``ar-512``."""

    kind: Name
    gap_ms: Milliseconds
    method: Name


@dataclass(frozen=True)
class Directives(Record):
    """All that a runner is told. ``net`` is a file of the package, or None: prediction is shipped alone.

    ``fallbacks`` are tried in their order; the last, a fade to silence, always can. Where they name a
    prediction that the runner has not, it takes one of its own (`jobs.field.channel.ways`).
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
