# ruff: noqa: E501 - records are read as records, not as columns of code
"""Houses in which something runs, or went wrong: fixed, so that every picture of them is the same."""

import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from jobs import locks, queue, specs
from jobs.claims import HOST, lock_of
from jobs.ledger import Ledger
from jobs.sound.slots import SLOTS
from store import paths, stream
from studio.looking import Subject
from studio.screens.analysis import Analysis
from studio.screens.diagnosis import Diagnosis
from studio.screens.dialog import Window
from studio.screens.prints import Prints
from tests.studio import house, repairs

FAR = 4e9
"""A lease that outlives every test, seconds after 1970."""


FEATURES = [
    {"name": slot.name, "index": at, "unit": slot.unit, "meaning": slot.meaning, "source": slot.source}
    for at, slot in enumerate(SLOTS)
]


def window(name: str) -> Window:
    """A window of diagnosis over fixed findings."""
    snare, clean = (
        Subject("/sounds/snare_room.wav", "snare_room.wav"),
        Subject("/sounds/clean.wav", "clean.wav"),
    )
    if name == "prints":
        return Prints([snare, clean])
    if name == "diagnosis":
        return Diagnosis(snare, clean)
    groups = []
    for at, group in enumerate(("gold", "muddy", "thin")):
        middles = {one["name"]: ((one["index"] * 7 + 3) % 11 - 5) * at for one in FEATURES}
        told: dict[str, Any] = {name: [x - 9, x - 3, x, x + 4, x + 12] for name, x in middles.items()}
        found: dict[str, Any] = {"name": group, "count": 40 - 10 * at, "percentiles": told}
        groups.append(found | ({"apart": {name: x / 10 for name, x in middles.items()}} if at else {}))
    return Analysis([{"instrument": "drums", "groups": groups}], FEATURES)


async def measured(prints: Prints) -> None:
    """Fingerprints of a sound and another, and a gold to hold them against."""
    values = [float((7 * at) % 13 + 1) for at in range(len(FEATURES))]
    prints.gold = {"mean": values, "spread": [2.0] * len(values), "instrument": "drums", "model": "mine"}
    for by in (1.5, -3.0):
        features = {one["name"]: values[one["index"]] + by for one in FEATURES}
        prints.found.append({"features": features})
    prints.list.put(FEATURES)
    prints.about.show(lambda width: prints.heading(width))


def diagnosed(window: Diagnosis) -> None:
    """A snare that is muddy, and what would correct it."""
    hz = [20 * 2 ** (at / 6) for at in range(60)]
    clean = [-30 - 0.4 * at for at in range(60)]
    spectra = {"before": [y + 8 * math.exp(-(((at - 22) / 5) ** 2)) for at, y in enumerate(clean)]}
    window.found = {
        "warnings": ["clean.wav is a guitar, snare_room.wav a drum: what differs may not be a flaw"],
        "flaws": {"muddy": 0.97, "thin": 0.02, "none": 0.01}, "abstains": False, "flaw": "muddy", "confidence": 0.97,
        "advice": [{"text": "cut 250 Hz by 7.4 dB"}, {"text": "cut 100 Hz by 1.6 dB"}], "held_db": 0.3,
        "distance_db": {"before": 4.1, "after": 0.6}, "corrected": "/sounds/corrected.wav",
        "spectra": {"hz": hz, **spectra, "after": [y + 0.5 for y in clean], "reference": clean},
    }  # fmt: skip
    window._show()


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
def repairing() -> Iterator[tuple[str, str]]:
    """A score that is done and a repairer that is trained; their ids."""
    sides = {"truth": "/sounds/bells.wav", "output": "/sounds/bells_repaired.wav"}
    score = _job(1, specs.make(specs.ScoreRepair, **sides, trace="stress"), "done")
    training = _job(2, specs.make(specs.TrainRepairer, sounds=["/sounds"], name="bells"), "running")
    ended(score, {"left": "score.json"})
    repairs.score(score)
    repairs.training(training)
    with _held(queue.lock_path()), _held(lock_of(training)):
        yield score, training


def ended(id: str, summary: dict[str, Any]) -> None:
    """A job is done, and this is what came of it."""
    with sqlite3.connect(paths.ledger()) as db:
        db.execute(
            "update job set state='done', published=1, result=? where id=?",
            (json.dumps({"summary": summary}), id),
        )


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
