"""What a job made gets into the library once, however often it is tried."""

import os
import shutil
from pathlib import Path

import pytest

from jobs import commit
from jobs.job import Job
from jobs.ledger import Ledger
from jobs.specs import Rehearse
from store import paths
from store.errors import BadInput, Busy
from store.library import Library

RESULT = {
    "records": [
        {"table": "presets", "record": {"name": "one", "sliders": {}}},
        {"table": "presets", "record": {"name": "two", "sliders": {}}},
    ],
    "files": [
        {"from": "attempt-1/take.wav", "to": "takes/take.wav"},
        {"from": "attempt-1/model", "to": "models/m"},
    ],
    "summary": {},
}


def made(ledger: Ledger) -> Job:
    """A job that is done, with its files still in its run."""
    job = ledger.submit(Rehearse())
    folder = paths.run(job.id) / "attempt-1"
    (folder / "model").mkdir(parents=True)
    (folder / "take.wav").write_bytes(b"wave")
    (folder / "model" / "weights").write_bytes(b"w")
    with ledger.claim(job.id) as claim:
        commit.secure(job.id, RESULT)
        ledger.finish(claim, "done", RESULT)
    return ledger.find(job.id)


def in_place(job: Job) -> None:
    assert (paths.data() / "takes" / "take.wav").read_bytes() == b"wave"
    assert (paths.data() / "models" / "m" / "weights").read_bytes() == b"w"
    assert [one["name"] for one in Library().presets.all()] == ["one", "two"]
    assert [one["id"] for one in Library().presets.all()] == [
        commit.record_id(job.id, "presets", 0),
        commit.record_id(job.id, "presets", 1),
    ]


def test_publish_moves_files_and_adds_records(home: Path) -> None:
    ledger = Ledger()
    job = made(ledger)
    commit.publish(ledger, job)
    in_place(job)
    assert ledger.find(job.id).state == "done"


@pytest.mark.parametrize("moved", [1, 2])
def test_publish_goes_on_after_a_crash_and_repeats_nothing(home: Path, moved: int) -> None:
    ledger = Ledger()
    job = made(ledger)
    (paths.data() / "takes").mkdir(exist_ok=True)
    (paths.data() / "models").mkdir(exist_ok=True)
    for entry in RESULT["files"][:moved]:
        (paths.run(job.id) / entry["from"]).rename(paths.data() / entry["to"])
    Library().presets.add({"name": "one", "sliders": {}}, id=commit.record_id(job.id, "presets", 0))
    for _ in range(3):
        commit.publish(ledger, job)
    in_place(job)


def test_a_name_that_is_taken_is_refused_before_the_job_is_done(home: Path) -> None:
    (paths.takes() / "take.wav").write_bytes(b"somebody's")
    with pytest.raises(Busy, match="exists already"):
        made(Ledger())
    assert (paths.takes() / "take.wav").read_bytes() == b"somebody's"


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "a/../../x"])
def test_nothing_is_published_outside_the_library(home: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a path inside"):
        commit.secure("j", {"files": [{"from": "attempt-1/a", "to": name}]})
    with pytest.raises(ValueError, match="not a path inside"):
        commit.secure("j", {"files": [{"from": name, "to": "takes/a"}]})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Path("x"), {1}])
def test_a_result_that_is_not_json_is_refused_before_the_job_is_done(home: Path, value: object) -> None:
    with pytest.raises(ValueError, match="can't be kept") as caught:
        commit.secure("j", {"summary": {"loss": value}})
    assert "\n" not in str(caught.value)


def test_a_link_is_not_published(home: Path) -> None:
    (paths.run("j") / "a").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="link"):
        commit.secure("j", {"files": [{"from": "a", "to": "takes/a"}]})


def test_a_file_lost_on_the_way_is_said(home: Path) -> None:
    ledger = Ledger()
    job = made(ledger)
    (paths.run(job.id) / "attempt-1" / "take.wav").unlink()
    with pytest.raises(BadInput, match="moved away or removed"):
        commit.publish(ledger, job)


def test_publish_works_across_disks(home: Path, tmp_path: Path) -> None:
    """The data may lie on another disk than the state."""
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("one disk only")
    elsewhere = other / f"woodshed-test-{os.getpid()}"
    elsewhere.mkdir()
    try:
        ledger = Ledger()
        job = made(ledger)
        for folder in ("takes", "models"):
            (elsewhere / folder).mkdir()
            paths.data().joinpath(folder).symlink_to(elsewhere / folder)
        commit.publish(ledger, job)
        in_place(job)
        assert not (paths.run(job.id) / "attempt-1" / "take.wav").exists()
    finally:
        shutil.rmtree(elsewhere)
