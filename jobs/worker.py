"""The worker: takes ids from the lanes and has jobs done, until it is told to stop or nobody asks."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from sqlite3 import Error as SqliteError

from huey.consumer import Consumer

from jobs import commit, locks
from jobs.bell import Bell
from jobs.dispatch import Lane
from jobs.job import utc
from jobs.ledger import Ledger
from jobs.prune import Pruner
from jobs.queue import (
    WARM,
    bell_path,
    ensure_worker,
    health_path,
    idle_seconds,
    location,
    lock_path,
    program,
    ring,
)
from jobs.specs import LANES, nearest
from jobs.supervise import REFILL, Crew
from store import paths
from store.errors import Busy, Refusal
from store.files import atomic

TICK = 1.0
"""Seconds between two sweeps."""

PRUNE = 600.0
"""Seconds between two looks for old runs."""

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

LOG_BYTES = 1_000_000

PROGRAM = program()
"""What this worker was started from, whatever lies there later."""

log = logging.getLogger("woodshed.worker")


class LaneConsumer(Consumer):
    """Huey's consumer without its signal handlers: one process has three of them."""

    def _set_signal_handlers(self) -> None:
        pass


class Worker:
    """One per home: holds the worker's lock for as long as it lives."""

    def __init__(self, idle: float) -> None:
        lock = locks.grab(lock_path(), wait=0.2)
        if lock is None:
            raise Busy("another worker of this home is alive; `woodshed doctor` shows it")
        # What the last worker signed must not be taken for ours: somebody may send a signal there.
        os.ftruncate(lock, 0)
        self._lock = lock
        self._idle = idle
        self._ledger = Ledger()
        self._crew = Crew(self._ledger, self._send, ring)
        path = location()
        self._lanes = {lane: Lane(lane, path, self._work(lane)) for lane in LANES}
        self._consumers = [
            LaneConsumer(
                lane, workers=1, periodic=False, scheduler_interval=60, initial_delay=0.1, max_delay=1.0
            )
            for lane in self._lanes.values()
        ]
        self._bell = Bell(bell_path())
        self._pruner = Pruner(self._ledger)
        self._prune_at = 0.0
        self._ended = False
        self.interrupted = False
        self._active = self._swept = 0.0
        self._told: dict[str, str] = {}
        self._last_error: dict[str, str] | None = None
        self._health: dict = {}

    def _work(self, lane: str) -> Callable[[str], None]:
        do = self._crew.play if lane == "live" else self._crew.attend
        return lambda id: do(self._due(lane, id))

    def _due(self, lane: str, id: str) -> str:
        """Which job a message stands for: the first of those that wait, in the ledger's order.

        A message only says that there is one job more to do in its lane: so an order that a person changed
        holds, and no message has to be sent anew. What could not be had just now lets the next one pass.
        """
        if id == WARM:
            return id
        waiting = [one for one in self._ledger.queued(lane) if one not in self._crew.busy]
        return next((one for one in waiting if not self._crew.refused(one)), id)

    def run(self) -> bool:
        """Work until told to stop or idle for long. True when it ended because it was idle."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._sign()
        self._look()
        for consumer in self._consumers:
            consumer.start()
        self._active = self._swept = time.monotonic()
        while not self._ended:
            try:
                if self._turn():
                    return True
            except (Refusal, OSError, SqliteError) as error:
                # A full disk, a locked file, no room for a process: that passes, and the worker is there.
                self._say_once("turn", str(error))
                time.sleep(REFILL)
        return False

    def _turn(self) -> bool:
        """Wait for the bell or the next tick and do what is due. True when nobody has asked for long."""
        if self._bell.wait(REFILL if self._crew.lacking else TICK):
            self._wake()
            self._active = time.monotonic()
        elif self._crew.lacking:
            self._crew.tend()
        now = time.monotonic()
        if now - self._swept >= TICK:
            self._swept = now
            self._tick()
            self._active = now if self._crew.busy else self._active
        return now - self._active > self._idle and not self._open_jobs()

    def close(self) -> None:
        """Stop the jobs with their checkpoints kept, end every process, let go of the lock."""
        self._crew.stop()
        for consumer in self._consumers:
            consumer.stop()
        self._wake()
        for consumer in self._consumers:
            for _, thread in consumer.worker_threads:
                if thread.ident is not None:
                    thread.join()
        self._crew.close()
        self._bell.close()
        os.close(self._lock)

    def _tick(self) -> None:
        os.utime(self._lock)
        self._look()
        self._tell_health()
        if time.monotonic() >= self._prune_at:
            self._prune_at = time.monotonic() + PRUNE
            # Many old runs take seconds, in which nobody's bell must go unheard.
            threading.Thread(target=self._pruner.prune, name="prune", daemon=True).start()
        for consumer in self._consumers:
            consumer.check_worker_health()

    def _look(self) -> None:
        try:
            self._sweep()
            self._crew.tend()
        except (Refusal, OSError, SqliteError) as error:
            self._say_once("sweep", str(error))

    def _sweep(self) -> None:
        for id in self._ledger.sweep():
            log.info("job %s goes on", id)
        for lane in LANES:
            waiting = [id for id in self._ledger.queued(lane) if id not in self._crew.busy]
            missing = set(waiting) - self._lanes[lane].waiting() if waiting else set()
            for id in sorted(missing, key=waiting.index):
                self._send(id)
        for job in self._ledger.strays():
            self._ledger.refuse(job.id, f"unknown lane {job.lane!r}{nearest(job.lane, LANES)}")
        for job in self._ledger.unpublished():
            self._publish(job.id)

    def _publish(self, id: str) -> None:
        handle = locks.grab(paths.run(id) / "lock")
        if handle is None:
            return
        try:
            job = self._ledger.get(id)
            if job and not job.published:
                commit.publish(self._ledger, job)
        except (Busy, OSError) as error:
            # A full disk, too many open files: what the machine lacks now it may have at the next sweep.
            self._say_once(id, f"job {id} can't be published yet: {error}")
        except (Refusal, ValueError) as error:
            log.error("job %s can't be published: %s", id, error)
            self._ledger.published(id, {"message": f"not all of it is in the library: {error}", "code": 1})
        finally:
            os.close(handle)

    def _send(self, id: str) -> None:
        job = self._ledger.get(id)
        if job and job.lane in self._lanes:
            self._lanes[job.lane].send(id)
            self._lanes[job.lane].storage.wake()

    def _wake(self) -> None:
        for lane in self._lanes.values():
            lane.storage.wake()

    def _open_jobs(self) -> bool:
        counts = self._ledger.counts()
        return bool(counts.get("queued") or counts.get("running"))

    def _sign(self) -> None:
        os.ftruncate(self._lock, 0)
        told = {"pid": os.getpid(), "since": utc(), "program": PROGRAM}
        os.pwrite(self._lock, json.dumps(told).encode(), 0)

    def _tell_health(self) -> None:
        """For whoever asks how the worker is; written when it changes."""
        told = {"pid": os.getpid(), "engine": self._crew.engine, "last_error": self._last_error}
        if told != self._health:
            atomic(health_path(), json.dumps(told))
            self._health = told

    def _say_once(self, about: str, text: str) -> None:
        if self._told.get(about) != text:
            self._told[about] = text
            self._last_error = {"message": text, "time": utc()}
            log.warning("%s", text)

    def _on_signal(self, number: int, _: object) -> None:
        self.interrupted = number == signal.SIGINT
        self._ended = True


def main(arguments: list[str] | None = None) -> int:
    """``--idle SECONDS`` or ``WOODSHED_WORKER_IDLE``; the exit code of the command line."""
    parser = argparse.ArgumentParser(prog="woodshed worker", description=__doc__)
    parser.add_argument("--idle", type=float, help="end after this many idle seconds")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    _shorten(paths.log("worker"))
    try:
        worker = Worker(idle_seconds() if chosen.idle is None else chosen.idle)
    except Refusal as error:
        print(error, file=sys.stderr)
        return error.code
    try:
        idle_end = worker.run()
    finally:
        worker.close()
    # A job that came between the last look and letting go of the lock saw a living worker.
    if idle_end and any(Ledger().queued(lane) for lane in LANES):
        ensure_worker()
    return INTERRUPTED if worker.interrupted else 0


def _shorten(path) -> None:
    if path.exists() and path.stat().st_size > LOG_BYTES:
        os.truncate(path, 0)


if __name__ == "__main__":
    sys.exit(main())
