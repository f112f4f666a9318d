"""Real processes on one library: none loses another one's work, and a kill loses nothing acknowledged."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store.library import Library


def start(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", str(folder), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd=Path(__file__).parents[2],
    )


def test_four_processes_lose_none_of_4000(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    watcher = Library(folder)
    writers = [start(folder, f"w{number}", 1000) for number in range(4)]
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n", timeout=60)
        assert writer.returncode == 0
    expected = {f"w{writer}-{number}" for writer in range(4) for number in range(1000)}
    for library in (watcher, Library(folder)):
        assert {take["id"] for take in library.takes.all()} == expected
        assert len(library.takes.documents) == 4000
        assert library.health()["takes"]["damaged"] == 0


def killed_while_writing(folder: Path, name: str) -> dict[str, int]:
    """What a writer was told before a kill -9 at a random moment: id -> stars, -1 for purged."""
    writer = start(folder, name, 0)
    assert writer.stdout
    first = writer.stdout.readline()
    time.sleep(random.uniform(0, 0.04))
    writer.kill()
    told = {}
    for line in [first, *writer.stdout]:
        if line.endswith("\n"):
            record_id, stars = line.split()
            told[record_id] = int(stars)
    writer.wait()
    writer.stdout.close()
    assert writer.stdin
    writer.stdin.close()
    return told


def survive(folder: Path, kills: int) -> None:
    """Kill one writer after the other; after each kill all that any of them was told must be there."""
    reader = Library(folder)
    told: dict[str, int] = {}
    for number in range(kills):
        new = killed_while_writing(folder, f"k{number}")
        last = list(new)[-1]
        told |= new
        for library in (reader, Library(folder)):
            there = {take["id"]: take["stars"] for take in library.takes.all() + library.takes.all(True)}
            health = library.health()
            assert {table: facts["damaged"] for table, facts in health.items()} == dict.fromkeys(health, 0)
            if last not in there and int(last.rpartition("-")[2]) % 7 == 0:
                told[last] = -1  # it was purged, and the writer could not tell any more
            assert [one for one, stars in told.items() if there.get(one, -1) < stars] == []
            assert [one for one, stars in told.items() if stars == -1 and one in there] == []
    assert len(told) >= kills


def test_writers_that_die_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """Half a line is left each time; what was told is there, and the next writer goes on."""
    folder = tmp_path / "tables"
    reader = Library(folder)
    journal = folder / "takes.jsonl"
    told: list[str] = []
    halves = 0
    for number in range(10):
        writer = start(folder, f"w{number}", -random.randint(100, 3000))
        lines, _ = writer.communicate(timeout=30)
        assert writer.returncode == -signal.SIGXFSZ
        told += [line.split()[0] for line in lines.splitlines()]
        halves += not journal.read_bytes().endswith(b"\n")
        for library in (reader, Library(folder)):
            there = [take["id"] for take in library.takes.all()]
            # A line that lacked no more than its line break comes back, told or not.
            assert [one for one in there if one in told] == told and len(there) <= len(told) + number
    last = reader.takes.add({"name": "after"})["id"]
    assert halves >= 5
    assert {take["id"] for take in Library(folder).takes.all()} >= {*told, last}
    assert reader.health()["takes"]["damaged"] == 0
    assert journal.read_bytes().endswith(b"\n")


def test_20_kills_lose_nothing(tmp_path: Path) -> None:
    survive(tmp_path / "tables", 20)


@pytest.mark.slow
def test_200_kills_lose_nothing(tmp_path: Path) -> None:
    survive(tmp_path / "tables", 200)
