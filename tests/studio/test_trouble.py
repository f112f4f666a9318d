"""What goes wrong around the studio does not end it; what goes wrong inside leaves the terminal as it was."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from jobs import queue, specs
from store import paths
from store.errors import Busy, NoWorker
from store.library import Library
from studio import actions
from tests.studio import house
from tests.studio.conftest import shown, studio, until
from tests.studio.terminal import Terminal
from tests.studio.test_terminal import GIVEN_BACK


async def test_a_locked_ledger_is_said_once_and_outlived(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise Busy("jobs.db: locked by another process for 10 s; try again")

    app = studio("jobs")
    async with app.run_test(size=(120, 40)) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(actions, "ledger", locked)
            patch.setattr(actions, "jobs", locked)
            app.poll()
            await until(pilot, "locked by another process")
            await pilot.press("down")
            app.poll()
            await pilot.pause()
            assert "locked by another process" not in shown(app), "once is enough"
            await pilot.press("2", "3")
            await pilot.pause()
            assert app.page.id == "jobs"
        app.poll()
        assert app.refused == ""
        monkeypatch.setattr(actions, "jobs", locked)
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_worker_that_was_killed_is_replaced(home: Path) -> None:
    app = studio("jobs", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        job = actions.submit(specs.Rehearse, steps=60, pause=0.02)
        await until(pilot, "▶ running")
        os.kill(queue.worker_status()["pid"], signal.SIGKILL)
        await until(pilot, "✓ done")
    assert actions.job(job.id).state == "done"


async def test_no_worker_is_said_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    house.jobs()

    def none() -> None:
        raise NoWorker("no worker could be started")

    monkeypatch.setattr(queue, "ensure_worker", none)
    app = studio("jobs", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "no worker could be started")
        await pilot.press("down")
        app.house._asked = -10.0
        app.poll()
        await pilot.pause()
        assert "no worker could be started" not in shown(app)


async def test_a_take_that_was_cancelled_is_no_longer_being_made(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ensure_worker", lambda: None)
    app = studio("play")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await until(pilot, "then comes a take")
        actions.cancel(actions.jobs()[-1].id)
        await until(pilot, "■ cancelled")
        assert "then comes a take" not in shown(app)


BROKEN = """
import sys
from studio import app, frame
def broken(self):
    raise RuntimeError("a \\x1b[31mbug")
frame.Studio.action_help = broken
sys.exit(app.main())
"""


def test_a_bug_is_one_line_and_a_log(home: Path) -> None:
    with Terminal(home, (80, 24), [sys.executable, "-c", BROKEN]) as terminal:
        terminal.wait("datasets")
        time.sleep(0.3)
        terminal.press("?")
        assert terminal.end(0) == 1
        raw = bytes(terminal.raw)
        assert all(sequence in raw for sequence in GIVEN_BACK)
        ending = raw[raw.rindex(GIVEN_BACK[0]) :]
        assert b"RuntimeError" in ending and b"Traceback" not in raw and b"\x1b[31mbug" not in raw
        assert ending.decode().count("woodshed:") == 1
    assert "in broken" in paths.log("studio").read_text()


def test_what_can_not_be_opened_is_said_on_stderr(home: Path) -> None:
    import subprocess

    (home / "data").write_text("a file where the library should be")
    code = "import sys\nfrom studio import app\nsys.exit(app.main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "" and done.stderr.startswith("woodshed: ") and done.stderr.count("\n") == 1
    assert done.returncode == 1
