"""Jobs from asking to ending, in real processes."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from jobs import locks, queue
from jobs.dispatch import Lane
from jobs.ledger import Ledger
from jobs.records import Records
from jobs.specs import LANES, Rehearse
from store import paths
from store.errors import Busy
from tests.conftest import living
from tests.jobs.watching import counted_to, ended, in_state, mode, rows, until, worker_pid

ENDLESS = Rehearse(steps=100_000, pause=0.01, every=5)


@pytest.fixture
def ledger(home: Path) -> Ledger:
    return Ledger()


def children(home: Path, module: str) -> list[psutil.Process]:
    return [process for process in living(home) if f"jobs.{module}" in process.cmdline()]


def doing(home: Path, job_id: str) -> int:
    """The process that does a running job."""
    return Ledger().find(job_id).pid


@pytest.mark.parametrize("lane", LANES)
def test_a_worker_starts_by_itself_and_does_the_job_TRAIN_05(ledger: Ledger, lane: str) -> None:
    began = time.monotonic()
    job = queue.submit(Rehearse(steps=12, pause=0.001), lane=lane)
    assert time.monotonic() - began < 1.0
    done = ended(ledger, job)
    assert done.state == "done" and done.result["summary"] == {"steps": 12, "attempts": 1}
    assert [row["step"] for row in rows(job, "row")] == list(range(1, 13))
    until(lambda: [row["state"] for row in rows(job, "state")] == ["running", "done"])
    assert queue.worker_status()["alive"]
    assert {mode(file) for file in paths.state().rglob("*") if file.is_file()} == {0o600}
    assert {mode(folder) for folder in paths.state().rglob("*") if folder.is_dir()} == {0o700}


def test_lanes_do_not_wait_for_each_other(ledger: Ledger) -> None:
    training = queue.submit(ENDLESS, lane="long")
    until(lambda: counted_to(training, 1))
    assert ended(ledger, queue.submit(Rehearse(steps=1), lane="live")).state == "done"
    assert ended(ledger, queue.submit(Rehearse(steps=1), lane="short")).state == "done"
    assert ledger.find(training.id).state == "running"
    assert os.getpriority(os.PRIO_PROCESS, ledger.find(training.id).pid) > 0


@pytest.mark.parametrize("lane", LANES)
def test_cancel_keeps_the_checkpoint_and_resume_goes_on_TRAIN_05_06(ledger: Ledger, lane: str) -> None:
    job = queue.submit(Rehearse(steps=60, pause=0.01, every=1000), lane=lane)
    until(lambda: counted_to(job, 10))
    began = time.monotonic()
    queue.cancel(job.id)
    assert in_state(ledger, job, "cancelled").ended
    assert time.monotonic() - began < 1.0
    done = ended(ledger, queue.resume(job.id))
    assert done.state == "done"
    assert [row["step"] for row in rows(job, "row")] == list(range(1, 61))


def test_the_newest_of_a_group_wins_GEN(ledger: Ledger) -> None:
    jobs = [queue.submit(Rehearse(steps=300), group="slider", lane="live") for _ in range(4)]
    newest = queue.submit(Rehearse(steps=3), group="slider", lane="live")
    assert ended(ledger, newest).state == "done"
    assert {ended(ledger, job).state for job in jobs} == {"cancelled"}


def test_a_worker_that_is_told_to_end_leaves_jobs_to_the_next(ledger: Ledger, home: Path) -> None:
    jobs = [queue.submit(Rehearse(steps=150, pause=0.01, every=1000), lane=lane) for lane in LANES]
    waiting = queue.submit(Rehearse(steps=2), lane="long")
    until(lambda: all(counted_to(job, 5) for job in jobs))
    pid = worker_pid()
    os.kill(pid, signal.SIGTERM)
    until(lambda: not queue.worker_status()["alive"], 5)
    assert {ledger.find(job.id).state for job in jobs} == {"interrupted"}
    assert ledger.find(waiting.id).state == "queued"
    until(lambda: not living(home), 2)
    queue.ensure_worker()
    assert {ended(ledger, job).state for job in (*jobs, waiting)} == {"done"}
    for job in jobs:
        assert [row["step"] for row in rows(job, "row")] == list(range(1, 151))
        assert ledger.find(job.id).attempt == 1


def test_one_worker_per_home(ledger: Ledger) -> None:
    queue.ensure_worker()
    pid = worker_pid()
    second = subprocess.run([sys.executable, "-m", "jobs.worker"], capture_output=True, text=True, timeout=20)
    assert second.returncode == Busy.code and "another worker" in second.stderr
    assert second.stderr.count("\n") == 1
    queue.ensure_worker()
    assert queue.worker_status()["pid"] == pid


def test_a_worker_that_nobody_asks_ends(ledger: Ledger, home: Path, monkeypatch) -> None:
    monkeypatch.setenv("WOODSHED_WORKER_IDLE", "1.5")
    job = queue.submit(Rehearse(steps=250, pause=0.01))
    assert ended(ledger, job).state == "done"
    assert queue.worker_status()["alive"]
    until(lambda: not living(home), 8)
    assert not locks.held(queue.lock_path())
    assert ended(ledger, queue.submit(Rehearse(steps=1))).state == "done"


@pytest.mark.parametrize("lane", LANES)
def test_a_killed_process_is_one_attempt_and_the_job_goes_on(ledger: Ledger, home: Path, lane: str) -> None:
    job = queue.submit(Rehearse(steps=40, pause=0.01, every=5), lane=lane)
    until(lambda: counted_to(job, 12))
    os.kill(doing(home, job.id), signal.SIGKILL)
    done = ended(ledger, job)
    assert done.state == "done" and done.attempt == 2 and done.error is None
    steps = [row["step"] for row in rows(job, "row")]
    assert steps[-1] == 40 and len(steps) <= 45


def test_a_process_that_dies_every_time_fails_its_job_at_last(ledger: Ledger, home: Path) -> None:
    job = queue.submit(ENDLESS)
    for attempt in (1, 2, 3):
        until(lambda n=attempt: ledger.find(job.id).attempt == n and ledger.find(job.id).state == "running")
        os.kill(doing(home, job.id), signal.SIGKILL)
    failed = ended(ledger, job)
    assert failed.state == "failed" and "signal 9" in failed.error["message"]
    assert ended(ledger, queue.submit(Rehearse(steps=1))).state == "done"


def test_a_killed_worker_leaves_no_ghosts(ledger: Ledger, home: Path) -> None:
    jobs = [queue.submit(ENDLESS, lane=lane) for lane in LANES]
    until(lambda: all(counted_to(job, 3) for job in jobs))
    os.kill(worker_pid(), signal.SIGKILL)
    until(lambda: not living(home), 1.0)
    until(lambda: {ledger.standing(ledger.find(job.id)) for job in jobs} == {"lost"}, 1.0)


def insert(id: str, recipe: str, lane: str, spec: dict) -> None:
    """A job that this version would not make: of an older or newer one."""
    paths.run(id)
    with Records(paths.ledger()).change() as db:
        db.execute(
            "insert into job(id, recipe, lane, state, spec, submitted) values (?, ?, ?, 'queued', ?, '')",
            (id, recipe, lane, json.dumps(spec)),
        )


def test_what_nobody_knows_fails_with_one_line_and_the_worker_lives(ledger: Ledger) -> None:
    insert("aaaa01", "alchemy", "short", {"recipe": "alchemy"})
    insert("aaaa02", "alchemy", "live", {"recipe": "alchemy"})
    insert("aaaa03", "rehearsal", "short", {"recipe": "rehearsal", "stepz": 1})
    insert("aaaa04", "rehearsal", "orbit", {"recipe": "rehearsal"})
    lane = Lane("short", paths.queue())
    lane.storage.enqueue(b"not json")
    lane.storage.enqueue(b'["m", "jobs.dispatch.unknown", ["x"]]')
    lane.send("../../etc")
    queue.ensure_worker()
    for id, words in (("aaaa01", "alchemy"), ("aaaa02", "alchemy"), ("aaaa03", "stepz"), ("aaaa04", "orbit")):
        failed = ended(ledger, ledger.find(id))
        assert failed.state == "failed" and words in failed.error["message"]
        assert "\n" not in failed.error["message"]
    assert ended(ledger, queue.submit(Rehearse(steps=1))).state == "done"


def test_a_vanished_folder_fails_with_one_line(ledger: Ledger) -> None:
    before = ledger.submit(Rehearse(), lane="live")
    shutil.rmtree(paths.run(before.id))
    during = queue.submit(ENDLESS)
    assert ended(ledger, before).error["code"] == 4
    until(lambda: counted_to(during, 3))
    # Moved, not removed piece by piece: the runner is writing into it.
    paths.run(during.id).rename(paths.state() / "elsewhere")
    failed = ended(ledger, during)
    assert failed.state == "failed" and "gone" in failed.error["message"]


def test_a_full_disk_fails_with_one_line_and_resume_works(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse(steps=5))
    paths.events(job.id).symlink_to("/dev/full")
    queue.enqueue(job)
    queue.ensure_worker()
    failed = ended(ledger, job)
    assert failed.state == "failed" and failed.attempt == 1
    assert failed.error["code"] == Busy.code and "disk is full" in failed.error["message"]
    paths.events(job.id).unlink()
    assert ended(ledger, queue.resume(job.id)).state == "done"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can take another's files")
def test_a_worker_without_room_for_another_file_is_there_when_it_has(ledger: Ledger, home: Path) -> None:
    ended(ledger, queue.submit(Rehearse(steps=1)))
    until(lambda: len(children(home, "run")) == 1 and len(children(home, "engine")) == 1)
    pid = worker_pid()
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (8, usual[1]))
    for process in (*children(home, "run"), *children(home, "engine")):
        process.kill()
    job = queue.submit(Rehearse(steps=1))
    time.sleep(2.5)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
    assert ended(ledger, job).state in ("done", "failed")
    assert ended(ledger, queue.submit(Rehearse(steps=1))).state == "done"
    assert worker_pid() == pid


def test_a_job_without_a_message_is_found(ledger: Ledger) -> None:
    """As when the front died between the ledger and the queue."""
    queue.ensure_worker()
    worker_pid()
    job = ledger.submit(Rehearse(steps=1))
    assert ended(ledger, job, 3).state == "done"


def test_an_idle_worker_costs_nothing(ledger: Ledger, home: Path) -> None:
    ended(ledger, queue.submit(Rehearse(steps=1)))
    until(lambda: len(children(home, "run")) == 1 and len(children(home, "engine")) == 1)
    time.sleep(2.0)
    everyone = living(home)
    before = sum(sum(process.cpu_times()[:2]) for process in everyone)
    time.sleep(4.0)
    used = sum(sum(process.cpu_times()[:2]) for process in everyone) - before
    # 1 % of one core, and one tick of the clock that it is counted in.
    assert used <= 0.04 + 0.01


@pytest.mark.parametrize("lane", LANES)
def test_a_job_starts_at_once(ledger: Ledger, home: Path, lane: str) -> None:
    """The bar is 50 ms at p95 and the benchmark's business; this says that nothing polls or starts cold."""
    ended(ledger, queue.submit(Rehearse(steps=1)))
    until(lambda: len(children(home, "run")) == 1 and len(children(home, "engine")) == 1)
    time.sleep(0.5)
    asked = time.time()
    job = queue.submit(Rehearse(steps=1), lane=lane)
    ended(ledger, job)
    assert rows(job, "state")[0]["t"] - asked < 0.25


