"""Which samples a request says are lost: by a file of packets, or by a network that loses them by a seed."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.sound import networks, traces
from jobs.sound.reader import Unreadable
from jobs.specs import NETWORKS, Degrade, Repair, ScoreRepair
from store.errors import BadInput, Usage

Asked = Repair | ScoreRepair | Degrade
"""Requests with a ``trace``, a ``packet_ms`` and a ``seed``."""


@dataclass(frozen=True)
class Losses:
    """``gaps`` (start, end) in samples, in packets of ``packet`` samples that last ``packet_ms``."""

    gaps: list[tuple[int, int]]
    packet: int
    packet_ms: float
    packets: int
    lost: int
    left_over: int

    def record(self) -> dict[str, Any]:
        return {"gaps": len(self.gaps), "packets": self.packets, "lost_packets": self.lost,
                "lost_percent": round(100 * self.lost / self.packets, 3), "packet_ms": self.packet_ms,
                "packet_samples": self.packet, "trace_left_over": self.left_over}  # fmt: skip


def losses_of(spec: Asked, rate: int, length: int, desk: Desk) -> Losses:
    """Of a sound of ``length`` samples at ``rate`` Hz. Raises Usage, BadInput."""
    try:
        packet = traces.packet_samples(spec.packet_ms, rate)
    except ValueError as error:
        raise Usage(f"packet_ms: {error}") from None
    packets = -(-length // packet)
    if spec.trace in NETWORKS and packets > traces.MAX_LINES:
        least = math.ceil(100_000 * math.ceil(length / traces.MAX_LINES) / rate) / 100
        raise Usage(f"packet_ms: {packets} packets are more than a trace can have; nearest: {least:g} ms")
    trace = _trace(spec, packets)
    left_over = traces.left_over(trace, packet, length)
    if left_over or len(trace) < packets:
        rest = f"the last {left_over} count for nothing" if left_over else "the others count as received"
        desk.note(f"the trace has {len(trace)} packets, the sound {packets}: {rest}")
    lost = trace[:packets]
    if lost.all() and len(lost) == packets:
        raise BadInput(f"trace: all {packets} packets are lost; there is nothing to repair them from")
    gaps = [(gap.start, gap.end) for gap in traces.gaps(trace, packet, length)]
    return Losses(gaps, packet, spec.packet_ms, packets, int(lost.sum()), left_over)


def _trace(spec: Asked, packets: int) -> np.ndarray:
    if spec.trace in NETWORKS:
        return networks.make_trace(spec.trace, packets, spec.seed, spec.packet_ms)
    try:
        return traces.read_trace(Path(spec.trace))
    except Unreadable as error:
        raise BadInput(f"trace: {error}") from None
