"""Sets for diagnosis from the command line, by a real worker: organise, normalise, flaws, fingerprints."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
import soundfile

from jobs.sound.fingerprint import fingerprint
from jobs.sound.loudness import measure
from jobs.sound.slots import NAMES
from tests import sounds
from tests.commands.front import ask, refused, run

RATE = sounds.RATE


def write(path: Path, audio: np.ndarray, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.atleast_2d(audio).T, rate, subtype="PCM_24")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sounds of two instruments, and what can go wrong with a folder."""
    root = tmp_path / "mine"
    for index in range(3):
        write(root / "drums" / f"kick_{index}.wav", sounds.make("drums", 1.0, index))
        write(root / "keys" / f"piano_{index}.wav", sounds.stereo("pluck", 1.0, index))
    write(root / "drums" / "copy_of_kick.wav", sounds.make("drums", 1.0, 0))
    write(root / "drums" / "kick_flawed_muddy_001.wav", sounds.make("drums", 1.0, 9))
    write(root / "drums" / "kick_flawed_nasal_001.wav", sounds.make("drums", 1.0, 8))
    write(root / "gutiar" / "riff.wav", sounds.make("pluck", 1.0, 5))
    write(root / "wind" / "storm.wav", sounds.make("noise", 1.0))
    return root


def test_a_folder_becomes_a_set_FP_02(home: Path, folder: Path, tmp_path: Path) -> None:
    before = sorted(path.read_bytes() for path in folder.rglob("*.wav"))
    planned = ask("organise", folder, "--out", tmp_path / "set", "--dry-run")
    assert planned["count"] == 8 and not (tmp_path / "set").exists()
    found = ask("organise", folder, "--out", tmp_path / "set")
    assert (found["count"], found["left_out"]) == (8, 3)
    problems = {entry["name"]: entry["problem"] for entry in found["files"] if "to" not in entry}
    assert "did you mean 'guitar'" in problems["gutiar/riff.wav"]
    assert "no flaw of drums" in problems["drums/kick_flawed_nasal_001.wav"]
    assert "no instrument" in problems["wind/storm.wav"]
    raw = tmp_path / "set" / "raw"
    assert len(list((raw / "gold" / "drums").iterdir())) == 4
    assert [path.name for path in (raw / "flawed" / "drums").iterdir()] == ["kick_flawed_muddy_001.wav"]
    assert sorted(path.name for path in raw.iterdir()) == ["flawed", "gold"]
    assert len(list((raw / "gold").iterdir())) == 5
    told = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert told["instruments"]["drums"]["gold"] == 4 and told["instruments"]["drums"]["flaws"]["muddy"] == 1
    assert 0 < told["completion"] < 0.1
    prompts = json.loads((tmp_path / "set" / "prompts.json").read_text())["prompts"]
    assert len(prompts) == 25 and all(one["file"].endswith("_<nnn>.wav") for one in prompts)
    assert before == sorted(path.read_bytes() for path in folder.rglob("*.wav"))
    assert ask("organise", folder, "--out", tmp_path / "set")["count"] == 8
    assert len(list((raw / "gold" / "drums").iterdir())) == 4


