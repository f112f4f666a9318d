"""A model on disk plays the same, and a damaged one is refused with one line (MOD-02)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file, save_file

from jobs.nets import saved
from jobs.nets.instrument import Instrument
from jobs.nets.request import Request

REQUEST = Request(0.6, seed=1, sliders=(("rhythm", 60.0),))
STEREO = Request(0.6, seed=1, stereo=True)


@pytest.fixture(scope="module")
def folder(instrument, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model")
    saved.save(instrument, path)
    return path


def copied(folder: Path, tmp_path: Path) -> Path:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def refused(folder: Path, match: str = ".") -> None:
    with pytest.raises(saved.Unusable, match=match) as refusal:
        saved.load(folder)
    assert "\n" not in str(refusal.value)


def test_a_loaded_model_plays_the_same_MOD_02(instrument, folder):
    first = saved.load(folder).take(REQUEST)[0]
    assert np.array_equal(first, saved.load(folder).take(REQUEST)[0])
    plain = replace(REQUEST, sliders=())
    # The bank went through 24 bits, and a loop ends a little elsewhere from a little elsewhere.
    assert np.abs(saved.load(folder).take(plain)[0] - instrument.take(plain)[0]).max() < 1e-4


def test_everything_that_a_model_knows_comes_back_MOD_01_GEN_08(instrument, folder):
    again = saved.load(folder)
    assert again.bank.places == instrument.bank.places and again.bank.slices == instrument.bank.slices
    assert again.bank.ends == instrument.bank.ends and again.bank.side is None
    assert torch.equal(again.bank.latents, instrument.bank.latents)
    assert np.abs(again.bank.wave - instrument.bank.wave).max() < 2**-22
    for name, scale in instrument.scales.items():
        other = again.scales[name]
        assert np.array_equal(other.values, scale.values)
        assert (other.spread, other.kind, other.reach) == (scale.spread, scale.kind, scale.reach)
    assert torch.equal(again.exploration.components, instrument.exploration.components)
    (mine,), (theirs,) = instrument.voice.parts, again.voice.parts
    assert mine.statistics == theirs.statistics and mine.net.shape.latent == theirs.net.shape.latent


def test_stereo_and_sounds_above_full_scale_come_back_MOD_01(other, tmp_path):
    bank = other.bank
    assert bank.side is not None
    loud = Instrument(other.voice, type(bank)(**{**vars(bank), "wave": 3 * bank.wave}), other.scales)
    saved.save(loud, tmp_path)
    again = saved.load(tmp_path).bank
    assert np.abs(again.wave - 3 * bank.wave).max() < 1e-5
    assert np.abs(again.side - bank.side).max() < 1e-5
    assert saved.load(tmp_path).take(STEREO)[0].shape == (2, 28_800)


@pytest.mark.parametrize("name", saved.FILES)
def test_missing_and_damaged_files_are_refused_MOD_02(folder, tmp_path, name):
    damaged = copied(folder, tmp_path)
    (damaged / name).write_bytes((damaged / name).read_bytes()[:200])
    refused(damaged)
    (damaged / name).unlink()
    refused(damaged, "missing")


HOSTILE: dict[str, Any] = {
    "another format": lambda d: d.update(format=99),
    "the format before": lambda d: d.update(format=saved.FORMAT - 1),
    "another representation": lambda d: d.update(representation="mel"),
    "no bank": lambda d: d.pop("bank"),
    "a list for the shape": lambda d: d.update(shape=[1, 2]),
    "latents without end": lambda d: d["shape"].update(latent=10**9),
    "no latents": lambda d: d["shape"].update(latent=0),
    "words for widths": lambda d: d["shape"].update(widths=["a", "b", "c"]),
    "wide without end": lambda d: d["shape"].update(widths=[10**6] * 3),
    "two widths": lambda d: d["shape"].update(widths=[16, 16]),
    "a mean that is no number": lambda d: d["statistics"].update(level_mean=float("nan")),
    "a scale of nothing": lambda d: d["statistics"].update(level_scale=0.0),
    "statistics that nobody knows": lambda d: d["statistics"].update(more=1.0),
    "no places": lambda d: d["bank"].update(places=[], ends=[]),
    "a place before the start": lambda d: d["bank"]["places"][0].update(start=-5),
    "a place of endless slots": lambda d: d["bank"]["places"][0].update(slots=10**12),
    "a place longer than its slots": lambda d: d["bank"]["places"][0].update(frames=10**9),
    "a place of no frames": lambda d: d["bank"]["places"][0].update(frames=0),
    "an infinite place": lambda d: d["bank"]["places"][0].update(frames=float("inf")),
    "ends past the sounds": lambda d: d["bank"].update(ends=[10**9] * len(d["bank"]["ends"])),
    "too few ends": lambda d: d["bank"]["ends"].pop(),
    "a level of nothing": lambda d: d["bank"].update(scale=0.0),
    "a level that deafens": lambda d: d["bank"].update(scale=1e30),
    "a level that is a word": lambda d: d["bank"].update(scale="loud"),
    "a slider without values": lambda d: d["scales"]["warmth"].update(values=[1.0]),
    "a slider that turns back": lambda d: d["scales"]["warmth"]["values"].reverse(),
    "a slider without a number": lambda d: d["scales"]["warmth"]["values"].insert(3, None),
    "a slider of no spread": lambda d: d["scales"]["pulse"].update(spread=0.0),
    "a slider of another kind": lambda d: d["scales"]["pulse"].update(kind="magic"),
    "a slider that reaches too far": lambda d: d["scales"]["pulse"].update(reach=[0, 1e9]),
    "a slider with three ends": lambda d: d["scales"]["pulse"].update(reach=[0, 1, 2]),
    "a missing slider": lambda d: d["scales"].pop("width"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_descriptions_are_refused_MOD_02(folder, tmp_path, name):
    damaged = copied(folder, tmp_path)
    described = json.loads((damaged / "net.json").read_text())
    HOSTILE[name](described)
    (damaged / "net.json").write_text(json.dumps(described))
    refused(damaged)


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "{", "[" * 100_000, f'{{"format": {saved.FORMAT}}}', "\x00\xff"]
)
def test_what_is_no_description_is_refused_MOD_02(folder, tmp_path, text):
    damaged = copied(folder, tmp_path)
    (damaged / "net.json").write_bytes(text.encode("latin-1"))
    refused(damaged)


def spoilt(tensor: torch.Tensor, value: float) -> torch.Tensor:
    tensor = tensor.clone()
    tensor.view(-1)[0] = value
    return tensor


TENSORS: dict[str, Any] = {
    "latents that are no numbers": lambda t: t.update(latents=spoilt(t["latents"], float("nan"))),
    "latents of another net": lambda t: t.update(latents=t["latents"][:-1].contiguous()),
    "power below nothing": lambda t: t.update(power=spoilt(t["power"], -1.0)),
    "power of other sounds": lambda t: t.update(power=t["power"][:-1].clone()),
    "a slice of no sound": lambda t: t.update(slices=spoilt(t["slices"], 99)),
    "a slice before the start": lambda t: t["slices"].__setitem__((0, 1), -3),
    "a slice that ends before it starts": lambda t: t["slices"].__setitem__((0, 2), 0),
    "a slice past the end": lambda t: t["slices"].__setitem__((0, 2), 10**6),
    "no slices": lambda t: t.update(slices=t["slices"][:0].clone(), marks=t["marks"][:0].clone()),
    "slices without onsets": lambda t: t.update(slices=t["slices"][:, :3].contiguous()),
    "marks of other slices": lambda t: t.update(marks=t["marks"][1:].contiguous()),
    "marks that are no numbers": lambda t: t.update(marks=spoilt(t["marks"], float("inf"))),
    "components of another net": lambda t: t.update(components=t["components"][:, 1:].contiguous()),
    "components that are no numbers": lambda t: t.update(components=spoilt(t["components"], float("nan"))),
    "no exploration": lambda t: t.pop("explored"),
}


@pytest.mark.parametrize("name", TENSORS)
def test_hostile_tensors_are_refused_MOD_02(folder, tmp_path, name):
    damaged = copied(folder, tmp_path)
    tensors = load_file(damaged / "bank.safetensors")
    TENSORS[name](tensors)
    save_file(tensors, damaged / "bank.safetensors")
    refused(damaged)


def test_hostile_weights_are_refused_MOD_02(folder, tmp_path):
    damaged = copied(folder, tmp_path)
    weights = load_file(damaged / "weights.safetensors")
    name = next(iter(weights))
    for value in (weights[name][..., :1].clone(), torch.full_like(weights[name], float("nan"))):
        save_file({**weights, name: value}, damaged / "weights.safetensors")
        refused(damaged)
    save_file({key: value for key, value in weights.items() if key != name}, damaged / "weights.safetensors")
    refused(damaged)


@pytest.mark.parametrize(
    ("rate", "channels", "seconds"), [(44_100, 1, None), (48_000, 3, None), (48_000, 1, 1)]
)
def test_sounds_of_another_model_are_refused_MOD_02(folder, tmp_path, rate, channels, seconds):
    damaged = copied(folder, tmp_path)
    count = soundfile.info(damaged / "bank.flac").frames if seconds is None else seconds * rate
    soundfile.write(damaged / "bank.flac", np.zeros((count, channels)), rate)
    refused(damaged, r"bank\.flac")
