"""The ledger knows every job, and one process at a time may do it."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jobs.claims import LEASE
from jobs.ledger import Ledger, lock_of
from jobs.records import Records
from jobs.specs import Generate, Rehearse, TrainVae
from store import paths
from store.errors import BadInput, NotFound, Usage
from tests.jobs.watching import mode

ERROR = {"message": "x", "code": 1}


@pytest.fixture
def ledger(home: Path) -> Ledger:
    return Ledger()


def test_submit_commits_a_queued_job_with_its_spec(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse(steps=7), client="studio")
    again = Ledger().get(job.id)
    assert again == job
    assert (job.state, job.recipe, job.lane, job.attempt) == ("queued", "rehearsal", "short", 0)
    assert job.spec["steps"] == 7 and job.client == "studio" and job.submitted.endswith("Z")
    assert ledger.get("nothing") is None


def test_files_are_private(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    state = paths.state()
    assert {mode(file) for file in state.glob("ledger.db*")} == {0o600}
    assert {mode(folder) for folder in (state, state / "runs", state / "runs" / job.id)} == {0o700}


def test_find_takes_a_unique_prefix(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    assert ledger.find(job.id[:5]) == job
    with pytest.raises(NotFound, match="no job 'zzzzzz'"):
        ledger.find("zzzzzz")
    with pytest.raises(NotFound, match=f"no job '{job.id[:1]}'; of an id at least 3 characters .* {job.id}"):
        ledger.find(job.id[:1])
    with pytest.raises(NotFound):
        ledger.find("%%%")


def test_an_ambiguous_prefix_names_the_candidates(ledger: Ledger) -> None:
    jobs = [ledger.submit(Rehearse()) for _ in range(2)]
    with Records(paths.ledger()).change() as db:
        for number, job in enumerate(jobs):
            db.execute("update job set id=? where id=?", (f"abcd{number}", job.id))
    with pytest.raises(Usage, match="abcd0, abcd1"):
        ledger.find("abcd")


def test_all_is_newest_last_and_limited(ledger: Ledger) -> None:
    jobs = [ledger.submit(Rehearse(steps=n)) for n in (1, 2, 3)]
    assert ledger.all() == jobs
    assert ledger.all(limit=2) == jobs[1:]


def test_a_running_training_is_not_lost_behind_previews_TRAIN_05(ledger: Ledger) -> None:
    training = ledger.submit(TrainVae(dataset="d"))
    take = ledger.submit(Generate(model="m"))
    ledger.cancel(take.id)
    with ledger.claim(training.id):
        for _ in range(12):
            ledger.submit(Generate(model="m", preview=True), group="slider")
        assert training.id not in [job.id for job in ledger.all(limit=5)]
        assert ledger.all(limit=5, moving=True)[0].id == training.id
        assert [job.id for job in ledger.all(limit=5, previews=False)] == [training.id, take.id]
        assert [job.id for job in ledger.all(limit=5, recipes=("vae",))] == [training.id]
        assert [job.id for job in ledger.all(states=("running", "queued"), recipes=("vae",))] == [training.id]
        assert ledger.counts() == {"running": 1, "queued": 1, "cancelled": 12}


def test_lanes_keep_their_order_and_places(ledger: Ledger) -> None:
    long = ledger.submit(TrainVae(dataset="d"))
    first, second = ledger.submit(Rehearse()), ledger.submit(Rehearse())
    assert ledger.queued("short") == [first.id, second.id]
    assert (ledger.place(first), ledger.place(second), ledger.place(long)) == (1, 2, 1)
    assert ledger.submit(Rehearse(), lane="live").lane == "live"
    with pytest.raises(Usage, match="did you mean 'short'"):
        ledger.submit(Rehearse(), lane="shirt")


@pytest.mark.parametrize(
    ("count", "seconds", "preview", "lane"),
    [(1, 4, False, "live"), (15, 4, False, "live"), (20, 600, False, "short"), (1, 61, True, "live")],
)
def test_long_takes_do_not_keep_a_slider_waiting_GEN(ledger: Ledger, count, seconds, preview, lane) -> None:
    spec = Generate(model="m", count=count, seconds=seconds, preview=preview)
    assert ledger.submit(spec).lane == lane


def test_in_a_group_the_newest_wins(ledger: Ledger) -> None:
    running = ledger.submit(Generate(model="m"), group="slider")
    claim = ledger.claim(running.id)
    waiting = ledger.submit(Generate(model="m"), group="slider")
    other = ledger.submit(Generate(model="m"))
    newest = ledger.submit(Generate(model="m"), group="slider")
    assert ledger.stopping(running.id) and ledger.find(running.id).state == "running"
    assert ledger.find(waiting.id).state == "cancelled"
    assert {ledger.find(job.id).state for job in (other, newest)} == {"queued"}
    claim.close()


def test_stamp_changes_with_any_job_and_only_then(ledger: Ledger) -> None:
    before = ledger.stamp()
    assert ledger.stamp() == before
    job = Ledger().submit(Rehearse())
    after = ledger.stamp()
    assert after != before
    ledger.cancel(job.id)
    assert ledger.stamp() != after


def test_one_claim_at_a_time_even_between_processes(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    code = (
        "import sys; from jobs.ledger import Ledger; claim = Ledger().claim(sys.argv[1]);"
        "print(claim is not None, flush=True); sys.stdin.read()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, job.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    answers = [process.stdout.readline().strip() for process in processes]
    assert sorted(answers) == ["False", "False", "True"]
    for process in processes:
        process.communicate()


def test_claim_needs_a_queued_job(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    ledger.cancel(job.id)
    assert ledger.claim(job.id) is None
    with ledger.claim(ledger.resume(job.id).id) as claim:
        assert claim.job.state == "running" and claim.job.attempt == 1


def test_finish_counts_once(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    with ledger.claim(job.id) as claim:
        assert ledger.finish(claim, "done", {"summary": {"n": 1}})
        assert not ledger.finish(claim, "done", {"summary": {"n": 2}})
        assert not ledger.finish(claim, "failed", error=ERROR)
    done = ledger.find(job.id)
    assert done.state == "done" and done.result == {"summary": {"n": 1}} and done.published and done.ended


def test_a_process_that_lost_its_job_can_change_nothing(ledger: Ledger) -> None:
    """As after a long suspension: the claim was swept and given to another."""
    job = ledger.submit(Rehearse())
    old = ledger.claim(job.id)
    old.close()
    assert ledger.sweep() == [job.id]
    with ledger.claim(job.id) as new:
        assert not ledger.renew(old) and not ledger.finish(old, "done", {})
        assert not ledger.release(old, "cancelled")
        ledger.crash(old, ERROR)
        assert ledger.find(job.id).state == "running"
        assert ledger.renew(new) and ledger.finish(new, "done", {})


def test_a_result_with_files_is_done_only_when_published(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    with ledger.claim(job.id) as claim:
        ledger.finish(claim, "done", {"files": [{"from": "a", "to": "b"}]})
    assert ledger.find(job.id).state == "running"
    assert [one.id for one in ledger.unpublished()] == [job.id]
    ledger.published(job.id)
    assert ledger.find(job.id).state == "done" and ledger.unpublished() == []


def test_sweep_leaves_the_living_alone(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    with ledger.claim(job.id):
        assert ledger.sweep(now=time.time() + 10 * LEASE) == []
        assert ledger.standing(ledger.find(job.id)) == "running"


def test_sweep_requeues_the_dead_and_gives_up_after_the_last_attempt(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse(), max_attempts=2)
    for attempt in (1, 2):
        claim = ledger.claim(job.id)
        assert claim.job.attempt == attempt
        claim.close()
        assert ledger.standing(ledger.find(job.id)) == "lost"
        assert ledger.sweep() == [job.id]
    failed = ledger.find(job.id)
    assert failed.state == "failed" and failed.error["message"] == "its process ended"
    again = ledger.resume(job.id)
    assert (again.state, again.attempt, again.tries, again.error) == ("queued", 0, 2, None)


def test_sweep_takes_from_a_silent_host_only_when_its_lease_is_over(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    ledger.claim(job.id).close()
    with Records(paths.ledger()).change() as db:
        db.execute("update job set host='elsewhere'")
    assert ledger.sweep() == []
    assert ledger.sweep(now=time.time() + LEASE + 1) == [job.id]
    assert ledger.find(job.id).state == "queued"


def test_interrupted_goes_on_unasked_and_costs_no_attempt(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    with ledger.claim(job.id) as claim:
        ledger.release(claim, "interrupted")
    assert ledger.find(job.id).state == "interrupted"
    assert ledger.sweep() == [job.id]
    with ledger.claim(job.id) as claim:
        assert (claim.job.attempt, claim.job.tries) == (1, 2)


def test_cancel_of_what_waits_is_immediate_and_of_what_ended_nothing(ledger: Ledger) -> None:
    waiting = ledger.cancel(ledger.submit(Rehearse()).id[:6])
    assert waiting.state == "cancelled" and waiting.ended
    job = ledger.submit(Rehearse())
    with ledger.claim(job.id) as claim:
        ledger.finish(claim, "done", {})
    assert ledger.cancel(job.id).state == "done"
    with pytest.raises(Usage, match="is done"):
        ledger.resume(job.id)


def test_cancel_of_a_lost_job_needs_no_worker(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    ledger.claim(job.id).close()
    assert ledger.cancel(job.id).state == "cancelled"


def test_a_vanished_run_folder_fails_the_job_with_one_line(ledger: Ledger) -> None:
    job = ledger.submit(Rehearse())
    lock_of(job.id).parent.rmdir()
    assert ledger.claim(job.id) is None
    failed = ledger.find(job.id)
    assert failed.state == "failed" and failed.error["code"] == BadInput.code
    assert "\n" not in failed.error["message"] and "gone" in failed.error["message"]


def test_threads_may_share_a_ledger(ledger: Ledger) -> None:
    made: list[str] = []

    def work() -> None:
        made.extend(ledger.submit(Rehearse()).id for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted(job.id for job in ledger.all()) and len(made) == 40


def test_a_damaged_ledger_is_said_in_one_line(home: Path) -> None:
    paths.ledger().write_bytes(os.urandom(8192))
    with pytest.raises(BadInput, match="damaged") as caught:
        Ledger().all()
    assert "\n" not in str(caught.value)


def test_a_second_connection_keeps_the_locks_of_the_first(ledger: Ledger) -> None:
    """Else the last process to leave deletes the log under us, and what we write is never seen."""
    ledger.submit(Rehearse())
    thread = threading.Thread(target=Ledger().all)
    thread.start()
    thread.join()
    code = "from jobs.ledger import Ledger; print(len(Ledger().all()))"
    for count in (1, 2, 3):
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == str(count)
        ledger.submit(Rehearse())
