"""Takes as a job: files, records, pictures, previews, and what is refused."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jobs.recipes import made, players, take
from jobs.specs import Generate, make
from store import paths, stream
from store.errors import BadInput, NotFound, Usage
from store.library import Library
from tests.recipes.playing import desk, generate, settle


def test_a_take_is_a_wav_with_sidecar_and_pictures_GEN_01_OUT_02_META(model):
    result = generate(model=model["name"], seconds=1.25, seed=7, sliders={"brightness": 60})
    (record,) = settle("gen", result)
    info = soundfile.info(record["path"])
    assert (info.samplerate, info.subtype, info.frames, info.channels) == (48_000, "PCM_24", 60_000, 1)
    sidecar = json.loads(Path(record["sidecar"]).read_text())
    assert sidecar["seed"] == 7 and sidecar["sliders"] == {"brightness": 60.0}
    assert sidecar["model"] == model["id"] and sidecar["model_sha256"] == model["sha256"]
    assert len(Path(record["wave"]).read_bytes()) == 2 * record["wave_columns"]
    width, height = record["heat_size"]
    assert len(Path(record["heat"]).read_bytes()) == width * height
    assert record["quality"]["peak_dbfs"] <= -0.9
    tags = soundfile.SoundFile(record["path"]).copy_metadata()
    assert json.loads(tags["comment"])["seed"] == 7


def test_a_batch_has_successive_seeds_and_repeats_GEN_09_GEN_10(model):
    batch = settle("a", generate("a", model=model["id"], seconds=0.5, seed=3, count=3))
    assert [record["seed"] for record in batch] == [3, 4, 5]
    assert len({record["id"] for record in batch}) == 3
    (again,) = settle("b", generate("b", model=model["id"], seconds=0.5, seed=4))
    first, second = (soundfile.read(record["path"])[0] for record in (batch[1], again))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("format", "rate", "bits", "subtype"),
    [
        ("wav", 44_100, "16", "PCM_16"),
        ("wav", 96_000, "32f", "FLOAT"),
        ("flac", 48_000, "24", "PCM_24"),
        ("aiff", 88_200, "24", "PCM_24"),
        ("ogg", 48_000, "24", "VORBIS"),
        ("mp3", 44_100, "24", "MPEG_LAYER_III"),
    ],
)
def test_formats_and_rates_OUT_03_OUT_04_OUT_06(model, format, rate, bits, subtype):
    result = generate(model=model["id"], seconds=0.5, format=format, rate=rate, bits=bits)
    (record,) = settle("gen", result)
    info = soundfile.info(record["path"])
    assert (info.samplerate, info.subtype) == (rate, subtype)
    if format not in ("ogg", "mp3"):
        assert info.frames == rate // 2


def test_a_preview_stays_out_of_the_library_GEN_02(model):
    result = generate("p", model=model["id"], seconds=0.5, preview=True)
    assert "records" not in result
    preview = result["summary"]["take"]
    assert soundfile.info(preview["path"]).frames == 24_000
    assert Path(preview["path"]).is_relative_to(paths.cache())


def test_a_copy_goes_where_it_is_asked_and_over_nothing_OUT_02(model, tmp_path):
    target = tmp_path / "mine" / "first.wav"
    generate("a", model=model["id"], seconds=0.5, out=str(target))
    assert soundfile.info(target).frames == 24_000
    assert json.loads(Path(f"{target}.json").read_text())["seed"] == 0
    content = target.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        generate("b", model=model["id"], seconds=0.5, seed=1, out=str(target))
    assert target.read_bytes() == content
    with pytest.raises(Usage, match=r"first\.flac"):
        generate("c", model=model["id"], seconds=0.5, format="flac", out=str(tmp_path / "first.wav"))


def test_sliders_are_checked_against_the_model_GEN_08(model):
    with pytest.raises(Usage, match="did you mean 'brightness'"):
        generate(model=model["id"], sliders={"brightnes": 50})
    axes = [axis | {"available": False} for axis in model["axes"]]
    Library().models.amend(model["id"], axes=axes)
    with pytest.raises(Usage, match="leave it out"):
        generate("other", model=model["id"], sliders={"warmth": 50})


def test_what_a_slider_can_not_reach_is_said_GEN_08(model):
    """A take as loud all through has no rhythm at all: where it ends instead stands in the record."""
    asked = {"brightness": 100, "warmth": 100, "roughness": 0, "rhythm": 0}
    (record,) = settle("gen", generate(model=model["id"], seconds=0.5, sliders=asked))
    rows, _ = stream.follow(paths.events("gen"))
    noted = {row["text"].split(":")[0]: row["text"] for row in rows if row["kind"] == "note"}
    far = {axis for axis, value in asked.items() if abs(record["reached"][axis] - value) > made.FAR_OFF}
    assert far, "all four at once can't be"
    assert set(noted) == far
    for axis, text in noted.items():
        assert f"asked for {asked[axis]}" in text and f"reaches {record['reached'][axis]:.0f}" in text


def test_a_damaged_model_is_refused_with_its_file_MOD_02(model):
    weights = Path(model["path"]) / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    with pytest.raises(BadInput, match=r"weights\.safetensors.*changed"):
        generate(model=model["id"])
    shutil.rmtree(model["path"])
    with pytest.raises(BadInput, match="gone or damaged"):
        generate(model=model["id"])
    with pytest.raises(NotFound):
        generate(model="nothing")


def test_what_a_format_can_not_hold_is_refused_before_any_work_OUT_06(model):
    for wrong in ({"format": "flac", "bits": "32f"}, {"format": "mp3", "rate": 96_000}):
        with pytest.raises(Usage, match="format: "):
            generate(model=model["id"], seconds=0.5, **wrong)


def test_a_second_attempt_finds_its_own_copy_GEN_09(model, tmp_path):
    """A process that died after writing ``out`` is followed by one that writes the same take."""
    values = {"model": model["id"], "seconds": 0.5, "out": str(tmp_path / "mine.wav")}
    first = generate("again", **values)
    second = generate("again", **values)
    names = [result["records"][0]["record"]["name"] for result in (first, second)]
    assert names[0] == names[1]


def test_everything_that_made_a_take_is_in_its_record_GEN_09_META(model):
    asked = {"model": model["id"], "seconds": 0.5, "seed": 3, "count": 2, "sliders": {"rhythm": 70.0}}
    records = settle("gen", generate(**asked, wander=0.6, format="flac", bits="16", rate=44_100))
    for number, record in enumerate(records):
        spec = record["spec"]
        assert (spec["recipe"], spec["seed"], spec["count"]) == ("take", 3 + number, 1)
        assert spec["sliders"] == {"rhythm": 70.0} and spec["wander"] == 0.6
        assert json.loads(Path(record["sidecar"]).read_text())["spec"] == spec
        assert set(record["reached"]) >= {"rhythm", "density", "brightness"}
        figures = [value for value in record["quality"].values() if isinstance(value, int | float)]
        assert len(figures) > 5 and all(math.isfinite(figure) for figure in figures)
        assert record["quality"]["true_peak_dbtp"] <= -1


@pytest.mark.parametrize(
    "asked",
    [
        {"sliders": {"rhythm": 70.0}, "seed": 5},
        {"sliders": {"width": 80.0}, "format": "flac", "bits": "16"},
        {"render": "heap", "space": "binaural", "azimuth": -60.0, "rate": 44_100},
    ],
)
def test_a_record_repeats_its_take_bit_for_bit_GEN_09(model, asked):
    """Also by an engine that has just been started; dither and all."""
    (record,) = settle("a", generate("a", model=model["id"], seconds=0.4, **asked))
    players._ready.clear()
    spec = {name: value for name, value in record["spec"].items() if name != "recipe"}
    (again,) = settle("b", take.run(make(Generate, **spec), desk("b")))
    first, second = (soundfile.read(one["path"], dtype="int32")[0] for one in (record, again))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("space", "sliders", "channels"),
    [
        ("auto", {}, 1),
        ("auto", {"width": 70.0}, 2),
        ("mono", {}, 1),
        ("stereo", {}, 2),
        ("haas", {}, 2),
        ("binaural", {}, 2),
        ("binaural", {"width": 70.0}, 2),
    ],
)
def test_a_take_has_the_channels_of_its_space_OUT_05_OUT_07(model, space, sliders, channels):
    (record,) = settle("gen", generate(model=model["id"], seconds=0.4, space=space, sliders=sliders))
    assert record["channels"] == channels == soundfile.info(record["path"]).channels


def test_stereo_sounds_make_stereo_takes_and_mono_ones_where_asked_OUT_05(models):
    wide = models["wide"]["id"]
    for space, channels in (("auto", 2), ("mono", 1)):
        (record,) = settle(space, generate(space, model=wide, seconds=0.4, space=space))
        assert soundfile.info(record["path"]).channels == channels


def test_a_binaural_take_comes_from_its_side_OUT_07(model):
    levels = []
    for azimuth in (-70.0, 70.0):
        name = f"at{azimuth:g}"
        result = generate(name, model=model["id"], seconds=0.6, space="binaural", azimuth=azimuth)
        audio, _ = soundfile.read(settle(name, result)[0]["path"])
        levels.append(10 * np.log10((audio[:, 0] ** 2).sum() / (audio[:, 1] ** 2).sum()))
    assert levels[0] > 2 and levels[1] < -2
    assert levels[0] == pytest.approx(-levels[1], abs=0.5)


def test_a_width_in_mono_is_refused_GEN_06(model):
    with pytest.raises(Usage, match="nearest: space stereo"):
        generate(model=model["id"], space="mono", sliders={"width": 50})
