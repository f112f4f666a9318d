"""What the field tells the office about how it went: counts, and no sound.

A file of JSON lines. The runner appends one per session, or per minute of a long one; the office reads what
is whole and adds it up.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from jobs.field.checked import (
    Check,
    Count,
    Model,
    Moment,
    Record,
    Refused,
    Version,
    content_of,
    number,
    plain,
    several,
    table,
    whole,
)
from jobs.field.directives import FALLBACK, TARGETS, Targets
from jobs.field.histogram import CONFIDENCE, GAP_MS, LATENCY_MS, labels, quantile, total
from jobs.field.suggestions import lengths, suggestions
from store import names
from store.files import disk

FORMAT = 1
NAME = "feedback.jsonl"
BYTES_AT_MOST = 4 * 2**20
"""Of the file; then it is put aside as ``NAME.old``, in place of the one before."""
LINE_AT_MOST, LINES_AT_MOST = 1 << 14, 100_000
"""Bytes, and lines of a file: ten times as many as it has room for sessions."""
TRAINED_MS = 20.0


def _counts(edges: Sequence[float]) -> Check:
    return several(whole(0), len(edges) + 1, len(edges) + 1)


@dataclass(frozen=True)
class Feedback(Record):
    """Of one session. Histograms: ``gaps`` by length, ``latency`` of all blocks, ``confidence`` of the net.

    ``fallbacks`` counts the repairs of each method; ``missed`` are blocks that came too late, ``clamped``
    samples that had to be held within full scale.
    """

    format: Annotated[int, whole(FORMAT, FORMAT)]
    model: Model
    version: Version
    started: Moment
    seconds: Annotated[float, number(0, 1e9)]
    packets: Count
    lost: Count
    gaps: Annotated[tuple[int, ...], _counts(GAP_MS)]
    fallbacks: Annotated[dict[str, int], table(FALLBACK, whole(0), 16)]
    clamped: Count
    missed: Count
    latency: Annotated[tuple[int, ...], _counts(LATENCY_MS)]
    confidence: Annotated[tuple[int, ...], _counts(CONFIDENCE)]

    @classmethod
    def parse(cls, record: Any, where: str = NAME) -> Self:
        """Raises Refused, also for parts that are more than their whole."""
        told = super().parse(record, where)
        for part, count, most in (
            ("lost", told.lost, told.packets),
            ("missed", told.missed, sum(told.latency)),
        ):
            if count > most:
                raise Refused(f"{where}: {part} is {count}, of {most}; nearest: {most}")
        return told


def check_place(path: Path) -> None:
    """Raises Refused where no file can be that `append` may write to."""
    where = names.shown(str(path), 300)
    try:
        if path.is_dir():
            raise Refused(f"{where}: is a folder; name a file in it, such as {NAME}")
        there = path.exists()
        if there and not path.is_file():
            raise Refused(f"{where}: is no plain file; name another")
        if not path.parent.is_dir():
            raise Refused(f"{where}: there is no such folder; make it first")
        writable = os.access(path if there else path.parent, os.W_OK)
    except OSError as error:
        raise Refused(f"{where}: can't be written ({error.strerror}); name another") from None
    if not writable:
        raise Refused(f"{where}: no permission to write here; name another")


def append(path: Path | str, feedback: Feedback) -> None:
    """Add one line, which is on the disk afterwards. One process at a time.

    Raises Busy when the disk refuses, Refused for what `read` would pass over.
    """
    path = Path(path)
    record = Feedback.parse(feedback.record(), path.name).record()
    line = json.dumps(record, allow_nan=False).encode() + b"\n"
    with disk(path):
        if path.exists() and path.stat().st_size + len(line) > BYTES_AT_MOST:
            path.replace(_old(path))
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _write(handle, line)
        finally:
            os.close(handle)


def _write(handle: int, line: bytes) -> None:
    end = os.fstat(handle).st_size
    if end and os.pread(handle, 1, end - 1) != b"\n":
        line = b"\n" + line  # a runner that was killed has left half a line
    while line:
        line = line[os.write(handle, line) :]
    os.fsync(handle)


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def read(path: Path | str) -> tuple[list[Feedback], int]:
    """All sessions, oldest first, and how many lines were passed over because they are damaged or foreign.

    With those that were put aside. Raises Refused for what is no file, or has more bytes or lines than it can
    come to here.
    """
    path = Path(path)
    files = [one for one in (_old(path), path) if one.exists()] or [path]
    found: list[Feedback] = []
    passed_over = 0
    for line in (line for file in files for line in _lines(file)):
        try:
            if line:
                found.append(_feedback(line))
        except Refused:
            passed_over += 1
    return found, passed_over


def _lines(file: Path) -> list[bytes]:
    content = content_of(file, 2 * BYTES_AT_MOST)
    lines = content.count(b"\n")
    if lines > LINES_AT_MOST:
        raise Refused(f"{file.name}: {lines} lines; {LINES_AT_MOST} at most, and a session has one")
    return content.split(b"\n")


def _feedback(line: bytes) -> Feedback:
    if len(line) > LINE_AT_MOST:
        raise Refused(f"{NAME}: a line of {len(line)} bytes; {LINE_AT_MOST} at most")
    return Feedback.parse(plain(line, NAME))


def summary(
    sessions: Sequence[Feedback], trained_ms: float = TRAINED_MS, targets: Targets = TARGETS
) -> dict[str, Any]:
    """Totals over all sessions, each weighing as much as it counted, ``train_on``, lengths of gaps, and
    ``suggestions`` in words.

    ``trained_ms`` is the longest gap that was trained with. Shares are 0-1, None of nothing.
    """
    gaps, latency, confidence = (
        total(edges, (getattr(one, name) for one in sessions))
        for edges, name in ((GAP_MS, "gaps"), (LATENCY_MS, "latency"), (CONFIDENCE, "confidence"))
    )
    packets, lost, missed, clamped = (
        sum(getattr(one, name) for one in sessions) for name in ("packets", "lost", "missed", "clamped")
    )
    fallbacks: Counter[str] = Counter()
    for one in sessions:
        fallbacks.update(one.fallbacks)
    totals: dict[str, Any] = {
        "sessions": len(sessions),
        "seconds": sum(one.seconds for one in sessions),
        "packages": sorted({f"{one.model} {one.version}" for one in sessions}),
        "packets": packets,
        "lost": lost,
        "lost_share": lost / packets if packets else None,
        "gaps": dict(zip(labels(GAP_MS), gaps, strict=True)),
        "most_gaps_ms": labels(GAP_MS)[gaps.index(max(gaps))] if any(gaps) else None,
        "fallbacks": dict(fallbacks.most_common()),
        "clamped": clamped,
        "blocks": sum(latency),
        "missed": missed,
        "latency_p50_ms": quantile(LATENCY_MS, latency, 0.5),
        "latency_p99_ms": quantile(LATENCY_MS, latency, 0.99),
        "confidence": dict(zip(labels(CONFIDENCE), confidence, strict=True)),
    }
    return {
        **totals, "train_on": lengths(gaps), "suggestions": suggestions(totals, trained_ms, targets)
    }  # fmt: skip
