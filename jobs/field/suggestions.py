"""What the totals of the field's feedback ask of the office, in words; nothing where they are too few."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs.field.directives import FADE, NET, Targets
from jobs.field.histogram import GAP_MS, above

FEW = 50
"""Of fewer gaps, repairs or blocks nothing is concluded."""
LONG, SHORT = 0.25, 0.9
"""Shares of gaps that are too many beyond what was trained with, or within a quarter of it."""
LATE = 0.001
"""Share of blocks that may come too late; a p99 that holds allows ten times as many."""
LITTLE, OFTEN = 0.1, 0.1
"""Shares of repairs: less is little for a net, more is often for silence."""
SELDOM = 0.05
"""Share of gaps; a length that fewer have is not trained on."""


def suggestions(totals: Mapping[str, Any], trained_ms: float, targets: Targets) -> list[str]:
    """For totals as `jobs.field.feedback.summary` has them."""
    return [
        *_on_gaps(list(totals["gaps"].values()), trained_ms),
        *_on_blocks(totals, targets.latency_p99_ms),
        *_on_repairs(totals["fallbacks"]),
        *_on_level(totals),
    ]


def lengths(gaps: Sequence[int]) -> list[dict[str, float]]:
    """Lengths of gaps to train on, ``gap_ms`` each with its ``share`` of those that are named (0-1).

    ``gaps`` counts as `GAP_MS` has it; a length stands for all gaps up to it that are longer than the one
    before.
    """
    named = {edge: count for edge, count in zip(GAP_MS, gaps, strict=False) if count >= SELDOM * sum(gaps)}
    if sum(gaps) < FEW:
        return []
    return [{"gap_ms": edge, "share": count / sum(named.values())} for edge, count in named.items()]


def _on_gaps(gaps: Sequence[int], trained_ms: float) -> Iterator[str]:
    count = sum(gaps)
    if count < FEW:
        return
    for edge in [edge for edge in GAP_MS if edge >= trained_ms][:1]:
        longer = above(GAP_MS, gaps, edge) / count
        if longer > LONG:
            yield f"{_percent(longer)} of gaps are longer than {edge:g} ms: train with longer gaps"
    for edge in [edge for edge in GAP_MS if edge <= trained_ms / 4][-1:]:
        shorter = 1 - above(GAP_MS, gaps, edge) / count
        if shorter > SHORT:
            yield f"{_percent(shorter)} of gaps are no longer than {edge:g} ms: train with shorter gaps"


def _on_blocks(totals: Mapping[str, Any], target_ms: float) -> Iterator[str]:
    if totals["blocks"] < FEW:
        return
    late, p99 = totals["missed"] / totals["blocks"], totals["latency_p99_ms"]
    if late > LATE:
        yield f"{_percent(late)} of blocks came too late: run longer blocks, or ar alone"
    elif p99 > target_ms:
        slow = f"1 % of blocks take longer than {p99:.2g} ms, the target is {target_ms:g}"
        yield f"{slow}: run shorter blocks, or ar alone"


def _on_repairs(repairs: Mapping[str, int]) -> Iterator[str]:
    count = sum(repairs.values())
    if count < FEW:
        return
    net, faded = repairs.get(NET), repairs.get(FADE, 0) / count
    if net is not None and net < LITTLE * count:
        yield f"the net made {_percent(net / count)} of repairs: train on sounds like those of the field"
    if faded > OFTEN:
        yield f"{_percent(faded)} of repairs faded to silence: train with longer gaps, or fade later"


def _on_level(totals: Mapping[str, Any]) -> Iterator[str]:
    if totals["lost"] >= FEW and totals["clamped"] > totals["lost"]:
        held = totals["clamped"] / totals["lost"]
        yield f"{held:.0f} samples a lost packet were held within full scale: fade earlier"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"
