"""What a recipe has in front of it."""

import shutil
from pathlib import Path

import pytest

from jobs.desk import Desk, Stopped
from jobs.recipes import rehearsal
from jobs.specs import Rehearse
from store import stream
from store.errors import BadInput, Busy
from tests.jobs.watching import mode


def said(desk: Desk, kind: str) -> list[dict]:
    return [row for row in stream.follow(desk.folder / "events.jsonl")[0] if row["kind"] == kind]


def test_an_attempt_is_fresh_and_a_checkpoint_stays(tmp_path: Path) -> None:
    desk = Desk("j", tmp_path)
    (desk.attempt_folder / "half").write_text("x")
    (desk.checkpoint / "kept").write_text("x")
    again = Desk("j", tmp_path)
    assert list(again.attempt_folder.iterdir()) == []
    assert (again.checkpoint / "kept").exists()
    assert mode(again.attempt_folder) == mode(again.checkpoint) == 0o700
    assert Desk("j", tmp_path, attempt=2).attempt_folder != again.attempt_folder


def test_progress_is_rare_but_never_without_its_end(tmp_path: Path) -> None:
    desk = Desk("j", tmp_path)
    for done in range(1, 1001):
        desk.progress(done, 1000, "steps")
    rows = said(desk, "progress")
    assert len(rows) <= 5
    assert rows[-1]["done"] == 1000 and rows[-1]["eta"] == 0 and rows[-1]["rate"] > 0


def test_the_time_left_is_that_of_what_is_counted_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went before, and however the total changes on the way."""
    desk, clock = Desk("j", tmp_path), [100.0]
    monkeypatch.setattr("jobs.desk.time.monotonic", lambda: clock[0])
    desk.progress(1, 100, "files")
    for done in range(4):
        clock[0] += 60 if done == 0 else 2
        desk.progress(done, 10 + done, "rows")
    rows = [row for row in said(desk, "progress") if row["unit"] == "rows"]
    assert [row["rate"] for row in rows] == [None, 0.5, 0.5, 0.5]
    assert [row["eta"] for row in rows] == [None, 20, 20, 20]


def test_rows_and_notes_reach_the_stream(tmp_path: Path) -> None:
    desk = Desk("j", tmp_path)
    desk.row(epoch=1, loss=float("nan"))
    desk.note("hello")
    assert said(desk, "row")[0]["loss"] is None
    assert said(desk, "note")[0]["text"] == "hello"


def test_check_raises_when_asked_to_stop(tmp_path: Path) -> None:
    Desk("j", tmp_path).check()
    desk = Desk("j", tmp_path, stop=lambda: True)
    assert desk.stopped()
    with pytest.raises(Stopped):
        desk.check()


def test_a_vanished_folder_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    desk = Desk("j", folder)
    shutil.rmtree(folder)
    with pytest.raises(BadInput, match="gone"):
        desk.note("x")
    with pytest.raises(BadInput, match="gone"):
        Desk("j", folder)


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    desk = Desk("j", tmp_path)
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    with pytest.raises(Busy, match="disk is full"):
        desk.note("x")


def test_a_rehearsal_goes_on_where_it_stopped(tmp_path: Path) -> None:
    steps: list[int] = []

    def stop_at_seven() -> bool:
        steps.append(0)
        return len(steps) > 7

    with pytest.raises(Stopped):
        rehearsal.run(Rehearse(steps=10, pause=0, every=5), Desk("j", tmp_path, 1, stop_at_seven))
    desk = Desk("j", tmp_path, 2)
    told = rehearsal.run(Rehearse(steps=10, pause=0, every=5), desk)
    assert told["summary"] == {"steps": 10, "attempts": 2}
    assert [row["step"] for row in said(desk, "row")] == list(range(1, 11))
