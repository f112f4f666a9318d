"""A figure on a bar whose ranges are told apart by their marks, not by colour alone; and a word for it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.text import figure
from studio.widgets.lines import Part

MARKS = {"good": "━", "warn": "╌", "bad": "┄"}
SPOT = "●"
GOAL, WARN, FAR = 0.1, 0.2, 0.4
"""Gap between unheard and heard material: what is wanted, what is too much, the end of the bar."""
THIN, RICH = 4.0, 1000.0
"""Times the floor of all channels: below the first the latent says little; the end of the bar."""
SPEAKING = 0.5
"""Share of channels above their own floor that a latent needs."""


@dataclass(frozen=True)
class Gauge:
    """``at`` and the ends of ``zones`` (level, end) are parts of the bar, 0 to 1."""

    name: str
    at: float
    zones: tuple[tuple[str, float], ...]
    level: str
    value: str
    words: str

    def parts(self, width: int) -> list[Part]:
        """``gap ━━━●━╌╌╌┄┄┄┄ +7 %  good: ...`` in ``width`` columns, the words as far as there is room."""
        room = max(8, min(18, width // 4))
        spot = min(room - 1, max(0, int(self.at * room)))
        parts: list[Part] = [(f"{self.name:<4}", "dim")]
        before = 0
        for level, end in self.zones:
            after = round(end * room)
            marks = MARKS[level] * (after - before)
            if before <= spot < after:
                left, right = marks[: spot - before], marks[spot - before + 1 :]
                parts += [(left, level), (SPOT, f"b:{level}"), (right, level)]
            else:
                parts.append((marks, level))
            before = after
        free = width - 4 - room - len(self.value) - 2
        said = ""
        for piece in self.words.split(", "):
            longer = f"{said}, {piece}" if said else piece
            if len(longer) > free:
                break
            said = longer
        return [*parts, (f" {self.value} ", "text"), (said, self.level)]


def gap(value: float) -> Gauge:
    """How much larger the error is on what was held out."""
    level = "good" if value <= GOAL else "warn" if value <= WARN else "bad"
    words = {
        "good": "good, it does not learn by heart",
        "warn": "much, the goal is 10 %",
        "bad": "too much, it learns by heart, more sounds or augment help",
    }
    zones = (("good", GOAL / FAR), ("warn", WARN / FAR), ("bad", 1.0))
    return Gauge("gap", max(0.0, value) / FAR, zones, level, f"{value:+.0%}", words[level])


def kl(total: float, floor: float, active: float | None = None) -> Gauge:
    """What the latent says in nats per frame, beside the ``floor`` below which it says nothing.

    A total means little alone: it is seen against the floor of all channels together (free bits), with
    the share ``active`` of channels that are above theirs.
    """
    times = total / floor if floor > 0 else math.inf
    few = active is not None and active < SPEAKING
    level = "bad" if times <= 1 else "warn" if times <= THIN or few else "good"
    words = {"bad": "at its floor, the latent says nothing", "warn": "thin", "good": "healthy"}[level]
    if floor > 0:
        words += f", {figure(round(times) if times >= 10 else round(times, 1))} x its floor"
    if active is not None:
        words += f", {active:.0%} speak"
    whole = math.log10(RICH * 10)
    at = (math.log10(max(times, 0.1)) + 1) / whole if times < math.inf else 1.0
    zones = (("bad", 1 / whole), ("warn", (math.log10(THIN) + 1) / whole), ("good", 1.0))
    return Gauge("KL", at, zones, level, f"{figure(round(total, 2))} nat", words)


def gauges(row: Mapping[str, Any], spec: Mapping[str, Any]) -> list[Gauge]:
    """Those that the newest numbers of a training allow; the floor comes from what was asked for."""
    found = []
    if _is(row.get("gap")):
        found.append(gap(row["gap"]))
    floor, channels = spec.get("kl_floor", 0.0), spec.get("latent", 0)
    if _is(row.get("kl_total")) and _is(floor) and _is(channels):
        active = row.get("kl_active")
        found.append(kl(row["kl_total"], floor * channels, active if _is(active) else None))
    return found


def _is(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
