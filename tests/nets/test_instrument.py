"""Takes: exact, repeatable, and moved by their sliders as the re-analysed audio shows."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from jobs.nets.instrument import Request, _with_carrier
from jobs.sound import descriptors
from jobs.sound.bands import BANDS, features
from tests.measures import sdr_db


def heard(audio: np.ndarray) -> dict[str, float]:
    found = descriptors.measure(features(torch.from_numpy(audio))[0])
    return {axis.name: float(found[k]) for k, axis in enumerate(descriptors.AXES)}


@pytest.mark.parametrize("seconds", [0.05, 0.7, 2.0, 3.00002])
def test_any_duration_is_exact_to_the_sample_GEN_01(instrument, seconds):
    audio, _ = instrument.take(Request(seconds, seed=3))
    assert audio.shape == (round(seconds * 48_000),)
    assert audio.dtype == np.float32 and bool(np.isfinite(audio).all())


@pytest.mark.parametrize("render", ["carrier", "heap"])
def test_a_seed_repeats_a_take_bit_for_bit_GEN_09(instrument, render):
    request = Request(0.5, seed=5, sliders=(("brightness", 70.0),), render=render)
    first = instrument.take(request)[0]
    assert np.array_equal(first, instrument.take(request)[0])
    assert not np.array_equal(first, instrument.take(replace(request, seed=6))[0])


def test_a_take_comes_from_the_sounds_and_is_heard_GEN_01(instrument):
    audio, plan = instrument.take(Request(3.0, seed=1))
    assert np.abs(audio).max() > 0.02
    assert {piece.place for piece in plan.pieces} <= set(range(len(instrument.bank.places)))


@pytest.mark.parametrize("axis", ["brightness", "warmth", "dynamics"])
def test_a_slider_moves_what_it_is_named_after_GEN_02(instrument, axis):
    """On the audio itself: the descriptor follows the slider, and lands where the plan says."""
    values = []
    for position in (15.0, 50.0, 85.0):
        request = Request(2.0, seed=2, sliders=((axis, position),))
        audio, plan = instrument.take(request)
        values.append(heard(audio)[axis])
        assert abs(plan.reached[axis] - position) < 20
    assert values[0] < values[1] < values[2]


def test_a_free_carrier_comes_back_whole_GEN_02(instrument):
    carrier = instrument.bank.samples(0, 320)
    again = _with_carrier(carrier, torch.zeros(BANDS, 320))
    assert sdr_db(torch.from_numpy(again), carrier) >= 100


def test_long_takes_are_streamed_in_small_blocks_GEN_01(instrument):
    request = Request(40.0, seed=4)
    blocks = list(instrument.play(request, instrument.plan(request)))
    assert sum(len(block) for block in blocks) == request.samples
    assert max(len(block) for block in blocks) < 5 * 48_000


def test_scales_are_percentiles_of_the_sounds_GEN_08(instrument):
    for scale in instrument.scales.values():
        assert bool((np.diff(scale.values) >= 0).all())
        assert scale.percentile(scale.at(30)) == pytest.approx(30, abs=1)
        assert len(scale.sounds) == len(instrument.bank.places)
