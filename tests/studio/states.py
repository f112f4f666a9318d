# ruff: noqa: E501 - records are read as records, not as columns of code
"""Houses in which something runs, or went wrong: fixed, so that every picture of them is the same."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from jobs import locks, queue, specs
from jobs.claims import HOST, lock_of
from jobs.ledger import Ledger
from store import paths, stream
from tests.studio import house

FAR = 4e9
"""A lease that outlives every test, seconds after 1970."""


@contextmanager
def busy() -> Iterator[None]:
    """An import and a training that run, a take and another training that wait; a worker that lives."""
    owner = house.furnish(real=False).datasets.all()[0]["id"]
    asked = [
        (specs.make(specs.ImportSounds, paths=["/sounds/bells"], name="bells"), "running"),
        (specs.make(specs.TrainVae, dataset=owner, name="drums at noon"), "running"),
        (specs.make(specs.TrainVae, dataset=owner, name="drums at night"), "queued"),
        (specs.make(specs.Generate, model="a1" * 6, seconds=30, count=40), "queued"),
    ]
    ids = [_job(at, spec, state) for at, (spec, state) in enumerate(asked, 1)]
    stream.say(paths.events(ids[0]), kind="progress", done=5, total=12, unit="sounds", rate=2.5, eta=2.8)
    house.training(ids[1], 60)
    with ExitStack() as held:
        for lock in (queue.lock_path(), *map(lock_of, ids[:2])):
            held.enter_context(_held(lock))
        queue.lock_path().write_text(json.dumps({"pid": 4711, "since": house.MADE.format(1)}))
        yield


@contextmanager
def _held(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = locks.grab(path)
    assert handle is not None
    try:
        yield
    finally:
        os.close(handle)


def trouble() -> None:
    """A dataset that can't be learned, a training and a take that failed, an import that was interrupted."""
    library = house.furnish(real=False)
    broken = house.dataset(library, "one click", 1, 0)
    library.datasets.amend(
        broken["id"],
        problems=[
            {"level": "error", "code": "corrupt", "file": "/sounds/click.wav", "message": "not a sound: the header is cut off"},
            {"level": "error", "code": "few", "file": "", "message": "no sound can be used: import five or more"},
        ],
    )  # fmt: skip
    failed = [
        (specs.make(specs.ImportSounds, paths=["/sounds/harp"], name="harp"), "interrupted", None),
        (specs.make(specs.Generate, model="a1" * 6, seconds=8), "failed", "model drums: its weights are damaged; train it again"),
        (specs.make(specs.TrainVae, dataset=broken["id"], name="clicks"), "failed", "no space left on the disk; free some, then resume"),
    ]  # fmt: skip
    for at, (spec, state, message) in enumerate(failed, 1):
        id = _job(at, spec, state, message)
        if spec.recipe == "vae":
            house.training(id, 20)


def _job(at: int, spec: specs.Spec, state: str, message: str | None = None) -> str:
    """A job in this state, with a fixed id and fixed times."""
    id = f"{at}0c" * 4
    started = None if state == "queued" else house.MADE.format(at)
    ended = started if state == "failed" else None
    error = json.dumps({"message": message, "code": 5}) if message else None
    job = Ledger().submit(spec)
    (paths.state() / "runs" / job.id).rename(paths.state() / "runs" / id)
    with sqlite3.connect(paths.ledger()) as db:
        db.execute(
            "update job set id=?, state=?, submitted=?, started=?, ended=?, attempt=?, error=?, host=?, lease=?,"
            " heartbeat=? where id=?",
            (id, state, house.MADE.format(at), started, ended, int(state != "queued"), error, HOST, FAR, None, job.id),
        )  # fmt: skip
    return id
