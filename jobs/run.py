"""One job in a process of its own: started in advance, told an id, gone when the job has ended."""

import contextlib
import errno
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Error as SqliteError

from jobs import commit
from jobs.desk import Desk, Stopped
from jobs.job import Claim
from jobs.leash import Line
from jobs.ledger import Ledger
from jobs.pulse import Pulse
from jobs.specs import unpack
from store import paths
from store.errors import Busy, Refusal, Usage

ASK = 0.05
"""Seconds between two looks at whether the ledger wants the job stopped."""

TERMINATED = 143


class Stop:
    """Whether to stop: SIGTERM says so, or the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked = False
        self._looked = 0.0
        self._at_once = False
        self._id = ""
        signal.signal(signal.SIGTERM, self._on_signal)
        # Ctrl-C at the terminal is for the front; the worker says when to stop.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def arm(self, id: str) -> None:
        """From now on it is about this job."""
        self._id, self._asked, self._looked = id, False, 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if not self._asked and now - self._looked >= ASK:
            self._looked = now
            # A ledger that can't be read just now asks for nothing; a training must not end by it.
            with contextlib.suppress(Refusal, SqliteError):
                self._asked = self._asked or self._ledger.stopping(self._id)
        return self._asked

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Inside, SIGTERM raises Stopped where it strikes: for imports, which have no steps to finish."""
        self._at_once = True
        try:
            if self._asked:
                raise Stopped
            yield
        finally:
            self._at_once = False

    def _on_signal(self, *_: object) -> None:
        self._asked = True
        if self._at_once:
            self._at_once = False
            raise Stopped


def perform(ledger: Ledger, id: str, stop: Stop, alone: bool = True) -> str:
    """Claim the job, do it, record how it ended. Returns its new state, "" when it was not to be had.

    ``alone``: the process ends after this job, so it may be interrupted in the middle of an import.
    """
    stop.arm(id)
    claim = ledger.claim(id)
    if claim is None:
        return ""
    with claim, _voice(id), Pulse(ledger, claim) as pulse:
        state = _attempt(ledger, claim, pulse, stop, alone)
        with contextlib.suppress(Refusal, OSError):
            Desk.tell(paths.state() / "runs" / id, "state", state=state)
    return state


def _attempt(ledger: Ledger, claim: Claim, pulse: Pulse, stop: Stop, alone: bool) -> str:
    """The one place where whatever a recipe raises becomes a record."""
    try:
        result = _work(claim, stop, alone)
    except Stopped:
        return _stopped(ledger, claim, pulse)
    except Refusal as error:
        return _failed(ledger, claim, pulse, str(error), error.code)
    except ImportError as error:
        if stop():
            return _stopped(ledger, claim, pulse)
        traceback.print_exc()
        return _failed(ledger, claim, pulse, f"woodshed is not whole: {error}")
    except Exception as error:
        if stop():
            return _stopped(ledger, claim, pulse)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            line = f"the disk is full: free some space, then `woodshed jobs resume {claim.id}`"
            return _failed(ledger, claim, pulse, line, Busy.code)
        traceback.print_exc()
        crashed = {"message": _line(error), "code": 1}
        return pulse.end(lambda: ledger.crash(claim, crashed))
    if not pulse.end(lambda: ledger.finish(claim, "done", result)):
        return ""
    try:
        job = ledger.get(claim.id)
        if job and not job.published:
            commit.publish(ledger, job)
    except (Refusal, OSError, ValueError):
        # The result is safe in the ledger; the worker's sweep publishes it when it can.
        traceback.print_exc()
    return "done"


def _work(claim: Claim, stop: Stop, alone: bool) -> dict:
    job = claim.job
    desk = Desk(job.id, paths.state() / "runs" / job.id, attempt=job.tries, stop=stop)
    desk.say("state", state="running", attempt=job.attempt)
    spec = unpack(job.spec)
    name = f"jobs.recipes.{spec.recipe}"
    try:
        with stop.at_once() if alone else contextlib.nullcontext():
            recipe = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            raise Usage(f"unknown recipe {spec.recipe!r}") from error
        raise
    if alone and job.lane == "long":
        # A training takes what a slider leaves.
        os.nice(10)
    result = recipe.run(spec, desk)
    commit.secure(job.id, result)
    return result


def _stopped(ledger: Ledger, claim: Claim, pulse: Pulse) -> str:
    def release() -> str:
        state = "cancelled" if ledger.stopping(claim.id) else "interrupted"
        ledger.release(claim, state)
        return state

    return pulse.end(release)


def _failed(ledger: Ledger, claim: Claim, pulse: Pulse, message: str, code: int = 1) -> str:
    pulse.end(lambda: ledger.finish(claim, "failed", error={"message": message, "code": code}))
    return "failed"


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextlib.contextmanager
def _voice(id: str) -> Iterator[None]:
    """What the job prints goes to a log of its own, which stays when it is not empty."""
    log = paths.log(id)
    kept = os.dup(2)
    with contextlib.suppress(OSError):
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        os.close(handle)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept, 1)
        os.dup2(kept, 2)
        os.close(kept)
        _drop_if_empty(log)


def _drop_if_empty(log: Path) -> None:
    with contextlib.suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare() -> None:
    """Threads and caches, before a recipe imports anything that reads them once."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, str(cores()))
    # How long a thread spins before it sleeps, in seconds per training step, two trainings at once on
    # two cores / one alone: OpenMP's default 0.87 / 0.18, 100000 2.4 / 0.17, 1000 0.37 / 0.19, asleep at
    # once 0.33 / 0.24.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(paths.cache() / "numba"))
    # Without it cuBLAS may sum in another order at the next attempt.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def main(line: Line) -> None:
    """Wait for an id, do that job, end."""
    prepare()
    ledger = Ledger()
    stop = Stop(ledger)
    ledger.stamp()
    line.tell("ready")
    id = line.hear()
    state = perform(ledger, id, stop)
    line.tell(f"{id} {state}")
    # Everything is committed; unloading torch would only take time.
    os._exit(TERMINATED if state in ("cancelled", "interrupted") else 0)
