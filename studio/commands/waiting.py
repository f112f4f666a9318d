"""Waiting for a job: a bar on a terminal, lines in a log; Ctrl-C asks the job to stop."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from jobs.job import Job
from store.errors import BY_CODE, BadInput, NoWorker, Refusal
from studio import actions
from studio.commands.base import Front, shown
from studio.text import safe_text, span

LINE_EVERY = 1.0
"""Seconds between two lines of progress in a log."""


def detachable(command: click.Command) -> click.Command:
    """Adds ``--detach`` to a command that waits for its job."""
    option = click.Option(["--detach"], is_flag=True, help="Queue the job, print it, and return.")
    command.params.insert(len(command.params) - 3, option)
    return command


def detached(front: Front, job: Job) -> None:
    """The answer of a command that does not wait."""
    front.give(job, lambda: print(f"job {job.id} {job.state}; woodshed jobs follow {job.id}"))


def finish(front: Front, job: Job) -> Job:
    """Wait until a job is done. Ctrl-C or SIGTERM asks it to stop; what it has for a checkpoint is kept.

    Raises the Refusal that the job ended with, NoWorker when its worker was shut down.
    """
    try:
        with _reporter(front, job) as report:
            return done(actions.wait(job, report))
    except (KeyboardInterrupt, SystemExit):
        _stop(front, job)
        raise


def watch(front: Front, job: Job) -> Job:
    """Look on until a job has ended; leaving does not stop it."""
    with _reporter(front, job) as report:
        return actions.wait(job, report)


def done(job: Job) -> Job:
    """The job, if it is done; otherwise raises why not."""
    again = f"woodshed jobs resume {job.id}"
    if job.state == "failed" or job.error:
        error = job.error or {}
        code = error.get("code")
        kind = BY_CODE.get(code, Refusal) if isinstance(code, int) else Refusal
        raise kind(error.get("message") or f"job {job.id} failed; its log: {_log(job)}")
    if job.state == "cancelled":
        raise Refusal(f"job {job.id} was cancelled; {_kept(job)}")
    if job.state == "interrupted":
        raise NoWorker(f"job {job.id}: its worker was shut down; it goes on with the next: {again}")
    return job


def rows(front: Front, found: list[dict[str, Any]], report: Callable[[list[dict[str, Any]]], None]) -> int:
    """The answer of a command about several sounds, and its exit code: 4 where one could not be read.

    ``found`` is in the order that was asked, each with an ``error`` or what ``report`` shows.
    """
    wrong = [row for row in found if "error" in row]
    if len(wrong) == len(found) == 1:
        raise BadInput(f"{wrong[0]['name']}: {wrong[0]['error']}")
    front.give(found, lambda: report([row for row in found if "error" not in row]))
    for row in wrong:
        front.complain(f"{row['name']}: {row['error']}")
    return BadInput.code if wrong else 0


def _kept(job: Job) -> str:
    """What is left of a job that was stopped, and how it goes on."""
    again = f"woodshed jobs resume {job.id}"
    return f"its checkpoint is kept: {again}" if actions.keeps(job.id) else f"{again} begins it again"


def _log(job: Job) -> str:
    from store import paths

    return str(paths.log(job.id))


def _stop(front: Front, job: Job) -> None:
    """Cancel, give the job the time to write a checkpoint, and say whether it has."""
    actions.cancel(job.id)
    front.say(f"stopping job {job.id}")
    until = time.monotonic() + 12
    while time.monotonic() < until and actions.job(job.id).state not in actions.ENDED:
        time.sleep(0.05)
    if actions.job(job.id).state in ("cancelled", "interrupted"):
        front.say(_kept(job))


Report = Callable[[dict], None]


def _reporter(front: Front, job: Job) -> AbstractContextManager[Report]:
    if front.quiet:
        return _Lines(front, job)
    return _Bar(job) if sys.stderr.isatty() else _Lines(front, job)


def numbers(row: dict) -> str:
    """The losses of a row, in a few words."""
    parts = [f"epoch {shown(row['epoch'])}"] if "epoch" in row else []
    for key in ("loss", "validation", "gap"):
        if isinstance(row.get(key), int | float):
            parts.append(f"{key} {row[key]:.4g}")
    return ", ".join(parts)


class _Lines:
    """For a log: one line per step, at most one a second, and always the last."""

    def __init__(self, front: Front, job: Job) -> None:
        self.front, self.job = front, job
        self.next = 0.0
        self.losses = ""
        self.held = ""

    def __enter__(self) -> Report:
        return self.report

    def __exit__(self, *_: object) -> None:
        if self.held:
            self.front.say(self.held)

    def report(self, row: dict) -> None:
        kind = row.get("kind")
        if kind == "row":
            self.losses = numbers(row) or self.losses
        elif kind == "note":
            self.front.say(f"{self.job.recipe}: {row.get('text', '')}")
        elif kind == "preview":
            self.front.say(f"{self.job.recipe}: preview of epoch {row.get('epoch')}: {row.get('path')}")
        elif kind == "progress":
            self._progress(row)

    def _progress(self, row: dict) -> None:
        done, total = row.get("done") or 0, row.get("total") or 0
        parts = [f"{self.job.recipe}: {done:g}/{total:g} {row.get('unit') or ''}".rstrip()]
        if self.losses:
            parts.append(self.losses)
        if row.get("eta") is not None:
            parts.append(f"ETA {span(row['eta'])}")
        self.held = ", ".join(parts)
        if time.monotonic() >= self.next:
            self.front.say(self.held)
            self.held = ""
            self.next = time.monotonic() + LINE_EVERY


class _Bar:
    """For a terminal: one bar on stderr that goes away at the end."""

    def __init__(self, job: Job) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        from studio.commands.base import console

        self.job = job
        self.bar: Any = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}", markup=False),
            TextColumn("{task.fields[losses]}", markup=False),
            TextColumn("{task.fields[eta]}", markup=False),
            console=console(stderr=True),
            refresh_per_second=4,
            transient=True,
        )
        self.task = self.bar.add_task(job.recipe, total=1, count=job.state, losses="", eta="")

    def __enter__(self) -> Report:
        self.bar.start()
        return self.report

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def report(self, row: dict) -> None:
        kind = row.get("kind")
        if kind == "row" and numbers(row):
            self.bar.update(self.task, losses=numbers(row))
        elif kind == "note":
            self.bar.console.print(safe_text(str(row.get("text", ""))))
        elif kind == "preview":
            self.bar.console.print(safe_text(f"preview of epoch {row.get('epoch')}: {row.get('path')}"))
        elif kind == "progress":
            done, total, eta = row.get("done") or 0, row.get("total") or 0, row.get("eta")
            count = f"{done:g}/{total:g} {row.get('unit') or ''}" if total else f"{done:g}"
            left = f"ETA {span(eta)}" if eta is not None else ""
            self.bar.update(self.task, completed=done, total=total or 1, count=count, eta=left)
