"""The live process keeps to its protocol, its memory and its manners, whatever its host does (GAP-08)."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobs.field import directives, feedback, live, machine
from jobs.field.cases import Case, alternating, music
from jobs.field.installed import current, install
from jobs.field.package import open_package, pack
from jobs.field.results import directives_for
from jobs.field.runner import Runner
from jobs.field.stress import Here, There, burners, faults, run
from tests import hostile
from tests.field import tiny_nets
from tests.field.test_directives import results

BLOCK = 240
HEAVY = ("torch", "numba", "llvmlite", "scipy", "librosa", "sklearn", "onnxruntime")
KEY = Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Machine code, made once for all homes."""
    path = tmp_path_factory.mktemp("code") / machine.place().name
    machine.build(path)
    return path


@pytest.fixture
def ready(home: Path, code: Path) -> Path:
    """A home in which there is machine code."""
    machine.place().write_bytes(code.read_bytes())
    machine.place().chmod(0o600)
    return home


@pytest.fixture
def hosts() -> Iterator[list[subprocess.Popen]]:
    started: list[subprocess.Popen] = []
    yield started
    for one in started:
        one.kill()
        one.wait()


def host(hosts: list[subprocess.Popen], *arguments: str) -> Any:
    """A process whose word ``ready`` was heard, and what it said before, as ``said``."""
    command = [sys.executable, "-P", "-m", "jobs.field.live", "--ordinary", *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process: Any = subprocess.Popen(command, bufsize=0, **pipes)  # type: ignore[call-overload]
    hosts.append(process)
    process.said = list(iter(lambda: process.stderr.readline().decode().strip(), live.READY))
    return process


def ask(process: Any, block: np.ndarray | None, size: int = 4 * BLOCK) -> np.ndarray:
    process.stdin.write(b"\1" if block is None else b"\0" + block.tobytes())
    answer = b""
    while len(answer) < size:
        assert select.select([process.stdout], [], [], 60)[0], "no answer"
        answer += process.stdout.read(size - len(answer))
    return np.frombuffer(answer, "<i4")


def blocks(count: int, samples: int = BLOCK) -> np.ndarray:
    """int32 (count, samples): a tone in noise."""
    time = np.arange(count * samples) / 48_000
    wave = 0.2 * np.sin(2 * np.pi * 440 * time) + 0.001 * np.random.default_rng(0).standard_normal(len(time))
    return np.rint(wave * 2**23).astype(np.int32).reshape(count, samples)


def mapped(process: Any) -> str:
    return Path(f"/proc/{process.pid}/maps").read_text()


def megabytes(process: Any) -> float:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def end(process: Any) -> int:
    process.stdin.close()
    return process.wait(60)


def packaged(tmp_path: Path, kind: str = "copy", version: int = 3, **changes: Any) -> Path:
    """A folder in which a package with a net is installed."""
    source = tmp_path / "made"
    source.mkdir()
    tiny_nets.write(source / "net.onnx", kind)
    directives.write(directives_for(results(**changes)), source / directives.NAME)
    pack(source, tmp_path / "update.zip", KEY, version, "brass-1")
    folder = tmp_path / "field"
    install(open_package(tmp_path / "update.zip", KEY.public_key(), None, 1), folder)
    return folder


# --- what it is and gives ---------------------------------------------------------------------------------

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has loaded")


@linux
def test_prediction_alone_needs_little_memory_and_no_large_library_GAP_08(ready: Path, hosts: Any) -> None:
    process = host(hosts, "ar")
    assert process.said == []
    for index, block in enumerate(blocks(60)):
        ask(process, None if index % 7 == 6 else block)
    there = mapped(process)
    assert "numpy" in there and not [name for name in HEAVY if f"/{name}" in there]
    assert megabytes(process) < 60
    assert end(process) == 0


@linux
def test_a_package_with_a_net_repairs_within_its_memory_and_tells_how_it_went_GAP_08(
    ready: Path, hosts: Any, tmp_path: Path
) -> None:
    folder = packaged(tmp_path)
    process = host(hosts, str(folder))
    assert process.said == []
    for index, block in enumerate(blocks(60)):
        ask(process, None if index in (20, 30, 31, 32) else block)
    assert "onnxruntime" in mapped(process) and "torch" not in mapped(process)
    assert megabytes(process) < 100
    assert end(process) == 0
    (told,), damaged = feedback.read(folder / feedback.NAME)
    assert (told.model, told.version, told.packets, told.lost, damaged) == ("brass-1", 3, 60, 4, 0)
    assert told.fallbacks == {"ar-768": 1, "net": 1}
    assert told.seconds == pytest.approx(0.3)
    assert (told.gaps[1], told.gaps[3], sum(told.gaps)) == (1, 1, 2)
    assert sum(told.latency) == 60


def test_the_process_gives_what_a_runner_gives_GAP_08(ready: Path, hosts: Any) -> None:
    process = host(hosts, "ar", "--channels", "2", "--block", "96", "--rate", "44100")
    runner = Runner(44_100, 2, 96)
    for index, block in enumerate(blocks(80, 192)):
        given = None if index in (40, 41, 60) else block.reshape(2, 96)
        expected = runner.process(given)
        runner.idle()
        # Two forms of the same loops round differently.
        np.testing.assert_allclose(ask(process, given, 8 * 96), expected.ravel(), atol=1)
    assert end(process) == 0


def test_an_answer_comes_before_anything_else_is_asked_for_GAP_08(ready: Path, hosts: Any) -> None:
    """Block by block: a host that waits for each answer is never left waiting."""
    process = host(hosts, "ar", "--block", "16")
    for block in blocks(200, 16):
        np.testing.assert_array_equal(ask(process, block, 64), block)


# --- hosts that do as they like ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"\2", "block 0 begins with 2; 0, received, or 1, lost, is needed"),
        (b"\0" + bytes(960) + b"\xff", "block 1 begins with 255"),
        (b"\1\0" + bytes(959), "ended within block 1, after 959 of 960 bytes"),
        (b"\0", "ended within block 0, after 0 of 960 bytes"),
    ],
)
def test_what_is_no_block_ends_it_with_one_line_GAP_08(
    ready: Path, hosts: Any, sent: bytes, words: str
) -> None:
    process = host(hosts, "ar")
    _, said = process.communicate(sent, timeout=60)
    assert process.returncode == 4
    assert words in said.decode() and said.decode().count("\n") == 1


