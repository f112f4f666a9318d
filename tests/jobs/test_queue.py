"""Messages are ids, files are private, and asking is cheap."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import queue
from jobs.bell import Bell, ring
from jobs.dispatch import Lane
from jobs.ledger import Ledger
from jobs.specs import Rehearse
from store import paths
from store.errors import Usage
from tests.jobs.watching import mode


def messages() -> list[bytes]:
    with sqlite3.connect(paths.queue()) as db:
        return [bytes(data) for (data,) in db.execute("select data from task order by id")]


def test_a_message_is_the_id_in_json(home: Path) -> None:
    job = Ledger().submit(Rehearse())
    queue.enqueue(job)
    (message,) = messages()
    assert json.loads(message)[2] == [job.id]
    assert b"rehearsal" not in message
    assert {mode(file) for file in paths.state().glob("queue.db*")} == {0o600}


def test_listing_runs_nothing_that_a_message_says(home: Path) -> None:
    """A pickle in the queue is refused, not loaded."""
    lane = Lane("short", paths.queue())
    for data in (b"cos\nsystem\n(S'touch pwned'\ntR.", b'["a", "b", [{"x": 1}]]', b"[]", b"\xff"):
        lane.storage.enqueue(data)
    lane.send("abc")
    assert lane.waiting() == {"abc"}


@pytest.mark.parametrize("url", ["redis://localhost", "postgresql://x/y", "sqlite://relative"])
def test_another_kind_of_queue_is_refused_in_one_line(home: Path, monkeypatch, url: str) -> None:
    monkeypatch.setenv("WOODSHED_QUEUE", url)
    with pytest.raises(Usage, match="WOODSHED_QUEUE") as caught:
        queue.submit(Rehearse())
    assert "\n" not in str(caught.value) and Ledger().all() == []


def test_the_queue_may_lie_elsewhere(home: Path, monkeypatch, tmp_path: Path) -> None:
    for url in (str(tmp_path / "q.db"), f"sqlite://{tmp_path}/q.db"):
        monkeypatch.setenv("WOODSHED_QUEUE", url)
        assert queue.location() == tmp_path / "q.db"


def test_a_bell_wakes_and_nobody_listening_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    assert not ring(path)
    bell = Bell(path)
    assert not bell.wait(0)
    assert ring(path) and ring(path)
    assert bell.wait(5) and not bell.wait(0)
    bell.close()
    assert not ring(path)
    again = Bell(path)
    assert ring(path) and again.wait(5)
    again.close()


def test_a_front_that_only_looks_imports_nothing_heavy(home: Path) -> None:
    code = "import sys, jobs.queue, jobs.ledger; print({'huey', 'torch', 'numpy'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
