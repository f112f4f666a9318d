"""The queue from the command line, with real jobs that need no sound and no net."""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jobs import specs
from store import paths
from store.errors import BadInput, NoWorker, Refusal
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front
from tests.commands.front import ask, refused, run, start


@pytest.fixture
def long_job(home: Path) -> Iterator[str]:
    """The id of a job that counts for a minute."""
    yield actions.submit(specs.Rehearse, steps=6000, pause=0.01, every=5).id


def until(job: str, state: str) -> None:
    end = time.monotonic() + 20
    while (found := actions.job(job).state) != state:
        assert time.monotonic() < end, f"{job} is {found}"
        time.sleep(0.02)


def test_cancel_keeps_the_checkpoint_and_resume_goes_on_TRAIN_05(long_job: str) -> None:
    until(long_job, "running")
    time.sleep(0.5)
    ask("jobs", "cancel", long_job[:6])
    until(long_job, "cancelled")
    kept = json.loads((Path(ask("jobs", "show", long_job)["path"]) / "checkpoint/count.json").read_text())
    assert kept["step"] > 0
    assert ask("jobs", "resume", long_job)["state"] in ("queued", "running")
    until(long_job, "running")
    time.sleep(0.3)
    rows, _ = actions.events(long_job)
    steps = [row["step"] for row in rows if row["kind"] == "row"]
    assert steps == list(range(1, len(steps) + 1)), "no step was lost or done twice"
    actions.cancel(long_job)


def test_leaving_follow_does_not_stop_the_job_CLI(long_job: str) -> None:
    until(long_job, "running")
    following = start("jobs", "follow", long_job)
    assert following.stderr is not None
    assert "rehearsal: " in following.stderr.readline()
    os.kill(following.pid, signal.SIGINT)
    following.communicate(timeout=20)
    assert following.returncode == 130
    assert actions.job(long_job).state == "running"


def test_ls_filters_by_state_and_limit_CLI(home: Path) -> None:
    made = [actions.submit(specs.Rehearse, steps=1, pause=0).id for _ in range(3)]
    for job in made:
        actions.wait(actions.job(job), lambda row: None)
    assert [job["id"] for job in ask("jobs", "ls")] == made
    assert [job["id"] for job in ask("jobs", "ls", "--limit", "1")] == made[-1:]
    assert ask("jobs", "ls", "--state", "failed") == []
    refused("jobs", "resume", made[0], code=2)
    shown = run("jobs", "show", made[0]).stdout
    assert "done" in shown and "rehearsal" in shown


def test_a_job_that_ended_otherwise_says_why_with_its_code_CLI(home: Path) -> None:
    from dataclasses import replace

    job = actions.submit(specs.Rehearse, steps=1, pause=0)
    job = actions.wait(job, lambda row: None)
    with pytest.raises(BadInput, match="a bad file"):
        waiting.done(replace(job, state="failed", error={"message": "a bad file", "code": 4}))
    with pytest.raises(Refusal, match=f"was cancelled; woodshed jobs resume {job.id} begins it again"):
        waiting.done(replace(job, state="cancelled"))
    (paths.run(job.id) / "checkpoint" / "count.json").touch()
    with pytest.raises(Refusal, match=f"its checkpoint is kept: woodshed jobs resume {job.id}"):
        waiting.done(replace(job, state="cancelled"))
    with pytest.raises(NoWorker, match="resume"):
        waiting.done(replace(job, state="interrupted"))


def test_waiting_outlives_a_killed_worker_CLI(home: Path) -> None:
    from jobs import queue

    job = actions.submit(specs.Rehearse, steps=200, pause=0.01, every=5)
    until(job.id, "running")
    os.kill(queue.worker_status()["pid"], signal.SIGKILL)
    assert waiting.finish(Front(), job).state == "done"


def test_a_second_worker_is_refused_with_5_CLI(long_job: str) -> None:
    until(long_job, "running")
    assert "already" in refused("worker", code=5)


def test_a_worker_in_the_foreground_ends_on_sigterm_CLI(home: Path) -> None:
    from jobs import queue

    worker = start("worker", "--idle", "60", "--json")
    end = time.monotonic() + 20
    while not queue.worker_status()["alive"]:
        assert time.monotonic() < end and worker.poll() is None
        time.sleep(0.05)
    job = actions.submit(specs.Rehearse, steps=3, pause=0)
    assert actions.wait(job, lambda row: None).state == "done"
    worker.terminate()
    said, _ = worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert json.loads(said)["pid"] == worker.pid


def test_a_job_that_is_done_but_not_whole_is_refused_with_its_own_words_CLI(home: Path) -> None:
    job = actions.submit(specs.Rehearse, steps=1, pause=0)
    ended = actions.wait(job, lambda row: None)
    assert waiting.done(ended) is ended
    wrong = replace(ended, error={"message": "not all of it is in the library: gone", "code": 1})
    with pytest.raises(Refusal, match="not all of it"):
        waiting.done(wrong)


def test_a_line_of_progress_is_short_CLI() -> None:
    assert waiting.numbers({"epoch": 10 / 3, "loss": 1 / 7}) == "epoch 3.333, loss 0.1429"
    assert waiting.numbers({"epoch": 12345}) == "epoch 12345"


def test_a_queue_elsewhere_is_refused_with_one_line_CLI(home: Path) -> None:
    assert "SQLite" in refused("worker", "--queue", "redis://elsewhere", code=2)


def test_doctor_has_a_job_done_CLI(home: Path) -> None:
    found = ask("doctor")
    assert found["ok"]
    assert found["queue"]["state"] == "done" and found["queue"]["seconds"] < 30
    assert found["versions"]["torch"] and found["devices"]["cpus"] >= 1
    assert found["audio"]["route"] in ("device", "path")


def test_doctor_says_6_when_no_worker_can_start_CLI(home: Path) -> None:
    run("doctor", code=6, WOODSHED_QUEUE="redis://elsewhere")