def test_a_host_that_goes_away_ends_it_in_peace_and_what_was_counted_is_kept_GAP_08(
    ready: Path, hosts: Any, tmp_path: Path
) -> None:
    counted = tmp_path / "counts.jsonl"
    process = host(hosts, "ar", "--feedback", str(counted))
    ask(process, blocks(1)[0])
    process.stdout.close()
    process.stdin.write(b"\1" * 50)
    assert process.wait(60) == 0
    assert process.stderr.read() == b""
    (told,), _ = feedback.read(counted)
    assert (told.model, told.packets) == ("ar", 2)


def test_a_signal_ends_it_and_what_was_counted_is_kept_GAP_08(
    ready: Path, hosts: Any, tmp_path: Path
) -> None:
    counted = tmp_path / "counts.jsonl"
    process = host(hosts, "ar", "--feedback", str(counted))
    ask(process, None)
    process.terminate()
    assert process.wait(60) == 143 and process.stderr.read() == b""
    assert feedback.read(counted)[0][0].lost == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ar", "--rate", "7999"], 2, "rate: 7999; 8000 to 192000 is possible, nearest: 8000"),
        (["ar", "--rate", "0"], 2, "nearest: 8000"),
        (["ar", "--block", "15"], 2, "block: 15; 16 to 65536 is possible, nearest: 16"),
        (["ar", "--channels", "0"], 2, "channels: 0"),
        (["ar", "--block", "many"], 2, "invalid int value"),
        (["nowhere"], 4, "no package is installed there"),
    ],
)
def test_what_can_not_be_is_refused_GAP_08(
    home: Path, capsys: Any, arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "use", lambda path, say: True)
    try:
        ended = live.main(arguments)
    except SystemExit as error:
        ended = int(str(error))
    assert ended == code
    said = capsys.readouterr().err
    assert words in said and (said.count("\n") == 1 or "usage" in said)


@pytest.mark.parametrize(
    ("place", "words"),
    [("", "is a folder; name a file in it"), ("no/counts.jsonl", "there is no such folder; make it first"),
     ("n" * 300, "File name too long"), ("pipe", "is no plain file")],
)  # fmt: skip
def test_a_place_where_no_feedback_can_be_is_refused_before_anything_is_played_GAP_08(
    tmp_path: Path, capsys: Any, place: str, words: str
) -> None:
    hostile.pipe(tmp_path).rename(tmp_path / "pipe")
    assert live.main(["ar", "--feedback", str(tmp_path / place)]) == 4
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1 and live.READY not in said


