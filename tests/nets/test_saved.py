"""A model on disk plays the same, and a damaged one is refused with one line (MOD-02)."""

import json

import numpy as np
import pytest

from jobs.nets import saved
from jobs.nets.instrument import Request

REQUEST = Request(1.0, seed=1, sliders=(("warmth", 60.0),))


@pytest.fixture(scope="module")
def folder(instrument, tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    saved.save(instrument, path)
    return path


def copied(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_a_loaded_model_plays_the_same_MOD_02(instrument, folder):
    first = saved.load(folder).take(REQUEST)[0]
    assert np.array_equal(first, saved.load(folder).take(REQUEST)[0])
    # The bank went through 24 bits.
    assert np.abs(first - instrument.take(REQUEST)[0]).max() < 1e-4


@pytest.mark.parametrize("name", ["net.json", "weights.safetensors", "bank.safetensors", "bank.flac"])
def test_missing_and_damaged_files_are_refused_MOD_02(folder, tmp_path, name):
    damaged = copied(folder, tmp_path)
    (damaged / name).write_bytes((damaged / name).read_bytes()[:200])
    with pytest.raises(saved.Unusable) as refusal:
        saved.load(damaged)
    assert "\n" not in str(refusal.value)
    (damaged / name).unlink()
    with pytest.raises(saved.Unusable, match="missing"):
        saved.load(damaged)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format=99),
        lambda d: d["bank"].update(ends=[10**9] * len(d["bank"]["ends"])),
        lambda d: d["bank"]["places"][0].update(start=-5),
        lambda d: d["shape"].update(latent=10**9),
        lambda d: d["statistics"].update(level_mean=float("nan")),
        lambda d: d["scales"]["warmth"].update(values=[1.0]),
        lambda d: d.pop("bank"),
    ],
)
def test_hostile_descriptions_are_refused_MOD_02(folder, tmp_path, change):
    damaged = copied(folder, tmp_path)
    described = json.loads((damaged / "net.json").read_text())
    change(described)
    (damaged / "net.json").write_text(json.dumps(described))
    with pytest.raises(saved.Unusable):
        saved.load(damaged)
