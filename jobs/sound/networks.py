"""Networks that lose packets by a seed: which ones, when the others arrive, and figures of both.

Packets are lost in two ways. Some never arrive: each on its own, or in bursts, by the chain with a good and a
bad state of Gilbert ("Capacity of a burst-noise channel", BSTJ 1960; in the form of Elliott, BSTJ 1963,
packets get through in the bad state too: none do here). Others come too late: their delay, drawn from a
normal distribution as NetEm does it (Hemminger 2005) and never below 0, passes the moment they should be
played.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from jobs.sound.traces import LONGEST_MS, MAX_LINES, SHOWN, gaps

DEADLINE_MS = 150.0
"""One way: what ITU-T G.114 (2003) recommends for a conversation. A packet that takes longer is lost."""
SMOOTHED = 16
"""Packets over which RFC 3550 (2003), 6.4.1, smooths the jitter between arrivals."""
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Profile:
    """A network. ``loss`` is the share of packets that is missing in the end; ``latency_ms`` is what a packet
    takes, ``jitter_ms`` the standard deviation of that; ``burst_ms`` how long a burst is on average, 0 where
    each packet is lost on its own."""

    name: str
    loss: float
    latency_ms: float
    jitter_ms: float
    burst_ms: float = 0.0

    @property
    def late(self) -> float:
        """Share of packets that come too late."""
        return late_share(self.latency_ms, self.jitter_ms)


def late_share(latency_ms: float, jitter_ms: float) -> float:
    """Of packets that take longer than `DEADLINE_MS`, 0 to 1."""
    return math.erfc((DEADLINE_MS - latency_ms) / (jitter_ms * math.sqrt(2))) / 2


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("low", 0.01, 20, 2),
        Profile("typical", 0.02, 50, 10),
        Profile("stress", 0.10, 100, 30),
        # Whatever it loses is late.
        Profile("jitter", late_share(50, 50), 50, 50),
        Profile("burst", 0.05, 50, 10, 50),
    )
}


@dataclass(frozen=True)
class Arrivals:
    """``dropped`` (packets,) bool: never arrives; ``delays_ms`` (packets,): what each takes if it arrives."""

    dropped: np.ndarray
    delays_ms: np.ndarray

    @property
    def late(self) -> np.ndarray:
        """(packets,) bool: arrives, but too late."""
        return ~self.dropped & (self.delays_ms > DEADLINE_MS)

    @property
    def lost(self) -> np.ndarray:
        """(packets,) bool: the trace."""
        return self.dropped | (self.delays_ms > DEADLINE_MS)


def arrivals(kind: str, packets: int, seed: int, packet_ms: float) -> Arrivals:
    """What becomes of packets that last ``packet_ms`` milliseconds in a network of `PROFILES`.

    The same seed gives the same, and more packets begin with it. Whether a packet is late does not depend on
    its neighbours. Raises ValueError.
    """
    if kind not in PROFILES:
        raise ValueError(f"trace: {str(kind)[:SHOWN]!r} is not one of {', '.join(PROFILES)}")
    if not 0 <= packets <= MAX_LINES:
        raise ValueError(f"packets: {packets} are not between 0 and {MAX_LINES}")
    if not 0 < packet_ms <= LONGEST_MS:
        raise ValueError(f"packet: {packet_ms:g} ms is not above 0 and at most {LONGEST_MS:g}")
    profile = PROFILES[kind]
    delays, losses = (np.random.default_rng([seed, use]) for use in range(2))
    taken = np.maximum(0, profile.latency_ms + profile.jitter_ms * delays.standard_normal(packets))
    # Both together are the loss of the profile.
    share = 1 - (1 - profile.loss) / (1 - profile.late)
    if profile.burst_ms:
        return Arrivals(_bursts(packets, share, max(1.0, profile.burst_ms / packet_ms), losses), taken)
    return Arrivals(losses.random(packets) < share, taken)


def make_trace(kind: str, packets: int, seed: int, packet_ms: float) -> np.ndarray:
    """(packets,) bool: those of `arrivals` that are lost, one way or the other. Raises ValueError."""
    return arrivals(kind, packets, seed, packet_ms).lost


def _bursts(packets: int, share: float, mean: float, rng: np.random.Generator) -> np.ndarray:
    """``share`` of packets lost in bursts of ``mean`` packets, the lengths of bursts and of what lies between
    geometric: Gilbert's chain, entered where it has been running for long."""
    ends = 1 / mean
    begins = ends * share / (1 - share)
    lost = np.zeros(packets, bool)
    at, bad = 0, bool(rng.random() < share)
    while at < packets:
        run = int(rng.geometric(ends if bad else begins))
        lost[at : at + run] = bad
        at, bad = at + run, not bad
    return lost


# --- figures -----------------------------------------------------------------------------------------


def figures(came: Arrivals, packet_ms: float) -> dict[str, Any]:
    """Of packets of ``packet_ms`` milliseconds: how many are lost and why, in which bursts, and how those
    that arrive, late ones too, do it. What nothing can be said of is None."""
    packets = len(came.dropped)
    late = came.late
    return {
        "packets": packets,
        "packet_ms": packet_ms,
        "seconds": packets * packet_ms / 1000,
        "lost_packets": int(came.lost.sum()),
        "lost_percent": round(100 * float(came.lost.mean()), 3),
        "dropped_packets": int(came.dropped.sum()),
        "late_packets": int(late.sum()),
        "bursts": _burst_figures(came.lost, packet_ms),
        "arrival": _arrival_figures(came.delays_ms[~came.dropped]),
        "lateness": _lateness(came.delays_ms[late] - DEADLINE_MS),
    }


def _burst_figures(lost: np.ndarray, packet_ms: float) -> dict[str, Any]:
    """Of packets lost one after the other; ``by_packets``: how many bursts are so many packets long."""
    runs = np.array([gap.samples for gap in gaps(lost, 1, len(lost))], int)
    lengths, counts = np.unique(runs, return_counts=True)
    return {
        "count": len(runs),
        "mean_ms": float(runs.mean()) * packet_ms if len(runs) else None,
        "longest_ms": int(runs.max()) * packet_ms if len(runs) else None,
        "by_packets": {str(length): int(count) for length, count in zip(lengths, counts, strict=True)},
    }


def _arrival_figures(delays: np.ndarray) -> dict[str, Any]:
    """``jitter_ms`` is the standard deviation of the latency; ``interarrival_jitter_ms`` what a receiver
    reports at the end by RFC 3550, from how much longer each packet takes than the one before."""
    some = bool(len(delays))
    # 60 MB and most of a second, for this alone.
    from scipy.signal import lfilter

    smooth = lfilter([1 / SMOOTHED], [1, 1 / SMOOTHED - 1], np.abs(np.diff(delays)))
    return {
        "latency_ms": float(delays.mean()) if some else None,
        **{f"latency_p{one}_ms": float(np.percentile(delays, one)) if some else None for one in PERCENTILES},
        "latency_most_ms": float(delays.max()) if some else None,
        "jitter_ms": float(delays.std()) if some else None,
        "interarrival_jitter_ms": float(smooth[-1]) if len(smooth) else None,
    }


def _lateness(over: np.ndarray) -> dict[str, Any]:
    """Milliseconds that late packets come behind the deadline."""
    return {
        "deadline_ms": DEADLINE_MS,
        "mean_ms": float(over.mean()) if len(over) else None,
        "most_ms": float(over.max()) if len(over) else None,
    }
