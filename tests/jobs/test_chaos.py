"""kill -9 of worker, runner and engine at random: nothing lost, nothing twice, nobody left behind."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from jobs import locks, queue
from jobs.job import Job
from jobs.ledger import Ledger
from jobs.specs import LANES, Rehearse
from tests.conftest import living
from tests.jobs.watching import rows, until

EVERY = 5
STEPS = 20
ROLES = ("worker", "run", "engine")
PER_KILL = 1.2
"""Jobs submitted for each kill, so that there is always something to break."""


def role(process: psutil.Process) -> str:
    """What a process is; "" for one that is still a copy of the worker on its way to be something else."""
    with contextlib.suppress(psutil.Error):
        for name in ROLES:
            if f"jobs.{name}" in process.cmdline():
                parent = process.parent()
                copy = name == "worker" and parent is not None and f"jobs.{name}" in parent.cmdline()
                return "" if copy else name
    return ""


def kill_somebody(home: Path, dice: random.Random) -> str:
    """Kill one process of a role drawn at random; the role, "" when nobody had it."""
    wanted = dice.choice(ROLES)
    victims = [process for process in living(home) if role(process) == wanted]
    if not victims:
        return ""
    victim = dice.choice(victims)
    with contextlib.suppress(psutil.Error):
        victim.send_signal(signal.SIGKILL)
    if wanted == "worker":
        # The signal is delivered when the lock is free; then its children have a second.
        end = time.monotonic() + 5.0
        while locks.held(queue.lock_path()):
            assert time.monotonic() < end, (victim, [(one, one.ppid(), role(one)) for one in living(home)])
            time.sleep(0.01)
        no_ghosts(home)
    return wanted


def no_ghosts(home: Path) -> None:
    """Whatever the dead worker had started is gone within a second."""
    end = time.monotonic() + 1.0
    while ghosts := living(home):
        assert time.monotonic() < end, [(ghost, ghost.status(), role(ghost)) for ghost in ghosts]
        time.sleep(0.01)


def redone(job: Job) -> int:
    """Steps done again after the worst of its crashes."""
    worst = reached = 0
    for row in rows(job):
        if row["kind"] == "row":
            worst = max(worst, reached - row["step"] + 1)
            reached = row["step"] if row["step"] > reached else reached
    return worst


def interleaved(job: Job) -> bool:
    """Whether two processes worked on it at once: one came back after another had begun."""
    order = [(row["pid"], row["attempt"]) for row in rows(job, "row")]
    turns = [one for place, one in enumerate(order) if place == 0 or order[place - 1] != one]
    return len(turns) != len(set(turns))


def chaos(home: Path, kills: int, seed: int) -> dict:
    """Submit jobs to all lanes while killing; then let the last worker finish."""
    dice = random.Random(seed)
    ledger = Ledger()
    jobs: list[Job] = []
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        while len(jobs) < 6 or len(jobs) < PER_KILL * killed.total():
            spec = Rehearse(steps=STEPS, pause=0.01, every=EVERY)
            job = ledger.submit(spec, lane=dice.choice(LANES), max_attempts=10_000)
            jobs.append(job)
            # Now and then the front dies between the ledger and the queue.
            if dice.random() < 0.9:
                queue.enqueue(job)
        queue.ensure_worker()
        time.sleep(dice.uniform(0.02, 0.6))
        hit = kill_somebody(home, dice)
        if hit:
            killed[hit] += 1
    queue.ensure_worker()
    # One lane at worst gets them all, and each takes 0.3 s.
    until(lambda: all(ledger.find(job.id).state == "done" for job in jobs), 60 + len(jobs))
    until(lambda: all(any(r["state"] == "done" for r in rows(job, "state")) for job in jobs[-1:]), 5)
    return {
        "jobs": len(jobs),
        "kills": dict(killed),
        "lost": sum(ledger.find(job.id).state != "done" for job in jobs),
        "twice": sum(sum(row["state"] == "done" for row in rows(job, "state")) > 1 for job in jobs),
        "interleaved": sum(interleaved(job) for job in jobs),
        "redone": max(redone(job) for job in jobs),
        "retried": sum(ledger.find(job.id).tries > 1 for job in jobs),
        "wrong": sum(ledger.find(job.id).result["summary"]["steps"] != STEPS for job in jobs),
    }


def check(home: Path, told: dict) -> None:
    print(told)
    assert (told["lost"], told["twice"], told["interleaved"], told["wrong"]) == (0, 0, 0, 0)
    assert told["redone"] <= EVERY
    assert told["retried"] > 0
    os.kill(queue.worker_status()["pid"], signal.SIGKILL)
    no_ghosts(home)


def test_ten_kills(home: Path) -> None:
    check(home, chaos(home, kills=10, seed=1))


@pytest.mark.slow
def test_many_kills(home: Path, request: pytest.FixtureRequest) -> None:
    """100 by default; ``--kills 1000`` for the long one."""
    check(home, chaos(home, kills=request.config.getoption("--kills"), seed=2))
