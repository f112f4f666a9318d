"""What a row of sliders moves: an axis of a model, a number, a choice or a weight of the request."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.report import ABSENT, WHOLE, brief, span
from studio.text import figure

MIDDLE = 50.0
"""Where an axis that was free begins to move."""
FREE = None
"""The value of an axis of which nothing is asked."""
LOCKED = "▣"
HEARD = "○"
"""Where on an axis the sound lies that was heard last."""
UNMEASURED = "not measured"
"""Of an axis without a name: it is set on the sounds' latents, and no ruler tells what came of it."""


@dataclass(frozen=True)
class Knob:
    """One row.

    ``choices`` make it a choice, whose value is a place among them; ``meaning`` says what each of them is.
    ``help`` tells the whole story, ``short`` as much of it as stands in the row. ``kind`` is sound, engine
    or explore of an axis. ``dead`` says why it can't be moved; empty: it can.
    """

    name: str
    value: float | None
    low: float = 0
    high: float = 100
    step: float = 1
    rest: float | None = FREE
    unit: str = ""
    help: str = ""
    short: str = ""
    low_word: str = ""
    high_word: str = ""
    safe: tuple[float, float] = WHOLE
    warning: tuple[float, float] = WHOLE
    reach: tuple[float, float] = WHOLE
    points: tuple[float, ...] = ()
    axis: bool = True
    kind: str = ""
    why: str = ""
    dead: str = ""
    choices: tuple[str, ...] = ()
    meaning: tuple[str, ...] = ()
    group: str = ""
    label: str = ""

    @property
    def shown(self) -> str:
        """The name a person reads."""
        return self.label or self.name

    def held(self, value: float | None) -> float | None:
        """The value within range; only an axis is ever free, and a dead one always."""
        if self.axis and (self.dead or value is None):
            return None
        value = self.rest if value is None or not math.isfinite(value) else value
        return None if value is None else min(max(float(value), self.low), self.high)

    def beyond_reach(self, value: float | None) -> bool:
        return self.axis and value is not None and not self.reach[0] <= value <= self.reach[1]

    def beyond_safe(self, value: float | None) -> bool:
        return self.axis and value is not None and not self.safe[0] <= value <= self.safe[1]

    def words(self, value: float | None) -> str:
        """What this position means, in few words: a row of 80 columns has 22 for them."""
        if self.dead:
            return self.dead
        if not self.axis:
            return self.meaning[round(value or 0)] if self.meaning else self.short or self.help
        if value is None:
            return f"{self.low_word} ↔ {self.high_word}"
        if self.beyond_reach(value):
            edge = self.reach[0] if value < self.reach[0] else self.reach[1]
            return f"▲ reaches about {figure(round(edge))}"
        said = "middle" if value == MIDDLE else self.high_word if value > MIDDLE else self.low_word
        mark = "⚠" if self.beyond_safe(value) else "·"
        if self.kind == "explore":
            return f"{said} {mark} {UNMEASURED}"
        if not self.points:
            return f"{mark} {said}" if mark == "⚠" else said
        point = self.points[min(round(value), len(self.points) - 1)]
        number = f"{point:.2f}" if 0.1 <= abs(point) < 1 else brief(point)
        return f"{said} {mark} {number} {self.unit}".rstrip()

    def about(self, value: float | None, heard: float | None = None) -> str:
        """The longer story: what it is, how it is made, how far it goes, where it is and was heard."""
        if not self.axis:
            return " · ".join(part for part in (self.help, self.dead) if part)
        told = [self.help, self.dead or (f"engine: {self.why}" if self.why else "")]
        # As short as this, so that a story of 76 columns is one row, whatever the slider does.
        if self.beyond_safe(value) and not self.beyond_reach(value):
            told.append("⚠ beyond safe")
        elif not self.dead and self.reach != WHOLE:
            told.append(f"reaches {figure(round(self.reach[0]))}-{figure(round(self.reach[1]))}")
        if heard is not None:
            told.append(f"{HEARD} at {heard:.0f}")
        elif self.kind == "explore":
            told.append(UNMEASURED)
        return " · ".join(part for part in told if part)


def knob(axis: Mapping[str, Any]) -> Knob:
    """The row of a model's axis; one that these sounds do not have is dead."""
    warning = span(axis.get("warning"))
    kind, why = str(axis.get("kind", "sound")), str(axis.get("why", ""))
    absent = "" if axis.get("available", True) else why or ABSENT
    return Knob(
        name=str(axis["name"]),
        value=FREE,
        low=warning[0],
        high=warning[1],
        unit=str(axis.get("unit", "")),
        help=str(axis.get("help", "")),
        low_word=str(axis.get("low_word", "less")),
        high_word=str(axis.get("high_word", "more")),
        safe=span(axis.get("safe")),
        warning=warning,
        reach=span(axis.get("reach")),
        points=tuple(axis.get("values") or ()),
        kind="" if kind == "sound" else kind,
        why=why,
        dead=absent,
        group="explore" if kind == "explore" else "",
    )
