"""A folder becomes a dataset; whatever is wrong with a file is one line that names it."""

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from jobs.commit import record_id
from jobs.desk import Desk, Stopped
from jobs.recipes import copies
from jobs.recipes import sounds as recipe
from jobs.sound.pictures import wave_picture
from jobs.specs import ImportSounds, make
from store import paths, shapes, stream
from store.errors import BadInput, Busy, NotFound, Usage
from store.library import Library
from tests import hostile, sounds


def run(*given: Path | str, job: str = "job1", **values: Any) -> dict:
    """What the recipe gives for some paths, its files moved where the commit would move them."""
    spec = make(ImportSounds, paths=[str(path) for path in given], **values)
    result = recipe.run(spec, Desk(job, paths.run(job)))
    for entry in result["files"]:
        target = paths.data() / entry["to"]
        target.parent.mkdir(exist_ok=True)
        (paths.run(job) / entry["from"]).rename(target)
    return result


def dataset(*given: Path | str, **values: Any) -> dict:
    return run(*given, **values)["records"][0]["record"]


def listed(record: dict) -> list[dict]:
    return json.loads((Path(record["folder"]) / "sounds.json").read_bytes())


def told(record: dict) -> dict[str, str]:
    """{file name: code} of its problems."""
    return {Path(one["file"]).name: one["code"] for one in record["problems"]}


def refusal(*given: Path | str) -> str:
    with pytest.raises(BadInput) as caught:
        run(*given)
    return str(caught.value)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_folder_becomes_a_dataset_DATA_02(home: Path, tmp_path: Path) -> None:
    """DATA-01, DATA-02, DATA-03: all formats, folders in folders, originals untouched, a full summary."""
    folder = tmp_path / "my drums"
    for seed, ending in enumerate(("wav", "aiff", "flac", "mp3", "ogg")):
        sounds.write_folder(folder / ending, 2, seconds=0.5, seed=10 * seed, ending=ending)
    before = digests(folder)
    result = run(folder)
    record = result["records"][0]["record"]
    assert digests(folder) == before
    assert record["name"] == "my drums" and record["id"] == record_id("job1", "datasets", 0)
    assert (record["count"], record["rates"], record["channels"]) == (10, [48_000], [1])
    assert record["subtypes"] == ["MPEG_LAYER_III", "PCM_24", "VORBIS"]
    assert record["seconds"] == pytest.approx(5, abs=0.2)
    assert record["bytes"] == sum(path.stat().st_size for path in folder.rglob("*.*"))
    assert record["problems"] == []
    shapes.check("datasets", record, "record")
    assert Library().datasets.add(record)["count"] == 10
    assert json.loads((Path(record["folder"]) / "dataset.json").read_bytes()) == record


