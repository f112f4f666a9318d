"""Jobs: the queue in its order, retry, a log that follows, how the worker is; with a real worker."""

import os
import signal
import time
from pathlib import Path

import pytest

from jobs import queue, specs
from jobs.ledger import Ledger
from store import paths, stream
from store.library import Library
from studio import actions
from studio.screens.log import OfJob
from tests import sounds
from tests.studio import states
from tests.studio.conftest import shown, studio, until


def waiting(*names: str) -> list[str]:
    """Imports that wait for a worker, oldest first."""
    made = [Ledger().submit(specs.make(specs.ImportSounds, paths=["/sounds"], name=name)) for name in names]
    return [job.id for job in made]


def order(text: str, *names: str) -> list[str]:
    return sorted(names, key=lambda name: text.index(f" {name} "))


async def test_the_queue_is_shown_and_moved_in_the_order_in_which_it_runs_UX(home: Path) -> None:
    ids = waiting("first", "second", "third")
    app = studio("jobs")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        text = shown(app)
        assert order(text, "first", "second", "third") == ["first", "second", "third"]
        assert "◦ queued (3)" in text and "waits for a worker" in text
        await pilot.press("G", "K")
        await pilot.pause(0.2)
        assert Ledger().queued("short") == [ids[0], ids[2], ids[1]]
        assert order(shown(app), "first", "second", "third") == ["first", "third", "second"]
        assert app.page.list.item.id == ids[2], "the cursor goes with it"
        await pilot.press("shift+up")
        await pilot.pause(0.2)
        assert Ledger().queued("short")[0] == ids[2]
        await pilot.press("J", "J")
        await pilot.pause(0.2)
        assert Ledger().queued("short")[-1] == ids[2]


async def test_retry_runs_a_failed_job_anew_with_a_real_worker_UX(home: Path, tmp_path: Path) -> None:
    app = studio("jobs", wake=True)
    async with app.run_test(size=(100, 30)) as pilot:
        job = queue.submit(specs.make(specs.ImportSounds, paths=[str(tmp_path / "none")], name="later"))
        await until(pilot, "✗ failed")
        await until(pilot, "R runs it anew")
        sounds.write_folder(tmp_path / "none", count=2, seconds=0.3)
        await pilot.press("R")
        await until(pilot, "runs anew as job")
        await until(pilot, "✓ done")
        newest, old = actions.jobs()[-1], actions.job(job.id)
        assert newest.id != job.id and newest.spec == job.spec
        assert (newest.state, old.state) == ("done", "failed"), "the old one stays as it is"
        app.page.list.go(newest.id)
        await pilot.press("R")
        await until(pilot, "is done")
        assert len(actions.jobs()) == 2


async def test_a_running_job_says_step_rate_eta_and_beat_and_its_worker_lives_UX(home: Path) -> None:
    app = studio("jobs", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "no worker")
        actions.submit(specs.Rehearse, steps=400, pause=0.02)
        text = await until(pilot, "left · beat")
        assert "/400 steps" in text and "/s" in text
        pid = queue.worker_status()["pid"]
        assert f"● worker {pid} since" in shown(app) and "beats" in shown(app)
        await until(pilot, "engine cold")
        status = queue.worker_status()
        assert status["heartbeat_seconds"] < 5 and len(status["lanes"]["short"]["running"]) == 1
        assert status["engine"] == "cold"
        os.kill(pid, signal.SIGSTOP)
        try:
            os.utime(queue.lock_path(), (0, time.time() - 60))
            await until(pilot, "no beat for", 20)
            assert f"kill {pid}" in shown(app)
        finally:
            os.kill(pid, signal.SIGCONT)


async def test_a_worker_is_started_by_a_key_UX(home: Path) -> None:
    app = studio("jobs")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert "no worker" in shown(app)
        waiting("one")
        app.poll()
        await until(pilot, "w starts one")
        await pilot.press("w")
        await until(pilot, "● worker")


