"""``woodshed worker``."""

import os
import sys

import click

from jobs import queue
from store import paths
from store.errors import Busy
from studio.commands.base import Front, shown, verb, with_front


@verb(
    "woodshed worker\nwoodshed worker --idle 600\nwoodshed worker --status",
    name="worker",
    help="Run jobs in this terminal until Ctrl-C. Not needed on one machine: the studio and the commands "
    "start a worker by themselves when none is alive, and it goes on when they have ended.",
)
@click.option("--queue", "address", metavar="PATH", help="The queue's SQLite file [WOODSHED_QUEUE].")
@click.option("--idle", type=float, metavar="SECONDS", help="End after this long without work [1800].")
@click.option("--status", "ask", is_flag=True, help="Say how the worker is, and return.")
@with_front
def command(front: Front, address: str | None, idle: float | None, ask: bool) -> None:
    if address:
        os.environ["WOODSHED_QUEUE"] = address
    place = queue.location()
    status = queue.worker_status()
    if ask:
        front.give({**status, "queue": str(place)}, lambda: _told(status))
        return
    if status["alive"]:
        raise Busy(f"a worker is alive already (process {status['pid']}); it takes the same jobs")
    found = {"pid": os.getpid(), "queue": str(place), "log": str(paths.log("worker"))}
    front.say(f"worker {os.getpid()} takes jobs; Ctrl-C ends it, its jobs go on with the next worker")
    front.give(found, lambda: None)
    sys.stdout.flush()
    extra = ["--idle", str(idle)] if idle is not None else []
    os.execv(sys.executable, [sys.executable, "-P", "-m", "jobs.worker", *extra])


def _told(status: dict) -> None:
    """How the worker is, a line each."""
    if status["alive"]:
        beat = status["heartbeat_seconds"]
        print(f"worker {status['pid']} since {shown(status['since'])}, beat {beat} s ago")
    else:
        print("no worker: one starts with the next request, or by `woodshed worker`")
    for name, lane in status["lanes"].items():
        engine = f", engine {status['engine'] or 'not there'}" if name == "live" and status["alive"] else ""
        runs = shown(lane["running"]) if lane["running"] else "idle"
        print(f"{name:<6} {runs}, {lane['queued']} queued{engine}")
    error = status["last_error"]
    if error:
        print(f"last error, {shown(error.get('time'))}: {shown(error.get('message'))}")