def test_thumbnails_are_made_once_DATA_03(home: Path, tmp_path: Path) -> None:
    files = sounds.write_folder(tmp_path / "a", 6, seconds=0.5)
    record = dataset(tmp_path / "a")
    peaks = np.frombuffer((Path(record["folder"]) / "peaks.bin").read_bytes(), np.int8).reshape(6, 512)
    for row, (file, sound) in enumerate(zip(files, listed(record), strict=True)):
        assert sound["file"] == str(file) and sound["name"] == file.name
        audio, _ = soundfile.read(file, dtype="float32")
        expected = np.frombuffer(wave_picture(audio[None], 256), np.int8)
        assert abs(peaks[row].astype(int) - expected).mean() < 6
        assert sound["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert sound["usable"] and sound["reasons"] == [] and sound["seconds"] == 0.5


def test_each_bad_file_is_named_DATA_04(home: Path, tmp_path: Path) -> None:
    """DATA-04, and the folder is still a dataset."""
    folder = tmp_path / "a"
    good = sounds.write_folder(folder, 6, seconds=0.5)
    hostile.text_named_wav(folder)
    hostile.empty(folder)
    hostile.cut(folder)
    hostile.not_finite(folder)
    hostile.flac_of(folder, 2**36 - 1)
    hostile.pipe(folder)
    hostile.wav(folder, "crowd.wav", channels=300)
    hostile.wav(folder, "slow.wav", rate=1)
    (folder / "gone.wav").symlink_to(folder / "nowhere.wav")
    (folder / "zero.wav").symlink_to("/dev/zero")
    hostile.wav(folder, "silent.wav")
    soundfile.write(folder / "short.wav", sounds.make("noise", 0.05), 48_000)
    soundfile.write(folder / "clipped.wav", np.clip(9 * sounds.make("vibrato", 0.5), -1, 1), 48_000)
    soundfile.write(folder / "offset.wav", sounds.make("drums", 0.5) * 0.5 + 0.1, 48_000)
    soundfile.write(folder / "slow_rate.wav", sounds.make("vowels", 0.5), 44_100)
    shutil.copy(good[0], folder / "twin.wav")
    record = dataset(folder)
    assert told(record) == {
        "notes.wav": "unreadable", "empty.wav": "empty", "cut.wav": "truncated", "nan.wav": "not_finite",
        "bomb.flac": "unreadable", "pipe.wav": "unreadable", "crowd.wav": "unreadable",
        "slow.wav": "unreadable", "gone.wav": "missing", "zero.wav": "unreadable", "silent.wav": "silent",
        "short.wav": "short", "clipped.wav": "clipped", "offset.wav": "dc_offset", "twin.wav": "duplicate",
        "slow_rate.wav": "mixed_rates",
    }  # fmt: skip
    levels = {one["code"]: one["level"] for one in record["problems"]}
    warnings = {"truncated", "clipped", "dc_offset", "duplicate", "mixed_rates"}
    assert {code for code, level in levels.items() if level == "warning"} == warnings
    assert [one["level"] for one in record["problems"]] == sorted(one["level"] for one in record["problems"])
    assert all("\n" not in one["message"] and one["message"] for one in record["problems"])
    assert record["count"] == 10
    unusable = {sound["name"]: sound["reasons"] for sound in listed(record) if not sound["usable"]}
    assert set(unusable) == {"silent.wav", "short.wav", "twin.wav"} and all(unusable.values())
    assert len({sound["id"] for sound in listed(record)}) == len(listed(record)) == 13


def test_three_files_are_a_warning_DATA_04(home: Path, tmp_path: Path) -> None:
    sounds.write_folder(tmp_path / "a", 3, seconds=0.3)
    problems = dataset(tmp_path / "a")["problems"]
    assert [(one["level"], one["code"]) for one in problems] == [("warning", "few_files")]
    assert "3 sounds" in problems[0]["message"]


def test_nothing_to_use_is_one_line(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "void"
    folder.mkdir()
    assert refusal(folder) == "void: no WAV, AIFF, FLAC, MP3, OGG, CAF or W64 file in it (it is empty)"
    (folder / ".hidden.wav").touch()
    (folder / "readme.txt").touch()
    assert "1 not sounds, 1 hidden" in refusal(folder)
    hostile.text_named_wav(folder)
    assert refusal(folder).startswith("notes.wav: not a sound")
    hostile.pipe(folder)
    assert refusal(folder).startswith("void: none of 2 sounds can be used; notes.wav: not a sound")
    assert "\n" not in refusal(folder)
    assert not Library().datasets.all()


def test_missing_and_relative_paths(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file or folder"):
        run(tmp_path / "gone")
    with pytest.raises(Usage, match="not absolute"):
        run("somewhere")


def test_links_that_loop_hidden_files_and_other_files(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    files = sounds.write_folder(folder / "deep" / "x.wav", 5, seconds=0.2)
    (folder / "deep" / "back").symlink_to(folder)
    (folder / "again.wav").symlink_to(files[0])
    (folder / ".hidden").mkdir()
    shutil.copy(files[1], folder / ".hidden" / "b.wav")
    shutil.copy(files[1], folder / "._b.wav")
    (folder / "cover.jpg").write_bytes(b"no")
    record = dataset(folder)
    assert record["count"] == 5 and record["problems"] == []
    notes = [row["text"] for row in stream.follow(paths.events("job1"))[0] if row["kind"] == "note"]
    assert notes == ["passed over: 1 not sounds, 2 hidden, 1 met twice"]


@pytest.mark.parametrize("name", ["kick[bold].wav", "kick\x1b[31m.wav", "a\nb.wav", "ünï 🎵.wav"])
def test_odd_names_stay_as_they_are(home: Path, tmp_path: Path, name: str) -> None:
    sounds.write_folder(tmp_path / "a", 1, seconds=0.3)[0].rename(tmp_path / "a" / name)
    hostile.text_named_wav(tmp_path / "a").rename(tmp_path / "a" / f"bad {name}")
    record = dataset(tmp_path / "a")
    assert [sound["name"] for sound in listed(record)] == [name]
    assert f"bad {name}" in told(record)
    assert Library().datasets.add(record)["problems"] == record["problems"]


def test_name_that_is_no_utf_8(home: Path, tmp_path: Path) -> None:
    plain = sounds.write_folder(tmp_path / "a", 1, seconds=0.3)[0]
    odd = os.fsdecode(os.fsencode(tmp_path / "a") + b"/caf\xe9.wav")
    try:
        plain.rename(odd)
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    record = dataset(tmp_path / "a", copy=True)
    assert listed(record)[0]["original"] == odd and listed(record)[0]["name"] == "caf\ufffd.wav"
    assert Library().datasets.add(record)["count"] == 1


def test_copies_are_the_same_bytes_and_outlive_the_originals_DATA_02(home: Path, tmp_path: Path) -> None:
    files = sounds.write_folder(tmp_path / "a", 5, seconds=0.3, ending="flac")
    wanted = [file.read_bytes() for file in files]
    record = dataset(tmp_path / "a", copy=True)
    shutil.rmtree(tmp_path / "a")
    assert record["copied"]
    assert [Path(sound["file"]).read_bytes() for sound in listed(record)] == wanted
    assert all(Path(sound["file"]).is_relative_to(record["folder"]) for sound in listed(record))


def test_full_disk_leaves_no_half_copy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First seen beforehand, then only in the middle of a file (a limit on the size of files)."""
    sounds.write_folder(tmp_path / "a", 5, seconds=1)
    monkeypatch.setattr(copies, "free_bytes", lambda path: 100_000)
    with pytest.raises(Busy, match="copying needs 1 MB, 0 MB are free"):
        run(tmp_path / "a", copy=True)
    monkeypatch.undo()
    monkeypatch.setenv("WOODSHED_HOME", str(home))
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        with pytest.raises(Busy, match=r"\.wav: larger than files may be"):
            run(tmp_path / "a", copy=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert not (paths.run("job1") / "attempt-1").exists()


def test_file_that_changes_or_vanishes_while_it_is_copied(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sounds.write_folder(tmp_path / "a", 5, seconds=0.2)
    call = recipe.call

    def meddled(*given: Any) -> Any:
        files[2].write_bytes(b"something else")
        return call(*given)

    monkeypatch.setattr(recipe, "call", meddled)
    with pytest.raises(BadInput, match=r"002_drums\.wav: changed while it was imported"):
        run(tmp_path / "a", copy=True)
    sounds.write_folder(tmp_path / "a", 5, seconds=0.2)
    monkeypatch.setattr(recipe, "call", lambda *given: (files[2].unlink(), call(*given))[1])
    with pytest.raises(BadInput, match=r"002_drums\.wav: No such file"):
        run(tmp_path / "a", copy=True)


def test_single_files_and_names(home: Path, tmp_path: Path) -> None:
    files = sounds.write_folder(tmp_path / "take\x1bs", 2, seconds=0.3)
    assert dataset(files[0], job="a")["name"] == files[0].stem
    assert dataset(*files, job="b")["name"] == "take_s"
    first = dataset(*files, job="c", name="mine")
    Library().datasets.add(first)
    assert dataset(*files, job="d", name="mine")["name"] == "mine-2"
    with pytest.raises(Usage, match="name"):
        run(*files, job="e", name="a\x1b[31m")


def test_folder_that_may_not_be_opened_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds.write_folder(tmp_path / "a", 5, seconds=0.2)
    closed = tmp_path / "a" / "closed"
    closed.mkdir()
    scan = os.scandir

    def refuse(path: str) -> Any:
        if str(path) == str(closed):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [(one["code"], one["file"]) for one in dataset(tmp_path / "a")["problems"]] == [
        ("unreadable", str(closed))
    ]


def test_second_attempt_gives_the_same_record(home: Path, tmp_path: Path) -> None:
    sounds.write_folder(tmp_path / "a", 5, seconds=0.2)
    spec = make(ImportSounds, paths=[str(tmp_path / "a")])
    made = [recipe.run(spec, Desk("j", paths.run("j"), attempt)) for attempt in (1, 2)]
    first, second = (one["records"][0]["record"] | {"created": ""} for one in made)
    assert first == second
    assert [one["files"][0]["from"] for one in made] == ["attempt-1/dataset", "attempt-2/dataset"]


def test_stop_ends_it_within_a_moment_and_leaves_no_process(home: Path, tmp_path: Path) -> None:
    sounds.write_folder(tmp_path / "a", 40, seconds=2, kinds=("noise",))
    asked: list[float] = []

    def stop() -> bool:
        """A hand on cancel as soon as the first sound is through."""
        if any(row["kind"] == "progress" for row in stream.follow(paths.events("j"))[0]):
            asked.append(time.monotonic())
        return bool(asked)

    with pytest.raises(Stopped):
        recipe.run(make(ImportSounds, paths=[str(tmp_path / "a")]), Desk("j", paths.run("j"), stop=stop))
    assert time.monotonic() - asked[0] < 3


def test_many_problems_do_not_swell_the_record(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    sounds.write_folder(folder, 5, seconds=0.2)
    for index in range(250):
        (folder / f"bad{index:03d}.wav").touch()
    problems = dataset(folder)["problems"]
    assert len(problems) == 200 and problems[-1]["message"].startswith("51 more")


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("jobs.recipes.sounds, jobs.sound.examine", "torch torchaudio librosa scipy numba sklearn"),
        ("jobs.recipes.export", "torch torchaudio librosa sklearn"),
    ],
)
def test_light_jobs_do_not_pay_for_the_training(modules: str, heavy: str) -> None:
    code = f"import sys, {modules}; print(sorted(set({heavy.split()!r}) & set(sys.modules)))"
    root = str(Path(recipe.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert done.stdout.strip() == "[]", done.stderr
