"""What a repairer is worth by the figures of its report: its verdict, and whether its net ships. Light.

Before the verdict counted both intervals and how many sounds they are of, trainings stored a verdict and
what ships that did not agree. So both are read off the figures; what was stored counts where these are
missing.
"""

from collections.abc import Mapping
from typing import Any

MASTERED = "mastered"
BETTER = "plateau, better than AR-512"
PREDICTION = "plateau, AR-512 shipped"
NET, AR = "net", "ar"
"""What ships."""
FEWEST = 3
"""Sounds that a net has to be judged on: of fewer nothing follows for others."""


def is_better(over_ar512: Mapping[str, float], over_prediction: Mapping[str, float]) -> bool:
    """Whether a net ships: only where both intervals lie above 0, over AR-512 and over all predictions that
    the house has without it."""
    return over_ar512["low"] > 0 and over_prediction["low"] > 0


def ships(report: Mapping[str, Any]) -> str:
    """What fills gaps: the net, or linear prediction alone."""
    better = _better(report)
    if better is None:
        better = report.get("ships") == NET and report.get("verdict") != PREDICTION
    return NET if better else AR


def verdict(report: Mapping[str, Any]) -> str:
    """One of three."""
    stored = str(report.get("verdict", "no verdict"))
    better = _better(report)
    if stored == MASTERED or better is None:
        return stored
    return BETTER if better else PREDICTION


def honest(record: Mapping[str, Any]) -> dict[str, Any]:
    """A repairer's record with the verdict, and what ships, that its figures bear out."""
    report = record.get("report")
    if not isinstance(report, Mapping):
        return dict(record)
    said = verdict(report)
    return {**record, "verdict": said, "report": {**report, "verdict": said, "ships": ships(report)}}


def _better(report: Mapping[str, Any]) -> bool | None:
    """None where the report does not hold the figures that tell."""
    over, sources = report.get("over"), report.get("sources")
    parts = [over.get(name) for name in ("ar-512", AR)] if isinstance(over, Mapping) else []
    known = [one for one in parts if isinstance(one, Mapping) and isinstance(one.get("low"), int | float)]
    if len(known) < 2 or not isinstance(sources, int):
        return None
    return sources >= FEWEST and is_better(*known)
