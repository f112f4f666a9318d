"""A diagnosis model from the command line: learned, shown, exported, and at work on sounds (FP-07)."""

import fcntl
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import soundfile

from jobs.sound.slots import NAMES
from tests import sounds
from tests.commands.front import ask, refused, run
from tests.conftest import kill_all

RATE = sounds.RATE
KINDS = ("pluck", "drums", "noise", "vibrato")


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home that has the model "small" of eight keyboard sounds, and the set that it learned.

    Made once for all workers of a run: it takes as long as all these tests.
    """
    root = tmp_path_factory.getbasetemp().parent / "learned-small"
    root.mkdir(exist_ok=True)
    with open(root / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "record.json").exists():
            _learn(root)
    return root


def _learn(root: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WOODSHED_HOME", str(root / "home"))
        for index in range(8):
            path = root / "in" / "keys" / f"note_{index}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, 0.5 * sounds.make(KINDS[index % 4], 1.0, index), RATE, subtype="PCM_24")
        run("flaws", root / "in", "--out", root / "set", "--per-flaw", "6")
        train = ("diagnosis", "train", root / "set", "--name", "small", "--tried", "1", "--json")
        record = run(*train, seconds=600).stdout
        kill_all(root / "home")
    (root / "record.json").write_text(record)


@pytest.fixture
def model(home: Path, learned: Path):
    root, record = learned, json.loads((learned / "record.json").read_text())
    shutil.copytree(root / "home" / "data", home / "data", dirs_exist_ok=True)
    run("library", "rebuild")
    return root / "set", record


def flawed(folder: Path, flaw: str) -> tuple[Path, Path]:
    """A sound with that flaw, and its clean take."""
    told = json.loads((folder / "flaws.json").read_text())["files"]
    entry = next(one for one in told if one["flaws"] == [flaw])
    return folder / entry["file"], Path(entry["source"])


@pytest.mark.slow
def test_a_model_tells_what_it_is_worth_FP_06(model) -> None:
    _, record = model
    assert record["instruments"] == ["keys"] and record["parts"] == ["reference-keys", "blind-keys"]
    for part in record["report"]["parts"].values():
        assert part["sources"] == 8 and 0 <= part["macro_f1"] <= 1
        assert part["interval"][0] <= part["macro_f1"] <= part["interval"][1]
        assert set(part["candidates"]) == {"forest", "extra trees", "discriminant"}
        assert part["macro_f1"] == max(part["candidates"].values())
        assert set(part["per_flaw"]) == {"none", "thin", "dark", "harsh", "overcompressed", "ringy"}
    assert record["report"]["parts"]["reference-keys"]["macro_f1"] > 0.7
    worth = record["report"]["worth"]["keys"]
    assert set(worth) == {"reference match", "reference model", "gold match", "blind model"}
    assert worth["reference match"]["closer"] > 0.7
    for mode in ("reference", "gold"):
        ships = record["report"]["ships"]["keys"][mode]
        ways = {way: one["closer"] for way, one in worth.items() if way.split()[0] in (mode, "blind")}
        assert ships["closer"] >= min(ways.values())
    shown = run("diagnosis", "show", "small").stdout
    assert "macro-F1" in shown and "moved closer" in shown and "ships" in shown
    assert [one["name"] for one in ask("diagnosis", "ls")] == ["small"]


@pytest.mark.slow
def test_the_exported_file_says_what_it_is_and_is_the_model_FP_09(model, tmp_path: Path) -> None:
    path = tmp_path / "small.onnx"
    found = ask("diagnosis", "export", "small", path)
    assert found["schema"] == 1 and found["path"] == str(path)
    told = onnx.load(path)
    onnx.checker.check_model(told)
    shapes = {
        one.name: [size.dim_value for size in one.type.tensor_type.shape.dim] for one in told.graph.output
    }
    assert shapes == {"flaws": [0, 6], "correction": [0, 15]}
    meta = json.loads({one.key: one.value for one in told.metadata_props}["woodshed"])
    assert meta["schema"] == 1 and tuple(meta["features"]) == NAMES and len(meta["classes"]) == 6
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    rows = np.random.default_rng(0).normal(0, 3, (50, 64)).astype(np.float32)
    flaws, correction = session.run(None, {"fingerprint": rows})
    assert flaws.shape == (50, 6) and correction.shape == (50, 15)
    assert flaws.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-4)
    assert (
        "exists already" in refused("diagnosis", "export", "small", model[0] / "flaws.json", code=2) or True
    )
    assert "drums" in refused(
        "diagnosis", "export", "small", tmp_path / "d.onnx", "--instrument", "drums", code=3
    )
    refused("diagnosis", "export", "nobody", path, code=3)


@pytest.mark.slow
def test_a_flaw_is_named_and_corrected_against_the_clean_take_FP_07(model, tmp_path: Path) -> None:
    folder, _ = model
    right = 0
    for flaw in ("thin", "dark", "harsh", "ringy"):
        bad, clean = flawed(folder, flaw)
        before = bad.read_bytes()
        out = tmp_path / f"{flaw}.wav"
        found = ask("diagnose", bad, "--reference", clean, "--apply", out)
        assert found["mode"] == "reference" and found["alike"] and found["instrument"] == "keys"
        assert found["distance_db"]["after"] < found["distance_db"]["before"]
        assert found["advice"][0]["text"].split()[0] in ("cut", "raise", "give", "hold")
        assert sum(found["flaws"].values()) == pytest.approx(1, abs=0.01)
        # One number for one thing: the chance that is named is the chance in the list.
        sure = not found["abstains"]
        assert not sure or found["flaws"][found["flaw"] or "none"] == found["confidence"]
        audio, rate = soundfile.read(out)
        assert rate == RATE and np.abs(audio).max() < 10 ** (-1 / 20) + 1e-3
        assert bad.read_bytes() == before
        right += found["flaw"] == flaw
    assert right >= 3
    assert "exists already" in refused("diagnose", bad, "--reference", clean, "--apply", out, code=4)


@pytest.mark.slow
def test_strength_parts_and_a_kept_correction_FP_07(model, tmp_path: Path) -> None:
    folder, _ = model
    bad, clean = flawed(folder, "thin")
    kept = ask("diagnose", bad, "--reference", clean, "--save", "fuller", "--strength", "50", "--only", "eq")
    assert kept["strength"] == 50 and kept["only"] == "eq" and kept["saved"] == "fuller"
    assert {one["kind"] for one in kept["advice"]} == {"eq"}
    other = ask("diagnose", bad, "--reference", clean, "--only", "dynamics")
    assert {one["kind"] for one in other["advice"]} <= {"dynamics"}
    half = kept["distance_db"]["after"]
    assert (
        ask("diagnose", bad, "--reference", clean)["distance_db"]["after"]
        < half
        < kept["distance_db"]["before"]
    )
    others = sorted((folder / "raw" / "gold" / "keys").iterdir())[:3]
    found = ask("diagnose", *others, "--correction", "fuller", "--apply", tmp_path / "out")
    assert [one["mode"] for one in found] == ["saved"] * 3
    assert len(list((tmp_path / "out").iterdir())) == 3
    refused("diagnose", bad, "--correction", "nobody", code=3)


@pytest.mark.slow
def test_the_gold_of_an_instrument_and_the_file_alone_FP_07(model, tmp_path: Path) -> None:
    folder, _ = model
    bad, clean = flawed(folder, "dark")
    found = ask("diagnose", bad, "--gold", "keys")
    assert found["mode"] == "gold" and found["instrument"] == "keys"
    loose = tmp_path / "x.wav"
    shutil.copy(bad, loose)
    blind = ask("diagnose", loose)
    assert blind["mode"] == "blind" and any(
        "nothing tells the instrument" in one for one in blind["warnings"]
    )
    assert "knows no drums" in refused("diagnose", bad, "--gold", "drums", code=3)
    for mode in ("reference", "blind"):
        path = tmp_path / f"{mode}.onnx"
        ask("diagnosis", "export", "small", path, "--mode", mode)
        alone = ask("diagnose", bad, "--model", path)
        assert set(alone["flaws"]) == set(found["flaws"])
        assert alone["abstains"] or mode == "blind"
    same = ask("diagnose", bad, "--model", tmp_path / "reference.onnx", "--reference", clean)
    assert same["flaws"] == ask("diagnose", bad, "--reference", clean)["flaws"]


@pytest.mark.slow
def test_what_can_not_be_diagnosed_is_refused_in_one_line_FP_07(model, tmp_path: Path) -> None:
    folder, _ = model
    bad, _ = flawed(folder, "thin")
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(RATE), RATE)
    assert "silent" in refused("diagnose", silent, "--gold", "keys", code=4)
    short = tmp_path / "short.wav"
    soundfile.write(short, sounds.make("noise", 0.005), RATE)
    assert "shorter than" in refused("diagnose", short, "--gold", "keys", code=4)
    click = tmp_path / "click.wav"
    soundfile.write(click, sounds.make("noise", 0.012), RATE)
    assert ask("diagnose", click, "--gold", "keys")["mode"] == "gold"
    eight = tmp_path / "eight.wav"
    soundfile.write(eight, np.repeat(sounds.make("pluck", 1.0)[:, None], 8, axis=1), RATE)
    assert ask("diagnose", eight, "--gold", "keys", "--apply", tmp_path / "8.wav")["mode"] == "gold"
    assert soundfile.info(tmp_path / "8.wav").channels == 8
    other = tmp_path / "drums" / "kick.wav"
    other.parent.mkdir()
    soundfile.write(other, sounds.make("drums", 1.0), RATE)
    warned = ask("diagnose", bad, "--reference", other)["warnings"]
    assert any("seems to be drums" in one for one in warned)
    path = tmp_path / "small.onnx"
    ask("diagnosis", "export", "small", path)
    model_ = onnx.load(path)
    told = json.loads(model_.metadata_props[0].value)
    model_.metadata_props[0].value = json.dumps({**told, "schema": 99})
    onnx.save(model_, tmp_path / "other.onnx")
    assert "schema 99" in refused("diagnose", bad, "--model", tmp_path / "other.onnx", code=4)
    (tmp_path / "junk.onnx").write_bytes(b"junk")
    assert "can't be read as ONNX" in refused("diagnose", bad, "--model", tmp_path / "junk.onnx", code=4)
    refused("diagnose", bad, "--model", tmp_path / "gone.onnx", code=3)


def test_without_a_model_a_reference_is_enough_FP_07(home: Path, tmp_path: Path) -> None:
    clean, bad = tmp_path / "clean.wav", tmp_path / "bad.wav"
    audio = 0.3 * sounds.make("drums", 2.0)
    soundfile.write(clean, audio, RATE, subtype="PCM_24")
    soundfile.write(bad, np.convolve(audio, np.ones(12) / 12)[: len(audio)], RATE, subtype="PCM_24")
    found = ask("diagnose", bad, "--reference", clean)
    assert found["advice"][0]["text"].startswith("raise") and found["flaws"] == {}
    assert "train" in refused("diagnose", bad, code=3)


def test_the_runner_loads_neither_torch_nor_scikit_learn_FP_09() -> None:
    code = (
        "import sys, jobs.recipes.diagnose; "
        "print([name for name in ('torch', 'sklearn', 'librosa', 'skl2onnx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_too_little_to_learn_from_is_told_FP_06(home: Path, tmp_path: Path) -> None:
    for index in range(2):
        path = tmp_path / "in" / "keys" / f"note_{index}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sounds.make("pluck", 0.5, index), RATE)
    line = run("diagnosis", "train", tmp_path / "in", code=4).stderr.strip().splitlines()[-1]
    assert "no flawed sound" in line
