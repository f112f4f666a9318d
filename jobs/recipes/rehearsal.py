"""Count, with checkpoints: proves that jobs run, stop and go on where they are meant to.

Imports nothing heavy, so that a fault of the queue can be told from a fault of the machine.
"""

import json
import os
import time

from jobs.desk import Desk, Stopped
from jobs.specs import Rehearse
from store.files import atomic


def run(spec: Rehearse, desk: Desk) -> dict:
    """Count to ``spec.steps``. Raises Stopped with the count kept."""
    count = _kept(desk)
    desk.say("checkpoint", step=count)
    while count < spec.steps:
        if desk.stopped():
            _keep(desk, count)
            raise Stopped(desk.job)
        time.sleep(spec.pause)
        count += 1
        desk.row(step=count, attempt=desk.attempt, pid=os.getpid())
        desk.progress(count, spec.steps, "steps")
        if count % spec.every == 0:
            _keep(desk, count)
    return {"summary": {"steps": count, "attempts": desk.attempt}}


def _keep(desk: Desk, count: int) -> None:
    atomic(desk.checkpoint / "count.json", json.dumps({"step": count}))
    desk.say("checkpoint", step=count)


def _kept(desk: Desk) -> int:
    try:
        return json.loads((desk.checkpoint / "count.json").read_text())["step"]
    except FileNotFoundError:
        return 0
