"""Takes: exact, repeatable, and moved by their sliders as the re-analysed audio shows."""

from dataclasses import astuple, replace

import numpy as np
import psutil
import pytest
import torch

from jobs.nets.bank import of_sounds
from jobs.nets.instrument import Instrument
from jobs.nets.lay import LONGEST
from jobs.nets.phrase import Control, Phrase
from jobs.nets.request import Plan, Request, wander_of
from jobs.sound.bands import features
from jobs.sound.descriptors import AXES, listen, loudness, measure
from jobs.sound.spectrum import HOP, RATE
from jobs.sound.tape import mid_side
from tests import sounds
from tests.measures import sdr_db


def fresh(instrument: Instrument) -> Instrument:
    """The same model, just loaded: nothing played, nothing remembered."""
    return Instrument(instrument.voice, instrument.bank, instrument.scales, instrument.exploration)


def heard(audio: np.ndarray) -> dict[str, float]:
    """What a take measures."""
    mid, side = mid_side(audio)
    return {axis.name: value for axis, value in zip(AXES, measure(listen(mid, side)), strict=False)}


@pytest.fixture(scope="module")
def stereo(instrument) -> Instrument:
    """Over two stereo sounds that have silence before them and fade away after."""
    audio = [np.pad(sounds.stereo(kind, 2, 4), ((0, 0), (6000, 0))) for kind in ("pluck", "vowels")]
    audio[0][:, 40_000:] *= 10 ** (-3 * np.arange(audio[0].shape[1] - 40_000) / 40_000)
    named = [("a", audio[0].astype(np.float32)), ("b", audio[1])]
    return instrument.with_bank(of_sounds(instrument.voice, named, whole=True))


@pytest.mark.parametrize("seconds", [0.05, 0.0667, 1 / 3, 1.0, 2.00002])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_duration_is_exact_to_the_sample_GEN_01(instrument, seconds, channels):
    audio, _ = instrument.take(Request(seconds, seed=3, stereo=channels == 2))
    assert audio.shape == (channels, round(seconds * RATE))
    assert audio.dtype == np.float32 and bool(np.isfinite(audio).all())


def test_a_take_comes_from_the_sounds_and_is_heard_GEN_01(instrument):
    audio, plan = instrument.take(Request(3.0, seed=1))
    assert np.abs(audio).max() > 0.02
    assert {piece.place for piece in plan.pieces} <= set(range(len(instrument.bank.places)))
    assert len({piece.place for piece in plan.pieces}) > 1


@pytest.mark.parametrize("render", ["carrier", "heap"])
def test_wandering_keeps_the_loudness_of_the_sounds_GEN_01(instrument, render):
    """It is one of timbre: a piece that is pulled towards another sound does not take its silences over."""
    far, near = (
        listen(instrument.take(Request(3.0, seed=1, wander=depth, render=render))[0][0]).level
        for depth in (1.0, 0.0)
    )
    heard_ = near > near.max() - 20
    assert np.abs(far - near)[heard_].mean() < 4


def test_a_brighter_take_keeps_its_envelope_GEN_03(instrument):
    """Else brightness would turn low sounds down against high ones, and move rhythm and density with it; of a
    drum that shall be thinner the loudness is left to move."""
    request = Request(6.0, seed=2, wander=0.0)
    plan = instrument.plan(request)
    phrase = Phrase(instrument.voice, instrument.bank, plan.pieces, wander_of(request), False, 2)
    brighter = instrument.directions()["brightness"] * 2.5

    def powers(control: Control) -> np.ndarray:
        return np.array([(wave**2).mean() for _, wave in phrase.waves(control)])

    plain = powers(Control.neutral(instrument.voice.latent))
    kept, freed = (
        np.ptp(10 * np.log10(powers(control) / plain)) for control in (brighter, replace(brighter, freed=1.0))
    )
    assert kept < 5 < 15 < freed, "dB by which sounds change against each other"


LONG = {"brightness": 5.0, "pulse": 3.0, "density": 2.5}
WHOLE_LOOP = ("brightness", "rhythm")
"""Axes that are heard with all moves brought into balance; of the others the own move is enough to see."""


@pytest.mark.parametrize("axis", [axis.name for axis in AXES])
def test_a_slider_moves_what_it_is_named_after_GEN_02_GEN_03_GEN_04_GEN_05_GEN_06(instrument, axis):
    """On the audio itself; and a plan tells where the audio will land."""
    scale = instrument.scales[axis]
    assert scale.available
    values, told = [], []
    for position in (20.0, 80.0):
        request = Request(LONG.get(axis, 2.0), seed=2, sliders=((axis, position),))
        request = replace(request, stereo=axis == "width", quick=axis not in WHOLE_LOOP)
        audio, plan = instrument.take(request)
        values.append(heard(audio)[axis])
        told.append(plan.reached[axis])
        # A search of ten onsets jumps with the last bit, in which processors differ: 0.62 on one of them.
        assert abs(values[-1] - scale.at(told[-1])) < 0.7 * scale.spread, "or it lies beyond the scale's end"
    assert values[1] - values[0] > 0.4 * scale.spread
    assert told[1] > told[0] + 10


