"""What a slider's percentiles mean, and which axes sounds do not vary in (GEN-07, GEN-08)."""

import numpy as np
import pytest
import torch

from jobs.nets.bank import of_sounds
from jobs.nets.scales import Scale, blended, excerpts, explored, in_rows, scales
from jobs.sound.descriptors import FEWEST_ONSETS, NAMES, Heard, listen
from jobs.sound.spectrum import HOP, RATE
from tests import sounds


def tones(*hertz: float, seconds: float = 2.5) -> list[Heard]:
    t = np.arange(round(seconds * RATE)) / RATE
    return [listen((0.3 * np.sin(2 * np.pi * f * t)).astype(np.float32)) for f in hertz]


@pytest.fixture(scope="module")
def varied() -> dict[str, Scale]:
    heard = [listen(sounds.make(kind, 2.5, 3)) for kind in sounds.KINDS]
    return scales(heard, False)


def test_a_scale_rises_from_the_least_to_the_greatest_GEN_08(varied):
    assert tuple(varied) == NAMES
    for name, scale in varied.items():
        assert scale.values.shape == (101,) and bool((np.diff(scale.values) >= 0).all()), name
        assert scale.spread > 0


def test_percentiles_and_values_lead_to_each_other_GEN_08(varied):
    for scale in varied.values():
        assert scale.available
        for percentile in (0, 12.5, 50, 100):
            assert scale.percentile(scale.at(percentile)) == pytest.approx(percentile, abs=1e-6)
        assert scale.percentile(scale.values[-1] + 1) == 100 and scale.percentile(scale.values[0] - 1) == 0


def test_ends_of_a_scale_are_those_of_the_sounds_GEN_07():
    scale = scales(tones(200, 400, 800, 1600, 3200), False)["brightness"]
    assert 2 ** scale.at(0) == pytest.approx(200, rel=0.1)
    assert 2 ** scale.at(50) == pytest.approx(800, rel=0.1)
    assert 2 ** scale.at(100) == pytest.approx(3200, rel=0.1)


def test_an_axis_that_sounds_do_not_vary_in_is_not_there_GEN_08():
    """The same tone five times: nothing that only the sounds could give."""
    found = scales(tones(*[440.0] * 5), False)
    for name in ("brightness", "warmth", "roughness", "tension", "rhythm", "reverberance"):
        assert not found[name].available, name
        assert np.ptp(found[name].values) == 0


def test_timing_and_panning_make_what_sounds_have_not_GEN_08():
    found = scales(tones(*[440.0] * 5), False)
    assert {name for name in NAMES if found[name].kind == "engine"} == {"density", "pulse", "width"}
    for name in ("density", "pulse", "width"):
        assert found[name].available and np.ptp(found[name].values) > 0


def test_stereo_sounds_have_a_width_of_their_own_GEN_06():
    mid, other = sounds.make("pad", 2.5, 1), sounds.make("vowels", 2.5, 2)
    heard = [listen(mid, gain * other, tonal=False) for gain in (1, 0.3, 0.1, 0.03)]
    assert scales(heard, True)["width"].kind == "sound"
    assert scales(heard, False)["width"].kind == "engine"


def test_what_is_far_quieter_than_the_rest_does_not_count_GEN_07():
    loud, quiet = tones(300, 500, 700, 900), tones(8000)[0]
    hissing = listen((1e-4 * np.sin(2 * np.pi * 8000 * np.arange(2 * RATE) / RATE)).astype(np.float32))
    assert scales([*loud, hissing], False)["brightness"].at(100) < 10.2
    assert scales([*loud, quiet], False)["brightness"].at(100) > 12


def test_one_sound_or_two_short_ones_have_scales_GEN_08():
    for heard in (tones(440, seconds=0.2), tones(440, 880, seconds=0.2)):
        found = scales(heard, False)
        assert set(found) == set(NAMES)
        assert all(np.isfinite(scale.values).all() for scale in found.values())


def test_short_sounds_are_heard_several_in_a_row_GEN_02(instrument):
    """A hit alone has no density: what a slider asks of a take is what takes of hits have."""
    fall = np.exp(-np.arange(24_000) / 2400)
    hits = [
        (f"{k}", (0.2 * fall * np.random.default_rng(k).standard_normal(24_000)).astype(np.float32)[None])
        for k in range(60)
    ]
    bank = of_sounds(instrument.voice, [*hits, ("long", sounds.make("pad", 4.0, 1)[None])])
    heard = [listen(bank.wave[p.start * HOP : (p.start + p.frames - 1) * HOP]) for p in bank.places]
    rows = in_rows(bank, heard)
    assert 8 <= len(rows) <= 12 and rows[0] is heard[-1]
    assert all(row.seconds >= 2.9 for row in rows)
    assert scales(rows, False)["density"].at(90) == pytest.approx(2.0, abs=0.5), "two hits a second"
    assert in_rows(of_sounds(instrument.voice, hits[:6]), heard[:6]) == heard[:6], "too few to tell"


def test_no_take_is_asked_for_fewer_onsets_than_it_can_have_GEN_02():
    held = np.cos(2 * np.pi * 440 * np.arange(120_000) / RATE) * np.sin(np.pi * np.arange(120_000) / 120_000)
    busy = [listen(sounds.make("clicks", 2.5, k)) for k in range(5)]
    found = scales([*[listen(held.astype(np.float32))] * 5, *busy], False)
    assert found["density"].kind == "sound" and found["density"].at(0) == FEWEST_ONSETS


def test_excerpts_cover_a_sound_and_tell_whose_they_are_GEN_07():
    heard = [*tones(440, seconds=1.0), *tones(440, seconds=11.0)]
    found = excerpts(heard)
    assert [number for number, _ in found].count(0) == 1
    assert sum(len(part.level) for number, part in found if number == 1) > len(heard[1].level)
    assert max(part.seconds for _, part in found) <= 4.01


def test_a_blend_is_the_weighted_mean_GEN_08_MOD_05():
    one, other = scales(tones(200, 400, 800, 1600), False), scales(tones(*[800.0] * 4), False)
    mixed = blended([(one, 3.0), (other, 1.0)])
    expected = 0.75 * one["brightness"].at(100) + 0.25 * other["brightness"].at(100)
    assert mixed["brightness"].at(100) == pytest.approx(expected)
    assert mixed["brightness"].kind == "sound", "one that varies is enough"
    assert np.allclose(blended([(one, 2.0)])["warmth"].values, one["warmth"].values)


def test_exploration_is_along_unit_directions_at_right_angles_GEN_07(instrument):
    found = instrument.exploration
    assert found.names == ("explore1", "explore2", "explore3", "explore4")
    assert torch.allclose(found.components @ found.components.T, torch.eye(4), atol=1e-4)
    assert bool((np.diff(found.values, axis=1) >= 0).all())
    spread = found.values[:, 95] - found.values[:, 5]
    assert spread[0] == spread.max()
    again = explored(instrument.bank)
    assert torch.equal(again.components, found.components)


def test_pulse_goes_from_free_to_strict_whatever_sounds_measure_GEN_05(instrument):
    """Seconds of a sound have too few onsets to tell a pulse by."""
    scale = instrument.scales["pulse"]
    assert scale.kind == "engine" and scale.ends == (0.05, 0.8)
