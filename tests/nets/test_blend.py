"""Several models as one: each as often heard as it weighs, whatever the shapes of their nets (MOD-05)."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from jobs.nets.blend import blend
from jobs.nets.instrument import Instrument
from jobs.nets.lay import Timing, enough
from jobs.nets.request import Request, events_of
from jobs.sound.descriptors import NAMES


def shares_of(models: list[tuple[Instrument, float]], seconds: float = 120.0, seed: int = 2) -> np.ndarray:
    """Share of a take's pieces that each model gives."""
    mixed, shares = blend(models)
    owner = np.repeat(np.arange(len(models)), [count for count, _ in shares])
    events = enough(events_of(Request(seconds, seed=seed, shares=shares), mixed.bank), 10**4, Timing(), seed)
    heard = [mixed.bank.slices[event.slice].place for event in events]
    return np.bincount(owner[heard], minlength=len(models)) / len(heard)


@pytest.mark.parametrize("render", [pytest.param("carrier", marks=pytest.mark.slow), "heap"])
def test_a_blend_of_one_is_the_model_MOD_05(instrument, render):
    request = Request(0.6, seed=3, sliders=(("rhythm", 60.0),), render=render)
    alone, shares = blend([(instrument, 0.7)])
    assert np.array_equal(alone.take(replace(request, shares=shares))[0], instrument.take(request)[0])


def test_nets_of_other_shapes_play_together_MOD_05(instrument, other):
    mixed, shares = blend([(instrument, 1.0), (other, 2.0)])
    assert mixed.voice.latent == instrument.voice.latent + other.voice.latent
    assert shares == ((len(instrument.bank.places), 1.0), (len(other.bank.places), 2.0))
    assert sum(count for count, _ in shares) == len(mixed.bank.places)
    request = Request(1.0, seed=1, shares=shares, stereo=True, sliders=(("rhythm", 70.0),), quick=True)
    audio, plan = mixed.take(request)
    assert audio.shape == (2, 48_000) and bool(np.isfinite(audio).all()) and np.abs(audio).max() > 0.01
    assert "rhythm" in plan.reached
    assert np.array_equal(audio, blend([(instrument, 1.0), (other, 2.0)])[0].take(request)[0])


@pytest.mark.parametrize("weight", [0.1, 1.0, 4.0])
def test_events_come_from_each_model_by_weight_MOD_05(instrument, other, weight):
    """However many sounds a model has, and however short their slices are."""
    for one, two in ((instrument, other), (other, instrument)):
        found = np.mean([shares_of([(one, weight), (two, 1.0)], seed=seed)[0] for seed in range(2)])
        assert found == pytest.approx(weight / (weight + 1), abs=0.1)


def test_weights_count_by_their_ratio_MOD_05(instrument, other):
    request = Request(0.5, seed=3, quick=True)
    takes = []
    for weights in ((1.0, 3.0), (10.0, 30.0)):
        mixed, shares = blend(list(zip((instrument, other), weights, strict=True)))
        takes.append(mixed.take(replace(request, shares=shares))[0])
    assert np.allclose(*takes, atol=1e-6)


def test_four_models_play_and_each_is_heard_MOD_05(instrument, other):
    models = [(instrument, 1.0), (other, 1.0), (instrument, 1.0), (other, 1.0)]
    assert np.abs(shares_of(models) - 0.25).max() < 0.15
    mixed, shares = blend(models)
    audio = mixed.take(Request(0.8, seed=1, shares=shares))[0]
    assert np.abs(audio).max() > 0.01


def test_the_bank_of_a_blend_holds_every_sound_where_it_says_MOD_05(instrument, other):
    mixed, _ = blend([(instrument, 1.0), (other, 1.0)])
    own = [(model.bank, place) for model in (instrument, other) for place in model.bank.places]
    for place, (bank, original) in zip(mixed.bank.places, own, strict=True):
        assert place.name == original.name
        for channel in ("wave", "side"):
            whole = getattr(bank, channel)
            if whole is None:
                assert not mixed.bank.samples(place.start, place.frames, channel).any()
            else:
                expected = bank.samples(original.start, original.frames, channel)
                assert torch.equal(mixed.bank.samples(place.start, place.frames, channel), expected)
    assert mixed.bank.latents.shape[1] * 16 == len(mixed.bank.power)
    assert len(mixed.bank.marks) == len(mixed.bank.slices)


def test_what_the_nets_make_of_a_sound_is_mixed_in_dB_MOD_05(instrument, other):
    voice = blend([(instrument, 1.0), (other, 3.0)])[0].voice
    features = np.random.default_rng(0).normal(-30, 10, (2, 384, 64)).astype(np.float32)
    mixed = voice.decode(voice.encode(features))
    alone = [model.voice.decode(model.voice.encode(features)) for model in (instrument, other)]
    assert torch.allclose(mixed, 0.25 * alone[0] + 0.75 * alone[1], atol=1e-3)


def test_sliders_of_a_blend_lie_between_those_of_its_models_MOD_05(instrument, other):
    mixed, _ = blend([(instrument, 1.0), (other, 1.0)])
    for name in NAMES:
        ends = sorted(model.scales[name].at(50) for model in (instrument, other))
        assert ends[0] - 1e-9 <= mixed.scales[name].at(50) <= ends[1] + 1e-9