def test_a_recipe_that_breaks_is_tried_three_times_and_told_in_one_line(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    checkpoint = paths.run(job.id) / "checkpoint"
    checkpoint.mkdir()
    (checkpoint / "count.json").write_text("half a checkp")
    queue.enqueue(job)
    queue.ensure_worker()
    failed = ended(ledger, job)
    assert (failed.state, failed.attempt) == ("failed", 3)
    assert failed.error["message"].startswith("JSONDecodeError") and "\n" not in failed.error["message"]
    assert paths.log(job.id).read_text().count("Traceback") == 3
    (checkpoint / "count.json").unlink()
    assert ended(ledger, queue.resume(job.id)).state == "done"


@pytest.mark.slow
def test_the_engine_gets_warm_before_the_first_job(ledger: Ledger, home: Path) -> None:
    queue.warm()
    (engine,) = _engines(home)
    until(lambda: engine.memory_info().rss > 100_000_000, 60)
    job = ended(ledger, queue.submit(Rehearse(steps=1), lane="live"), 60)
    assert job.pid == engine.pid


def _engines(home: Path) -> list[psutil.Process]:
    until(lambda: children(home, "engine"))
    return children(home, "engine")


def test_ctrl_c_ends_a_worker_with_130_CLI(home: Path) -> None:
    command = [sys.executable, "-m", "studio", "worker"]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert worker_pid() == worker.pid
    worker.send_signal(signal.SIGINT)
    assert worker.wait(10) == 130


def test_doctor_calls_a_worker_healthy_that_has_its_hands_full_CLI(ledger: Ledger) -> None:
    job = queue.submit(ENDLESS)
    in_state(ledger, job, "running")
    command = [sys.executable, "-m", "studio", "doctor", "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=90).stdout)
    assert told["queue"]["ok"] and f"busy with job {job.id}" in told["queue"]["detail"]
    assert ledger.find(job.id).state == "running"
    assert ledger.find(told["queue"]["job"]).state == "cancelled"


def test_every_folder_of_a_deep_home_is_private(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("WOODSHED_HOME", str(home / "a" / "b"))
    paths.state()
    assert {mode(folder) for folder in (home / "a", home / "a" / "b", home / "a" / "b" / "state")} == {0o700}
