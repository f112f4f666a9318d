"""Descriptors of a sound, each on the range of a dataset's sounds: where most lie, their middle, this one."""

from collections.abc import Mapping, Sequence
from typing import Any

from studio.looking import standing
from studio.report import brief
from studio.text import pad
from studio.widgets.lines import Line, Part

NAME = 13
VALUE = 14
WORDS = 30
"""Cells for the words at the right, where there is room."""
MIDDLE, HERE, OTHER = "┼", "●", "◆"


def ranges(
    axes: Sequence[Mapping[str, Any]], dataset: str, width: int, other: Sequence[Mapping[str, Any]] = ()
) -> list[Line]:
    """A row per descriptor; ``other``: those of another sound, marked beside the first."""
    second = {one["name"]: one for one in other}
    words = WORDS if width >= NAME + VALUE + WORDS + 24 else 0
    room = max(10, width - NAME - VALUE - words - 2)
    return [_row(axis, second.get(axis["name"]), dataset, room, words) for axis in axes]


def _row(
    axis: Mapping[str, Any], other: Mapping[str, Any] | None, dataset: str, room: int, words: int
) -> list[Part]:
    value = f"{brief(axis['value'])} {axis['unit']}".rstrip()
    told: Part = (pad(value, VALUE, right=True), "b:text")
    parts: list[Part] = [(pad(axis["name"], NAME), "text"), told, ("  ", "")]
    parts += bar(axis, other, room) if "sounds" in axis else [(pad(axis["help"], room), "faint")]
    if words and "sounds" in axis:
        parts.append((pad(f"  {standing(dict(axis), dataset)}", words), "dim"))
    return parts


def bar(axis: Mapping[str, Any], other: Mapping[str, Any] | None, width: int) -> list[Part]:
    """From the least to the most of the dataset and of what is marked; thick from 10 to 90 %."""
    marked = [float(axis["value"]), *([float(other["value"])] if other else [])]
    low, high = min(axis["least"], *marked), max(axis["most"], *marked)
    spread = (high - low) or 1.0

    def cell(value: float) -> int:
        return round((value - low) / spread * (width - 1))

    first, last = cell(axis["low"]), cell(axis["high"])
    least, most = cell(axis["least"]), cell(axis["most"])
    drawn: list[Part] = []
    for x in range(width):
        if first <= x <= last:
            drawn.append(("━", "second"))
        elif least <= x <= most:
            drawn.append(("─", "dim"))
        else:
            drawn.append(("·", "faint"))
    drawn[cell(axis["median"])] = (MIDDLE, "second")
    if other:
        drawn[cell(other["value"])] = (OTHER, "accent")
    outside = not axis["least"] <= axis["value"] <= axis["most"]
    drawn[cell(axis["value"])] = (HERE, "warn" if outside else "head")
    return drawn