def test_what_can_not_be_organised_is_refused_FP_02(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no WAV" in refused("organise", tmp_path / "empty", "--out", tmp_path / "x", code=4)
    write(tmp_path / "a" / "storm.wav", sounds.make("noise", 0.5))
    assert "no instrument" in refused("organise", tmp_path / "a", "--out", tmp_path / "x", code=4)
    write(tmp_path / "b" / "drums" / "kick.wav", sounds.make("drums", 0.5))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    assert "other files" in refused("organise", tmp_path / "b", "--out", tmp_path / "full", code=4)
    assert "lies in the folder" in refused("organise", tmp_path / "b", "--out", tmp_path / "b" / "x", code=2)
    refused("organise", tmp_path / "nobody", "--out", tmp_path / "x", code=3)


def test_sounds_come_to_one_loudness_and_it_is_proven_FP_03(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    write(source / "drums" / "soft.wav", 0.02 * sounds.stereo("drums", 3.0))
    write(
        source / "drums" / "peaky.wav",
        np.where(np.arange(2 * RATE) == 100, 0.9, 0.001 * sounds.make("noise", 2.0)),
    )
    write(source / "click.wav", 0.5 * sounds.make("noise", 0.01))
    write(source / "silent.wav", np.zeros(RATE))
    write(source / "eight.wav", np.repeat(0.1 * sounds.make("pluck", 1.0)[None], 8, axis=0))
    (source / "broken.wav").write_bytes(b"RIFF and nothing")
    out = tmp_path / "out"
    found = json.loads(run("normalise", source, "--out", out, "--json", code=4).stdout)
    assert (found["count"], found["failed"], found["wrong"]) == (5, 1, 0)
    entries = {one["name"]: one for one in found["files"]}
    assert entries["broken.wav"]["error"]
    for name, one in entries.items():
        if "path" in one:
            audio, rate = soundfile.read(one["path"], always_2d=True)
            told = measure(audio.T, rate)
            assert soundfile.info(one["path"]).subtype == "PCM_24" and told.true_peak <= -1 + 0.02
            assert "reason" in one or told.integrated == pytest.approx(-18, abs=0.1), name
    assert "true peak" in entries["drums/peaky.wav"]["reason"]
    assert "momentary" in entries["click.wav"]["reason"] and "silent" in entries["silent.wav"]["reason"]
    log = json.loads((out / "normalization_log.json").read_text())
    assert log["target_lufs"] == -18 and log["ceiling_dbtp"] == -1 and len(log["files"]) == 6
    again = ask_code("normalise", "--verify", out, code=4)
    assert again["wrong"] == 0 and again["not_in_log"] == []
    louder, rate = soundfile.read(entries["drums/soft.wav"]["path"])
    soundfile.write(entries["drums/soft.wav"]["path"], 0.5 * louder, rate, subtype="PCM_24")
    write(out / "stranger.wav", sounds.make("pluck", 0.5))
    wrong = ask_code("normalise", "--verify", out, code=4)
    assert wrong["wrong"] == 1 and wrong["not_in_log"] == [str(out / "stranger.wav")]
    assert "no normalization_log.json" in refused("normalise", "--verify", source, code=4)
    assert "other files" in refused("normalise", source, "--out", source, code=4)


def ask_code(*arguments: str | Path, code: int):
    return json.loads(run(*arguments, "--json", code=code).stdout)


def test_how_loud_sounds_are_FP_01(home: Path, tmp_path: Path) -> None:
    tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(5 * RATE) / RATE)
    files = [
        write(tmp_path / "tone.wav", np.stack([tone] * 2)),
        write(tmp_path / "silent.wav", np.zeros(RATE)),
    ]
    one, silent = ask("loudness", *files)
    assert one["file"] == str(files[0]) and one["integrated_lufs"] == pytest.approx(-23, abs=0.02)
    assert one["true_peak_dbtp"] == pytest.approx(-23, abs=0.05) and one["seconds"] == 5
    assert silent["integrated_lufs"] is None and silent["measured_by"] == "nothing"
    (tmp_path / "bad.wav").write_bytes(b"nothing")
    both = run("loudness", tmp_path / "bad.wav", files[0], "--json", code=4)
    assert "error" in json.loads(both.stdout)[0] and "bad.wav" in both.stderr
    assert "bad.wav" in refused("loudness", tmp_path / "bad.wav", code=4)
    assert "did you mean 'tone.wav'" in refused("loudness", tmp_path / "tune.wav", code=3)


def test_flaws_are_made_with_their_truth_FP_04(home: Path, tmp_path: Path) -> None:
    for index in range(2):
        write(tmp_path / "in" / "drums" / f"kick_{index}.wav", sounds.make("drums", 1.0, index))
        write(tmp_path / "in" / "bass" / f"low_{index}.wav", sounds.make("pluck", 1.0, index))
    out = tmp_path / "set"
    found = ask("flaws", tmp_path / "in", "--out", out, "--per-flaw", 2, "--seed", 3)
    assert found["count"] == 20 and found["instruments"] == {"drums": 10, "bass": 10}
    told = json.loads((out / "flaws.json").read_text())["files"]
    assert len(told) == 20
    for entry in told:
        assert (out / entry["file"]).is_file() and entry["steps"] and Path(entry["source"]).is_file()
        audio, rate = soundfile.read(out / entry["file"])
        assert rate == RATE and np.abs(audio).max() <= 1
    assert len(list((out / "raw" / "gold" / "drums").iterdir())) == 2
    first = {path.name: path.read_bytes() for path in (out / "raw" / "flawed" / "drums").iterdir()}
    other = tmp_path / "again"
    ask("flaws", tmp_path / "in", "--out", other, "--per-flaw", 2, "--seed", 3)
    assert first == {path.name: path.read_bytes() for path in (other / "raw" / "flawed" / "drums").iterdir()}
    both = ask("flaws", tmp_path / "in", "--out", tmp_path / "both", "--per-flaw", 1, "--several", 2)
    assert both["count"] == 10
    orders = [entry["flaws"] for entry in json.loads((tmp_path / "both" / "flaws.json").read_text())["files"]]
    assert all(len(flaws) == 2 and len(set(flaws)) == 2 for flaws in orders)
    write(tmp_path / "what" / "storm.wav", sounds.make("noise", 1.0))
    assert "no instrument" in refused("flaws", tmp_path / "what", "--out", tmp_path / "y", code=4)
    named = ask("flaws", tmp_path / "what", "--out", tmp_path / "y", "--instrument", "keys", "--per-flaw", 1)
    assert named["count"] == 5 and named["instruments"] == {"keys": 5}
    assert len(list((tmp_path / "y" / "raw" / "flawed" / "keys").iterdir())) == 5


def test_fingerprints_as_tables_FP_05(home: Path, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "features.csv"
    out.write_text("file,subset,instrument,flaw,spectral_centroid,spectral_fla")
    found = ask("fingerprint", folder / "drums", "--out", out)
    assert len(found) == 6 and found[0]["instrument"] == "drums" and len(found[0]["features"]) == 64
    rows = list(csv.DictReader(out.open()))
    assert list(rows[0]) == ["file", "subset", "instrument", "flaw", *NAMES]
    assert {row["flaw"] for row in rows} >= {"none", "muddy"}
    table = parquet.read_table(out.with_suffix(".parquet"))
    assert table.num_rows == 6 and table.column_names == list(rows[0])
    audio, rate = soundfile.read(found[0]["file"], always_2d=True, dtype="float32")
    expected = fingerprint(audio.T, rate)
    assert [float(rows[0][name]) for name in NAMES] == pytest.approx(list(expected), rel=1e-4, abs=1e-4)
    told = json.loads((tmp_path / "feature_metadata.json").read_text())
    assert told["schema"] == 1 and [one["name"] for one in told["features"]] == list(NAMES)
    assert all(one["unit"] and one["meaning"] for one in told["features"])
    again = run("fingerprint", folder / "drums", "--out", out)
    assert "files" not in again.stderr.replace("fingerprint: 6 fingerprints in", "")
    (tmp_path / "letter.csv").write_text("dear,friend\n")
    assert "no table of fingerprints" in refused(
        "fingerprint", folder, "--out", tmp_path / "letter.csv", code=4
    )
    assert "features.csv" in refused("fingerprint", folder, "--out", tmp_path / "features.xls", code=2)


def test_a_dataset_can_be_named_instead_of_files_FP_05(home: Path, folder: Path) -> None:
    ask("data", "add", folder / "keys", "--name", "mine")
    found = ask("fingerprint", "mine")
    assert len(found) == 3 and {one["instrument"] for one in found} == {"keys"}
    assert len(ask("loudness", "mine")) == 3


def test_how_numbers_are_distributed_FP_10(home: Path, tmp_path: Path) -> None:
    for index in range(3):
        clean = sounds.make("drums", 1.0, index)
        write(tmp_path / "raw" / "gold" / "drums" / f"kick_{index}.wav", clean)
        dull = np.convolve(clean, np.ones(12) / 12)[: len(clean)]
        write(tmp_path / "raw" / "flawed" / "drums" / f"kick_flawed_muddy_{index:03d}.wav", dull)
    write(tmp_path / "odd" / "bell.wav", sounds.make("bell", 1.0))
    (tmp_path / "odd" / "broken.wav").write_bytes(b"RIFF....WAVEnothing")
    picture = tmp_path / "set.png"
    drums, unknown = ask("analyse", tmp_path / "raw", tmp_path / "odd", "--png", picture)
    gold, muddy = drums["groups"]
    assert (drums["instrument"], gold["name"], muddy["name"]) == ("drums", "gold", "muddy")
    assert (gold["count"], muddy["count"], unknown["groups"][0]["count"]) == (3, 3, 1)
    assert muddy["apart"]["spectral_centroid"] == -1 and "apart" not in gold
    assert all(np.diff(gold["percentiles"]["crest_factor"]) >= 0)
    # A flaw is no level: what is compared is at one loudness.
    assert muddy["percentiles"]["integrated_lufs"] == pytest.approx([-18] * 5)
    header = picture.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(header[16:20]) > 800
    told = run("analyse", tmp_path / "raw", "--feature", "spectral_centroid").stdout
    assert "drums: gold 3, muddy 3" in told and "spectral_centroid [Hz]" in told and "-1.00" in told
    assert told.count("●") == 2
    slot = run("analyse", tmp_path / "raw", "--feature", "reserved_03").stdout
    assert "  reserved_03: " in slot
    # Drawn again over itself, and never over anything else.
    ask("analyse", tmp_path / "raw", "--png", picture)
    picture.write_bytes(header + b"another picture")
    refused("analyse", tmp_path / "raw", "--png", picture, code=4)
    refused("analyse", tmp_path / "raw", "--png", tmp_path / "set.jpg", code=2)
    assert "did you mean 'crest_factor'" in refused(
        "analyse", tmp_path / "raw", "--feature", "crest_faktor", code=2
    )
    assert "there are: drums" in refused("analyse", tmp_path / "raw", "--instrument", "drum", code=2)
