"""Who does a job: claims, leases and what becomes of a job whose process is gone."""

import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Any

from jobs import locks
from jobs.job import ENDED, Claim, Job, utc
from jobs.records import FIELDS, PREVIEW, SHOWN, Records
from jobs.specs import LANES
from store import paths

LEASE = 30.0
"""Seconds after which a job of another host that no longer answers is given to someone else."""

GONE = "the folder of its run is gone; submit it again"
ENDINGS = ", ".join("?" * len(ENDED))
HOST = socket.gethostname()


def lock_of(id: str) -> Path:
    """The lock of a run; asking never makes the folder of a run that has vanished."""
    return paths.state() / "runs" / id / "lock"


class Claims:
    """The worker's side of the ledger."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def get(self, id: str) -> Job | None:
        rows = self._records.ask(f"select {FIELDS} from job where id=?", (id,))
        return Job.of(rows[0]) if rows else None

    def claim(self, id: str) -> Claim | None:
        """Take a queued job for this process, or None when it is not to be had.

        A job whose run folder has vanished fails here, with one line.
        """
        try:
            handle = locks.grab(lock_of(id), wait=0.1)
        except FileNotFoundError:
            self._fail(id, GONE)
            return None
        if handle is None:
            return None
        token = secrets.token_hex(8)
        try:
            if self._take(id, token) and (job := self.get(id)):
                return Claim(job, token, handle)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        return None

    def _take(self, id: str, token: str) -> bool:
        now = utc()
        with self._records.change() as db:
            took = db.execute(
                "update job set state='running', attempt=attempt+1, tries=tries+1, token=?, host=?, pid=?,"
                " lease=?, heartbeat=?, started=coalesce(started, ?), ended=null"
                " where id=? and state='queued'",
                (token, HOST, os.getpid(), time.time() + LEASE, now, now, id),
            )
            return took.rowcount == 1

    def renew(self, claim: Claim) -> bool:
        """Say that the claim is alive; False when it is no longer this process that has the job."""
        with self._records.change() as db:
            kept = db.execute(
                "update job set lease=?, heartbeat=? where id=? and token=? and state='running'",
                (time.time() + LEASE, utc(), claim.id, claim.token),
            ).rowcount
        return kept == 1

    def finish(
        self,
        claim: Claim,
        state: str,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> bool:
        """End the job as ``done`` or ``failed``: at most once, whoever else may try."""
        made = bool(result and (result.get("records") or result.get("files")))
        with self._records.change() as db:
            ended = db.execute(
                "update job set state=?, result=?, error=?, published=?, ended=?, token=null"
                " where id=? and token=? and state='running'",
                (
                    state,
                    json.dumps(result, allow_nan=False) if result is not None else None,
                    json.dumps(error) if error else None,
                    int(state == "done" and not made),
                    utc(),
                    claim.id,
                    claim.token,
                ),
            ).rowcount
        return ended == 1

    def release(self, claim: Claim, state: str) -> bool:
        """Give the job back: ``cancelled``, or ``interrupted``/``queued``, which cost no attempt."""
        with self._records.change() as db:
            given = db.execute(
                "update job set state=?, attempt=attempt-(?<>'cancelled'), token=null, ended=?"
                " where id=? and token=? and state='running'",
                (state, state, utc() if state == "cancelled" else None, claim.id, claim.token),
            ).rowcount
        return given == 1

    def crash(self, claim: Claim, error: Mapping[str, Any]) -> str:
        """The attempt broke: back to the queue, or ``failed`` after the last one. Returns the new state."""
        with self._records.change() as db:
            self._give_up(db, claim.id, dict(error), "token=?", (claim.token,))
        job = self.get(claim.id)
        return job.state if job else "failed"

    def settle(self, id: str, why: str) -> bool:
        """A running job whose process is gone goes on: requeued, cancelled or failed. True when it did."""
        try:
            handle = locks.grab(lock_of(id))
        except FileNotFoundError:
            return self._fail(id, GONE, state="running")
        if handle is None:
            return False
        try:
            with self._records.change() as db:
                return self._give_up(db, id, {"message": why, "code": 1}, "host=?", (HOST,))
        finally:
            os.close(handle)

    def refuse(self, id: str, why: str, code: int = 4) -> bool:
        """Fail a job that waits and can't ever be started."""
        return self._fail(id, why, code=code)

    def sweep(self, now: float | None = None) -> list[str]:
        """For a worker that will go on with them: requeue what died or was interrupted; its ids.

        A running job is dead when its lock is free (this host) or its lease is over (another host).
        """
        now = time.time() if now is None else now
        open_jobs = "select id, host, lease, state from job where state in ('running', 'interrupted')"
        return [row["id"] for row in self._records.ask(open_jobs) if self._moved(row, now)]

    def _moved(self, row: Row, now: float) -> bool:
        id, silent = row["id"], (row["lease"] or 0.0) < now
        if row["state"] == "interrupted":
            return self._requeue(id)
        if row["host"] == HOST:
            lock = lock_of(id)
            # Without a lock file nobody can tell whether its process lives: wait for its lease.
            dead = not locks.held(lock) if lock.exists() else silent
            return dead and self.settle(id, "its process ended")
        if not silent:
            return False
        with self._records.change() as db:
            error = {"message": "its host fell silent", "code": 1}
            return self._give_up(db, id, error, "lease=?", (row["lease"],))

    def strays(self) -> list[Job]:
        """Queued for a lane that does not exist (here): nobody would ever take them."""
        marks = ", ".join("?" * len(LANES))
        sql = f"select {FIELDS} from job where state='queued' and lane not in ({marks})"
        return [Job.of(row) for row in self._records.ask(sql, LANES)]

    def unpublished(self) -> list[Job]:
        """Done, but with files or records that are not in their place yet."""
        rows = self._records.ask(f"select {FIELDS} from job where state='done' and published=0")
        return [Job.of(row) for row in rows]

    def published(self, id: str, error: Mapping[str, Any] | None = None) -> None:
        """Everything the job made is in its place, or ``error`` says what can't be."""
        with self._records.change() as db:
            db.execute(
                "update job set published=1, error=? where id=? and state='done'",
                (json.dumps(error) if error else None, id),
            )

    def old_previews(self, before: str, keep: int) -> list[str]:
        """Ids of previews that ended before then, the newest ``keep`` left out."""
        newest = f"select seq from job where {PREVIEW} order by seq desc limit ?"
        rows = self._records.ask(
            f"select id from job where {PREVIEW} and ended<? and {SHOWN} in ({ENDINGS})"
            f" and seq not in ({newest})",
            (before, *ENDED, keep),
        )
        return [row["id"] for row in rows]

    def kept_in_library(self, since: str) -> list[str]:
        """Ids of jobs, no previews, that ended since then and are published without complaint."""
        rows = self._records.ask(
            "select id from job where state='done' and published and error is null and ended>=?"
            f" and not ({PREVIEW})",
            (since,),
        )
        return [row["id"] for row in rows]

    def forget(self, id: str) -> None:
        """Drop the row of a job that has ended."""
        with self._records.change() as db:
            db.execute(f"delete from job where id=? and {SHOWN} in ({ENDINGS})", (id, *ENDED))

    def _give_up(self, db: Connection, id: str, error: dict, which: str, values: tuple) -> bool:
        return (
            db.execute(
                "update job set state=case when cancelled then 'cancelled'"
                " when attempt>=max_attempts then 'failed' else 'queued' end,"
                " ended=case when cancelled or attempt>=max_attempts then ? end,"
                " error=case when cancelled then null else ? end, token=null"
                f" where id=? and state='running' and {which}",
                (utc(), json.dumps(error), id, *values),
            ).rowcount
            == 1
        )

    def _requeue(self, id: str) -> bool:
        with self._records.change() as db:
            back = db.execute("update job set state='queued' where id=? and state='interrupted'", (id,))
            return back.rowcount == 1

    def _fail(self, id: str, why: str, state: str = "queued", code: int = 4) -> bool:
        error = json.dumps({"message": why, "code": code})
        with self._records.change() as db:
            return (
                db.execute(
                    "update job set state='failed', error=?, ended=?, token=null where id=? and state=?",
                    (error, utc(), id, state),
                ).rowcount
                == 1
            )
