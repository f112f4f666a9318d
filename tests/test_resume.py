"""A real training killed with -9 in the middle, by the real worker's hands, ends with the same losses."""

import signal
import time
from contextlib import suppress

import psutil
import pytest

from jobs import queue
from jobs.ledger import Ledger
from jobs.specs import TrainVae, make
from store import paths, stream
from tests.conftest import living
from tests.recipes.playing import imported

pytestmark = pytest.mark.slow

SPEC = {"epochs": 12, "batch": 2, "latent": 16, "preview_every": 0, "seed": 3}


def rows(job: str) -> list[dict]:
    return [row for row in stream.follow(paths.events(job))[0] if row["kind"] == "row"]


def validated(job: str) -> dict[float, tuple[float, float]]:
    """Validation losses by epoch; a repeated epoch must repeat its figures."""
    found: dict[float, tuple[float, float]] = {}
    for row in rows(job):
        if "validation_files" in row:
            figures = (row["validation_files"], row["train_db"])
            assert found.setdefault(row["epoch"], figures) == figures
    return found


def ended(job: str, seconds: float = 240):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = Ledger().get(job)
        if found and found.state in ("done", "failed", "cancelled") and (found.published or found.error):
            return found
        time.sleep(0.1)
    raise AssertionError(f"job {job} did not end: {Ledger().get(job)}")


def busy(home) -> psutil.Process:
    """The process that trains: the one of this home that has used the processor most."""
    return max(living(home), key=lambda process: sum(process.cpu_times()[:2]))


def test_a_killed_training_resumes_with_the_same_losses_TRAIN_06(home, tmp_path):
    dataset = imported(tmp_path / "in")
    spec = make(TrainVae, dataset=dataset["id"], **SPEC)
    whole = queue.submit(spec)
    assert ended(whole.id).state == "done"
    killed = queue.submit(spec)
    for judged in (1, 3):
        deadline = time.monotonic() + 120
        while len(validated(killed.id)) < judged and time.monotonic() < deadline:
            time.sleep(0.05)
        with suppress(psutil.NoSuchProcess):
            busy(home).send_signal(signal.SIGKILL)
    job = ended(killed.id)
    assert job.state == "done" and job.attempt >= 2
    assert validated(killed.id) == validated(whole.id)
    assert sorted(validated(whole.id)) == [3, 6, 9, 12]
