"""Jobs that were asked for: which there are, what they say, stopping them and letting them go on."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jobs import queue
from jobs.job import ENDED, Job
from store import paths, stream
from store.errors import NotFound
from studio.house import ledger

SUCCESSOR = 3.0
"""Seconds that an interrupted job is given for another worker to take it up."""
PIECE = 1 << 20
"""Bytes of a stream looked at in one go."""


def cancel(key: str) -> Job:
    """Ask a job to stop; where it has a checkpoint, that is kept."""
    return queue.cancel(ledger().find(key).id)


def keeps(id: str) -> bool:
    """Whether a job has written a checkpoint, from which it would go on; else it begins again."""
    folder = paths.state() / "runs" / id / "checkpoint"
    return folder.is_dir() and any(folder.iterdir())


def resume(key: str) -> Job:
    """Let a stopped or failed job go on from its checkpoint."""
    return queue.resume(ledger().find(key).id)


def retry(key: str) -> Job:
    """A new job that asks for what a failed or cancelled one asked for, from its beginning.

    Raises Usage for a job in another state.
    """
    return queue.retry(ledger().find(key).id)


def move(key: str, where: str) -> Job:
    """A queued job to another place of its lane: ``first``, ``up``, ``down``, ``last``. Raises Usage."""
    return queue.move(ledger().find(key).id, where)


def jobs(
    limit: int = 200, states: Iterable[str] = (), recipes: Iterable[str] = (), previews: bool = True
) -> list[Job]:
    """The ``limit`` newest (of some states or recipes, without previews), newest last.

    Those that wait or run are always among them.
    """
    return ledger().all(limit, tuple(states), tuple(recipes), previews, moving=True)


def job(key: str) -> Job:
    """By id or unique prefix. Raises NotFound."""
    return ledger().find(key)


def events(job_id: str, offset: int = 0, most: int = -1) -> tuple[list[dict], int]:
    """Rows of a job's stream from ``offset`` on (of ``most`` bytes), and the offset to ask from next time."""
    return stream.follow(paths.events(job_id), offset, most)


def pieces(job_id: str, offset: int = 0) -> Iterator[tuple[list[dict], int]]:
    """The same a piece at a time, until nothing more is there: a stream may be larger than memory."""
    while True:
        rows, after = events(job_id, offset, PIECE)
        if after == offset:
            return
        offset = after
        yield rows, offset


def left(job: Job, name: str = "") -> Any:
    """What a job left in its run for whoever asked (its ``name`` where there are several), too much for its
    record. Raises NotFound when it was tidied away."""
    name = name or str(((job.result or {}).get("summary") or {}).get("left", ""))
    try:
        return json.loads((paths.run(job.id) / name).read_bytes())
    except (OSError, ValueError):
        raise NotFound(f"job {job.id}: what it found was tidied away; ask again") from None


def wait(job: Job, on_event: Callable[[dict], Any], poll: float = 0.05) -> Job:
    """Give every row of the job's stream to ``on_event`` until it has ended; returns it as it ended.

    A job that is done counts as ended when its records are in the library. A worker that died
    is replaced, so waiting never hangs on an empty house.
    """
    offset, asked, alone = 0, time.monotonic(), None
    while True:
        # The state first: rows that were written before it changed are then surely seen.
        current = ledger().get(job.id) or job
        rows, offset = events(job.id, offset)
        for row in rows:
            on_event(row)
        if _over(current):
            return current
        if current.state == "interrupted" and not queue.worker_status()["alive"]:
            # A worker of another version is replaced while the job is submitted: its successor is on its way.
            alone = alone or time.monotonic()
            if time.monotonic() - alone > SUCCESSOR:
                return current
        else:
            alone = None
        if alone is None and time.monotonic() - asked > 2:
            queue.ensure_worker()
            asked = time.monotonic()
        time.sleep(poll)


def _over(job: Job) -> bool:
    if job.state == "done":
        return job.published
    return job.state in ENDED and job.state != "interrupted"
