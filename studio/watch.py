"""One look at the house: what changed, which jobs there are, and a worker where one is missing."""

import time

from jobs import locks, queue
from jobs.job import Job
from store.errors import NoWorker
from studio import actions

TABLES = ("datasets", "models", "presets", "takes")
WAITING = ("queued", "running", "interrupted")
"""States that a worker has to bring to an end."""
ENSURE_EVERY = 5.0
"""Seconds between two attempts to start a worker."""


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

    def replace_worker(self) -> str:
        """Start a worker for jobs that none looks after; what is wrong with that, said once."""
        if self.alive:
            self.missing = ""
        wanted = self.wake and not self.alive and any(job.state in WAITING for job in self.jobs)
        if not wanted or time.monotonic() - self._asked < ENSURE_EVERY:
            return ""
        self._asked = time.monotonic()
        try:
            queue.ensure_worker()
        except NoWorker as error:
            before, self.missing = self.missing, str(error)
            return "" if before else self.missing
        return ""
