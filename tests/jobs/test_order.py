"""The order of the queue can be changed, an older ledger learns it, and a failed job is asked for anew."""

import sqlite3
import threading
from pathlib import Path

import pytest

from jobs import queue
from jobs.ledger import Ledger
from jobs.specs import Rehearse, TrainVae
from store import paths
from store.errors import NotFound, Usage

FIRST_SCHEMA = """
create table job(
    seq integer primary key autoincrement, id text unique not null, recipe text not null, lane text not null,
    state text not null, attempt integer not null default 0, tries integer not null default 0,
    max_attempts integer not null default 3, spec text not null, grp text not null default '',
    client text not null default '', submitted text not null, started text, ended text, heartbeat text,
    cancelled integer not null default 0, published integer not null default 0,
    token text, host text, pid integer, lease real, error text, result text);
insert into job(id, recipe, lane, state, spec, submitted)
    values ('aaaaaaaaaaaa', 'rehearsal', 'short', 'queued', '{"recipe": "rehearsal"}', '2026-01-01');
pragma user_version=1;
"""


@pytest.fixture
def ledger(home: Path) -> Ledger:
    return Ledger()


def waiting(ledger: Ledger, count: int = 4) -> list[str]:
    return [ledger.submit(Rehearse()).id for _ in range(count)]


@pytest.mark.parametrize(
    ("which", "where", "wanted"),
    [
        (2, "first", [2, 0, 1, 3]),
        (2, "up", [0, 2, 1, 3]),
        (0, "up", [0, 1, 2, 3]),
        (1, "down", [0, 2, 1, 3]),
        (3, "down", [0, 1, 2, 3]),
        (0, "last", [1, 2, 3, 0]),
    ],
)
def test_a_queued_job_changes_its_place(ledger: Ledger, which: int, where: str, wanted: list[int]) -> None:
    ids = waiting(ledger)
    moved = ledger.move(ids[which], where)
    assert moved.id == ids[which] and moved.state == "queued"
    assert ledger.queued("short") == [ids[i] for i in wanted]
    assert ledger.place(moved) == wanted.index(which) + 1
    late = ledger.submit(Rehearse()).id
    assert ledger.queued("short")[-1] == late, "who comes later waits behind all of them"


def test_lanes_are_moved_in_apart_and_only_what_waits_can_be(ledger: Ledger) -> None:
    ids = waiting(ledger, 2)
    long = ledger.submit(TrainVae(dataset="x"))
    ledger.move(long.id, "first")
    assert ledger.queued("short") == ids and ledger.queued("long") == [long.id]
    ledger.cancel(ids[0])
    with pytest.raises(Usage, match="is cancelled; only a queued one"):
        ledger.move(ids[0], "first")
    with pytest.raises(Usage, match=r"unknown place 'frist'.*first"):
        ledger.move(ids[1], "frist")
    with pytest.raises(NotFound):
        ledger.move("zzzz", "first")


def test_what_was_moved_ahead_goes_on_first_and_resume_goes_to_its_own_place(ledger: Ledger) -> None:
    ids = waiting(ledger, 3)
    ledger.move(ids[2], "first")
    claim = ledger.claim(ids[2])
    assert claim
    with claim:
        ledger.release(claim, "interrupted")
    ledger.sweep()
    assert ledger.queued("short")[0] == ids[2], "an interrupted one keeps its place"
    ledger.cancel(ids[2])
    ledger.resume(ids[2])
    assert ledger.queued("short")[-1] == ids[2]


def test_a_ledger_of_the_version_before_is_taken_over_once_by_many(home: Path) -> None:
    path = paths.ledger()
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as db:
        db.executescript(FIRST_SCHEMA)
    db.close()
    found: list[object] = []

    def open_it() -> None:
        try:
            found.append(Ledger(path).get("aaaaaaaaaaaa"))
        except Exception as error:  # told to the test, which is another thread
            found.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(job, "state", job) for job in found] == ["queued"] * 8
    ledger = Ledger(path)
    newer = ledger.submit(Rehearse())
    ledger.move(newer.id, "first")
    assert ledger.queued("short") == [newer.id, "aaaaaaaaaaaa"]
    with sqlite3.connect(path) as db:
        assert db.execute("pragma user_version").fetchone()[0] == 2


def test_retry_asks_anew_for_what_failed_and_for_nothing_else(ledger: Ledger, monkeypatch) -> None:
    monkeypatch.setattr(queue, "ensure_worker", lambda: None)
    job = ledger.submit(Rehearse(steps=7), client="cli", max_attempts=1)
    with pytest.raises(Usage, match="is queued; cancel it first"):
        queue.retry(job.id)
    claim = ledger.claim(job.id)
    with pytest.raises(Usage, match="is running; cancel it first"):
        queue.retry(job.id)
    with claim:
        ledger.crash(claim, {"message": "broke", "code": 1})
    (paths.run(job.id) / "checkpoint").mkdir()
    (paths.run(job.id) / "checkpoint" / "count.json").write_text('{"step": 5}')
    new = queue.retry(job.id)
    assert new.id != job.id and new.spec == job.spec and new.state == "queued"
    assert (new.client, new.max_attempts, new.attempt) == ("cli", 1, 0)
    assert not (paths.run(new.id) / "checkpoint").exists(), "from the beginning"
    assert ledger.get(job.id).state == "failed"
    other = ledger.claim(new.id)
    with other:
        ledger.finish(other, "done")
    with pytest.raises(Usage, match="is done"):
        queue.retry(new.id)


def test_the_state_of_the_worker_is_told_without_one(ledger: Ledger) -> None:
    waiting(ledger, 2)
    told = queue.worker_status()
    assert told["alive"] is False and told["heartbeat_seconds"] is None and told["engine"] is None
    assert told["lanes"]["short"] == {"running": [], "queued": 2}
    queue.health_path().write_text("[1, 2")
    assert queue.worker_status()["last_error"] is None
