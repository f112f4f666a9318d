"""The queue's file holds nothing of value: a damaged one makes way."""

import os
from pathlib import Path

import pytest

from jobs import queue
from jobs.ledger import Ledger
from jobs.specs import Rehearse
from store import paths
from tests.jobs.watching import ended, worker_pid


def spoil(path: Path, keep: int) -> None:
    """Random bytes in place, as a bad disk leaves them."""
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    size = max(path.stat().st_size, 65536) if path.exists() else 65536
    with open(path, "r+b" if path.exists() else "wb") as file:
        file.seek(keep)
        file.write(os.urandom(size - keep))


@pytest.mark.parametrize("keep", [0, 100, 4096])
def test_a_damaged_queue_stops_nothing(home: Path, keep: int) -> None:
    if keep:
        queue.enqueue(Ledger().submit(Rehearse(steps=1)))
    spoil(paths.queue(), keep)
    job = queue.submit(Rehearse(steps=1))
    assert ended(Ledger(), job).state == "done"
    assert (paths.state() / "queue.db.damaged").exists()


@pytest.mark.parametrize("keep", [0, 4096])
def test_a_queue_damaged_under_a_living_worker_stops_nothing(home: Path, keep: int) -> None:
    assert ended(Ledger(), queue.submit(Rehearse(steps=1))).state == "done"
    pid = worker_pid()
    spoil(paths.queue(), keep)
    jobs = [queue.submit(Rehearse(steps=1), lane=lane) for lane in ("live", "short", "long")]
    assert {ended(Ledger(), job).state for job in jobs} == {"done"}
    assert worker_pid() == pid


def test_a_queue_removed_under_a_living_worker_stops_nothing(home: Path) -> None:
    assert ended(Ledger(), queue.submit(Rehearse(steps=1))).state == "done"
    for file in paths.state().glob("queue.db*"):
        file.unlink()
    assert ended(Ledger(), queue.submit(Rehearse(steps=1))).state == "done"
