"""Repairers from the command line, by a real worker: learned, used, shipped, profiled, refused."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from jobs.field.keys import public_key
from jobs.field.package import open_package
from tests import sounds
from tests.commands.front import ask, refused, run
from tests.commands.test_repair import pcm, write

RATE = sounds.RATE
pytestmark = pytest.mark.slow


def tones(folder: Path) -> Path:
    folder.mkdir()
    time = np.arange(RATE) / RATE
    for number, hertz in enumerate((220.0, 523.3, 1318.5, 311.1, 877.0, 1661.2)):
        wave = 0.4 * np.sin(2 * np.pi * hertz * time) + 0.2 * np.sin(2 * np.pi * 2.01 * hertz * time + 1)
        write(folder / f"tone_{number}.wav", wave)
    return folder


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tones(tmp_path_factory.mktemp("sounds") / "tones")


def test_tones_are_mastered_by_prediction_alone_GAP_05(home: Path, shelf: Path, tmp_path: Path):
    record = ask("repair", "train", shelf, "--gaps", "60", "--minutes", "0.2")
    report = record["report"]
    assert record["verdict"] == report["ended_by"] == "mastered"
    assert report["composite"] >= 0.9 and not report["failing"]
    assert [one["name"] for one in ask("repair", "ls")] == ["tones"]

    # Prediction is what ships: nothing was better than it.
    assert report["ships"] == "ar"
    out = tmp_path / "out.wav"
    found = ask("repair", "run", shelf / "tone_0.wav", "--trace", "stress", "--model", "tones", "--out", out)
    assert found["method"] == "tones"
    package = tmp_path / "tones.zip"
    shipped = ask("repair", "ship", "tones", "--out", package, "--version", "3")
    assert shipped["net"] is None and shipped["files"] == ["field_directives.json"]
    opened = open_package(package, [public_key(shipped["public_key"])], None, 1)
    assert opened.manifest.version == 3
    with zipfile.ZipFile(package) as archive:
        directives = json.loads(archive.read("field_directives.json"))
    assert directives["fallbacks"][-1] == "fade" and directives["model"] == record["id"]


def test_noise_is_not_mastered_and_silence_is_learned_to_be_better_GAP_05_GAP_09(home: Path, tmp_path: Path):
    """What follows noise can't be known, and least wrong is to say less: that a net can learn."""
    folder = tmp_path / "noise"
    folder.mkdir()
    for number in range(15):
        write(folder / f"{number}.wav", sounds.make("noise", 1.0, number))
    record = ask("repair", "train", folder, "--gaps", "200", "--minutes", "0.5", "--set", "patience=2")
    report = record["report"]
    assert record["verdict"] == "plateau, better than AR-512" and report["failing"]
    assert report["ships"] == "net"
    assert all(0 < one["low"] <= one["gain_db"] <= one["high"] for one in report["over"].values())
    assert {row["gap_ms"] for row in report["by_gap"]} == {2.5, 5, 10, 20, 40}

    shipped = ask("repair", "ship", record["id"], "--out", tmp_path / "noise.zip")
    assert shipped["net"] in shipped["files"] and "net.fp16.onnx" in shipped["files"]
    parity = {one["file"]: one for one in shipped["parity"]}
    small, half = parity["net.int8.onnx"], parity["net.fp16.onnx"]
    assert half["kept"] and half["sqnr_db"] > 40 and abs(half["loss_db"]) < 0.05
    assert small["kept"] and min(small["sqnr_db"], small["gap_sqnr_db"]) >= 30 and small["loss_db"] <= 0.1
    assert shipped["net"] == "net.int8.onnx"

    told = ask("repair", "profile", record["id"])
    assert {one["net"] for one in told["architectures"]} == {
        "gates",
        "mlp",
        "conv1d",
        "hybrid",
        "transformer",
    }
    assert told["parameters"] == record["parameters"]
    assert 0 < told["inference_p50_ms"] <= told["inference_p99_ms"]
    measured = {one["file"]: one for one in told["sizes"]}
    assert set(measured) == {"net.onnx", *parity}
    assert measured["net.int8.onnx"]["sqnr_db"] == small["sqnr_db"]
    assert measured["net.int8.onnx"]["bytes"] < measured["net.onnx"]["bytes"] == told["bytes"]
    assert all(20 < one["process_mb"] < 128 for one in told["sizes"])


def test_what_can_not_be_learned_or_used_is_refused_GAP_05(home: Path, shelf: Path, tmp_path: Path):
    silent = tmp_path / "silent"
    silent.mkdir()
    write(silent / "a.wav", np.zeros(RATE))
    assert "no sound in it that repair can be learned from" in refused(
        "repair", "train", silent, "--quiet", code=4
    )
    assert "gaps: 10 is below 60" in refused("repair", "train", shelf, "--gaps", "10", code=2)
    ask("repair", "train", shelf, "--gaps", "60", "--minutes", "0.2", "--name", "mine")
    fast = write(tmp_path / "fast.wav", sounds.make("bell", 0.5), 192_000)
    line = refused("repair", "run", fast, "--trace", "low", "--model", "mine", "--out", tmp_path / "o.wav",
                   "--quiet", code=4)  # fmt: skip
    assert "mine is for 48000 Hz, the sound has 192000; nearest: --model ar" in line
    assert "does not end in .zip" in refused("repair", "ship", "mine", "--out", tmp_path / "o.tar", code=2)
    stereo = write(tmp_path / "stereo.wav", sounds.stereo("bell", 0.5))
    done = run("repair", "run", stereo, "--trace", "stress", "--model", "mine", "--out", tmp_path / "s.wav")
    assert "mine hears one channel at a time; this sound has 2" in done.stderr
    assert len(pcm(tmp_path / "s.wav")) == 2
