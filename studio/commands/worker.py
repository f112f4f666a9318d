"""``woodshed worker``."""

import os
import sys

import click

from jobs import queue
from store import paths
from store.errors import Busy
from studio.commands.base import Front, verb, with_front


@verb(
    "woodshed worker\nwoodshed worker --idle 600",
    name="worker",
    help="Run jobs in this terminal until Ctrl-C. Not needed on one machine: the studio and the commands "
    "start a worker by themselves when none is alive, and it goes on when they have ended.",
)
@click.option("--queue", "address", metavar="PATH", help="The queue's SQLite file [WOODSHED_QUEUE].")
@click.option("--idle", type=float, metavar="SECONDS", help="End after this long without work [1800].")
@with_front
def command(front: Front, address: str | None, idle: float | None) -> None:
    if address:
        os.environ["WOODSHED_QUEUE"] = address
    place = queue.location()
    status = queue.worker_status()
    if status["alive"]:
        raise Busy(f"a worker is alive already (process {status['pid']}); it takes the same jobs")
    found = {"pid": os.getpid(), "queue": str(place), "log": str(paths.log("worker"))}
    front.say(f"worker {os.getpid()} takes jobs; Ctrl-C ends it, its jobs go on with the next worker")
    front.give(found, lambda: None)
    sys.stdout.flush()
    extra = ["--idle", str(idle)] if idle is not None else []
    os.execv(sys.executable, [sys.executable, "-P", "-m", "jobs.worker", *extra])
