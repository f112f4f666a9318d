"""At a real pty: nothing from outside commands the terminal, and it is given back however we end."""

import re
import signal
import sys
from pathlib import Path

import pytest

from jobs import specs
from jobs.ledger import Ledger
from store.library import Library
from tests.studio import house
from tests.studio.terminal import Terminal

BAD = [
    "kick\x1b]52;c;cm0gLXJm\x07.wav",
    "snare\x1b[31;5mred.wav",
    "hat\x9b2J.wav",
    "rtl\u202egnp.wav",
    "[bold red]markup[/] kick[/].wav",
    "[@click=app.quit]quit[/]",
    "x" * 300 + ".wav",
    "🥁👩‍👩‍👧🏽 drums\ufe0f.wav",
    "half\udce9.wav",
    "new\nline\ttab\x07\x00.wav",
    "zalgo" + "\u0301" * 200,
]
OURS = re.compile(
    rb"\x1b\[[0-9;]*[mHJK]|\x1b\[\?[0-9;]+[hl]|\x1b\[\?\d+\$p|\x1b\[[<>=][0-9;]*u|\x1b\]22;[a-z]*\x07|\x1b\[[0-9;]*[a-zA-Z]|\x1b\[\?1u"
)
"""What Textual itself sends."""
GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")
"""Main screen, cursor, mouse, paste: as they were."""


def hostile(library: Library) -> None:
    """The worst names everywhere a name is shown. Written past the checks, as from a file of someone else."""
    owner = house.dataset(library, "drums", names=[name.replace("/", "_") for name in BAD])
    for record, shelf in ((owner, library.datasets),):
        shelf.amend(record["id"], name=BAD[0], problems=[
            {"level": "error", "code": "x", "file": "/a/" + BAD[1], "message": BAD[3] + BAD[2]},
        ])  # fmt: skip
    made = house.model(library, owner)
    library.models.amend(
        made["id"],
        name=BAD[1],
        dataset_name=BAD[4],
        axes=[{**made["axes"][0], "name": BAD[2], "high_word": BAD[0]}],
    )
    for at, name in enumerate(BAD):
        library.takes.amend(
            house.take(library, made, at)["id"], name=name, model_name=BAD[1], path=f"/x/{BAD[0]}"
        )


def test_no_byte_from_outside_commands_the_terminal(home: Path) -> None:
    """Control bytes, OSC 52, C1, bidi, markup, 300 characters, emoji: on every screen that shows names."""
    hostile(Library())
    with Terminal(home, (100, 30)) as terminal:
        terminal.wait("datasets")
        for key in "2\x1b456":
            terminal.press(key)
            terminal.quiet(0.4)
            if key == "6":
                for step in "jjjjjjjjjj a?":
                    terminal.press(step)
                    terminal.quiet(0.15)
        assert "markup" in terminal.text or "kick" in terminal.text
        left = OURS.sub(b"", bytes(terminal.raw))
        text = left.decode("utf-8")
        assert b"]52" not in left.replace("␛]52".encode(), b"")
        assert not [c for c in text if (ord(c) < 32 and c not in "\r\n") or 127 <= ord(c) < 160], (
            "control bytes got out"
        )
        assert not set(text) & {"\u202e", "\u2066", "\u200d"}
        assert b"\x1b[31;5m" not in terminal.raw


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
