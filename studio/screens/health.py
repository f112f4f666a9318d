"""How the worker is, in a line or three: whether it lives, what its lanes do, what went wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from studio.text import span, when
from studio.widgets.lines import Line, Part, wrap

SILENT = 5.0
"""Seconds without a beat of the worker that are worth a word: it beats every second."""


def health(status: Mapping[str, Any], title: Callable[[str], str], width: int) -> list[Line]:
    """``status`` as the queue gives it; ``title`` names a job by its id."""
    if not status["alive"]:
        waiting = status["queued"] + status["running"]
        words = "w starts one, or `woodshed worker`" if waiting else "one starts with the next request"
        return [[("○ ", "warn" if waiting else "dim"), ("no worker  ", "text"), (words, "dim")]]
    told = f"worker {status['pid']} since {when(status['since'])}"
    silent = status["heartbeat_seconds"]
    lines: list[Line] = []
    if silent is not None and silent > SILENT:
        lines.append([("▲ ", "warn"), (told, "text"), (f"  no beat for {span(round(silent))}", "warn")])
        lines.append([("  it may hang: ", "dim"), (f"kill {status['pid']}", "second"),
                      ("; its jobs go on with the next one", "dim")])  # fmt: skip
    else:
        lines.append([("● ", "good"), (told, "text"), ("  beats", "dim")])
    lanes = [_lane(name, lane, status["engine"], title) for name, lane in status["lanes"].items()]
    used = sum(len(words) for words, _ in lines[0])  # type: ignore[misc]
    whole: list[Part] = [part for lane in lanes for part in lane]
    if used + sum(len(words) for words, _ in whole) <= width:
        lines[0] = [*lines[0], *whole]
    else:
        lines.append(whole)
    error = status.get("last_error")
    if isinstance(error, Mapping) and error.get("message"):
        said = f"{when(error.get('time'))}: {error['message']}"
        lines += [[("✗ " if not at else "  ", "bad"), (line, "text")]
                  for at, line in enumerate(wrap(said, width - 2)[:2])]  # fmt: skip
    return lines


def _lane(name: str, lane: Mapping[str, Any], engine: str | None, title: Callable[[str], str]) -> list[Part]:
    running = ", ".join(title(id) for id in lane["running"]) or "idle"
    if name == "live":
        running += f", engine {engine}" if engine else ", no engine"
    waiting = f" +{lane['queued']}" if lane["queued"] else ""
    return [(f"  {name} ", "second"), (f"{running}{waiting}", "dim")]
