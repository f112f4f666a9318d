"""Takes as a job: files, records, pictures, previews, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from jobs.desk import Desk
from jobs.recipes import take
from jobs.specs import Generate, make
from store import paths, stream
from store.errors import BadInput, NotFound, Usage
from store.library import Library
from tests.recipes.playing import imported, settle, trained

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """A home with a model, made once and copied for each test."""
    root = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WOODSHED_HOME", str(root / "home"))
        trained(imported(root / "in"))
    return root / "home"


@pytest.fixture
def model(home, made_once):
    shutil.copytree(made_once / "data", home / "data", dirs_exist_ok=True)
    library = Library()
    (record,) = library.models.all()
    path = str(paths.model(record["id"]))
    return library.models.amend(record["id"], path=path)


def generate(job: str = "gen", **values) -> dict:
    return take.run(make(Generate, **values), Desk(job, paths.run(job)))


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
    with pytest.raises(BadInput, match="not in these sounds"):
        generate("other", model=model["id"], sliders={"warmth": 50})


def test_what_a_slider_can_not_reach_is_said_GEN_08(model):
    generate(model=model["id"], seconds=0.5, sliders={"brightness": 50, "warmth": 100, "dynamics": 0})
    rows, _ = stream.follow(paths.events("gen"))
    reached = [row for row in rows if row["kind"] == "note"]
    assert all("these sounds reach" in row["text"] for row in reached)


def test_a_damaged_model_is_refused_with_its_file_MOD_02(model):
    weights = Path(model["path"]) / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    take._instruments.clear()
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
