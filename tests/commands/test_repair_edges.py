"""Repair and score from the command line on what people and their enemies have: odd, hostile, wide files."""

import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import hostile, sounds
from tests.commands.front import ask, refused, run, start
from tests.commands.test_repair import PACKET, RATE, pcm, write

SOME = ("pluck", "bell", "pad", "vowels", "noise", "drums", "mix", "clicks")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.txt"
    path.write_text("".join("1\n" if at in (30, 79) else "0\n" for at in range(100)))
    return path


def test_sounds_and_traces_that_can_not_be_used_are_refused_in_one_line_GAP_01_GAP_02(
    home: Path, trace: Path, tmp_path: Path
):
    good = write(tmp_path / "good.wav", sounds.make("bell", 0.5))
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 99)
    (tmp_path / "huge").write_bytes(b"0\n" * 9_000_000)
    for sound, lost, why in (
        (
            hostile.flac_of(tmp_path, 2**36 - 1),
            trace,
            "input: bomb.flac: its header claims 68719476735 samples",
        ),
        (write(tmp_path / "none.wav", np.zeros((1, 0))), trace, "input: none.wav: no audio in it"),
        (good, tmp_path / "binary", "trace: binary: a binary file or UTF-16"),
        (good, tmp_path / "huge", "trace: huge: larger than 16 MiB"),
    ):
        line = refused(
            "repair", "run", sound, "--trace", lost, "--out", tmp_path / "out.wav", "--quiet", code=4
        )
        assert why in line
    line = refused(
        "repair", "run", tmp_path, "--trace", trace, "--out", tmp_path / "out.wav", "--quiet", code=3
    )
    assert line.endswith("is a folder; name a file")
    odd = refused("repair", "run", good, "--trace", trace, "--out", tmp_path / "out.xyz", "--quiet", code=2)
    assert ".wav" in odd and ".caf" in odd and ".mp3" not in odd
    nan = hostile.not_finite(tmp_path)
    why = "output: nan.wav: 3 samples before 0.50 s are not numbers"
    assert why in refused("repair", "score", good, nan, "--quiet", code=4)
    assert not (tmp_path / "out.wav").exists()


def test_whatever_bits_a_file_has_what_was_received_is_the_same_GAP_01(
    home: Path, trace: Path, tmp_path: Path
):
    audio = sounds.make("bell", 1.0)
    received = np.ones(RATE, bool)
    for at in (30, 79):
        received[at * PACKET : (at + 1) * PACKET + 96] = False
    for subtype, exact in (("PCM_U8", True), ("PCM_32", False), ("DOUBLE", False)):
        path, out = tmp_path / f"{subtype}.wav", tmp_path / f"out_{subtype}.wav"
        soundfile.write(path, audio, RATE, subtype=subtype)
        done = run("repair", "run", path, "--trace", trace, "--out", out, "--json")
        assert json.loads(done.stdout)["exact"] == exact
        assert (f"holds {subtype}; its samples are rounded to 24 bits" in done.stderr) != exact
        step = np.abs(pcm(out) - np.round(soundfile.read(path)[0] * 2**23))
        assert step[:, received].max() <= (0 if exact else 1)


def test_what_is_above_full_scale_or_cut_off_is_said_GAP_01(home: Path, trace: Path, tmp_path: Path):
    soundfile.write(tmp_path / "hot.wav", 3 * sounds.make("bell", 1.0), RATE, subtype="FLOAT")
    hot, cut = (
        run("repair", "run", path, "--trace", trace, "--out", tmp_path / f"out_{path.name}").stderr
        for path in (tmp_path / "hot.wav", hostile.cut(tmp_path))
    )
    assert "samples are above full scale and are held there" in hot
    assert "bytes of audio are there; what is there is used" in cut
    assert "the trace has 100 packets, the sound 180: the others count as received" in cut


def test_eight_channels_and_one_sample_are_repaired_GAP_01(home: Path, trace: Path, tmp_path: Path):
    audio = np.stack([sounds.make(kind, 1.0) for kind in SOME])
    wide, out = write(tmp_path / "wide.wav", audio), tmp_path / "wide.caf"
    found = ask("repair", "run", wide, "--trace", trace, "--model", "ar-128", "--out", out)
    assert found["channels"] == len(pcm(out)) == 8 and found["gaps"] == 2
    scored = ask("repair", "score", wide, out, "--trace", trace)
    assert "stereo" not in scored and scored["gap_sdr_db"] > scored["beside"]["repeat"]["gap_sdr_db"]

    one = write(tmp_path / "one.wav", np.array([0.25]))
    ask("repair", "run", one, "--trace", trace, "--out", tmp_path / "one.flac")
    assert pcm(tmp_path / "one.flac").tolist() == [[2**21]]
    trace.write_text("1\n")
    line = refused("repair", "run", one, "--trace", trace, "--out", tmp_path / "no.wav", "--quiet", code=4)
    assert "all 1 packets are lost" in line


def test_nearly_everything_lost_is_quiet_and_not_refused_GAP_03_GAP_04(home: Path, tmp_path: Path):
    sound, trace = write(tmp_path / "sound.wav", sounds.make("pad", 1.0)), tmp_path / "trace.txt"
    trace.write_text("0\n" * 30 + "1\n" * 70)
    for model in ("ar", "janssen"):
        out = tmp_path / f"{model}.wav"
        found = ask("repair", "run", sound, "--trace", trace, "--model", model, "--out", out)
        assert found["lost_percent"] == 70
        made = pcm(out)[0] / 2**23
        assert np.abs(made[30 * PACKET :]).max() <= 1.5 * np.abs(made[: 30 * PACKET]).max()
        assert np.sqrt((made[60 * PACKET :] ** 2).mean()) < 0.2 * np.sqrt((made[: 30 * PACKET] ** 2).mean())


def test_what_is_too_short_or_too_long_to_be_scored_is_refused_GAP_06(home: Path, tmp_path: Path):
    short = write(tmp_path / "short.wav", sounds.make("bell", 0.1)[:15])
    assert "too short (15 samples); at least 16" in refused(
        "repair", "score", short, short, "--quiet", code=4
    )
    long = tmp_path / "long.flac"
    soundfile.write(long, np.zeros((2_200_000, 8), np.int16), RATE, subtype="PCM_16")
    line = refused("repair", "score", long, long, "--legacy", "--quiet", code=4)
    assert "truth: long.flac: 46 s of 8 channels at 48000 Hz are too much at once; cut it to 43 s" in line


def test_ctrl_c_stops_a_repair_and_leaves_no_file_GAP_01(home: Path, tmp_path: Path):
    sound = write(tmp_path / "long.wav", np.tile(sounds.stereo("mix", 5.0), 20))
    repair = start("repair", "run", sound, "--trace", "stress", "--out", tmp_path / "out.wav")
    assert repair.stderr is not None
    while "/100 s, ETA" not in (line := repair.stderr.readline()):
        assert line
    repair.send_signal(signal.SIGINT)
    assert repair.wait(60) == 130
    said = repair.stderr.read()
    assert "begins it again" in said and "checkpoint" not in said, "there is none"
    end = time.monotonic() + 20
    while [path.name for path in tmp_path.iterdir() if "out" in path.name]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert ask("jobs", "ls")[0]["state"] == "cancelled"
