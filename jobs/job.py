"""One job, as read from the ledger, and the claim of the process that does it."""

import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
ENDED = ("done", "failed", "cancelled")
"""States that only a person changes again."""


def utc(seconds: float | None = None) -> str:
    """Now, or ``seconds`` after 1970, as ISO-8601 UTC."""
    when = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Job:
    """A spec with a state. Times are ISO-8601 UTC or None; ``error`` is ``{"message", "code"}`` or None.

    ``attempt`` counts what is held against ``max_attempts``; ``tries`` counts every start there was.
    """

    id: str
    recipe: str
    lane: str
    state: str
    attempt: int
    tries: int
    max_attempts: int
    spec: dict
    group: str
    client: str
    submitted: str
    started: str | None
    ended: str | None
    heartbeat: str | None
    cancelled: bool
    published: bool
    error: dict | None
    result: dict | None
    host: str | None
    pid: int | None
    lease: float | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Job":
        values: dict[str, Any] = dict(zip(row.keys(), tuple(row), strict=True))
        for name in ("spec", "error", "result"):
            values[name] = json.loads(values[name]) if values[name] else None
        return cls(**{**values, "cancelled": bool(row["cancelled"]), "published": bool(row["published"])})


@dataclass
class Claim:
    """The right to do a job: the lock on its run and the token that its result must carry."""

    job: Job
    token: str
    lock: int

    @property
    def id(self) -> str:
        return self.job.id

    def close(self) -> None:
        """Let go of the lock; the state is the ledger's."""
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1

    def __enter__(self) -> "Claim":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
