"""What can't be started is said, and is not tried for ever."""

import json
import os
import time
from pathlib import Path

import pytest

from jobs import queue
from jobs.ledger import Ledger
from jobs.specs import Rehearse
from store import paths
from store.errors import NoWorker, Usage
from studio import actions
from tests.jobs.watching import ended, in_state, worker_pid


def in_vain(home: Path) -> str:
    """Wait for a job whose worker does not live; what the person is told."""
    job = queue.submit(Rehearse(steps=1))
    with pytest.raises(NoWorker) as caught:
        actions.wait(job, lambda row: None)
    assert Ledger().find(job.id).state == "queued"
    return str(caught.value)


def test_a_worker_that_ends_at_once_is_said_and_may_be_mended(home: Path) -> None:
    (queue.bell_path() / "full").mkdir(parents=True)
    line = in_vain(home)
    assert "logs/worker.log" in line and "\n" not in line
    assert "worker.bell: is a folder" in paths.log("worker").read_text()
    (queue.bell_path() / "full").rmdir()
    queue.bell_path().rmdir()
    job = queue.submit(Rehearse(steps=1))
    assert actions.wait(job, lambda row: None).state == "done"


@pytest.mark.parametrize("idle", ["soon", "nan", "-1", "inf"])
def test_a_malformed_idle_time_is_refused_in_one_line(home: Path, monkeypatch, idle: str) -> None:
    monkeypatch.setenv("WOODSHED_WORKER_IDLE", idle)
    with pytest.raises(Usage, match=r"WOODSHED_WORKER_IDLE.*default 1800") as caught:
        queue.submit(Rehearse())
    assert "\n" not in str(caught.value) and Ledger().all() == []


@pytest.mark.parametrize("lane", ["short", "live"])
def test_a_job_whose_processes_all_die_at_birth_ends_with_code_6(home, monkeypatch, tmp_path, lane) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    births = broken / "births"
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'jobs.leash' in sys.orig_argv:\n"
        f"    open({str(births)!r}, 'a').write('x')\n"
        "    sys.exit('no torch, no numpy, nothing')\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{broken}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    job = queue.submit(Rehearse(steps=1), lane=lane)
    failed = ended(Ledger(), job)
    assert failed.state == "failed" and failed.error["code"] == NoWorker.code
    assert "no process could be started" in failed.error["message"] and "\n" not in failed.error["message"]
    before = births.stat().st_size
    time.sleep(2.0)
    assert births.stat().st_size - before <= 3, "spares are not started again and again"
    assert worker_pid()


def as_if_older() -> int:
    """Rewrite what the living worker says it was started from; its process."""
    pid = worker_pid()
    told = json.loads(queue.lock_path().read_text())
    queue.lock_path().write_text(json.dumps({**told, "program": "older"}))
    return pid


def test_an_idle_worker_of_another_version_makes_way(home: Path) -> None:
    assert ended(Ledger(), queue.submit(Rehearse(steps=1))).state == "done"
    old = worker_pid()
    assert ended(Ledger(), queue.submit(Rehearse(steps=1))).state == "done"
    assert as_if_older() == old
    assert ended(Ledger(), queue.submit(Rehearse(steps=1))).state == "done"
    assert worker_pid() != old


def test_a_busy_worker_of_another_version_is_left_alone(home: Path) -> None:
    ledger = Ledger()
    in_state(ledger, queue.submit(Rehearse(steps=100_000)), "running")
    old = as_if_older()
    assert ended(ledger, queue.submit(Rehearse(steps=1), lane="live")).state == "done"
    assert worker_pid() == old
