"""Takes go back into a dataset, marked, and are learned from (FEED-01, FEED-02)."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jobs.desk import Desk
from jobs.nets import excerpts
from jobs.recipes import feed, lesson, tapes
from jobs.recipes import sounds as gather
from jobs.specs import FeedTakes, ImportSounds, make
from store import files, paths
from store.errors import BadInput, NotFound, Usage
from store.library import Library
from tests import sounds
from tests.recipes.playing import imported, settle


def take(folder: Path, name: str, audio: np.ndarray) -> dict:
    """A take in the library, as a model leaves it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.wav"
    soundfile.write(path, audio, 48_000, subtype="PCM_24")
    record = {
        "name": name, "created": "2026-01-01T00:00:00Z", "model": "m1", "model_name": "small", "seed": 1,
        "sliders": {}, "seconds": len(audio) / 48_000, "rate": 48_000, "bits": "24", "channels": 1,
        "format": "wav", "path": str(path),
    }  # fmt: skip
    return Library().takes.add(record)


def fed(job: str = "feed", **values) -> dict:
    spec = make(FeedTakes, **values)
    (record,) = settle(job, feed.run(spec, Desk(job, paths.run(job))))
    return record


def listed(dataset: dict) -> list[dict]:
    return json.loads((Path(dataset["folder"]) / "sounds.json").read_text())


def test_takes_join_a_dataset_marked_as_generated_FEED_01(home, tmp_path):
    base = imported(tmp_path / "in")
    takes = [take(tmp_path / "takes", f"t{i}", sounds.make("pad", 1.0, 90 + i)) for i in range(2)]
    found = fed(dataset=base["id"], takes=[takes[0]["id"], takes[1]["name"]])
    assert found["count"] == base["count"] + 2 and found["generated"] == 2
    assert found["base"] == base["id"] and found["name"] != base["name"]
    made = [sound for sound in listed(found) if sound.get("generated")]
    assert {sound["take"] for sound in made} == {one["id"] for one in takes}
    assert all(Path(sound["file"]).is_relative_to(found["folder"]) for sound in made)
    assert (Path(found["folder"]) / "peaks.bin").stat().st_size == 512 * found["count"]
    assert listed(base) == [sound for sound in listed(found) if not sound.get("generated")]
    # The takes may go: their audio was copied.
    for one in takes:
        Path(one["path"]).unlink()
    tape = tapes.tape_of(found, Desk("t", paths.run("t")))
    assert len(tape.places) == found["count"]


def test_takes_alone_make_a_dataset_FEED_01(home, tmp_path):
    takes = [take(tmp_path / "takes", f"t{i}", sounds.make("bell", 1.0, i)) for i in range(2)]
    found = fed(takes=[one["id"] for one in takes])
    assert found["count"] == found["generated"] == 2 and found["copied"] is True


def test_generated_sounds_weigh_less_and_judge_nothing_FEED_02(home, tmp_path):
    base = imported(tmp_path / "in")
    takes = [take(tmp_path / "takes", f"t{i}", sounds.make("pad", 3.0, 90 + i)) for i in range(3)]
    dataset = fed(dataset=base["id"], takes=[one["id"] for one in takes])
    for seed in range(5):
        learned = lesson.of_dataset(dataset, seed, None, Desk("t", paths.run("t")))
        names = [learned.tape.places[i].name for i in learned.generated]
        assert sorted(names) == ["t0.wav", "t1.wav", "t2.wav"]
        assert not set(names) & set(learned.split.held_out)
        inside = {i for span in learned.split.blocks for i in learned.generated
                  if 0 <= span[0] - learned.tape.places[i].start < learned.tape.places[i].frames}  # fmt: skip
        assert not inside
    weights = [learned.weights[i] for i in learned.generated]
    assert (
        weights == [lesson.GENERATED_WEIGHT] * 3 and sum(learned.weights) == 6 + 3 * lesson.GENERATED_WEIGHT
    )
    drawing = excerpts.Drawing(learned.tape, learned.split, weights=learned.weights)
    _, firsts = drawing.batch(400, np.random.default_rng(0))
    first_made = min(learned.tape.places[i].start for i in learned.generated)
    share = (firsts[firsts >= 0] >= first_made).mean()
    train = learned.split.train
    plain = (train >= first_made).mean()
    assert share < plain


def test_what_a_model_never_heard_stays_unheard_INCR_01(home, tmp_path):
    """Also where its sounds lie in another order beside others, and the seed is another."""
    sounds.write_folder(tmp_path / "in", 6, 2.5)
    spec = make(ImportSounds, paths=[str(tmp_path / "in")], name="old")
    (old,) = settle("import", gather.run(spec, Desk("import", paths.run("import"))))
    desk = Desk("t", paths.run("t"))
    first = lesson.of_dataset(old, 0, None, desk)
    before = lesson.Past(first.tape, "sum", first.split.blocks, first.split.files, ())
    sounds.write_folder(tmp_path / "in" / "a", 6, 2.5, seed=40)
    spec = make(ImportSounds, paths=[str(tmp_path / "in" / "a"), str(tmp_path / "in")], name="more")
    (more,) = settle("more", gather.run(spec, Desk("more", paths.run("more"))))
    then = lesson.of_dataset(more, 7, before, desk)
    assert len(then.tape.places) == 12 and then.tape.places[0].digest != first.tape.places[0].digest

    def waves(learned: lesson.Lesson, spans) -> set[bytes]:
        return {learned.tape.samples(start, frames).numpy().tobytes() for start, frames in spans}

    assert waves(first, first.split.blocks) <= waves(then, then.split.blocks)
    assert waves(first, first.split.files) <= waves(then, then.split.files)
    assert len(then.split.files) == 2 and len(then.split.blocks) == 10


def test_a_copied_dataset_brings_its_sounds_along_FEED_01(home, tmp_path):
    sounds.write_folder(tmp_path / "in", 3, 1.0)
    spec = make(ImportSounds, paths=[str(tmp_path / "in")], name="own", copy=True)
    (base,) = settle("import", gather.run(spec, Desk("import", paths.run("import"))))
    one = take(tmp_path / "takes", "t", sounds.make("pad", 1.0, 90))
    found = fed(dataset=base["id"], takes=[one["id"]])
    assert found["copied"] is True
    assert all(Path(s["file"]).is_relative_to(found["folder"]) and files.sha256(s["file"]) == s["sha256"]
               for s in listed(found))  # fmt: skip


def test_what_can_not_be_fed_is_refused_FEED_01(home, tmp_path):
    base = imported(tmp_path / "in")
    silent = take(tmp_path / "takes", "silent", np.zeros(48_000, np.float32))
    known, _ = soundfile.read(sorted((tmp_path / "in").iterdir())[0])
    same = take(tmp_path / "takes", "same", known)
    gone = take(tmp_path / "takes", "gone", sounds.make("pad", 1.0))
    Path(gone["path"]).unlink()
    for values, kind, words in (
        ({"takes": []}, Usage, "takes is missing"),
        ({"takes": ["nothing"]}, NotFound, "nothing"),
        ({"takes": [silent["id"]]}, BadInput, "none of them"),
        ({"takes": [same["id"]], "dataset": base["id"]}, BadInput, "none of them"),
        ({"takes": [gone["id"]]}, BadInput, "gone"),
    ):
        with pytest.raises(kind, match=words):
            fed(f"job{words[:4]}", **values)