@pytest.mark.parametrize("slider", [("pulse", 95.0), ("density", 90.0)])
def test_a_preview_is_as_loud_as_the_take_it_is_of_GEN_02_GEN_05(instrument, slider):
    free = loudness(listen(instrument.take(Request(3.0, seed=1))[0][0]))
    preview = instrument.take(Request(3.0, 1, (slider,), quick=True))[0][0]
    assert loudness(listen(preview)) == pytest.approx(free, abs=3)


@pytest.mark.slow
def test_two_sliders_at_once_come_to_their_set_points_GEN_02_GEN_06(instrument):
    """Each as far as it comes alone, or nearly; and what can't be reached by one is not the other's loss."""
    sliders = (("brightness", 70.0), ("reverberance", 70.0))
    free = instrument.plan(Request(3.0, seed=4)).reached
    both = instrument.plan(Request(3.0, seed=4, sliders=sliders)).reached
    for one in sliders:
        name, asked = one
        alone = instrument.plan(Request(3.0, seed=4, sliders=(one,))).reached[name]
        missed = abs(both[name] - asked)
        assert missed < 15 or missed < abs(free[name] - asked), (name, free[name], alone, both[name])
        assert abs(both[name] - alone) < 25, (name, free[name], alone, both[name])


def test_a_slider_that_moves_holds_the_loudness_GEN_02(instrument):
    plain = loudness(listen(instrument.take(Request(2.0, seed=2))[0][0]))
    for position in (20.0, 80.0):
        request = Request(2.0, seed=2, sliders=(("brightness", position),), quick=True)
        moved = instrument.take(request)[0]
        assert loudness(listen(moved[0])) == pytest.approx(plain, abs=1.5)


def test_a_quick_take_moves_its_slider_as_well_GEN_02(instrument):
    values = [
        heard(instrument.take(Request(1.5, seed=2, sliders=(("warmth", position),), quick=True))[0])["warmth"]
        for position in (20.0, 80.0)
    ]
    assert values[1] - values[0] > 0.4 * instrument.scales["warmth"].spread


@pytest.mark.parametrize(("render", "axis"), [("carrier", "brightness"), ("heap", "rhythm")])
def test_a_seed_repeats_a_take_bit_for_bit_GEN_09(instrument, render, axis):
    request = Request(0.5, seed=5, sliders=((axis, 70.0),), render=render)
    first = instrument.take(request)[0]
    assert np.array_equal(first, instrument.take(request)[0])
    assert np.array_equal(first, fresh(instrument).take(request)[0])
    assert not np.array_equal(first, instrument.take(replace(request, seed=6))[0])


ASKED = (
    ((("width", 80.0),), True),
    ((("rhythm", 60.0), ("reverberance", 70.0)), True),
    ((("rhythm", 60.0),), False),
    ((("density", 70.0),), True),
    ((("explore1", 80.0),), True),
    ((), False),
)


@pytest.mark.slow
def test_what_was_played_before_changes_no_take_GEN_09(instrument):
    """An engine that stays warm remembers rehearsals: they may save time, and nothing else."""
    requests = [Request(0.4, seed=7, sliders=asked, stereo=True, quick=quick) for asked, quick in ASKED]
    cold = [fresh(instrument).take(request)[0] for request in requests]
    warm = fresh(instrument)
    for number in (*range(len(requests)), 2, 0):
        assert np.array_equal(warm.take(requests[number])[0], cold[number]), requests[number]


def test_blocks_of_a_take_are_the_take_GEN_01(instrument):
    sliders = (("reverberance", 80.0), ("roughness", 30.0))
    request = Request(3.0, seed=4, sliders=sliders, stereo=True, quick=True)
    plan = instrument.plan(request)
    blocks = list(instrument.play(request, plan))
    assert len(blocks) > 2 and all(block.shape[1] for block in blocks)
    assert np.array_equal(np.concatenate(blocks, axis=1), instrument.take(request)[0])


def test_ten_minutes_are_played_in_the_memory_of_one_GEN_01(instrument):
    request = Request(600.0, seed=4)
    plan = instrument.plan(request)
    process, made, first = psutil.Process(), 0, 0
    for block in instrument.play(request, plan):
        assert block.shape[1] < 10 * RATE
        made += block.shape[1]
        if not first and made > 15 * RATE:
            first = process.memory_info().rss
        if made > 55 * RATE:
            break
    assert process.memory_info().rss - first < 40 << 20


