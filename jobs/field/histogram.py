"""Histograms as counts over fixed edges, so that those of many sessions add up.

There is one count for each edge, of what lies above the edge before it and not above its own, and one for
what lies above the last.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

GAP_MS = (2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
LATENCY_MS = tuple(round(10 ** (step / 10 - 2), 6) for step in range(41))
"""Ten edges a decade, from 0.01 to 100."""
CONFIDENCE = tuple(step / 10 for step in range(1, 10))


def empty(edges: Sequence[float]) -> list[int]:
    return [0] * (len(edges) + 1)


def slot(edges: Sequence[float], value: float) -> int:
    """Index of the count that ``value`` belongs to."""
    return bisect_left(edges, value)


def total(edges: Sequence[float], histograms: Iterable[Sequence[int]]) -> list[int]:
    """The sum of histograms over the same edges."""
    return [sum(counts) for counts in zip(empty(edges), *histograms, strict=True)]


def labels(edges: Sequence[float]) -> list[str]:
    """What each count is of, such as "5-10"."""
    lows = (0.0, *edges)
    return [*(f"{low:g}-{high:g}" for low, high in zip(lows, edges, strict=False)), f"over {edges[-1]:g}"]


def above(edges: Sequence[float], counts: Sequence[int], edge: float) -> int:
    """How many lie above ``edge``, which is one of ``edges``."""
    return sum(counts[slot(edges, edge) + 1 :])


def quantile(edges: Sequence[float], counts: Sequence[int], share: float) -> float | None:
    """Where ``share`` (0-1) of all lie below, on a straight line within a count; None without any.

    Of the last count only the lower edge is known, and that is given.
    """
    if not any(counts):
        return None
    wanted = share * sum(counts)
    for index, (reached, count) in enumerate(zip(accumulate(counts), counts, strict=True)):
        if count and reached >= wanted and index < len(edges):
            low = edges[index - 1] if index else 0.0
            return edges[index] - (edges[index] - low) * (reached - wanted) / count
    return edges[-1]