def test_feedback_that_can_not_be_kept_at_the_end_is_said_in_one_line_GAP_08(
    ready: Path, hosts: Any, tmp_path: Path
) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    process = host(hosts, "ar", "--feedback", str(place / "counts.jsonl"))
    ask(process, blocks(1)[0])
    place.rmdir()
    assert end(process) == 5
    said = process.stderr.read().decode()
    assert "what was counted is lost" in said and said.count("\n") == 1


# --- packages ---------------------------------------------------------------------------------------------


def test_a_damaged_package_is_refused_GAP_08(tmp_path: Path) -> None:
    folder = packaged(tmp_path)
    version = current(folder)
    assert version
    (version / "net.onnx").write_bytes(b"other")
    with pytest.raises(live.Refused, match=r"net\.onnx.*install it anew"):
        live.runner(str(folder), 48_000, 1, 240)


@pytest.mark.parametrize(
    ("kind", "rate", "block", "words"),
    [
        ("copy", 44_100, 240, "made for 48000 Hz, not 44100; prediction alone repairs"),
        ("raises", 48_000, 240, "can't be run"),
    ],
)
def test_a_net_that_can_not_be_used_here_is_left_out_and_that_is_said_GAP_08(
    tmp_path: Path, capsys: Any, kind: str, rate: int, block: int, words: str
) -> None:
    runner = live.runner(str(packaged(tmp_path, kind)), rate, 1, block)
    assert words in capsys.readouterr().err
    for index in range(40):
        out = runner.process(None if index in (30, 31) else blocks(1, block))
        runner.idle()
    assert out.any() and runner.feedback().fallbacks == {"ar-768": 1}


def test_a_net_that_takes_longer_than_a_block_allows_is_left_out_GAP_08(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.field.net import Net

    def slow(self: Net, past: np.ndarray, guesses: np.ndarray, record: np.ndarray) -> np.ndarray:
        time.sleep(0.003)
        return guesses[0]

    folder = packaged(tmp_path)
    monkeypatch.setattr(Net, "run", slow)
    live.runner(str(folder), 48_000, 1, 240)
    assert "too long for blocks of 5 ms; prediction alone repairs" in capsys.readouterr().err
    live.runner(str(folder), 48_000, 1, 4_800)
    assert capsys.readouterr().err == ""


# --- the stress test itself -------------------------------------------------------------------------------


def test_the_stress_test_sees_steps_changes_and_loudness_GAP_08() -> None:
    sound = blocks(60).reshape(1, -1)
    lost = np.zeros(60, bool)
    lost[[20, 40]] = True
    assert faults(sound, sound, lost, 48_000, BLOCK) == (0, 0, 0)
    out = sound.copy()
    out[0, 20 * BLOCK : 21 * BLOCK] = 0
    assert faults(sound, out, lost, 48_000, BLOCK)[0] == 1
    out = sound.copy()
    out[0, [100, 41 * BLOCK + 50, 41 * BLOCK + 96]] += 1
    assert faults(sound, out, lost, 48_000, BLOCK) == (0, 2, 0)
    out = sound.copy()
    out[0, 40 * BLOCK + 100] = 2**22
    assert faults(sound, out, lost, 48_000, BLOCK) == (0, 0, 1)


def test_the_stress_test_measures_both_sides_GAP_08(ready: Path) -> None:
    case = Case("two", music, alternating, channels=2)
    rows = [
        run(side("ar", case), case, 0.5, paced, "alone") for side, paced in ((Here, False), (There, True))
    ]
    for row in rows:
        json.dumps(row.__dict__)
        assert row.blocks == 100 and 0 < row.p50 <= row.p99 <= row.most
        assert (row.changed, row.loud, row.failed) == (0, 0, 0)
        assert row.rss > 20
    assert rows[1].rss < 60 or sys.platform != "linux"


def test_burners_end_with_what_they_burn_beside_GAP_08() -> None:
    import psutil

    def burning() -> int:
        count = 0
        for one in psutil.Process().children():
            # Children of other tests may end while they are looked at.
            with suppress(psutil.Error):
                count += "while time" in " ".join(one.cmdline())
        return count

    with burners(30):
        assert burning() == os.cpu_count()
    assert burning() == 0
