"""Packages and feedback from the command line, by a real worker: installed, undone, read, compared."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from jobs.field import feedback, installed
from jobs.field.histogram import GAP_MS
from store.library import Library
from tests.commands.front import ask, refused, run
from tests.field import updates
from tests.field.test_feedback import counts, session
from tests.studio import repairs


@pytest.fixture
def field(tmp_path: Path) -> Path:
    return tmp_path / "field"


def test_updates_are_installed_and_gone_back_from_GAP_09(home: Path, field: Path, tmp_path: Path):
    first, second = (updates.package(tmp_path / f"{one}.zip", one) for one in (1, 2))
    found = ask("repair", "install", first, field)
    assert (found["version"], found["before"], found["name"]) == (1, None, "Brass")
    assert installed.current(field) == Path(found["path"]) and found["net"] == "net.onnx"
    assert found["start"].endswith(f"-m jobs.field.live {field} --rate 48000 --block 240")
    said = run("repair", "install", second, field).stdout
    assert "Brass, version 2" in said and "version 1 can come back" in said and "jobs.field.live" in said
    assert "version 1 is older than the installed 2" in refused("repair", "install", first, field, code=4)
    back = ask("repair", "rollback", field)
    assert (back["version"], back["before"]) == (1, 2) and installed.installed_version(field) == 1
    assert "no version to go back to" in refused("repair", "rollback", field, code=4)


@pytest.mark.slow
def test_the_line_that_install_prints_starts_what_was_installed_GAP_09(
    home: Path, field: Path, tmp_path: Path
):
    start = ask("repair", "install", updates.package(tmp_path / "1.zip", net=False), field)["start"]
    done = subprocess.run(shlex.split(start), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.splitlines()[-1] == "ready"
    (told,) = ask("repair", "feedback", field)["models"]
    assert (told["model"], told["kept"], told["packets"]) == (updates.MODEL, False, 0)


def test_the_public_key_of_the_house_is_shown_and_the_private_one_never_GAP_09(home: Path):
    made = ask("repair", "key")
    assert made["made"] and Path(made["path"]).read_text() == made["public_key"]
    said = run("repair", "key").stdout
    assert made["sha256"] in said and "PUBLIC KEY" in said and "PRIVATE" not in said


def test_what_a_package_holds_is_said_in_words_GAP_09(home: Path, tmp_path: Path):
    path = updates.package(tmp_path / "it.zip", 7)
    found = ask("repair", "verify", path)
    assert (found["version"], found["model"], found["known"]) == (7, updates.MODEL, False)
    assert {one["name"] for one in found["files"]} == {"field_directives.json", "net.onnx"}
    assert found["directives"]["fallbacks"] == ["net", "ar-768", "ar-384", "repeat", "fade"]
    said = run("repair", "verify", path).stdout
    for words in (
        "Brass, version 7, of repairer brass-1, which is not in this house",
        f"SHA-256 {found['key_sha256'][:16]}",
        "gaps up to 2.5 ms: not used, -0.20 dB (-0.50 to +0.10)",
        "gaps up to 5 ms: used, +0.60 dB (+0.30 to +0.90)",
        "predicts with ar-768 from the last 150 ms and levinson-384 from the last 50 ms",
        "fills gaps with net, else ar-768, else ar-384, else repeat, else fade",
        "advises the host: packets of 10 ms, fading after 20 ms",
        "99 of 100 blocks within 1 ms, 128 MB, 15 % of a core",
        "gap SDR of ar-512: 9.6 dB at 2.5 ms",
    ):
        assert words in said, words


def test_nets_are_compared_tensor_by_tensor_GAP_09(home: Path, tmp_path: Path):
    updates.repairer("mine")
    shipped = updates.package(tmp_path / "it.zip", scale=1.1)
    changes = {one["name"]: one for one in ask("repair", "diff", "mine", shipped)["changes"]}
    assert changes["first.bias"]["what"] == "same"
    assert changes["first.weight"]["rms_relative"] == pytest.approx(0.1, abs=1e-6)
    said = run("repair", "diff", "mine", shipped).stdout
    assert "mine → " in said and "6×4" in said and "10 %" in said and "first.bias" not in said
    assert "nearest: 'mine'" in refused("repair", "diff", "mind", shipped, code=3)


def test_feedback_is_read_and_shown_with_its_repairer_GAP_09(home: Path, field: Path):
    updates.repairer("mine")
    field.mkdir()
    gaps = counts(GAP_MS, _5=100, _30=60, _100=40)
    updates.feedback(field / feedback.NAME, session(gaps=gaps), session(model="ar"))
    said = run("repair", "feedback", field).stdout
    assert "mine (brass-1): 1 new sessions" in said and "ar: no repairer of that id is here" in said
    (told,) = ask("repair", "feedback", field, "--model", "mine")["models"]
    assert (told["new"], told["sessions"], told["gaps"]["2.5-5"]) == (0, 1, 100)
    said = run("repair", "show", "mine").stdout
    assert "from the field:" in said and "gaps to train on: 5 ms (50 %), 40 ms (30 %), 160 ms (20 %)" in said


def test_a_repairer_is_listed_and_shown_by_its_figures_GAP_05(home: Path):
    record = updates.repairer("old")
    over = {"over": repairs.PREDICTED, "ended_by": "mastered", "steps": 0, "best_step": 0}
    Library().repairers.amend(record["id"], report=record["report"] | over)
    (told,) = ask("repair", "ls")
    assert (told["verdict"], told["report"]["ships"]) == ("plateau, AR-512 shipped", "ar")
    said = run("repair", "show", "old").stdout
    assert "plateau, AR-512 shipped" in said and "ships: ar" in said
    assert "that were not learned; mastered at step 0, best at 0" in said


def test_what_is_not_there_or_no_feedback_is_refused_in_a_line_GAP_09(home: Path, tmp_path: Path):
    (tmp_path / "notes.jsonl").write_text("a diary\n")
    assert "none of its 1 lines" in refused("repair", "feedback", tmp_path / "notes.jsonl", code=4)
    assert "did you mean 'notes.jsonl'" in refused("repair", "feedback", tmp_path / "note.jsonl", code=3)
    assert "no such file" in refused("repair", "verify", "a" * 300, code=3)
    ask("repair", "key")
    assert "is a folder; name a file" in refused("repair", "verify", tmp_path, code=4)
    said = refused("repair", "diff", tmp_path, tmp_path, code=4)
    assert "is a folder; name a file or a repairer" in said and "mean" not in said


def test_names_from_outside_can_not_speak_to_the_terminal_GAP_09(home: Path, tmp_path: Path):
    path = updates.package(tmp_path / "it\x1b[31m.zip", 1)
    assert "\x1b" not in refused("repair", "install", path, tmp_path / "no\x1b[2J" / "folder", code=3)
    assert "\x1b" not in json.dumps(ask("repair", "verify", path))
    assert "\x1b" not in run("repair", "install", path, tmp_path / "field\x1b[2J").stdout
