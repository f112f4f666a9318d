"""A disk that is full, read-only or gone, and files that somebody spoiled, under a studio that runs."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import specs
from jobs.ledger import Ledger
from store import paths
from store.errors import Busy
from store.library import Library
from studio import actions
from tests.conftest import kill_all
from tests.studio import house
from tests.studio.browser import program
from tests.studio.terminal import Terminal


def mounted(*command: str) -> subprocess.CompletedProcess:
    """Run as root: at once where we are, else by sudo where it asks for nothing."""
    ours = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return subprocess.run([*ours, *command], capture_output=True, text=True, timeout=20)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home on a disk of its own, of 2 MB; skipped where nothing may be mounted."""
    path = tmp_path / "disk"
    path.mkdir()
    program("mount")
    if os.geteuid() != 0:
        program("sudo")
    options = f"size=2m,mode=700,uid={os.getuid()},gid={os.getgid()}"
    done = mounted("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path))
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    monkeypatch.setenv("WOODSHED_HOME", str(path))
    monkeypatch.delenv("WOODSHED_QUEUE", raising=False)
    try:
        yield path
    finally:
        kill_all(path)
        for _ in range(50):
            if mounted("umount", str(path)).returncode == 0:
                break
            time.sleep(0.1)
        else:
            mounted("umount", "-l", str(path))


def fill(disk: Path) -> Path:
    """Take all that is free."""
    path = disk / "filler"
    with open(path, "ab", buffering=0) as file:
        for block in (1 << 16, 512, 1):
            while True:
                try:
                    file.write(b"\0" * block)
                except OSError:
                    break
    return path


def drain(library: Library) -> None:
    """Use up what is left in the last block of every table: nothing more can be kept on a full disk."""
    for shelf in (library.datasets, library.presets):
        record = shelf.all()[-1]
        with pytest.raises(Busy):
            for _ in range(1000):
                shelf.amend(record["id"])
                shelf.amend(record["id"], filler="")
    with pytest.raises(Busy):
        for at in range(1000):
            library.set("filler", at)


def refused(terminal: Terminal, words: str, seconds: float = 20) -> None:
    """Until the rows of the keys have the mark of what went wrong and these words (a pattern).

    In a whole picture, which a busy machine paints in pieces; nothing else was printed over it.
    """
    end = time.monotonic() + seconds
    last = ""
    while "✗" not in last or not re.search(words, last):
        assert time.monotonic() < end, f"{words!r} never came:\n{terminal.text}"
        terminal.quiet(0.1)
        last = " ".join(" ".join(terminal.text.splitlines()[-3:]).split())
    assert "Traceback" not in terminal.text


def test_a_disk_that_is_full_refuses_in_one_line_and_works_again_PRES_02(small: Path) -> None:
    house.furnish()
    names = [one["name"] for one in actions.datasets()]
    with Terminal(small, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        # Only a studio that has looked at its jobs once has its files open.
        terminal.wait("asleep")
        filler = fill(small)
        drain(Library())
        terminal.wait("the disk is full; jobs wait")
        terminal.press("r")
        terminal.wait("rename dataset")
        terminal.press("\x15other\r")
        refused(terminal, "the disk is full; free some space, then try again")
        assert [one["name"] for one in Library().datasets.all()] == names
        terminal.press("5")
        terminal.wait("sliders")
        terminal.quiet(0.15)
        terminal.press("l")
        terminal.press("s")
        terminal.wait("save preset")
        # Done is asked for by its key: enter in the last field only goes on to the button.
        terminal.press("\x15mine\x12")
        refused(terminal, "the disk is full; free some space, then try again")
        assert [one["name"] for one in Library().presets.all()] == ["dusk"]
        filler.unlink()
        terminal.wait("there is room on the disk again")
        terminal.press("s")
        terminal.wait("save preset")
        terminal.press("\x15mine\x12")
        terminal.wait("kept preset mine")
        terminal.press("1")
        terminal.quiet(0.2)
        terminal.press("r")
        terminal.wait("rename dataset")
        terminal.press("\x15other\r")
        terminal.wait("▌other")
        terminal.press("6")
        terminal.quiet(0.15)
        filler = fill(small)
        drain(Library())
        # What is remembered every few seconds may have been so just before: here is something new.
        terminal.press("3")
        terminal.wait("Every import, training and take is a job")
        terminal.press("q")
        assert terminal.end(0) == 0
        # Where the shell is again: the studio may have said so too, on its own screen.
        ending = bytes(terminal.raw).rpartition(b"\x1b[?1049l")[2]
        assert ending.count(b"the disk is full") == 1 and b"this screen is not remembered" in ending
        assert terminal.unclean() == [] and b"Traceback" not in terminal.raw
    filler.unlink()
    assert "other" in [one["name"] for one in Library().datasets.all()]
    assert all(facts["damaged"] == 0 for facts in Library().health().values())


@pytest.mark.slow
def test_a_disk_that_fills_under_a_job_is_told_and_resumed(small: Path) -> None:
    """The stream of a job is refused: the job fails with one line, and goes on when there is room."""
    job = Ledger().submit(specs.make(specs.Rehearse, steps=400, pause=0.02))
    with Terminal(small, (120, 40)) as terminal:
        terminal.press("3")
        terminal.wait("▶ running", 30)
        filler = fill(small)
        terminal.wait("the disk is full; jobs wait")
        terminal.wait("lost|failed", 30)
        assert "Traceback" not in terminal.text
        filler.unlink()
        terminal.wait("there is room on the disk again")
        terminal.wait("▶ running|✗ failed|✓ done", 40)
        if "✗ failed" in terminal.text:
            terminal.press("r")
        terminal.wait("✓ done", 40)
        terminal.press("q")
        assert terminal.end(0) == 0
    assert actions.job(job.id).result["summary"]["steps"] == 400


def test_a_home_that_can_only_be_read_opens_and_says_so(small: Path) -> None:
    house.furnish()
    # Not here: a ledger that this process has open can't be made read-only under it.
    subprocess.run([sys.executable, "-m", "studio", "jobs", "ls"], check=True, capture_output=True)
    done = mounted("mount", "-o", "remount,ro", str(small))
    assert done.returncode == 0, done.stderr
    try:
        with Terminal(small, (120, 40)) as terminal:
            terminal.wait("kick_tight")
            for key in "23456":
                terminal.press(key)
                terminal.quiet(0.15)
            terminal.press("1")
            terminal.quiet(0.15)
            terminal.press("d")
            terminal.wait("read-only")
            terminal.press("r")
            terminal.wait("rename dataset")
            before = len(terminal.raw)
            terminal.press("\x15other\r")
            terminal.sent(b"read-only", before)
            terminal.press("q")
            assert terminal.end(0) == 0
            assert b"Traceback" not in terminal.raw and terminal.unclean() == []
    finally:
        mounted("mount", "-o", "remount,rw", str(small))


@pytest.mark.slow
def test_a_home_deleted_under_the_studio_is_an_empty_one(home: Path) -> None:
    house.furnish()
    house.jobs()
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        terminal.quiet(1.2)
        kill_all_but(home, terminal.pid)
        shutil.rmtree(home)
        terminal.wait("import a folder")
        for key in "23456":
            terminal.press(key)
            terminal.quiet(0.4)
        assert "every take you keep is here" in terminal.text.lower()
        terminal.press("3")
        terminal.wait("Every import, training and take is a job")
        job = subprocess.run(
            [sys.executable, "-m", "studio", "generate", "none", "--json"],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert job.returncode == 3
        Ledger().submit(specs.make(specs.Rehearse, steps=2))
        terminal.wait("rehearse", 30)
        terminal.press("q")
        assert terminal.end(0) == 0
        assert b"Traceback" not in terminal.raw


def kill_all_but(home: Path, pid: int) -> None:
    from tests.conftest import living

    for process in living(home):
        if process.pid != pid:
            process.kill()


SPOILED = [
    b"not json at all\n",
    b'{"set": {"1": 5}}\n',
    b'\xff\xfe\x00{"set"\n',
    b'{"set": {"900": {"id": "zz9", "created": 7}}}\n',
    b'{"set": {"901": {"id": "zz8", "name": ["a"], "created": "x"}}}\n',
    b'{"set": {"902": {"id": "zz7", "name": "half", "axes": 3, "sliders": 4, "path": null}}}\n',
]


@pytest.mark.slow
def test_tables_spoiled_by_hand_are_said_and_the_rest_is_there(home: Path) -> None:
    house.furnish()
    folder = paths.tables()
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        for table in ("datasets", "models", "presets", "takes"):
            with open(folder / f"{table}.jsonl", "ab") as file:
                file.write(b"".join(SPOILED))
        terminal.wait("can't be read")
        for key in "23456":
            terminal.press(key)
            terminal.quiet(0.15)
        terminal.wait("#5")
        terminal.press("d")
        terminal.wait("is in the trash")
        terminal.press("q")
        assert terminal.end(0) == 0
        assert b"Traceback" not in terminal.raw and b"the studio ended" not in terminal.raw
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("#4")
        for key in "12345":
            terminal.press(key)
            terminal.quiet(0.15)
        terminal.press("q")
        assert terminal.end(0) == 0
        assert b"the studio ended" not in terminal.raw


@pytest.mark.slow
def test_pictures_and_streams_that_are_cut_or_garbage_are_survived(home: Path) -> None:
    library = house.furnish()
    house.jobs()
    for path in paths.takes().glob("*.heat"):
        path.write_bytes(path.read_bytes()[:777])
    for path in paths.takes().glob("*.wave"):
        path.write_bytes(path.read_bytes()[:31])
    for record in library.datasets.all():
        peaks = Path(record["folder"]) / "peaks.bin"
        peaks.write_bytes(peaks.read_bytes()[:99])
    record = library.datasets.all()[-1]
    (Path(record["folder"]) / "sounds.json").write_text(
        '[{"name": 3}, 7, null, {"reasons": "x", "seconds": "y"}]'
    )
    for path in (home / "state" / "runs").glob("*/events.jsonl"):
        with open(path, "ab") as file:
            file.write(b'\x00\xff\xfe garbage\n{"kind": "row", "epoch": "x", "loss": {}}\n[1]\n')
            file.write(b'{"kind": "progress", "done": "many", "total": [], "rate": "r", "eta": {}}\n')
            file.write(b'{"kind": "row", "epoch": 1e999, "loss": NaN, "gap": "x", "stft": null}\n')
            file.write(b'{"kind": ["a"], "text": 5}\n{"kind": "note", "text": {"a": "\\u001b[2J"}}\n{"ki')
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("datasets")
        for key in "123456":
            terminal.press(key)
            terminal.quiet(0.15)
            for _ in range(6):
                terminal.press("\x1b[B")
                terminal.quiet(0.03)
        terminal.press("3")
        terminal.wait("rehearse")
        for _ in range(4):
            terminal.press("l")
            terminal.wait("log of")
            terminal.quiet(0.1)
            terminal.press("\x1b")
            terminal.quiet(0.1)
            terminal.press("j")
        terminal.press("q")
        assert terminal.end(0) == 0
        assert b"the studio ended" not in terminal.raw, bytes(terminal.raw[-500:])


@pytest.mark.slow
def test_a_stream_of_a_hundred_megabytes_is_shown_within_seconds(home: Path) -> None:
    house.furnish()
    house.jobs()
    training = [job for job in actions.jobs() if job.recipe == "vae"][-1]
    path = paths.events(training.id)
    row = json.dumps({"t": 1.0, "kind": "note", "text": "x" * 950}).encode() + b"\n"
    with open(path, "ab") as file:
        for _ in range(100):
            file.write(row * 1050)
        file.write(json.dumps({"t": 1.0, "kind": "note", "text": "the last word"}).encode() + b"\n")
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("kick_tight")
        begun = time.monotonic()
        terminal.press("3")
        terminal.wait("drums at dawn")
        terminal.press("2")
        terminal.wait("the last word", 30)
        assert time.monotonic() - begun < 10
        terminal.press("3")
        terminal.wait("drums at dusk")
        terminal.press("j")
        terminal.quiet(0.2)
        begun = time.monotonic()
        terminal.press("l")
        terminal.wait("log of", 10)
        terminal.press("\x1b")
        terminal.quiet(0.3)
        assert time.monotonic() - begun < 8
        assert terminal.rss() < 200
        terminal.press("q")
        assert terminal.end(0) == 0
