"""Material for repairs from the command line: traces, degraded sounds, pairs and profiles of a training."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import sounds
from tests.commands.front import ask, refused, run
from tests.commands.test_repair import pcm, write


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write(tmp_path / "pluck.wav", sounds.stereo("pluck", 1.0))


# --- traces ------------------------------------------------------------------------------------------


def test_a_trace_is_written_with_its_figures_GAP_02(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "stress.txt"
    found = ask("repair", "trace", "stress", "--seconds", "20", "--seed", "3", "--out", out)
    lines = out.read_text().splitlines()
    assert len(lines) == found["packets"] == 2000 and set(lines) == {"0", "1"}
    assert lines.count("1") == found["lost_packets"] == found["dropped_packets"] + found["late_packets"]
    assert 7 < found["lost_percent"] < 13
    assert found["arrival"]["latency_ms"] == pytest.approx(100, abs=4)
    assert found["arrival"]["jitter_ms"] == pytest.approx(30, abs=3)
    beside = json.loads(Path(f"{out}.json").read_text())
    assert beside["bursts"] == found["bursts"] and beside["seed"] == 3
    again = tmp_path / "again.txt"
    said = run("repair", "trace", "stress", "--seconds", "20", "--seed", "3", "--out", again).stdout
    assert again.read_bytes() == out.read_bytes()
    for words in ("2000 packets of 10 ms", "never arrive", "RFC 3550", "behind 150 ms"):
        assert words in said


def test_a_made_trace_is_what_a_network_of_that_seed_loses_GAP_02(
    home: Path, sound: Path, tmp_path: Path
) -> None:
    out = tmp_path / "trace.txt"
    run("repair", "trace", "stress", "--seconds", "1", "--seed", "4", "--packet-ms", "5", "--out", out)
    for name, trace in (("file", out), ("network", "stress")):
        run("repair", "degrade", sound, "--kind", "loss", "--trace", trace, "--seed", "4",
            "--packet-ms", "5", "--out", tmp_path / f"{name}.wav")  # fmt: skip
    made = pcm(tmp_path / "file.wav")
    assert np.array_equal(made, pcm(tmp_path / "network.wav"))
    lost = np.repeat(np.array(out.read_text().split(), int) == 1, 240)
    assert lost.any() and not made[:, lost].any()
    assert np.array_equal(made[:, ~lost], pcm(sound)[:, ~lost])


def test_traces_that_can_not_be_made_are_refused_in_one_line_GAP_02(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.txt"

    def trace(*words: str | Path, code: int = 2) -> str:
        return refused("repair", "trace", *words, "--quiet", code=code)

    assert "did you mean 'stress'" in trace("sterss", "--out", out)
    assert "out is missing" in trace("low")
    out.write_text("mine")
    assert "a.txt exists already" in trace("low", "--out", out, code=4)
    assert out.read_text() == "mine"


# --- degraded sounds ---------------------------------------------------------------------------------


def test_a_sound_is_degraded_as_asked_and_told_how_GAP_02_META(
    home: Path, sound: Path, tmp_path: Path
) -> None:
    out = tmp_path / "clipped.flac"
    before = sound.read_bytes()
    found = ask("repair", "degrade", sound, "--kind", "clip", "--amount", "level_db=-12", "--out", out)
    made, truth = pcm(out), pcm(sound)
    assert np.abs(made).max() == pytest.approx(np.abs(truth).max() * 10 ** (-12 / 20), abs=2)
    soft = np.abs(truth) < 0.2 * np.abs(truth).max()
    assert np.array_equal(made[soft], truth[soft]) and sound.read_bytes() == before
    assert found["level_db"] == -12 and found["path"] == str(out)
    beside = json.loads(Path(f"{out}.json").read_text())
    assert beside["of"] == "pluck.wav" and beside["clipped"] == found["clipped"] > 0
    said = run("repair", "degrade", "--help").stdout
    for kind in ("loss", "dropouts", "bits", "band", "reorder", "phase", "allpass"):
        assert f"  {kind}" in said
    tagged = json.loads(soundfile.SoundFile(out).comment)
    assert tagged["kind"] == "clip" and tagged["level_db"] == -12


def test_peaks_above_full_scale_are_told_GAP_02(home: Path, tmp_path: Path) -> None:
    square = np.sign(np.sin(2 * np.pi * 100.3 * np.arange(24_000) / sounds.RATE)) * 0.999
    loud = write(tmp_path / "loud.wav", square)
    done = run("repair", "degrade", loud, "--kind", "phase", "--amount", "degrees=90",
               "--out", tmp_path / "turned.wav")  # fmt: skip
    assert "above full scale" in done.stderr
    assert np.abs(pcm(tmp_path / "turned.wav")).max() in (2**23 - 1, 2**23)


def test_what_can_not_be_degraded_is_refused_in_one_line_GAP_02(
    home: Path, sound: Path, tmp_path: Path
) -> None:
    def degrade(*words: str | Path, code: int, out: str = "out.wav") -> str:
        return refused("repair", "degrade", sound, *words, "--out", tmp_path / out, "--quiet", code=code)

    assert "did you mean 'clip'" in degrade("--kind", "clop", code=2)
    assert "nearest: -18" in degrade("--kind", "clip", "--amount", "level_db=-40", code=2)
    assert "pluck.wav exists already" in degrade("--kind", "clip", code=4, out="pluck.wav")
    twice = degrade("--kind", "clip", "--amount", "level_db=-9", "--amount", "level_db=-8", code=2)
    assert "is given twice" in twice


# --- trainings ---------------------------------------------------------------------------------------


def pairs(folder: Path, count: int, kind: str = "noise") -> Path:
    """Sounds of a second, and the same with every tenth packet of 10 ms lost."""
    for number in range(count):
        truth = sounds.make(kind, 1.0, number)
        degraded = truth.copy()
        for start in range(4_800 * (1 + number % 2), 45_000, 4_800):
            degraded[start : start + 480] = 0
        for half, audio in (("ground_truth", truth), ("inputs", degraded)):
            (folder / half).mkdir(parents=True, exist_ok=True)
            write(folder / half / f"{number}.wav", audio)
    return folder


def test_pairs_and_profiles_that_can_not_be_used_are_refused_GAP_01_GAP_05(
    home: Path, tmp_path: Path
) -> None:
    folder = pairs(tmp_path / "mine", 1)
    (folder / "inputs" / "0.wav").write_bytes((folder / "ground_truth" / "0.wav").read_bytes())

    def train(*words: str | Path, code: int = 4) -> str:
        return refused("repair", "train", *words, "--quiet", code=code)

    line = train(folder)
    assert (
        "mine: no pair that can be learned from: inputs/0.wav against ground_truth/0.wav: nothing differs"
        in line
    )
    profile = tmp_path / "p.yaml"
    profile.write_text("net: gate\n")
    assert "p.yaml: net: 'gate' is not one of gates" in train(folder, "--profile", profile)
    assert "did you mean 'p.yaml'" in train(folder, "--profile", tmp_path / "q.yaml", code=3)
    assert "sounds is missing" in train(code=2)


def test_options_win_over_a_profile_GAP_05_CLI(unattended: Path, tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    words = f'net = "mlp"\ngaps = 120\nbatch = 32\nminutes = 7\nsounds = ["{tmp_path}"]\n'
    profile.write_text(words)
    job = ask("repair", "train", "--profile", profile, "--gaps", "90", "--set", "batch=16", "--detach")
    spec = job["spec"]
    assert (spec["net"], spec["minutes"], spec["gaps"], spec["batch"]) == ("mlp", 7, 90, 16)
    assert spec["sounds"] == [str(tmp_path)], "no sounds were told beside it"


@pytest.mark.slow
def test_a_repairer_is_learned_from_pairs_and_judged_on_others_GAP_01_GAP_05(
    home: Path, tmp_path: Path
) -> None:
    folder = pairs(tmp_path / "mine", 10)
    write(folder / "inputs" / "alone.wav", sounds.make("noise", 0.5))
    few = ("--gaps", "400", "--minutes", "0.5", "--set", "patience=2")
    done = run("repair", "train", folder, *few, "--json", seconds=300)
    record = json.loads(done.stdout)
    report = record["report"]
    assert record["sounds"] == 10 and report["sources"] == 2
    assert report["gaps"] <= 2 * 9, "no more than the inputs of both lost"
    assert "left out: inputs/alone.wav has no truth" in done.stderr
    assert "10 pairs: their inputs lost" in done.stderr
