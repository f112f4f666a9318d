"""However the studio ends, at a real pty: the terminal and the place kept, none left but the worker."""

import os
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from jobs import queue, specs
from jobs.ledger import Ledger
from store.library import Library
from studio import actions
from tests.conftest import living
from tests.live import Training
from tests.studio import house
from tests.studio.terminal import Terminal


def left_over(home: Path) -> list[list[str]]:
    """Command lines of what still runs in the home, the worker and its own processes aside."""
    found = []
    for process in living(home):
        with suppress(psutil.Error):
            if not any("jobs." in word for word in process.cmdline()):
                found.append(process.cmdline())
    return found


def place() -> str:
    return Library().setting("studio", {}).get("screen", "")


@pytest.mark.parametrize(
    ("how", "code"), [("q", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, None)]
)
def test_every_ending_gives_the_terminal_back(home: Path, how: str | int, code: int | None) -> None:
    house.furnish()
    Ledger().submit(specs.make(specs.Rehearse, steps=10_000, pause=1))
    with Terminal(home, (80, 24)) as terminal:
        terminal.wait("● .*(worker|run)", 30)
        terminal.press("6")
        terminal.wait("A⇄B")
        terminal.quiet(0.2)
        if code is None:
            # ctrl+c is no way out: it is a key that nothing is bound to.
            terminal.press("\x03")
            terminal.quiet(0.3)
            how, code = "q", 0
        if isinstance(how, str):
            terminal.press(how)
        assert terminal.end(0 if isinstance(how, str) else how) == code
        assert terminal.unclean() == []
        assert b"Traceback" not in terminal.raw
        assert (b"1 job goes on without the studio" in terminal.raw) == (how == "q")
    assert left_over(home) == []
    assert queue.worker_status()["alive"], "jobs go on"
    assert place() == "history"


def test_a_terminal_that_vanishes_ends_it_and_keeps_the_place(home: Path) -> None:
    house.furnish()
    terminal = Terminal(home, (80, 24))
    try:
        terminal.wait("kick_tight")
        terminal.press("4")
        terminal.wait("play it")
        terminal.quiet(0.2)
        os.close(terminal.fd)
        begun, before = time.monotonic(), terminal.cpu()
        while psutil.pid_exists(terminal.pid) and time.monotonic() - begun < 8:
            with suppress(FileNotFoundError, IndexError):
                before = max(before, terminal.cpu())
            if os.waitpid(terminal.pid, os.WNOHANG)[0]:
                break
            time.sleep(0.02)
        assert time.monotonic() - begun < 5, "it still runs"
        terminal.status = 0
    finally:
        terminal.fd = os.open(os.devnull, os.O_RDWR)
        terminal.close()
    assert left_over(home) == []
    assert place() == "models"


def test_killed_at_once_it_starts_again_and_jobs_went_on(home: Path) -> None:
    house.furnish()
    job = Ledger().submit(specs.make(specs.Rehearse, steps=40, pause=0.05))
    with Terminal(home, (80, 24)) as terminal:
        terminal.wait("1 run", 30)
        assert terminal.end(signal.SIGKILL) == -signal.SIGKILL
    assert left_over(home) == []
    with Terminal(home, (80, 24)) as terminal:
        terminal.wait("kick_tight")
        terminal.press("3")
        terminal.wait("✓ done", 30)
        terminal.press("q")
        assert terminal.end(0) == 0
    assert actions.job(job.id).attempt == 1, "the job never noticed"


@pytest.mark.slow
def test_a_worker_killed_under_a_job_is_told_and_replaced(home: Path) -> None:
    job = Ledger().submit(specs.make(specs.Rehearse, steps=80, pause=0.05))
    with Terminal(home, (100, 30)) as terminal:
        terminal.press("3")
        terminal.wait("● 1 run", 30)
        terminal.wait("▶ running")
        first = queue.worker_status()["pid"]
        os.kill(first, signal.SIGKILL)
        terminal.wait("the worker was gone: a new one is started")
        terminal.wait("● 1 run", 30)
        terminal.wait("✓ done[^✓]*100 %", 30)
        assert queue.worker_status()["pid"] != first
        terminal.press("q")
        assert terminal.end(0) == 0
    ended = actions.job(job.id)
    assert (ended.state, ended.attempt) == ("done", 2)
    assert ended.result["summary"]["steps"] == 80, "nothing is lost"


