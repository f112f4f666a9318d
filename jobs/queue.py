"""Hand a request to a worker: commit it to the ledger, send its id, see that a worker lives.

Light: Huey is imported when the first job is sent.
"""

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jobs import bell, locks
from jobs.job import Job
from jobs.ledger import Ledger
from jobs.specs import LANES, Spec
from store import paths
from store.errors import NoWorker, Usage

if TYPE_CHECKING:
    from jobs.dispatch import Lane

WARM = "warm"
"""Sent on the live lane instead of an id: get the engine ready to play."""

IDLE = 30 * 60.0
"""Seconds without a job and without a ring after which the worker ends."""

STILLBORN = 3
"""Workers of ours that may end before they have signed their lock; then there is no use in another."""

RETIRE = 2.0
"""Seconds for which a worker of another version is given time to end."""

ENDED = (0, -signal.SIGKILL, -signal.SIGTERM)
"""Return codes of workers that ended well or that somebody ended."""

_started: dict[Path, subprocess.Popen] = {}
_stillborn: dict[Path, int] = {}


def location() -> Path:
    """The queue's file: ``WOODSHED_QUEUE`` or its place in the state folder. Raises Usage for other URLs."""
    url = os.environ.get("WOODSHED_QUEUE", "")
    if not url:
        return paths.queue()
    path = url.removeprefix("sqlite://") if url.startswith("sqlite:///") else url
    if "://" in path:
        raise Usage(f"WOODSHED_QUEUE: {url[:60]!r} is not a path of a SQLite file; unset it for the default")
    return Path(path).expanduser().absolute()


def idle_seconds() -> float:
    """``WOODSHED_WORKER_IDLE`` or its default. Raises Usage."""
    text = os.environ.get("WOODSHED_WORKER_IDLE", "").strip()
    try:
        seconds = float(text or IDLE)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise Usage(f"WOODSHED_WORKER_IDLE: {text[:60]!r} is not a number of seconds; default {IDLE:g}")
    return seconds


def submit(
    spec: Spec, group: str = "", client: str = "", lane: str | None = None, max_attempts: int = 3
) -> Job:
    """A new job, on its way. Raises Busy (disk full), NoWorker (it stays queued)."""
    location()
    idle_seconds()
    job = _ledger().submit(spec, group=group, client=client, lane=lane, max_attempts=max_attempts)
    _retire_old()
    enqueue(job)
    ensure_worker()
    return job


def enqueue(job: Job) -> None:
    """Send the id of a job that the ledger has."""
    _send(job.lane, job.id)


def cancel(key: str) -> Job:
    """Ask a job to stop; its checkpoint is kept."""
    job = _ledger().cancel(key)
    ring()
    return job


def resume(key: str) -> Job:
    """Go on with a job that was cancelled, interrupted or failed."""
    job = _ledger().resume(key)
    if job.state == "queued":
        _retire_old()
        enqueue(job)
        ensure_worker()
    return job


def retry(key: str) -> Job:
    """A new job that asks for what a failed or cancelled one asked for; nothing of its run is used."""
    ledger = _ledger()
    before = ledger.find(key)
    return submit(
        ledger.retry(before.id), client=before.client, lane=before.lane, max_attempts=before.max_attempts
    )


def move(key: str, where: str) -> Job:
    """Another place among the jobs that wait: ``first``, ``up``, ``down`` or ``last``."""
    return _ledger().move(key, where)


def warm() -> None:
    """Have the engine load what playing needs, before the first slider moves."""
    _retire_old()
    ensure_worker()
    _send("live", WARM)


def _send(lane: str, word: str) -> None:
    # The ledger has the job already: a message that can't be sent now is sent by the worker's sweep.
    with suppress(sqlite3.Error):
        _lane(lane, location()).send(word)
    ring()


def ring() -> None:
    """Wake the worker, where there is one."""
    bell.ring(bell_path())


def ensure_worker() -> None:
    """Start a worker of its own session when none is alive; returns at once.

    Raises NoWorker when none can be started, or when those that were ended as soon as they began.
    """
    # In this order: one that locks and signs between the two looks would seem to be on its way out.
    if _starting() or locks.held(lock_path()):
        return
    _give_up_on_the_stillborn()
    try:
        log = os.open(paths.log("worker"), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            # -P: a folder named jobs where the person happens to stand must not be taken for ours.
            worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "jobs.worker"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=paths.state(),
            )
        finally:
            os.close(log)
    except OSError as error:
        raise NoWorker(f"no worker could be started: {error}; run `woodshed worker` by hand") from error
    _started[lock_path()] = worker


