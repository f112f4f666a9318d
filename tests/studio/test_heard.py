"""What a hand on a slider is told while it waits, and that the last position is the one that is heard."""

import json
import sqlite3
import threading
from typing import Any

import pytest

from jobs import locks, queue
from jobs.job import Job
from jobs.ledger import Ledger
from jobs.specs import Spec
from store import paths, stream
from store.library import Library
from studio import actions
from tests.studio.conftest import shown, studio, until

SIZE = (80, 24)
LOADS = "the engine loads, once; then comes a preview"


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are committed to the ledger, and no worker is started for them."""
    monkeypatch.setattr(
        actions.queue, "submit", lambda spec, group="", lane=None: Ledger().submit(spec, group=group)
    )


def mark(job: str, state: str, **result: Any) -> None:
    """What a worker would have done to a job."""
    with sqlite3.connect(paths.ledger()) as db:
        db.execute(
            "update job set state=?, published=?, ended=?, result=? where id=?",
            (state, state == "done", "2100-01-01T00:00:00.000Z" if state == "done" else None,
             json.dumps({"summary": result}), job),
        )  # fmt: skip


def newest() -> Job:
    return actions.jobs(1)[-1]


async def test_loading_is_said_only_while_the_engine_loads_UX(library: Library, committed: None) -> None:
    lock = locks.grab(queue.lock_path())
    queue.lock_path().write_text(json.dumps({"pid": 1, "since": "2099-01-01T00:00:00.000Z"}))
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("right")
        await until(pilot, LOADS)
        mark(newest().id, "running")
        await pilot.pause(0.3)
        assert LOADS in shown(app)
        mark(newest().id, "done", take=library.takes.all()[0])
        await until(pilot, "♪ preview")
        await pilot.press("right")
        await until(pilot, "a preview waits for what is being made")
        mark(newest().id, "running")
        text = await until(pilot, "making a preview")
        assert "engine loads" not in text
        mark(newest().id, "done", take=library.takes.all()[1])
        await until(pilot, "♪ preview")
        app.page.sliders.set(takes=3.0)
        await pilot.press("enter")
        await until(pilot, "3 takes waits for what is being made")
        mark(newest().id, "running")
        stream.say(paths.run(newest().id) / "events.jsonl", kind="progress", done=2, total=3)
        await until(pilot, "making 3 takes, 2 of 3 made")
        await pilot.press("q")
    assert lock is not None


async def test_an_engine_that_is_warm_from_before_is_not_said_to_load_UX(
    library: Library, committed: None
) -> None:
    locks.grab(queue.lock_path())
    queue.lock_path().write_text(json.dumps({"pid": 1, "since": "2099-01-01T00:00:00.000Z"}))
    actions.generate("a1" * 6)
    mark(newest().id, "done", takes=[])
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("right")
        assert "engine loads" not in await until(pilot, "a preview waits")


async def test_the_newest_position_wins_however_slowly_an_older_one_is_sent_UX(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview on its way to the ledger can't be called back, and what is sent last stops the others."""
    slow, sending = threading.Event(), threading.Event()

    def submit(spec: Spec, group: str = "", lane: str | None = None) -> Job:
        if not sending.is_set():
            sending.set()
            slow.wait(10)
        return Ledger().submit(spec, group=group)

    monkeypatch.setattr(actions.queue, "submit", submit)
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("right")
        while not sending.is_set():
            await pilot.pause(0.02)
        await pilot.press("right", "right")
        await pilot.pause(0.4)
        slow.set()
        while len(actions.jobs()) < 2:
            await pilot.pause(0.02)
        first, last = actions.jobs()
        assert (first.spec["sliders"], last.spec["sliders"]) == ({"density": 51}, {"density": 53})
        assert (first.state, last.state) == ("cancelled", "queued")
        mark(last.id, "done", take={**library.takes.all()[0], "seed": 53})
        await until(pilot, "♪ preview · 0:04.0 · seed 53")


async def test_that_sounds_are_played_by_their_path_is_said_once_UX(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "no sound output here" in shown(app)
        await pilot.press("j", "enter")
        await pilot.pause()
        text = shown(app)
        assert "no sound output here" not in text and f"{'05' * 6}.wav" in text
        await pilot.press("space")
        await pilot.pause()
        assert "no sound output here" in shown(app), "asked for again it is said again"


def marked(page: Any) -> list[str]:
    return [row.text for row in page.sliders.rows() if "○" in row.text]


async def test_each_row_shows_where_the_sound_lies_that_was_heard_GEN_08(
    library: Library, committed: None
) -> None:
    """A free axis as well as one that is set; one that no ruler measures says so and shows nothing."""
    reached = {"density": 20.0, "brightness": 71.3, "warmth": "loud", "roughness": 900, "width": 3}
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        page = app.page
        await pilot.press("right", "j")
        assert not marked(page)
        while not actions.jobs():
            await pilot.pause(0.02)
        mark(newest().id, "done", take={**library.takes.all()[0], "model": "e5" * 6, "reached": reached})
        text = await until(pilot, "○ at 71")
        rows = {
            line.split()[1].lstrip("▌"): line for line in text.splitlines() if "free" in line or "51" in line
        }
        bar = rows["density"][16:46]
        assert 0 < bar.index("○") < bar.index("●"), "asked for the middle, heard at a fifth"
        assert "○" in rows["brightness"] and "○" not in rows["warmth"] and "○" not in rows["roughness"]
        page.sliders.at = [k.name for k in page.sliders.knobs].index("explore1")
        await pilot.press("right")
        page._rest.stop()
        await pilot.pause()
        text = shown(app)
        assert "more · not measured" in text and "what differs most · not measured" in text
        page.choose("a1" * 6)
        await pilot.pause()
        assert not marked(page), "of another model it says nothing"


async def test_the_next_start_shows_the_take_that_was_kept_last_UX(library: Library, committed: None) -> None:
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        while not actions.jobs():
            await pilot.pause(0.02)
        mark(newest().id, "done", takes=["03" * 6])
        await until(pilot, "♪ kept · 0:04.0 · seed 2")
        await pilot.press("q")
    library.takes.amend("03" * 6, reached={"brightness": 12.0})
    library.models.trash("e5" * 6)
    again = studio("play")
    async with again.run_test(size=SIZE) as pilot:
        await until(pilot, "now plays drums")
        await until(pilot, "♪ kept · 0:04.0 · seed 2")
        assert len(marked(again.page)) == 1 and not again.player.playing
        assert "▀" in shown(again), "it is seen, and not played unasked"
        await pilot.press("v")
        await pilot.pause()
        assert "varies gen_" in shown(again)


async def test_the_history_says_what_was_not_measured_GEN_08(library: Library) -> None:
    take = library.takes.all()[-1]
    made = {"sliders": {"brightness": 60, "explore1": 80}, "reached": {"brightness": 48.2}}
    library.takes.add({**take, **made}, id="77" * 6)
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "brightness 60 (got to 48)  explore1 80 (not measured)" in shown(app)
