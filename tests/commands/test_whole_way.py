"""From sounds to takes by the command line alone, with real trainings."""

import json
import os
import signal
import time
import wave
from pathlib import Path

import pytest

from studio import demo_sounds
from tests.commands.front import ask, not_finite, refused, run, start

pytestmark = pytest.mark.slow


def samples(path: str | Path) -> bytes:
    with wave.open(str(path)) as sound:
        return sound.readframes(sound.getnframes())


def test_demo_twice_CLI_DATA_01_TRAIN_01_GEN_02(home: Path) -> None:
    for name in ("demo", "demo-2"):
        done = run("demo", "--minutes", "0.2", "--json", seconds=400)
        found = json.loads(done.stdout, parse_constant=not_finite)
        assert found["dataset"]["name"] == found["model"]["name"] == name
        assert found["dataset"]["count"] == 12
        reached = [take["reached"]["brightness"] for take in found["takes"]]
        assert reached == sorted(reached) and reached[2] - reached[0] > 20, reached
        for take in found["takes"]:
            assert take["job"] and take["model"] == found["model"]["id"]
            with wave.open(take["path"]) as sound:
                assert (sound.getframerate(), sound.getsampwidth(), sound.getnframes()) == (48000, 3, 192000)
            json.loads(Path(take["sidecar"]).read_text(), parse_constant=not_finite)
    assert len(ask("models", "ls")) == 2 and len(ask("takes", "ls")) == 6
    assert len(list(Path(found["sounds"]).iterdir())) == 12


def test_train_generate_hand_on_MOD_01_02_GEN_09_10_TRAIN_04_05(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds = tmp_path / "kit"
    demo_sounds.make(sounds)
    ask("data", "add", sounds)
    refused("train", "kit", "--epochs", "-1", code=2)
    refused("train", "kit", "--set", "latnet=64", code=2)
    stopped_and_resumed()
    model = ask("models", "ls")[0]
    assert model["name"] == "first" and model["dataset_name"] == "kit"

    folder = tmp_path / "out"
    folder.mkdir()
    takes = ask("generate", "first", "--count", "2", "--seed", "7", "--seconds", "1.5", "--out", folder)
    assert [take["seed"] for take in takes] == [7, 8]
    assert len(list(folder.glob("*.wav"))) == 2
    again = ask("generate", model["id"][:6], "--seed", "7", "--seconds", "1.5")
    assert samples(again["path"]) == samples(takes[0]["path"])
    assert samples(takes[1]["path"]) != samples(takes[0]["path"])
    flac = ask("takes", "export", again["id"], tmp_path / "x.flac")
    assert Path(flac["path"]).read_bytes()[:4] == b"fLaC"

    parcel = tmp_path / "first.zip"
    ask("models", "export", "first", parcel)
    monkeypatch.setenv("WOODSHED_HOME", str(home / "elsewhere"))
    made = ask("models", "import", parcel)
    there = ask("generate", made["id"], "--seed", "7", "--seconds", "1.5")
    assert samples(there["path"]) == samples(again["path"]), "a model plays the same elsewhere"


def stopped_and_resumed() -> None:
    """Ctrl-C keeps the checkpoint; resume ends in one model, with its previews."""
    training = start("train", "kit", "--name", "first", "--minutes", "0.4", "--set", "preview_every=1")
    end = time.monotonic() + 120
    while not any(job["recipe"] == "vae" and trained(job) for job in ask("jobs", "ls")):
        assert time.monotonic() < end and training.poll() is None
        time.sleep(0.3)
    os.kill(training.pid, signal.SIGINT)
    _, said = training.communicate(timeout=60)
    assert training.returncode == 130, said
    job = ask("jobs", "ls")[-1]
    assert job["state"] == "cancelled" and list((Path(job["path"]) / "checkpoint").iterdir())
    ask("jobs", "resume", job["id"])
    followed = run("jobs", "follow", job["id"], seconds=300)
    assert "loss" in followed.stderr and "validation" in followed.stderr


def trained(job: dict) -> bool:
    events = Path(job["path"]) / "events.jsonl"
    return events.exists() and '"loss"' in events.read_text()
