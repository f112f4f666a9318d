"""At a real pty: nothing from outside commands the terminal, and it is given back however we end."""

import signal
import sys
from pathlib import Path

import pytest

from jobs import specs
from jobs.ledger import Ledger
from store.library import Library
from tests.studio import house
from tests.studio.terminal import Terminal

GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")
"""Main screen, cursor, mouse, paste: as they were."""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_give_the_terminal_back_and_keep_the_place(home: Path, number: int, code: int) -> None:
    house.furnish()
    with Terminal(home, (80, 24)) as terminal:
        terminal.wait("kick_tight")
        terminal.press("6")
        terminal.wait("asleep|worker")
        terminal.wait("A⇄B")
        terminal.quiet(0.2)
        before = len(terminal.raw)
        assert terminal.end(number) == code
        ending = bytes(terminal.raw[before:])
        assert all(sequence in ending for sequence in GIVEN_BACK)
        assert b"Traceback" not in ending
    assert Library().setting("studio")["screen"] == "history"


def test_quitting_says_that_jobs_go_on(home: Path) -> None:
    house.furnish()
    Ledger().submit(specs.make(specs.Rehearse, steps=10_000, pause=1))
    with Terminal(home, (80, 24)) as terminal:
        terminal.wait("asleep|worker")
        terminal.press("q")
        assert terminal.end(0) == 0
        assert b"1 job goes on without the studio" in terminal.raw


def test_a_terminal_that_is_gone_does_not_hold_it(home: Path) -> None:
    terminal = Terminal(home, (80, 24))
    terminal.wait("datasets")
    import os

    os.close(terminal.fd)
    terminal.fd = os.open(os.devnull, os.O_RDWR)
    try:
        terminal.end(0, seconds=10)
    finally:
        terminal.close()


HEAVY = (
    "torch",
    "torchaudio",
    "librosa",
    "sklearn",
    "scipy",
    "numba",
    "numpy",
    "soundfile",
    "onnxruntime",
    "huey",
)
PROBE = """
import asyncio, sys
from studio.frame import Studio
async def go():
    app = Studio(wake=False)
    async with app.run_test(size=(120, 40)) as pilot:
        for key in "123456":
            await pilot.press(key)
            await pilot.pause()
asyncio.run(go())
print("HEAVY", [name for name in %r if name in sys.modules])
"""


def test_no_screen_imports_what_is_heavy(home: Path) -> None:
    import subprocess

    house.furnish()
    done = subprocess.run(
        [sys.executable, "-c", PROBE % (HEAVY,)], capture_output=True, text=True, timeout=60
    )
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr[-2000:]
