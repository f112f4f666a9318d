"""Retry, order, curve and the worker's health from the command line."""

from pathlib import Path

import pytest

from jobs import queue, specs
from jobs.ledger import Ledger
from studio import actions
from tests.commands.front import ask, refused, run
from tests.studio import house


@pytest.fixture
def asleep(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two jobs that wait where no worker is."""
    return [Ledger().submit(specs.make(specs.Rehearse, steps=2, pause=0.0)).id for _ in range(2)]


def test_a_queued_job_is_moved_and_its_place_is_said_CLI(asleep: list[str]) -> None:
    assert ask("jobs", "move", asleep[1], "--first")["place"] == 1
    assert [job["id"] for job in ask("jobs", "ls")] == asleep
    assert "queued (2)" in run("jobs", "ls").stdout
    assert "number 2" in run("jobs", "move", asleep[1], "--down").stdout
    assert "--first" in refused("jobs", "move", asleep[0], code=2)
    assert ask("jobs", "show", asleep[1])["place"] == 2


def test_a_cancelled_job_is_run_anew_CLI(asleep: list[str]) -> None:
    Ledger().cancel(asleep[0])
    new = ask("jobs", "retry", asleep[0])
    assert new["id"] not in asleep and new["spec"]["steps"] == 2
    assert actions.wait(actions.job(new["id"]), lambda row: None).state == "done"
    assert actions.job(asleep[0]).state == "cancelled"
    assert "is done" in refused("jobs", "retry", new["id"], code=2)
    assert ask("jobs", "show", new["id"])["progress"]["done"] == 2
    status = ask("worker", "--status")
    assert status["alive"] and status["heartbeat_seconds"] < 30 and set(status["lanes"]) == set(specs.LANES)
    assert f"worker {queue.worker_status()['pid']} since" in run("worker", "--status").stdout


def test_curves_are_printed_and_compared_CLI(home: Path) -> None:
    house.furnish()
    house.jobs()
    text = run("jobs", "curve", "20b").stdout
    assert "v validation" in text and "200 epoch" in text and "drums at dusk" in text
    both = run("jobs", "curve", "20b", "40b", "--log").stdout
    assert "A drums at dusk   B drums at dawn" in both and "177" in both
    part = run("jobs", "curve", "20b", "--term", "stft", "--from", "10", "--to", "30").stdout
    assert "10" in part and "30 epoch" in part
    told = ask("jobs", "curve", "20b", "40b")
    assert [one["epochs"] for one in told] == [180, 60]
    assert len(told[0]["curves"]["validation"]["values"]) == 180
    assert "'loss'" in refused("jobs", "curve", "20b", "--term", "los", code=2)
    assert "no curve" in refused("jobs", "curve", "10b", code=2)
    assert "nothing between them" in refused("jobs", "curve", "20b", "--from", "9", "--to", "3", code=2)
    assert "woodshed: " in refused("jobs", "curve", "zzz", code=3)
