"""Looking at jobs from outside, as a front does."""

import time
from collections.abc import Callable
from pathlib import Path

from jobs.job import ENDED, Job
from jobs.ledger import Ledger
from jobs.queue import worker_status
from store import paths, stream


def until(true: Callable[[], object], seconds: float = 20.0) -> float:
    """Wait until ``true()``; the seconds it took. Fails after ``seconds``."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.01)
    return time.monotonic() - began


def ended(ledger: Ledger, job: Job, seconds: float = 20.0) -> Job:
    """The job, when it has ended."""
    until(lambda: ledger.find(job.id).state in ENDED, seconds)
    return ledger.find(job.id)


def in_state(ledger: Ledger, job: Job, state: str, seconds: float = 20.0) -> Job:
    until(lambda: ledger.find(job.id).state == state, seconds)
    return ledger.find(job.id)


def rows(job: Job, kind: str | None = None) -> list[dict]:
    """What the job said, oldest first."""
    said, _ = stream.follow(paths.events(job.id))
    return [row for row in said if kind is None or row["kind"] == kind]


def counted_to(job: Job, step: int) -> bool:
    """Whether a rehearsal has counted so far."""
    return any(row["step"] >= step for row in rows(job, "row"))


def worker_pid() -> int:
    """Of the worker that is alive; waits for it."""
    until(lambda: worker_status()["pid"])
    return worker_status()["pid"]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
