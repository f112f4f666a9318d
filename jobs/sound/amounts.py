"""The degradations there are, and within which bounds the parameters of each are drawn or may be set.

Light: the forms and the help of the command line are made from it. ``jobs.sound.degrade`` carries them out.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

SHOWN = 20
"""Characters of a wrong value that are shown."""


@dataclass(frozen=True)
class Range:
    """What a parameter is drawn from, uniformly; ``steps``: evenly, whole numbers, or by octaves."""

    low: float
    high: float
    unit: str
    steps: str = "even"

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{self.unit}"

    def draw(self, rng: "np.random.Generator") -> float:
        if self.steps == "whole":
            return int(rng.integers(int(self.low), int(self.high) + 1))
        if self.steps == "octaves":
            return round(2 ** rng.uniform(math.log2(self.low), math.log2(self.high)), 4)
        return round(rng.uniform(self.low, self.high), 4)

    def checked(self, name: str, value: Any) -> float:
        """Raises ValueError with the nearest value that is in the range."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if math.isnan(number):
            raise ValueError(f"{name}: {str(value)[:SHOWN]!r} is no number; {self}")
        near = min(max(number, self.low), self.high)
        near = round(near) if self.steps == "whole" else near
        if near != number:
            what = "no whole number of" if self.low <= number <= self.high else "not within"
            raise ValueError(f"{name}: {number:g} is {what} {self}; nearest: {near:g}")
        return near


@dataclass(frozen=True)
class Amounts:
    """``what`` a degradation is, and its parameters."""

    what: str
    ranges: dict[str, Range]

    def __str__(self) -> str:
        return ", ".join(f"{name} {within}" for name, within in self.ranges.items())


KINDS = {
    "dropouts": Amounts(
        "silence at places, with an edge on either side",
        {
            "per_second": Range(0.5, 4, " a second"),
            "length_ms": Range(2, 40, " ms", "octaves"),
            "edge_ms": Range(0.1, 2, " ms", "octaves"),
        },
    ),
    "clip": Amounts("cut off above a level below its own peak", {"level_db": Range(-18, -3, " dB")}),
    "bits": Amounts("fewer bits, without dither", {"bits": Range(4, 12, " bits", "whole")}),
    "band": Amounts("nothing above a frequency", {"hertz": Range(2_000, 8_000, " Hz", "octaves")}),
    "reorder": Amounts(
        "packets that come after the one behind them",
        {"packet_ms": Range(5, 20, " ms", "octaves"), "share": Range(0.01, 0.1, " of packets")},
    ),
    "phase": Amounts("the phase of all frequencies turned by an angle", {"degrees": Range(20, 340, "°")}),
    "allpass": Amounts(
        "some frequencies later than others, all as loud as before",
        {
            "hertz": Range(200, 4_000, " Hz", "octaves"),
            "q": Range(0.5, 2, "", "octaves"),
            "stages": Range(1, 8, " stages", "whole"),
        },
    ),
}
