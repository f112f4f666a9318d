"""One look at the house: what changed, which jobs there are, and a worker where one is missing."""

import time

from jobs import locks, queue
from jobs.job import Job
from store import paths
from store.errors import NoWorker
from store.files import free_bytes
from studio import actions
from studio.text import count
from studio.whole import broken

TABLES = ("datasets", "models", "presets", "takes", "diagnosers", "corrections", "repairers")
WAITING = ("queued", "running", "interrupted")
"""States that a worker has to bring to an end."""
ENSURE_EVERY = 5.0
"""Seconds between two attempts to start a worker."""
REPLACED = "the worker was gone: a new one is started and takes up what ran"
ROOM = 1 << 16
"""Bytes below which a disk is full: a job that says a word and commits needs about as much."""
FULL = "{}: the disk is full; jobs wait and nothing can be kept until some space is freed"
FREE = "there is room on the disk again; 3 shows which jobs go on, r resumes those that failed"
Told = tuple[str, str]
"""Words to the person and their level."""


class Watch:
    """``wake``: whether to start a worker when there is work and none is alive."""

    def __init__(self, wake: bool) -> None:
        self.wake = wake
        self.jobs: list[Job] = []
        """Those of these states."""
        self.alive = False
        self.seen: tuple = ()
        self.missing = ""
        """Why no worker could be started, until one lives."""
        self._was_alive = self._gone = False
        self._full = False
        self._damaged: dict[str, int] = {}
        self._asked = -ENSURE_EVERY

    @property
    def busy(self) -> int:
        return sum(job.state == "running" for job in self.jobs)

    def look(self) -> bool:
        """Whether anything changed since the last look. Raises Refusal."""
        library = actions.library()
        seen = (*(getattr(library, table).stamp() for table in TABLES), actions.ledger().stamp())
        changed = seen != self.seen
        if changed:
            self.jobs = actions.jobs(states=WAITING)
            self.seen = seen
        self.alive = locks.held(queue.lock_path())
        return changed

    def trouble(self) -> list[Told]:
        """A full disk, and lines of tables that can't be read: each said once."""
        told: list[Told] = []
        full = free_bytes(paths.state()) < ROOM
        if full != self._full:
            self._full = full
            told.append((FULL.format(paths.state()), "bad") if full else (FREE, "good"))
        for table in TABLES:
            journal = getattr(actions.library(), table).documents.journal
            lines, before = len(journal.damaged) + broken(table), self._damaged.get(table, 0)
            if lines > before:
                told.append(
                    (f"{journal.path.name}: {count(lines, 'line')} can't be read, the rest is here; "
                     "`woodshed doctor` says more", "bad")
                )  # fmt: skip
            self._damaged[table] = lines
        return told

    def replace_worker(self) -> list[Told]:
        """Start a worker for jobs that none looks after; that it was gone, or why none can be started."""
        self._gone = not self.alive and (self._gone or self._was_alive)
        self._was_alive = self.alive
        if self.alive:
            self.missing = ""
        wanted = self.wake and not self.alive and any(job.state in WAITING for job in self.jobs)
        if not wanted or time.monotonic() - self._asked < ENSURE_EVERY:
            return []
        self._asked = time.monotonic()
        try:
            queue.ensure_worker()
        except NoWorker as error:
            before, self.missing = self.missing, str(error)
            return [] if before else [(self.missing, "bad")]
        gone, self._gone = self._gone, False
        return [(REPLACED, "warn")] if gone else []
