"""What stands above and below the curve of a training: its state, what to do next, and what was kept."""

from collections.abc import Mapping
from typing import Any

from studio import progress
from studio.course import Course
from studio.report import ended
from studio.screens.job import resumes
from studio.text import figure
from studio.widgets.facts import bar
from studio.widgets.gauge import gauges
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.status import standing

NEXT = {
    "queued": "waits for its turn; 3 shows the queue and moves it up",
    "stalled": "its process has fallen silent: c stops it, l opens the log",
    "lost": "its process is gone; the next worker goes on from the checkpoint by itself",
    "interrupted": "its worker was shut down; the next one goes on by itself, r does so now",
    "failed": "l opens the log, r {resumes}; ctrl+r asks for a new one",
    "cancelled": "r {resumes}; ctrl+r asks for a new one",
    "done": "5 plays it",
}
MEMORISING = "memorising: what it makes lies nearer to its sounds than sounds it has not heard do"
SHOWN = ("magnitude", "frequency", "stft", "kl", "files_db")
"""Numbers of a row that the curve does not show at first."""


def heading(job: Any, name: str, state: str, place: int, course: Course, width: int) -> list[Line]:
    """Three rows or more: name and state, how far it is, what to do next."""
    lines: list[Line] = [[(name, "b:text"), ("  ", ""), *standing(job, state, place)]]
    row = course.told.get("progress") or _from_rows(course)
    share, words = progress.share(row, job.state), progress.of(job, row)
    room = max(8, min(30, width - len(words) - 2))
    if share is not None:
        ink = "good" if job.state == "done" else "accent"
        lines.append([*bar(share, 1.0, room, ink), (f" {words}", "dim")])
    else:
        lines.append([(words, "dim")])
    if job.error:
        lines += [[("✗ ", "bad") if not at else ("  ", ""), (line, "text")]
                  for at, line in enumerate(wrap(str(job.error.get("message")), width - 2))]  # fmt: skip
    return [*lines, *([(line, "dim")] for line in wrap(_next(job, state), width))]


def _from_rows(course: Course) -> dict[str, Any]:
    """Of a training that never said how far it is."""
    row = course.told.get("row", {})
    return {"done": row.get("epoch"), "total": row.get("epochs"), "unit": "epochs"}


def _next(job: Any, state: str) -> str:
    words = NEXT.get(state, "").format(resumes=resumes(job.id))
    summary = (job.result or {}).get("summary") or {}
    if state == "done" and summary.get("name"):
        words = f"learned {summary['name']}: {words}"
        if summary.get("ended_by"):
            words += f" · {ended(summary['ended_by'])}"
    return words


def below(job: Any, course: Course, back: int, width: int) -> list[Line]:
    """Gauges, numbers, checkpoints, previews, the last word."""
    row = course.told.get("row", {})
    lines: list[Line] = [gauge.parts(width) for gauge in gauges(row, job.spec)]
    if row.get("memorising"):
        lines += _marked("▲ ", "warn", MEMORISING, width)
    lines += _numbers(row, width)
    lines += _checkpoints(course)
    lines += _preview(course, back, width)
    note = course.told.get("note", {}).get("text")
    return lines + (_marked("· ", "dim", str(note), width) if note else [])


def _marked(mark: str, ink: str, words: str, width: int) -> list[Line]:
    return [
        [(mark if not at else "  ", ink), (line, "text" if ink == "warn" else "dim")]
        for at, line in enumerate(wrap(words, width - 2))
    ]


def _numbers(row: Mapping[str, Any], width: int) -> list[Line]:
    said = [
        (key.replace("_db", " dB"), figure(row[key]))
        for key in SHOWN
        if isinstance(row.get(key), int | float)
    ]
    line: list[Part] = []
    room = width
    for key, value in said:
        if len(key) + 9 > room:
            break
        line += [(f"{key} ", "dim"), (f"{value:<7} ", "text")]
        room -= len(key) + 9
    return [line] if line else []


def _checkpoints(course: Course) -> list[Line]:
    kept, best = course.kept(), course.best()
    if not kept and not course.best_is_kept:
        return []
    line: list[Part] = [("⚑ ", "second"), ("checkpoints  ", "dim")]
    if course.best_is_kept and best:
        line.append((f"▲ epoch {best[0]:.4g} best  ", "good"))
    return [[*line, ("  ".join(f"{epoch:.4g}" for epoch in kept), "text")]]


def _preview(course: Course, back: int, width: int) -> list[Line]:
    found = course.preview(back)
    if not found:
        return []
    count = len(course.previews)
    line: list[Part] = [
        ("♪ ", "second"),
        (f"preview of epoch {found[0]}", "text"),
        (f" ({max(1, count - back)} of {count})", "dim"),
    ]
    keys = "space plays it, p earlier, P later" if count > 1 else "space plays it"
    used = sum(len(words) for words, _ in line)
    if used + 2 + len(keys) <= width:
        return [[*line, (f"  {keys}", "dim")]]
    return [line, [(f"  {keys}", "dim")]]
