"""Another process holds the library or the ledger for a while: the keys go on, it is said, and it passes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store import paths
from studio import actions
from tests.studio import house
from tests.studio.terminal import REPO, Terminal

LIBRARY = """
import fcntl, sys
held = [open(path, "a") for path in sys.argv[1:]]
for file in held:
    fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
LEDGER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
for word in sys.argv[2:]:
    db.execute(word)
db.execute("update job set client='x'")
print("held", flush=True)
sys.stdin.read()
db.execute("rollback")
"""


@contextmanager
def holding(code: str, *arguments: object) -> Iterator[Callable[[], object]]:
    """Another process that has the lock until the block ends, or what is given is called."""
    words = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == b"held\n"
        try:
            yield process.stdin.close
        finally:
            process.stdin.close()
            process.wait(10)


def tables() -> list[Path]:
    """The locks of all tables and of what can be undone."""
    names = ("datasets", "models", "presets", "takes", "settings", "undo")
    return [paths.tables() / f"{name}.lock" for name in names]


def answers(terminal: Terminal, key: str, words: str, seconds: float = 2.5) -> None:
    """A key is answered as if nothing were held."""
    begun = time.monotonic()
    terminal.press(key)
    terminal.wait(words)
    assert time.monotonic() - begun < seconds, f"{key} waited"


@pytest.mark.slow
def test_a_held_library_refuses_a_change_and_answers_every_key(home: Path) -> None:
    house.furnish()
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        terminal.quiet(0.3)
        with holding(LIBRARY, *tables()):
            terminal.press("d")
            answers(terminal, "4", "learned from")
            answers(terminal, "6", "A⇄B")
            answers(terminal, "1", "kick_tight")
            terminal.wait("still waits: another process holds the library", 5)
            terminal.wait("held by another process for 3 s", 6)
            assert len(actions.datasets()) == 2
        terminal.press("d")
        terminal.wait("is in the trash; u takes it back")
        assert len(actions.datasets()) == 1
        terminal.press("u")
        terminal.wait("taken back")
        # The end does not wait for ever either, and says what it could not do.
        terminal.press("6")
        terminal.wait("A⇄B")
        with holding(LIBRARY, *tables()):
            begun = time.monotonic()
            terminal.press("q")
            assert terminal.end(0) == 0 and time.monotonic() - begun < 3
        assert b"this screen is not remembered" in terminal.raw
    assert len(actions.datasets()) == 2


@pytest.mark.slow
def test_a_held_ledger_is_said_and_the_jobs_come_back(home: Path) -> None:
    house.furnish()
    house.jobs()
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        terminal.quiet(1.2)
        with holding(LEDGER, paths.ledger(), "begin immediate"):
            # Who only reads is not held up at all.
            answers(terminal, "3", "drums at dusk")
            terminal.press("c")
            answers(terminal, "6", "A⇄B")
            answers(terminal, "3", "drums at dusk")
        terminal.quiet(0.3)


def test_a_ledger_that_can_not_even_be_read_is_said_once_and_outlived(home: Path) -> None:
    house.furnish()
    # Not here: what this process has open nobody else could have alone.
    subprocess.run(
        [sys.executable, "-c", "from tests.studio import house; house.jobs()"], cwd=REPO, check=True
    )
    never = ("pragma locking_mode=exclusive", "begin immediate")
    with holding(LEDGER, paths.ledger(), *never), Terminal(home, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        terminal.wait("locked by another process")
        answers(terminal, "4", "learned from")
        # Of the page itself: what is said again after a second covers the row of its keys.
        answers(terminal, "6", "load two takes")
        answers(terminal, "3", "jobs")
        terminal.press("q")
        assert terminal.end(0) == 0
    with holding(LEDGER, paths.ledger(), *never) as free, Terminal(home, (120, 40)) as terminal:
        terminal.wait("locked by another process")
        terminal.press("3")
        free()
        terminal.wait("drums at dusk", 5)
        terminal.press("q")
        assert terminal.end(0) == 0
