"""Packet traces: which packets of a sound were lost, and what gaps they leave; files of them.

A trace is ``(packets,)`` bool, True = lost; a packet is a fixed number of samples (per channel), the first
begins at sample 0 and the last may be shorter. A trace file has one line per packet, 1 = lost and
0 = received, as those of the Audio Deep Packet Loss Concealment Challenge (Diener et al., Interspeech 2022);
blank lines and what follows a # are passed over.
"""

import io
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.sound.reader import Unreadable, opened

MAX_LINES = 4_000_000
"""Of a file: two hours in packets of 2.5 ms, and a third as much of comments."""
MAX_BYTES = 2**24
SHORTEST, LONGEST_MS = 16, 1_000.0
"""Samples, and milliseconds, of a packet."""
SHOWN = 24
"""Characters of a wrong line that are shown."""
_WORDS = {"lost": 1, "true": 1, "yes": 1, "received": 0, "ok": 0, "false": 0, "no": 0}


@dataclass(frozen=True)
class Gap:
    """A run of lost samples, from ``start`` up to and without ``end``."""

    start: int
    end: int

    @property
    def samples(self) -> int:
        return self.end - self.start


def packet_samples(ms: float, rate: int) -> int:
    """Samples of a packet of ``ms`` milliseconds at ``rate`` Hz, rounded. Raises ValueError for less than 16
    and more than a second."""
    if not 0 < rate < math.inf:
        raise ValueError(f"rate: {rate} Hz; it must be above 0")
    if math.isnan(ms) or ms > LONGEST_MS:
        raise ValueError(f"packet: {ms:g} ms is more than a second; nearest: {LONGEST_MS:g} ms")
    samples = round(max(ms, 0.0) * rate / 1_000)
    if samples < SHORTEST:
        least = math.ceil(SHORTEST * 1e6 / rate) / 1e3
        raise ValueError(
            f"packet: {ms:g} ms is {samples} samples at {rate} Hz; nearest: {least:g} ms ({SHORTEST})"
        )
    return samples


def gaps(lost: Any, packet: int, length: int) -> list[Gap]:
    """Runs of lost samples in ``length`` samples, in order; packets of ``packet`` samples that were lost one
    after the other are one gap. What lies beyond the trace was received; what of the trace lies beyond the
    sound counts for nothing (`left_over` tells how much that is). Raises ValueError."""
    edges = np.flatnonzero(np.diff(_within(lost, packet, length), prepend=False, append=False)) * packet
    ends = np.minimum(edges[1::2], length)
    return [Gap(int(start), int(end)) for start, end in zip(edges[::2], ends, strict=True)]


def left_over(lost: Any, packet: int, length: int) -> int:
    """Packets of a trace that lie beyond a sound of ``length`` samples. Raises ValueError."""
    return len(_trace(lost)) - len(_within(lost, packet, length))


def _within(lost: Any, packet: int, length: int) -> np.ndarray:
    if packet < 1 or length < 0:
        raise ValueError(
            f"packet: {packet} samples of {length}; both must be whole numbers, the packet at least 1"
        )
    return _trace(lost)[: -(-length // packet)]


def _trace(lost: Any) -> np.ndarray:
    """(packets,) bool. Raises ValueError for another shape and for anything but 0 and 1."""
    trace = np.asarray(lost)
    if trace.ndim != 1:
        raise ValueError(f"trace: needs the shape (packets,), has {trace.shape}")
    if trace.dtype != bool and not np.isin(trace, (0, 1)).all():
        raise ValueError("trace: holds more than 0 (received) and 1 (lost)")
    return trace.astype(bool)


# --- files -------------------------------------------------------------------------------------------


def read_trace(path: str | os.PathLike) -> np.ndarray:
    """(packets,) bool, at least one. Raises Unreadable, with the line that is wrong and what it should be."""
    lost = bytearray()
    for number, line in enumerate(_lines(path), 1):
        if number > MAX_LINES:
            raise Unreadable(path, f"more than {MAX_LINES} lines; cut the trace into pieces")
        word = line.partition(b"#")[0].strip()
        if word in (b"0", b"1"):
            lost.append(word == b"1")
        elif word:
            raise Unreadable(path, f"line {number}: {_wrong(word)}")
    if not lost:
        raise Unreadable(
            path, "no packets in it; a trace has one line for each, 1 = lost, 0 = received", "empty"
        )
    return np.frombuffer(lost, bool)


def write_trace(path: str | os.PathLike, lost: Any) -> None:
    """A trace file, whole or not at all. Raises ValueError, OSError."""
    content = np.full((len(_trace(lost)), 2), ord("\n"), np.uint8)
    content[:, 0] = ord("0") + _trace(lost)
    draft = Path(path).with_name(f".{Path(path).stem[:40]}.{os.getpid()}.part")
    try:
        draft.write_bytes(content.tobytes())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _lines(path: str | os.PathLike) -> io.BytesIO:
    try:
        with os.fdopen(opened(os.fspath(path)), "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(path, str(error.strerror).lower()) from None
    if b"\0" in content:
        raise Unreadable(
            path, "a binary file or UTF-16; a trace is plain text, one line per packet, 1 = lost"
        )
    if len(content) > MAX_BYTES:
        raise Unreadable(path, f"larger than {MAX_BYTES // 2**20} MiB; cut the trace into pieces")
    return io.BytesIO(content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _wrong(word: bytes) -> str:
    """What stands in a line, and what should."""
    text = word[: SHOWN * 4].decode("utf-8", "replace")
    escaped = ascii(text)[1:-1]
    shown = f"'{escaped[:SHOWN]}'" + ("..." if len(escaped) > SHOWN else "")
    if len(text) > 1 and set(text) <= set("01 ,;\t"):
        return f"{shown} is more than one packet; each has a line of its own"
    return f"{shown} is neither 1 (lost) nor 0 (received){_nearest(text)}"


def _nearest(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        value = _WORDS.get(text.lower(), math.nan)
    return "" if math.isnan(value) else f"; nearest: {int(value > 0.5)}"