def test_ctrl_z_gives_the_shell_back_and_fg_the_studio(home: Path) -> None:
    house.furnish()
    with Terminal(home, (80, 24), ["bash", "--norc", "--noprofile", "-i"]) as terminal:
        terminal.press(f"bind 'set enable-bracketed-paste off'; PS1='ready> '; {sys.executable} -m studio\r")
        terminal.wait("kick_tight")
        terminal.press("4")
        terminal.wait("play it")
        terminal.quiet(0.3)
        terminal.press("\x1a")
        terminal.wait("Stopped")
        terminal.quiet(0.2)
        assert [one for one in terminal.unclean() if one != "raw mode"] == [], (
            "but for the shell's own editor"
        )
        terminal.press("echo so$((40+2))so\r")
        terminal.wait("so42so")
        before = len(terminal.raw)
        terminal.press("fg\r")
        terminal.sent(b"\x1b[?1049h", before)
        terminal.quiet(0.3)
        terminal.press("6")
        terminal.wait("A⇄B")
        before = len(terminal.raw)
        terminal.press("q")
        terminal.sent(b"ready> ", before)
        terminal.quiet(0.1)
        assert [one for one in terminal.unclean() if one != "raw mode"] == []
        terminal.press("exit\r")
        terminal.end(0)


def test_a_megabyte_pasted_into_a_field_is_cut_and_said(home: Path) -> None:
    house.furnish()
    with Terminal(home, (80, 24)) as terminal:
        terminal.wait("kick_tight")
        terminal.press("r")
        terminal.wait("rename dataset")
        terminal.quiet(0.2)
        pasted = b"\x1b[200~" + b"x" * (1 << 20) + b"\nsecond line\x1b[201~"
        begun = time.monotonic()
        while pasted:
            pasted = pasted[os.write(terminal.fd, pasted[:4096]) :]
            terminal.pump(0)
        terminal.wait("xxxxxx")
        terminal.quiet(0.5)
        terminal.press("\r")
        terminal.wait("at most")
        assert time.monotonic() - begun < 10
        terminal.press("\x1b")
        terminal.wait("kick_tight")
        terminal.press("q")
        assert terminal.end(0) == 0
    assert [one["name"] for one in actions.datasets()] == ["drums", "keys of the old upright"]


SIZES = [(20, 6), (200, 60), (80, 24), (1, 1), (120, 40), (33, 9), (160, 50), (60, 5), (119, 39)]


def timeless(terminal: Terminal) -> str:
    """The picture without the seconds since the last beat, which go on while one looks."""
    return re.sub(r"beat \d+ s ago", "beat", terminal.text)


@pytest.mark.slow
def test_a_storm_of_sizes_while_a_training_streams(home: Path) -> None:
    house.furnish()
    with Training(home) as live, Terminal(home) as terminal:
        terminal.wait("kick_tight")
        terminal.press("2")
        terminal.wait(f"{live.epoch}/200")
        for at in range(60):
            terminal.resize(*SIZES[at % len(SIZES)])
            if at % 6 == 0:
                live.say()
                terminal.press("1234562"[at % 7])
            terminal.pump(0.02)
        terminal.resize(120, 40)
        terminal.press("2")
        live.say()
        terminal.wait(f"{live.epoch}/200")
        # The keys of the page follow its picture, on a busy machine a while later.
        terminal.wait("t term")
        terminal.quiet(0.5)
        after = timeless(terminal)
        terminal.press("q")
        assert terminal.end(0) == 0 and b"Traceback" not in terminal.raw
        assert terminal.unclean() == []
    # The same picture as one that never had another size.
    with Training(home, live.epoch) as again, Terminal(home) as terminal:
        terminal.wait(f"{again.epoch}/200")
        terminal.quiet(0.5)
        assert timeless(terminal) == after


def test_a_terminal_that_is_too_small_is_no_error(home: Path) -> None:
    house.furnish()
    with Terminal(home, (8, 3)) as terminal:
        terminal.quiet(1.0)
        for key in [*"123456", "?", "\x1b", ":", "\x1b", "/", "\x1b", "?"]:
            terminal.press(key)
            terminal.quiet(0.15)
        terminal.resize(80, 24)
        terminal.wait("─ keys ─[\\s\\S]*as A")
        terminal.press("\x1b")
        terminal.quiet(0.2)
        terminal.press("1")
        terminal.wait("kick_tight")
        terminal.press("q")
        assert terminal.end(0) == 0