def program() -> str:
    """A sum over the program's files as they lie on the disk now: another one after an upgrade."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    facts = [(file.name, (found := file.stat()).st_mtime_ns, found.st_size) for file in files]
    return f"{zlib.crc32(repr(facts).encode()):08x}"


def _retire_old() -> None:
    """Ask an idle worker of another version to end: it would not know what to do with our jobs."""
    # In this order: what is signed is then the holder's, not what the one before it left.
    told = _signed() if locks.held(lock_path()) else {}
    if "pid" not in told or told.get("program") == program():
        return
    if _ledger().counts().get("running"):
        return
    with suppress(ProcessLookupError, PermissionError):
        os.kill(told["pid"], signal.SIGTERM)
    end = time.monotonic() + RETIRE
    while locks.held(lock_path()) and time.monotonic() < end:
        time.sleep(0.01)


def _starting() -> bool:
    """Whether a worker that we started is on its way; one that has signed and let go is on its way out."""
    worker = _started.get(lock_path())
    return worker is not None and worker.poll() is None and _signed().get("pid") != worker.pid


def _give_up_on_the_stillborn() -> None:
    """Raises NoWorker after some in a row; whoever asks again later is let try again."""
    home = lock_path()
    worker = _started.pop(home, None)
    if worker is None:
        return
    # One that somebody killed says nothing about the program: what is started next may well live.
    failed = worker.returncode not in ENDED and _signed().get("pid") != worker.pid
    _stillborn[home] = _stillborn.get(home, 0) + 1 if failed else 0
    if _stillborn[home] >= STILLBORN:
        _stillborn[home] = 0
        raise NoWorker(f"the worker ends as soon as it is started; {paths.log('worker')} says why")


def _signed() -> dict:
    """What the last worker wrote on its lock."""
    try:
        return json.loads(lock_path().read_text())
    except (OSError, ValueError):
        return {}


def worker_status() -> dict:
    """``{"alive", "pid", "since", "queued", "running", "jobs": [ids that run], "heartbeat_seconds": since its
    last beat, "lanes": {lane: {"running": [ids], "queued"}}, "engine": warm | cold | None, "last_error"}``.

    ``last_error`` is ``{"message", "time"}`` or None; an engine that is warm plays at once.
    """
    alive = locks.held(lock_path())
    told = _signed() if alive else {}
    health = _health() if alive else {}
    if health.get("pid") != told.get("pid"):
        health = {}
    counts = _ledger().counts()
    running = _ledger().all(states=("running",))
    lanes = {
        lane: {
            "running": [job.id for job in running if job.lane == lane],
            "queued": len(_ledger().queued(lane)),
        }
        for lane in LANES
    }
    return {
        "alive": alive,
        "pid": told.get("pid"),
        "since": told.get("since"),
        "queued": counts.get("queued", 0),
        "running": counts.get("running", 0),
        "jobs": [job.id for job in running],
        "heartbeat_seconds": _beat() if alive else None,
        "lanes": lanes,
        "engine": health.get("engine"),
        "last_error": health.get("last_error"),
    }


def _beat() -> float | None:
    """Seconds since the worker last touched its lock, which it does at every sweep."""
    try:
        return round(max(0.0, time.time() - lock_path().stat().st_mtime), 1)
    except OSError:
        return None


def _health() -> dict:
    """What the worker last said of itself."""
    try:
        told = json.loads(health_path().read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def lock_path() -> Path:
    return paths.state() / "worker.lock"


def health_path() -> Path:
    return paths.state() / "worker.json"


def bell_path() -> Path:
    return paths.state() / "worker.bell"


def _ledger() -> Ledger:
    return _ledger_at(paths.ledger())


@lru_cache(maxsize=4)
def _ledger_at(path: Path) -> Ledger:
    return Ledger(path)


@lru_cache(maxsize=12)
def _lane(lane: str, path: Path) -> "Lane":
    from jobs.dispatch import Lane

    return Lane(lane, path)
