"""Takes of the shortest sounds, of the same sound twice, in every space; and files that are not ours."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from jobs.desk import Desk
from jobs.nets import excerpts, saved
from jobs.recipes import lesson
from jobs.sound.tape import SLOT
from jobs.specs import Generate, make
from store import paths
from store.errors import BadInput, Usage
from studio import checks
from studio.again import _sum_of
from tests import sounds
from tests.recipes.playing import generate, imported, settle, trained


def played(job: str, **values):
    (record,) = settle(job, generate(job, **{"bits": "32f", **values}))
    return record, soundfile.read(record["path"], dtype="float32", always_2d=True)[0].T


def written(path: Path, seconds: float, rate: int = sounds.RATE) -> str:
    soundfile.write(path, sounds.make("bell", 1.0)[: round(seconds * rate)], rate)
    return str(path)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_tenth_of_a_second_is_resynthesised_GEN_01(model, tmp_path, rate):
    path = written(tmp_path / "short.wav", 0.1, rate)
    every = {axis["name"]: 70.0 for axis in model["axes"] if axis["available"] and axis["name"] != "width"}
    _, audio = played("a", model=model["id"], resynthesise=path, seconds=0.1)
    assert audio.shape[1] == 4_800 and np.abs(audio).max() > 0.01
    assert np.isfinite(
        played("b", model=model["id"], resynthesise=path, seconds=0.05, sliders=every)[1]
    ).all()
    _, audio = played("c", model=model["id"], between=(path, path), seconds=0.05, sliders=every)
    assert audio.shape[1] == 2_400 and np.isfinite(audio).all()


def test_the_shortest_take_obeys_every_slider_GEN_01(model):
    every = {axis["name"]: 70.0 for axis in model["axes"] if axis["available"]}
    _, audio = played("a", model=model["id"], seconds=0.05, sliders=every)
    assert audio.shape == (2, 2_400) and np.isfinite(audio).all()


def test_tags_tell_of_the_sounds_a_take_was_made_of_META(model, tmp_path):
    path = written(tmp_path / "short.wav", 0.5)
    record, _ = played("a", model=model["id"], resynthesise=path, seconds=0.2)
    said = json.loads(soundfile.SoundFile(record["path"]).copy_metadata()["comment"])
    assert said["resynthesise"] == "short.wav"


def test_a_sidecar_that_is_there_is_not_written_over_META(model, tmp_path):
    (tmp_path / "mine.wav.json").write_text("mine")
    with pytest.raises(BadInput, match=r"mine\.wav\.json exists already"):
        generate(model=model["id"], seconds=0.2, out=str(tmp_path / "mine.wav"))
    assert (tmp_path / "mine.wav.json").read_text() == "mine"
    assert not (tmp_path / "mine.wav").exists()


def test_an_attempt_after_a_kill_goes_over_its_own_copy_OUT_02(model, tmp_path):
    for _ in range(2):
        generate(model=model["id"], seconds=0.2, out=str(tmp_path / "mine.wav"))
    (tmp_path / "mine.wav").unlink()
    generate(model=model["id"], seconds=0.2, out=str(tmp_path / "mine.wav"))
    assert soundfile.info(tmp_path / "mine.wav").frames == 9_600


@pytest.mark.parametrize("name", ["mine.wav", "mine.wav.json"])
def test_what_is_there_is_told_before_a_take_is_made_CLI(tmp_path, name):
    (tmp_path / name).write_text("mine")
    spec = make(Generate, model="m", out=str(tmp_path / "mine.wav"))
    with pytest.raises(BadInput, match=rf"{name} exists already; nearest free: mine.2\.wav"):
        checks.sound_file(spec, False)


def test_a_source_with_an_impossible_name_is_no_crash_META():
    assert _sum_of(SimpleNamespace(models={}, takes={}), "x" * 5000) == ""


def test_a_field_of_any_name_is_refused_and_not_a_crash_CLI():
    with pytest.raises(Usage, match="unknown field 'kind'"):
        make(Generate, **{"model": "m", "kind": "x"})


@pytest.mark.parametrize("told", ['{"blocks": [[Infinity, 3]]}', "[" * 5000, '{"blocks": [[0, 1]]}', "7"])
def test_a_lesson_that_cannot_be_is_drawn_anew_INCR_01(model, tmp_path, told):
    (tmp_path / lesson.FILE).write_text(told)
    bank = saved.load(Path(model["path"])).bank
    found = lesson.past(tmp_path, bank, "sum", 3)
    assert (found.blocks, found.files) == excerpts.choose(bank.places, 3)


def test_a_dataset_that_was_held_out_whole_is_refused_INCR_01(home, tmp_path):
    dataset = imported(tmp_path / "in", 2, 0.2)
    desk = Desk("t", paths.run("t"))
    tape = lesson.of_dataset(dataset, 0, None, desk).tape
    files = tuple((place.start, place.slots * SLOT) for place in tape.places)
    with pytest.raises(BadInput, match="add other sounds"):
        lesson.of_dataset(dataset, 0, lesson.Past(tape, "sum", (), files, ()), desk)


@pytest.mark.slow
def test_two_shortest_sounds_can_be_learned_TRAIN_01(home, tmp_path):
    record = trained(imported(tmp_path / "in", 2, 0.1))
    assert played("a", model=record["id"], seconds=0.3)[1].shape[1] == 14_400
