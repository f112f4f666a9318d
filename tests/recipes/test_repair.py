"""Repairs of long sounds: as in memory, in little of it, stopped at any time, and nothing left behind."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jobs.desk import Desk, Stopped
from jobs.recipes import repair
from jobs.recipes.losses import losses_of
from jobs.repairs import Repair
from jobs.sound.conceal import concealer
from jobs.sound.interpolate import Interpolator
from jobs.sound.pcm import from_pcm, to_pcm
from jobs.sound.stereo import Coupled
from jobs.sound.stretches import repaired
from store import stream
from store.errors import BadInput, Busy, Usage
from store.library import Library
from tests import sounds
from tests.commands.test_repair import pcm, write
from tests.studio import repairs

RATE, PACKET = sounds.RATE, 480
LOST = (30, 49, 50, 79, 199, 399)


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Four seconds: three stretches."""
    return write(tmp_path / "long.wav", sounds.stereo("bell", 4.0))


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.txt"
    path.write_text("".join("1\n" if at in LOST else "0\n" for at in range(400)))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of the run."""
    path = tmp_path / "run"
    path.mkdir()
    return path


def asked(input: Path, trace: Path | str, **others: object) -> Repair:
    return Repair(input=str(input), trace=str(trace), out=str(input.with_name("out.wav")), **others)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["ar", "repeat", "janssen"])
def test_a_file_that_streams_is_repaired_to_what_memory_is_GAP_01_GAP_04(
    tmp_path: Path, folder: Path, long: Path, trace: Path, method: str
) -> None:
    found = repair.run(asked(long, trace, model=method), Desk("job", folder))["summary"]
    gaps = [(at * PACKET, (at + 1) * PACKET) for at in (30, 79, 199, 399)]
    gaps.insert(1, (49 * PACKET, 51 * PACKET))
    both = Coupled(2, lambda: Interpolator(RATE) if method == "janssen" else concealer(RATE, PACKET, method))
    waves = from_pcm(pcm(long)).astype(np.float64)
    made = pcm(tmp_path / "out.wav")
    assert np.array_equal(made, to_pcm(repaired(both, waves, gaps)))
    differs = (made != pcm(long)) & ~np.isin(np.arange(made.shape[1]) // PACKET, LOST)
    assert found["changed_outside_gaps"] == differs.sum()
    assert not differs.any() or method != "janssen"


@pytest.mark.parametrize("checks", [1, 3, 9])
def test_a_repair_stops_wherever_it_is_and_leaves_nothing_GAP_01(
    tmp_path: Path, folder: Path, long: Path, trace: Path, checks: int
) -> None:
    left = [checks]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    with pytest.raises(Stopped):
        repair.run(asked(long, trace), Desk("job", folder, stop=stop))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.wav", "run", "trace.txt"]


def test_how_far_it_is_is_told_in_seconds_of_the_sound_GAP_01(folder: Path, long: Path, trace: Path) -> None:
    repair.run(asked(long, trace), Desk("job", folder))
    rows = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    told = [row for row in rows if row["kind"] == "progress" and row["unit"] == "s"]
    assert (told[0]["done"], told[-1]["done"]) == (0, 4) and {row["total"] for row in told} == {4}


def test_a_disk_that_takes_no_more_is_said_and_nothing_is_left_GAP_01(
    tmp_path: Path, folder: Path, long: Path, trace: Path
) -> None:
    desk = Desk("job", folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(Busy, match=r"out.wav: larger than files may be here"):
            repair.run(asked(long, trace, model="zero"), desk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_where_no_file_can_be_that_is_said_in_one_line_GAP_01(
    tmp_path: Path, folder: Path, long: Path, trace: Path
) -> None:
    for out, kind, why in (
        ("/proc/x.wav", BadInput, "out: /proc/x.wav: can't be written: no such file or directory; choose"),
        (str(tmp_path / f"{'a' * 300}.wav"), BadInput, "a…: can't be written: file name too long; choose"),
        (str(tmp_path / "x.ogg"), Usage, "out: x.ogg: keeps no whole numbers"),
    ):
        spec = Repair(input=str(long), trace=str(trace), out=out, model="zero")
        with pytest.raises(kind, match=why):
            repair.run(spec, Desk("job", folder))


def test_a_net_that_its_figures_do_not_bear_out_fills_nothing_whatever_was_stored_GAP_05(
    home: Path, tmp_path: Path, folder: Path, long: Path, trace: Path
) -> None:
    record = repairs.repairer()
    record["report"] |= {"over": repairs.PREDICTED, "ships": "net"}
    Library().repairers.add(record, id="old")
    desk = Desk("job", folder)
    found = repair.run(asked(long, trace, model="old"), desk)["summary"]
    assert found["method"] == "bells"
    said = [row["text"] for row in stream.follow(folder / "events.jsonl")[0] if row["kind"] == "note"]
    assert "bells: plateau, AR-512 shipped; linear prediction fills the gaps" in said


def test_more_packets_than_a_trace_can_have_are_refused_GAP_02(folder: Path) -> None:
    desk, hours = Desk("job", folder), 2 * 3600 * RATE
    spec = Repair(input="long.wav", trace="low", out="out.wav", packet_ms=0.334)
    with pytest.raises(Usage, match=r"packet_ms: 21600000 packets are more .*; nearest: 1.82 ms"):
        losses_of(spec, RATE, hours, desk)
    assert losses_of(replace(spec, packet_ms=1.82), RATE, hours, desk).packets <= 4_000_000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="its peak is read from /proc")
@pytest.mark.parametrize("method", ["ar", "janssen"])
def test_ten_minutes_take_no_more_memory_than_one_GAP_01(tmp_path: Path, method: str) -> None:
    """In a process of its own, whose peak is measured; half a minute of it is lost at once."""
    path, trace = tmp_path / "long.wav", tmp_path / "trace.txt"
    minute = np.round(np.tile(sounds.stereo("mix", 6.0), 10).T * 2**23).astype(np.int32) << 8
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_24") as file:
        for _ in range(10):
            file.write(minute)
    lost = np.zeros(60_000, int)
    lost[500::2000] = 1
    lost[30_000:33_000] = 1
    trace.write_text("\n".join(map(str, lost)))
    out = tmp_path / "out.wav"
    code = f"""
from pathlib import Path
from jobs.desk import Desk
from jobs.recipes import repair
from jobs.repairs import Repair
spec = Repair(input={str(path)!r}, trace={str(trace)!r}, out={str(out)!r}, model={method!r})
repair.run(spec, Desk("job", Path({str(tmp_path)!r})))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
    root = Path(repair.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert int(done.stdout) < 300_000
    assert soundfile.info(out).frames == 600 * RATE