async def test_a_log_follows_and_stays_where_one_scrolled_to_UX(home: Path) -> None:
    ledger = Ledger()
    job = ledger.submit(specs.make(specs.Rehearse, steps=50))
    path = paths.events(job.id)
    for step in range(60):
        stream.say(path, kind="row", step=step)
    claim = ledger.claim(job.id)
    assert claim
    app = studio("jobs")
    with claim:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.1)
            await pilot.press("l")
            await until(pilot, "step 59")
            assert "running  follows" in shown(app)
            stream.say(path, kind="row", step=60)
            for done in range(5):
                stream.say(path, kind="progress", done=done, total=50)
            paths.log(job.id).write_text("half a li")
            text = await until(pilot, "done 4")
            assert "step 60" in text and "done 3" not in text, "progress in a row is said once"
            assert "half a li" not in text
            await pilot.press("g")
            await pilot.pause()
            paths.log(job.id).write_text("half a line\n\x1b[2J[b]hostile[/b]\n")
            await pilot.pause(1.3)
            assert app.screen.list.cursor == 0 and "step 0" in shown(app)
            assert "hostile" not in shown(app)
            await pilot.press("G")
            text = await until(pilot, "␛[2J[b]hostile[/b]")
            assert "half a line" in text
            ledger.finish(claim, "failed", error={"message": "no", "code": 1})
            await until(pilot, "✗ failed")
            assert str(paths.log(job.id))[:20] in shown(app)


def test_a_log_of_any_size_is_read_from_its_end(home: Path) -> None:
    log = paths.log("big")
    log.write_bytes(b"x" * 3_000_000 + b"\nTraceback\nValueError: no\nlast without end")
    source = OfJob("big")
    assert source.more()[-2:] == ["Traceback", "ValueError: no"]
    assert source.last() == ["last without end"]
    assert source.more() == []
    log.write_text("begun again\n")
    assert source.more() == ["begun again"]


async def test_a_failed_job_shows_its_traceback_UX(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = queue.submit(specs.make(specs.Rehearse, steps=3), max_attempts=1)
    checkpoint = paths.run(job.id) / "checkpoint"
    checkpoint.mkdir(exist_ok=True)
    (checkpoint / "count.json").write_text("[]")
    app = studio("jobs", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "✗ failed")
        await pilot.press("l")
        text = await until(pilot, "Traceback")
        assert "TypeError" in text


async def test_jobs_are_sifted_by_what_their_rows_say_and_what_is_done_is_whole_UX(home: Path) -> None:
    app = studio("jobs")
    with states.repairing() as (score, training):
        states.ended(score, {"left": "score.json", "composite": 0.93, "tier": "very good"})
        stream.say(paths.events(score), kind="progress", done=98, total=100, unit="s", rate=9.0)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.3)
            app.page.list.go(score)
            text = await until(pilot, " 100 %")
            assert " 98 %" not in text and "98/100" not in text
            for words, found in (("score", [score]), ("learn rep", [training]), ("repair done", [score])):
                app.page.list.sift(words)
                assert [job.id for job in app.page.list.shown] == found, words


async def test_hostile_names_of_jobs_reach_no_terminal_UX(library: Library) -> None:
    waiting("\x1b]0;owned\x07[bold]\u202eevil")
    app = studio("jobs")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        text = shown(app)
        assert "␛]0;owned␇[bold]" in text and "\x1b" not in text and "\u202e" not in text


def test_moved_jobs_run_in_the_order_that_was_asked_for(home: Path) -> None:
    """Messages stay as they were sent: a worker takes what the ledger has first."""
    busy = actions.submit(specs.Rehearse, steps=60, pause=0.02)
    ids = [actions.submit(specs.Rehearse, steps=2, pause=0.0).id for _ in range(4)]
    while actions.job(busy.id).state != "running":
        time.sleep(0.01)
    actions.move(ids[3], "first")
    actions.move(ids[0], "last")
    wanted = [ids[3], ids[1], ids[2], ids[0]]
    assert Ledger().queued("short") == wanted
    end = time.monotonic() + 30
    while any(job.state != "done" for job in actions.jobs()):
        assert time.monotonic() < end
        time.sleep(0.02)
    jobs = [actions.job(id) for id in wanted]
    assert [job.id for job in sorted(jobs, key=lambda job: job.started or "")] == wanted
    assert all(job.tries == 1 for job in jobs)


async def test_what_happens_while_the_studio_opens_is_seen_UX(home: Path) -> None:
    app = studio("jobs")
    async with app.run_test(size=(80, 24)) as pilot:
        while not app.house.seen:
            if app.page.recalled and not app.page.list.items and not actions.jobs():
                waiting("early")
            await pilot.pause()
        await until(pilot, "early", 5)
