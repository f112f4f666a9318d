"""Traces are made and sounds degraded, or refused in one line with nothing left behind (GAP-02)."""

import json
from pathlib import Path

import numpy as np
import pytest

from jobs.desk import Desk, Stopped
from jobs.recipes import degrade, trace
from jobs.sound.decoder import decoding
from jobs.sound.pcm import to_pcm, write_pcm
from jobs.specs import Degrade, MakeTrace, make
from store import paths, stream
from store.errors import BadInput, NotFound, Usage
from tests import sounds


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    write_pcm(tmp_path / "in.wav", to_pcm(sounds.stereo("pluck", 0.5)), sounds.RATE)
    return tmp_path / "in.wav"


def samples(path: Path) -> np.ndarray:
    with decoding(path) as one:
        return one.whole(2**24).samples


def degraded(out: Path, stopped: bool = False, **asked: object) -> dict:
    desk = Desk("0a" * 6, paths.run(out.stem), stop=lambda: stopped)
    return degrade.run(make(Degrade, out=str(out), **asked), desk)["summary"]


def made(out: Path, **asked: object) -> dict:
    return trace.run(make(MakeTrace, out=str(out), **asked), Desk("0a" * 6, paths.run(out.stem)))["summary"]


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"kind": "clip", "amount": "level_db=-40"}, Usage, "clip: level_db: -40 is not within -18 to -3 dB"),
        ({"kind": "clip", "amount": "level_db=loud"}, Usage, "clip: level_db: 'loud' is no number"),
        ({"kind": "clip", "amount": "rate=1"}, Usage, "clip: no parameter 'rate'; it has level_db -18"),
        ({"kind": "clip", "amount": "seed=1"}, Usage, "clip: no parameter 'seed'; it has"),
        ({"kind": "clip", "amount": "audio=1"}, Usage, "clip: no parameter 'audio'; it has"),
        ({"kind": "clip", "amount": "12"}, Usage, "amount: '12' is not name=value"),
        ({"kind": "clip", "amount": "level_db="}, Usage, "is not name=value"),
        ({"kind": "bits", "amount": "bits=7.5"}, Usage, "7.5 is no whole number of 4 to 12 bits; nearest: 8"),
        ({"kind": "bits", "amount": "bits=5, bits=6"}, Usage, "amount: 'bits=6' is given twice"),
        ({"kind": "clip", "trace": "stress"}, Usage, "trace: only loss takes one"),
        ({"kind": "loss", "amount": "level_db=-9"}, Usage, "amount: loss takes none"),
        ({"kind": "loss", "packet_ms": 0.1}, Usage, "packet_ms: packet: 0.1 ms is 5 samples"),
        ({"out": "out.mp3"}, Usage, "out: out.mp3: keeps no whole numbers; nearest: .flac, or .wav"),
        ({"out": "out.txt"}, Usage, "out: out.txt: "),
        ({"out": "no/out.wav"}, NotFound, "no such folder; make it first"),
        ({"out": "/proc/x.wav"}, BadInput, "out: /proc/x.wav: can't be written: no such file or directory"),
        ({"out": f"{'a' * 249}.wav"}, BadInput, "can't be written: file name too long; choose another name"),
        ({"out": "in.wav"}, BadInput, "in.wav exists already"),
        ({"input": "text.wav"}, BadInput, "input: text.wav: "),
        ({"input": "tiny.wav", "kind": "reorder"}, Usage, "reorder: 96 samples are not two packets"),
        ({"trace": "trace.txt"}, BadInput, "trace: trace.txt: line 2: 'x' is neither 1 (lost)"),
        ({"trace": "all.txt"}, BadInput, "trace: all 50 packets are lost"),
    ],
    ids=str,
)  # fmt: skip
def test_what_can_not_be_degraded_is_refused_GAP_02(
    home: Path, sound: Path, tmp_path: Path, asked: dict, error: type, says: str
) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    write_pcm(tmp_path / "tiny.wav", to_pcm(sounds.make("pluck", 0.002)), sounds.RATE)
    (tmp_path / "trace.txt").write_text("0\nx\n")
    (tmp_path / "all.txt").write_text("1\n" * 50)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    named = {name: str(tmp_path / word) if "." in str(word) and name in ("input", "trace") else word
             for name, word in {"input": "in.wav", **asked}.items() if name != "out"}  # fmt: skip
    with pytest.raises(error) as caught:
        degraded(tmp_path / asked.get("out", "out.wav"), **named)
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_seed_says_how_much_and_beside_it_stands_what_was_done_GAP_02(
    home: Path, sound: Path, tmp_path: Path
) -> None:
    outs = [tmp_path / f"{name}.w64" for name in "abc"]
    for out, seed in zip(outs, (2, 2, 3), strict=True):
        degraded(out, input=str(sound), kind="reorder", seed=seed)
    a, b, c = map(samples, outs)
    assert np.array_equal(a, b) and not np.array_equal(a, c) and a.shape == samples(sound).shape
    told = json.loads((tmp_path / "a.w64.json").read_text())
    assert told["swapped"] and 0.01 <= told["share"] <= 0.1 and told["of"] == "in.wav"


