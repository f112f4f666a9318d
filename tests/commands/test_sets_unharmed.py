"""Nothing of a person's own is written over by work on sets; what was stopped goes on (FP-02 to FP-08)."""

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import soundfile

from tests import sounds
from tests.commands.front import ask, refused
from tests.commands.test_sets import RATE, write


def test_a_folder_is_not_taken_for_a_set_by_a_name_FP_02(home: Path, tmp_path: Path) -> None:
    write(tmp_path / "in" / "drums" / "kick.wav", sounds.make("drums", 0.5))
    own = tmp_path / "app"
    own.mkdir()
    (own / "manifest.json").write_text('{"name": "my app"}')
    assert "other files" in refused("organise", tmp_path / "in", "--out", own, code=4)
    assert "other files" in refused("flaws", tmp_path / "in", "--out", own, code=4)
    assert (own / "manifest.json").read_text() == '{"name": "my app"}'
    # One that was begun and stopped is known for what it is.
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "manifest.json").write_text('{"woodshed": 1, "files": []}')
    (begun / "raw").mkdir()
    assert ask("organise", tmp_path / "in", "--out", begun)["count"] == 1


def test_a_table_of_somebody_is_left_alone_FP_05(home: Path, tmp_path: Path) -> None:
    kick = write(tmp_path / "kick.wav", sounds.make("drums", 0.5))
    parquet.write_table(pa.table({"mine": [1, 2]}), tmp_path / "features.parquet")
    assert "no table of fingerprints" in refused(
        "fingerprint", kick, "--out", tmp_path / "features.csv", code=4
    )
    assert parquet.read_table(tmp_path / "features.parquet").column_names == ["mine"]
    # A name that is no UTF-8 costs nobody anything.
    kick.rename(os.fsdecode(os.fsencode(tmp_path) + b"/k\xffick.wav"))
    assert len(ask("fingerprint", tmp_path)) == 1


def test_flawed_sounds_of_others_keep_their_names_FP_04(home: Path, tmp_path: Path) -> None:
    for pack in "ab":
        write(tmp_path / "in" / pack / "drums" / "kick.wav", sounds.make("drums", 0.5, ord(pack)))
    write(tmp_path / "in" / "drums" / "silence.wav", np.zeros(RATE // 2))
    write(tmp_path / "in" / "drums" / "kick_flawed_muddy_001.wav", sounds.make("noise", 0.5))
    ask("organise", tmp_path / "in", "--out", tmp_path / "set")
    own = tmp_path / "set" / "raw" / "flawed" / "drums" / "kick_flawed_muddy_001.wav"
    before = own.read_bytes()
    found = ask("flaws", tmp_path / "set", "--out", tmp_path / "set", "--per-flaw", 6, "--several", 2)
    assert own.read_bytes() == before
    told = json.loads((tmp_path / "set" / "flaws.json").read_text())["files"]
    files = [entry["file"] for entry in told]
    assert found["count"] == len(set(files)) == len(files) and found["failed"] > 0
    assert {one["problem"] for one in found["problems"]} == {"silent: there is nothing to make worse"}
    assert not any("silence" in file for file in files)
    # The same once more makes the same files, and no others.
    ask("flaws", tmp_path / "set", "--out", tmp_path / "set", "--per-flaw", 6, "--several", 2)
    assert sorted(files) == sorted(
        entry["file"] for entry in json.loads((tmp_path / "set" / "flaws.json").read_text())["files"]
    )
    # Two clean sounds of one name both come along.
    ask("flaws", tmp_path / "in" / "a", tmp_path / "in" / "b", "--out", tmp_path / "other", "--per-flaw", 2)
    assert len(list((tmp_path / "other" / "raw" / "gold" / "drums").iterdir())) == 2


def test_levelled_sounds_take_nobodys_place_and_may_be_moved_FP_03(home: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    write(source / "kick.wav", 0.1 * sounds.make("drums", 1.0))
    ask("normalise", source, "--out", out)
    own = write(out / "snare.wav", sounds.make("noise", 0.5)).read_bytes()
    write(source / "snare.wav", 0.1 * sounds.make("noise", 1.0))
    made = {one["name"]: Path(one["path"]) for one in ask("normalise", source, "--out", out)["files"]}
    assert (out / "snare.wav").read_bytes() == own and made["snare.wav"].name == "snare-2.wav"
    # What was changed afterwards is made anew; another source leaves the others in the log.
    right = made["kick.wav"].read_bytes()
    write(made["kick.wav"], 0.9 * sounds.make("noise", 1.0))
    write(tmp_path / "more" / "tom.wav", 0.1 * sounds.make("drums", 1.0, 4))
    ask("normalise", source / "kick.wav", tmp_path / "more", "--out", out)
    assert made["kick.wav"].read_bytes() == right
    assert ask("normalise", "--verify", out)["count"] == 3
    (out / "snare.wav").unlink()
    out.rename(tmp_path / "moved")
    moved = ask("normalise", "--verify", tmp_path / "moved")
    assert (moved["count"], moved["wrong"], moved["not_in_log"]) == (3, 0, [])
    assert "lies in" in refused("normalise", source, "--out", source / "level", code=2)
    assert "lies in" in refused("normalise", tmp_path / "moved", "--out", tmp_path / "moved", code=2)
    log = tmp_path / "moved" / "normalization_log.json"
    log.write_text(log.read_text().replace('"path": "kick.wav"', '"path": 5'))
    assert "damaged" in refused("normalise", "--verify", tmp_path / "moved", code=4)


def test_a_folder_is_corrected_whatever_is_in_it_FP_08(home: Path, tmp_path: Path) -> None:
    clean = write(tmp_path / "clean.wav", 0.3 * sounds.make("drums", 1.0))
    dull = np.convolve(sounds.make("drums", 1.0), np.ones(12) / 12)[:RATE] * 0.3
    one = write(tmp_path / "takes" / "x" / "a.wav", dull)
    ask("diagnose", one, "--reference", clean, "--save", "brighter", "--strength", 50, "--only", "eq")
    kept = ask("corrections", "show", "brighter")
    whole = ask("diagnose", one, "--reference", clean)["correction"]
    assert np.allclose(kept["eq"], 0.5 * np.array(whole["eq"]), atol=2e-3)
    assert not any(kept["gains"])
    out = tmp_path / "corrected"
    first = ask("diagnose", tmp_path / "takes", "--correction", "brighter", "--apply", out)
    assert (out / "x" / "a_corrected.wav").is_file() and "error" not in first
    write(tmp_path / "takes" / "y" / "a.wav", dull)
    write(tmp_path / "takes" / "silent.wav", np.zeros(RATE))
    other = tmp_path / "other"
    both = ask_code("diagnose", tmp_path / "takes", "--correction", "brighter", "--apply", other, code=4)
    assert sum("path" in row for row in both) == 2 and sum("error" in row for row in both) == 1
    assert sorted(path.relative_to(other).as_posix() for path in other.rglob("*.wav")) == [
        "x/a_corrected.wav", "y/a_corrected.wav",
    ]  # fmt: skip
    assert "nothing to keep" in refused("diagnose", clean, "--reference", clean, "--save", "none", code=4)
    assert soundfile.info(one).frames == len(dull)


def ask_code(*arguments: str | Path, code: int):
    from tests.commands.front import run

    return json.loads(run(*map(str, arguments), "--json", code=code).stdout)
