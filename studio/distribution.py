"""Distributions of features drawn on a line of characters, for both fronts. Light."""

from collections.abc import Sequence
from typing import Any

METADATA = "feature_metadata.json"
"""In the folder of a run: what the features are."""
LEAST = 1e-12


def told(feature: dict[str, Any]) -> str:
    """What a feature is called: a reserved slot has no other name than what it holds."""
    name, meaning = str(feature["name"]), str(feature["meaning"])
    return meaning if name.startswith("reserved") else name.replace("_", " ")


def scale(groups: Sequence[dict[str, Any]], name: str) -> tuple[float, float]:
    """From the lowest 5th to the highest 95th percentile of the groups."""
    every = [group["percentiles"][name] for group in groups]
    return min(one[0] for one in every), max(one[-1] for one in every)


def cells(values: Sequence[float], ends: tuple[float, float], width: int) -> list[int]:
    """The cell of each value on a line between the two ends."""
    low, high = ends
    step = (width - 1) / max(high - low, LEAST)
    return [max(0, min(width - 1, round((value - low) * step))) for value in values]


def line(values: Sequence[float], ends: tuple[float, float], width: int) -> str:
    """Five percentiles: ``──━━●━━──`` from the 5th to the 95th, the middle half thick, the median a dot."""
    low, first, middle, third, high = cells(values, ends, width)
    drawn = ["·"] * width
    drawn[low : high + 1] = "─" * (high + 1 - low)
    drawn[first : third + 1] = "━" * (third + 1 - first)
    drawn[middle] = "●"
    return "".join(drawn)


def most_apart(group: dict[str, Any], names: Sequence[str]) -> list[str]:
    """Features by how far a group stands apart from gold, the farthest first; as they were without gold."""
    beside = group.get("apart", {})
    return sorted(names, key=lambda name: -abs(beside.get(name, 0.0)))


def telling(groups: Sequence[dict[str, Any]], names: Sequence[str], count: int) -> list[str]:
    """A few features: of each group in turn the one that tells it best and is not among them yet."""
    orders = [most_apart(group, names) for group in groups if "apart" in group] or [list(names)]
    found: list[str] = []
    for turn in range(count):
        order = orders[turn % len(orders)]
        found += [name for name in order if name not in found][:1]
    return found