@pytest.mark.parametrize(("kind", "hertz", "taken"), [("band", 8000, 3600), ("allpass", 3900, 3600),
                                                    ("band", 3000, None)])  # fmt: skip
def test_more_hertz_than_a_rate_can_hold_are_not_cut_in_silence_GAP_02(
    home: Path, tmp_path: Path, kind: str, hertz: int, taken: int | None
) -> None:
    write_pcm(tmp_path / "call.wav", to_pcm(sounds.make("pluck", 0.5)[:4000]), 8_000)
    out = tmp_path / "out.wav"
    found = degraded(out, input=str(tmp_path / "call.wav"), kind=kind, amount=f"hertz={hertz}")
    assert found["hertz"] == (taken or hertz)
    said = [row["text"] for row in stream.follow(paths.events("out"))[0] if row["kind"] == "note"]
    words = f"{kind}: hertz: {hertz} is more than a rate of 8000 Hz can hold; {taken} is taken"
    assert said == ([words] if taken else [])


def test_a_sound_without_losses_comes_out_as_it_was_to_the_bit_GAP_01_GAP_02(
    home: Path, sound: Path, tmp_path: Path
) -> None:
    (tmp_path / "none.txt").write_text("0\n" * 10)
    found = degraded(tmp_path / "out.flac", input=str(sound), trace=str(tmp_path / "none.txt"))
    assert found["lost_packets"] == found["gaps"] == 0
    np.testing.assert_array_equal(samples(tmp_path / "out.flac"), samples(sound))


def test_what_is_done_has_come_to_its_end_GAP_02(home: Path, sound: Path, tmp_path: Path) -> None:
    degraded(tmp_path / "out.wav", input=str(sound), trace="stress")
    lines = paths.events(paths.run("out").name).read_text().splitlines()
    far = [told for told in map(json.loads, lines) if told["kind"] == "progress"][-1]
    assert far["done"] == far["total"] == 0.5 and far["unit"] == "s"


def test_a_job_that_is_stopped_leaves_nothing_GAP_02(home: Path, sound: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        degraded(tmp_path / "out.wav", stopped=True, input=str(sound))
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"network": "low", "packet_ms": 0.1, "seconds": 500}, Usage, "at most 4000000; nearest: 400 s"),
        ({"network": "low", "out": "no/a.txt"}, NotFound, "no such folder"),
        ({"network": "low", "out": "/proc/x"}, BadInput, "out: /proc/x: can't be written: no such file"),
        ({"network": "low", "out": "there.txt"}, BadInput, "there.txt.json exists already"),
    ],
    ids=str,
)
def test_what_can_not_be_a_trace_is_refused_GAP_02(
    home: Path, tmp_path: Path, asked: dict, error: type, says: str
) -> None:
    (tmp_path / "there.txt.json").write_text("mine")
    with pytest.raises(error, match=says):
        made(tmp_path / asked.pop("out", "a.txt"), **asked)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["there.txt.json"]
    assert (tmp_path / "there.txt.json").read_text() == "mine"


def test_a_trace_is_as_long_as_the_sound_it_is_for_GAP_02(home: Path, tmp_path: Path) -> None:
    """Its last packet may be cut short; no rounding adds one."""
    for number, (seconds, packet_ms, packets) in enumerate(
        ((1.0, 10, 100), (1.001, 10, 101), (0.3, 0.3, 1000))
    ):
        out = tmp_path / f"{number}.txt"
        assert made(out, seconds=seconds, packet_ms=packet_ms)["packets"] == packets
        assert len(out.read_text().split()) == packets
