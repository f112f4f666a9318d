"""What a runner counts while it runs."""

from collections import Counter
from dataclasses import dataclass, field

from jobs.field.feedback import FORMAT, Feedback
from jobs.field.histogram import CONFIDENCE, GAP_MS, LATENCY_MS, empty, slot
from store import clock


@dataclass
class Tally:
    """Of blocks that last ``block_ms`` each. Counts are over all channels, but for packets and gaps."""

    block_ms: float
    started: str = field(default_factory=clock.now)
    packets: int = 0
    lost: int = 0
    missed: int = 0
    clamped: int = 0
    failed: int = 0
    """Ways to repair that failed and were fallen back from."""
    running: int = 0
    """Lost blocks of the gap so far."""
    repairs: Counter[str] = field(default_factory=Counter)
    gaps: list[int] = field(default_factory=lambda: empty(GAP_MS))
    latency: list[int] = field(default_factory=lambda: empty(LATENCY_MS))

    def block(self, lost: bool, milliseconds: float) -> None:
        """Came, and was answered ``milliseconds`` later."""
        self.packets += 1
        self.latency[slot(LATENCY_MS, milliseconds)] += 1
        self.missed += milliseconds > self.block_ms
        if lost:
            self.lost += 1
            self.running += 1
        elif self.running:
            self._end()

    def repaired(self, way: str, falls: int) -> None:
        """A gap of one channel ended that was filled in this ``way``, after so many others had failed."""
        self.repairs[way] += 1
        self.failed += falls

    def feedback(self, model: str, version: int) -> Feedback:
        """Of all so far. A gap that goes on is counted when it ends."""
        return Feedback(
            FORMAT, model, version, self.started, self.packets * self.block_ms / 1000,
            self.packets, self.lost, tuple(self.gaps), dict(self.repairs), self.clamped, self.missed,
            tuple(self.latency), tuple(empty(CONFIDENCE)),
        )  # fmt: skip

    def _end(self) -> None:
        self.gaps[slot(GAP_MS, self.running * self.block_ms)] += 1
        self.running = 0
