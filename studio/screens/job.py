"""One job in full: what it is, how far it is, what it said, and what can be done about it."""

from typing import Any

from store import paths, stream
from studio import actions, progress
from studio.outcome import came_to
from studio.text import figure, pad, when
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.status import KINDS

NEXT = {
    "queued": "waits for its turn; K and J move it",
    "stalled": "its process has fallen silent: c stops it, l opens the log",
    "lost": "its process is gone; the next worker goes on with it by itself",
    "interrupted": "its worker was shut down; the next one goes on by itself, r does so now",
    "failed": "l opens the log, r {resumes}, R runs it anew as a new job",
    "cancelled": "r {resumes}, R runs it anew as a new job",
}


def facts(job: Any, state: str, told: dict[str, Any], alive: bool, width: int) -> list[Line]:
    """``state`` as the ledger sees it, ``told`` the newest progress row."""
    kind = KINDS.get(job.recipe, job.recipe)
    words = [f"{kind} · {job.lane} lane · attempt {job.attempt} of {job.max_attempts}"]
    words += [f"started {when(job.started)}"] if job.started else []
    words += [f"ended {when(job.ended)}"] if job.ended else []
    first, *more = wrap(" · ".join(words), max(10, width - len(job.id) - 1))
    lines: list[Line] = [[(f"{job.id} ", "second"), (first, "dim")]]
    lines += [[(pad("", len(job.id) + 1), ""), (line, "dim")] for line in more]
    far = progress.of(job, told)
    if far:
        lines.append([("━ ", "accent"), (far, "text")])
    lines += marked(("✓ ", "good"), [came_to(job)], width)
    lines += marked(("✗ ", "bad"), [(job.error or {}).get("message", "")], width)
    lines += marked(("· ", "faint"), _said(job, state, alive), width)
    spec = {k: v for k, v in job.spec.items() if k != "recipe" and v not in ("", [], {}, None)}
    asked = "  ".join(f"{key}={_short(value)}" for key, value in spec.items())
    return [*lines, *([[]] if asked else []), *[[(line, "dim")] for line in wrap(asked, width)]]


def resumes(id: str) -> str:
    """What going on with a job means, in words: it may have ended before anything was kept."""
    return "goes on from its checkpoint" if actions.keeps(id) else "begins it again: it kept nothing yet"


def stops(id: str) -> str:
    """What was done when a job was asked to stop."""
    return f"asked to stop{'; its checkpoint is kept, r goes on' if actions.keeps(id) else ''}"


def _said(job: Any, state: str, alive: bool) -> list[str]:
    """The last notes and numbers of its stream, and what to do next."""
    path, said = paths.events(job.id), []
    note = stream.last(path, "note")
    row = stream.last(path, "row")
    if note:
        said.append(str(note.get("text")))
    if row:
        numbers = {k: v for k, v in row.items() if k not in ("t", "kind") and isinstance(v, int | float)}
        said.append("  ".join(f"{key} {figure(value)}" for key, value in list(numbers.items())[:8]))
    if state == "queued" and not alive:
        said.append("waits for a worker: it starts with the next request, by w, or by `woodshed worker`")
    elif state in NEXT:
        said.append(NEXT[state].format(resumes=resumes(job.id)))
    return said


def marked(mark: Part, said: list[str], width: int) -> list[Line]:
    """Each of ``said`` in full, marked where it begins."""
    return [
        [("  " if row else mark[0], mark[1]), (line, "text")]
        for words in said
        for row, line in enumerate(wrap(words, width - 2))
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}:{figure(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value[:3])) + ("…" if len(value) > 3 else "")
    return figure(value)