def test_a_drone_of_minutes_is_played_in_parts_GEN_01(instrument):
    drone = np.tile(sounds.make("pad", 4, 1), 10)[None]
    one = instrument.with_bank(of_sounds(instrument.voice, [("drone", drone)], whole=True))
    plan = one.plan(Request(38.0, route="order", wander=0.0))
    assert max(piece.frames for piece in plan.pieces) <= 2 * LONGEST
    assert sum(piece.body for piece in plan.pieces) >= 38 * RATE


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_comes_back_when_no_slider_moves_GEN_02(stereo, channels):
    """In order and without wandering, each sample is what it was: 100 dB and more."""
    bank = stereo.bank
    frames = sum(place.frames for place in bank.places)
    request = Request(frames * HOP / RATE, route="order", wander=0.0, stereo=channels == 2)
    audio, _ = stereo.take(request)
    at = 0
    for place in bank.places:
        span = slice(place.start * HOP, (place.start + place.frames) * HOP)
        source = bank.wave[span][None]
        if channels == 2:
            source = np.stack([bank.wave[span] + bank.side[span], bank.wave[span] - bank.side[span]])
        made = audio[:, at : at + source.shape[1]]
        inside = slice(10 * HOP, source.shape[1] - 2 * HOP)
        assert sdr_db(torch.from_numpy(made[:, inside]), torch.from_numpy(source[:, inside])) >= 100
        at += source.shape[1]


def test_mono_listeners_hear_the_mono_take_GEN_06(stereo):
    request = Request(2.0, seed=3)
    mono, both = stereo.take(request)[0], stereo.take(replace(request, stereo=True))[0]
    assert np.abs(both.mean(axis=0) - mono[0]).max() < 1e-4
    assert np.abs(both[0] - both[1]).max() > 0.01


def test_width_makes_a_side_for_mono_sounds_GEN_06(instrument):
    request = Request(1.5, seed=3, stereo=True)
    narrow, _ = instrument.take(request)
    wide, plan = instrument.take(replace(request, sliders=(("width", 90.0),)))
    assert np.array_equal(narrow[0], narrow[1])
    assert heard(wide)["width"] == pytest.approx(instrument.scales["width"].at(90), abs=3)
    assert plan.reached["width"] == pytest.approx(90, abs=10)


def test_the_net_alone_plays_a_take_too_GEN_01(instrument):
    request = Request(1.5, seed=3, render="heap")
    made = instrument.take(request)[0]
    carried = instrument.take(replace(request, render="carrier"))[0]
    assert not np.array_equal(made, carried)
    assert bool(np.isfinite(made).all()) and np.abs(made).max() > 1e-4
    both = instrument.take(replace(request, stereo=True))[0]
    assert both.shape == (2, made.shape[1]) and np.array_equal(both[0], made[0])


def test_exploration_leads_along_its_component_GEN_07(instrument):
    """As the encoder hears the audio again."""
    component, spread = instrument.exploration.components[0], instrument.bank.spread
    along = []
    for position in (10.0, 90.0):
        audio, plan = instrument.take(Request(2.0, seed=3, sliders=(("explore1", position),)))
        latents = instrument.voice.encode(features(torch.from_numpy(audio[0]))[..., :368].numpy())
        along.append(float((component @ (latents / spread[:, None])).mean()))
        assert "explore1" not in plan.reached
    assert along[1] > along[0]


def test_wandering_makes_new_of_the_same_events_GEN_01(instrument):
    request = Request(1.5, seed=3)
    plain, plan = instrument.take(replace(request, wander=0.0))
    far, other = instrument.take(replace(request, wander=1.0))
    assert places(plan) == places(other)
    assert 1 < sdr_db(torch.from_numpy(far), torch.from_numpy(plain)) < 40 or not np.allclose(far, plain)
    assert not np.allclose(far, plain, atol=1e-3)


def places(plan: Plan) -> list[tuple[int, int, int]]:
    return [(piece.at, piece.place, piece.start) for piece in plan.pieces]


def test_a_slider_where_the_take_is_already_changes_no_event_GEN_02(instrument):
    request = Request(2.0, seed=6)
    free = instrument.plan(request)
    here = instrument.plan(replace(request, sliders=(("rhythm", free.reached["rhythm"]),)))
    assert places(here) == places(free)
    assert here.reached["rhythm"] == pytest.approx(free.reached["rhythm"], abs=5)


def test_a_sound_too_short_for_a_window_plays_GEN_01(instrument):
    one = instrument.with_bank(of_sounds(instrument.voice, [("tick", sounds.make("clicks", 0.1, 2)[None])]))
    audio, _ = one.take(Request(0.7, seed=1, sliders=(("brightness", 80.0), ("density", 50.0))))
    assert audio.shape == (1, 33_600) and bool(np.isfinite(audio).all()) and np.abs(audio).max() > 1e-3


@pytest.mark.parametrize("quick", [True, False])
def test_sounds_that_vary_in_nothing_are_played_denser_GEN_02_GEN_08(instrument, quick):
    """No move is left to hold the rest with."""
    none = {
        name: replace(scale, kind="none") if name not in ("density", "pulse") else scale
        for name, scale in instrument.scales.items()
    }
    plan = instrument.with_scales(none).plan(Request(2.0, 1, (("density", 80.0),), quick=quick))
    assert set(plan.reached) == {"density", "pulse"} and len(plan.pieces) > 0
    flat = np.array([value for piece in plan.pieces for value in astuple(piece)], float)
    assert np.isfinite(flat).all()
