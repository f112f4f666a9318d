"""What asking costs: from the request to the recipe's first line, and from cancel to stopped.

Beside it, plain Huey as its manual sets it up: ``SqliteHuey`` with the consumer's default polling, which
backs off to 10 s, running the task in a thread (no process of its own, nothing that survives a crash).
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from jobs import queue
from jobs.job import Job
from jobs.ledger import Ledger
from jobs.specs import LANES, Rehearse
from store import paths, stream

IDLE = float(os.environ.get("WOODSHED_BENCH_IDLE") or 60.0)
"""Seconds without a request before the first one is measured."""

PLAIN = """
import json, sys, time
from pathlib import Path
from huey import SqliteHuey

database, idle, mode = sys.argv[1], float(sys.argv[2]), sys.argv[3]
started = Path(database + ".started")
huey = SqliteHuey("plain", filename=database, results=False)

@huey.task()
def start():
    started.write_text(f"{time.time()} ")

def measure(turn):
    started.unlink(missing_ok=True)
    # Pauses of many lengths: the answer depends on where in its sleep the poll is met.
    time.sleep(0.7 * turn)
    asked = time.time()
    start()
    while not (started.exists() and started.read_text().endswith(" ")):
        time.sleep(0.005)
    return float(started.read_text()) - asked

if mode == "consume":
    huey.create_consumer(workers=1, periodic=False).run()
else:
    time.sleep(idle)
    print(json.dumps([measure(turn) for turn in range(8)]))
"""


def rows() -> list[dict]:
    """The figures of the queue; takes about four minutes."""
    with home():
        # As in a studio that has asked before: the first request of a process also imports Huey.
        _ended(queue.submit(Rehearse(steps=1)))
        ours = latencies()
        cpu = idle_cpu()
        stopped = cancels()
        stop_worker()
    theirs = plain_latencies()
    return [
        _row("enqueue -> start, p50", ours, theirs, 0.50),
        _row("enqueue -> start, p95", ours, theirs, 0.95),
        _figure(
            "cancel -> stopped, p95",
            _at(stopped, 0.95) * 1000,
            "ms",
            "goal <= 1000, checkpoint kept; Huey's revoke does not stop a task that runs",
        ),
        _figure("idle worker with spare and engine", cpu * 100, "% CPU", "goal <= 1"),
    ]


def latencies() -> list[float]:
    """Seconds from submit to the recipe's first row: after an idle time, then with pauses, on all lanes."""
    time.sleep(IDLE)
    taken = []
    for turn in range(30):
        asked = time.time()
        job = queue.submit(Rehearse(steps=1, pause=0), lane=LANES[turn % 3])
        _ended(job)
        taken.append(_first(job, "checkpoint") - asked)
        time.sleep(1.0)
    return taken


def cancels() -> list[float]:
    """Seconds from cancel to the state that says so."""
    taken = []
    for turn in range(12):
        job = queue.submit(Rehearse(steps=100_000), lane=LANES[turn % 3])
        while not any(row["kind"] == "row" for row in stream.follow(paths.events(job.id))[0]):
            time.sleep(0.01)
        asked = time.monotonic()
        queue.cancel(job.id)
        _ended(job)
        taken.append(time.monotonic() - asked)
    return taken


def idle_cpu(seconds: float = 10.0) -> float:
    """Share of one core that the worker and its waiting processes use."""
    time.sleep(2.0)
    worker = psutil.Process(queue.worker_status()["pid"])
    everyone = [worker, *worker.children(recursive=True)]
    before = sum(sum(process.cpu_times()[:2]) for process in everyone)
    time.sleep(seconds)
    return (sum(sum(process.cpu_times()[:2]) for process in everyone) - before) / seconds


def plain_latencies() -> list[float]:
    """The same for plain Huey: after an idle time, then with pauses."""
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "plain.py"
        module.write_text(PLAIN)
        command = [sys.executable, str(module), str(Path(folder) / "plain.db"), str(IDLE)]
        consumer = subprocess.Popen([*command, "consume"], stderr=subprocess.DEVNULL)
        try:
            told = subprocess.run([*command, "measure"], capture_output=True, text=True, check=True)
            return json.loads(told.stdout)
        finally:
            consumer.kill()
            consumer.wait()


@contextmanager
def home() -> Iterator[Path]:
    """A home of its own for the figures."""
    kept = os.environ.get("WOODSHED_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WOODSHED_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            stop_worker()
            if kept is None:
                del os.environ["WOODSHED_HOME"]
            else:
                os.environ["WOODSHED_HOME"] = kept


def stop_worker() -> None:
    while pid := queue.worker_status()["pid"]:
        os.kill(pid, signal.SIGTERM)
        time.sleep(0.1)


def _ended(job: Job) -> None:
    ledger = Ledger()
    while ledger.find(job.id).state in ("queued", "running"):
        time.sleep(0.005)


def _first(job: Job, kind: str) -> float:
    return next(row["t"] for row in stream.follow(paths.events(job.id))[0] if row["kind"] == kind)


def _at(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def _row(name: str, ours: list[float], theirs: list[float], share: float) -> dict:
    note = f"goal p95 <= 50, after {IDLE:g} s idle, then every second; peer: Huey's default consumer"
    return _figure(name, _at(ours, share) * 1000, "ms", note, _at(theirs, share) * 1000)


def _figure(name: str, ours: float, unit: str, note: str, peer: float | None = None) -> dict:
    return {
        "name": name,
        "figure": name,
        "ours": f"{ours:.3g} {unit}",
        "peer": "" if peer is None else f"{peer:.3g} {unit}",
        "unit": unit,
        "ratio": "" if peer is None else f"{peer / ours:.0f}x",
        "note": note,
    }
