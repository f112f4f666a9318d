"""How far a job is, in words: both fronts say it alike. Light."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from studio.text import span

STILL = 15.0
"""Seconds without a beat of a running job that are worth a word: it beats every 5."""


def beat(heartbeat: str | None) -> float | None:
    """Seconds since a job's process last said that it lives."""
    if not heartbeat:
        return None
    try:
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(heartbeat)).total_seconds())
    except (TypeError, ValueError):
        return None


def numbers(row: Mapping[str, Any] | None) -> dict[str, float | None]:
    """``done``, ``total``, ``rate`` (per second) and ``eta`` (seconds) of a progress row, or None."""
    row = row or {}
    return {
        name: float(row[name]) if isinstance(row.get(name), int | float) else None
        for name in ("done", "total", "rate", "eta")
    }


def count(row: Mapping[str, Any] | None) -> str:
    """``320/1600 step``."""
    told = numbers(row)
    if told["done"] is None or not told["total"]:
        return ""
    return f"{told['done']:g}/{told['total']:g} {(row or {}).get('unit') or ''}".rstrip()


def share(row: Mapping[str, Any] | None, state: str) -> float | None:
    """Of the whole, or None where none is known. What is done is whole, whatever it told last."""
    told = numbers(row)
    if not told["total"]:
        return None
    return 1.0 if state == "done" else (told["done"] or 0.0) / told["total"]


def of(job: Any, row: Mapping[str, Any] | None) -> str:
    """`line` of a job; empty where it is done and the last that it told is not the whole."""
    short = job.state == "done" and (share(row, "running") or 0.0) < 1.0
    return "" if short else line(row, job.state == "running", job.heartbeat)


def pace(rate: float | None) -> str:
    """``24/s``, or ``3.1 s each`` where one takes longer than a second."""
    if not rate or rate <= 0:
        return ""
    return f"{rate:.3g}/s" if rate >= 1 else f"{1 / rate:.3g} s each"


def line(row: Mapping[str, Any] | None, running: bool, heartbeat: str | None) -> str:
    """``320/1600 step · 24/s · 53 s left · beat 2 s ago``."""
    told = numbers(row)
    words = [count(row), pace(told["rate"])]
    if running:
        if told["eta"] is not None:
            words.append(f"{span(told['eta'])} left")
        words.append(heart(heartbeat))
    return " · ".join(word for word in words if word)


def heart(heartbeat: str | None) -> str:
    """``beats``, or how long it has been silent."""
    silent = beat(heartbeat)
    if silent is None:
        return ""
    return f"beat {silent:.0f} s ago" if silent < STILL else f"no beat for {span(silent)}"
