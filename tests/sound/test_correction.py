"""Corrections: towards the reference and no further, never clipping, scaled and in parts (FP-08)."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound import correction as corrections
from jobs.sound import damage, loudness
from jobs.sound.correction import Correction, advice, apply, match, minimum_phase, of_targets
from jobs.sound.damage import TARGETS
from jobs.sound.limiter import true_peak
from jobs.sound.nearness import TOGETHER, alike, distance, together
from jobs.sound.profile import HERTZ, PERCENTILES, Profile, mean, profile
from tests import sounds

RATE = sounds.RATE
FLAT = np.zeros(len(HERTZ))
STILL = np.zeros(len(PERCENTILES))


def clean(kind: str = "drums", seconds: float = 3.0) -> np.ndarray:
    return 0.4 * sounds.stereo(kind, seconds)


def flawed(flaw: str, audio: np.ndarray, seed: int = 2) -> np.ndarray:
    return damage.damage(audio, RATE, damage.draw([flaw], np.random.default_rng(seed)))[0]


@pytest.mark.parametrize("flaw", ["muddy", "harsh", "nasal", "boxy", "thin", "dark", "boomy", "sibilant"])
@pytest.mark.parametrize("kind", ["drums", "noise"])
def test_a_flaw_of_the_spectrum_is_undone_FP_08(flaw: str, kind: str) -> None:
    good = clean(kind, 1.5)
    bad = flawed(flaw, good)
    made, _ = apply(bad, RATE, match(bad, RATE, profile(good, RATE), corrections.FINE))
    assert distance(made, good, RATE) < 0.4 * distance(bad, good, RATE)


def test_overcompression_comes_nearer_FP_08() -> None:
    swells = 10 ** (np.repeat([-30.0, -12.0, -20.0] * 4, RATE // 4) / 20)
    good = (0.2 * np.random.default_rng(4).standard_normal((1, 3 * RATE)) * swells).astype(np.float32)
    bad = flawed("overcompressed", good)
    found = match(bad, RATE, profile(good, RATE), corrections.FINE)
    assert found.spread > corrections.DYNAMICS_LEAST_DB
    made, _ = apply(bad, RATE, found.scaled(only="dynamics"))
    assert damage.squeezed(good, made, RATE) < damage.squeezed(good, bad, RATE) - 1
    assert distance(apply(bad, RATE, found)[0], good, RATE) < distance(bad, good, RATE)


def test_a_sound_needs_no_correction_towards_itself_FP_08() -> None:
    good = clean()
    found = match(good, RATE, profile(good, RATE), corrections.FINE)
    assert not found.eq.any() and not found.gains.any() and advice(found) == []
    made, held = apply(good, RATE, found)
    assert held == 0 and np.abs(made - good).max() < 1e-4


def test_strength_and_parts_FP_08() -> None:
    good = clean()
    bad = flawed("muddy", good)
    whole = match(bad, RATE, profile(good, RATE), corrections.FINE)
    away = [distance(apply(bad, RATE, whole.scaled(part))[0], good, RATE) for part in (0.0, 0.5, 1.0)]
    assert away[0] > away[1] > away[2]
    assert np.abs(apply(bad, RATE, whole.scaled(0.0))[0] - bad).max() < 1e-4
    assert not whole.scaled(1.0, "dynamics").eq.any() and not whole.scaled(1.0, "eq").gains.any()


@settings(max_examples=12, deadline=None)
@given(
    gain=st.floats(-12, 12), place=st.integers(0, len(HERTZ) - 1), level=st.floats(0.05, 1.0),
    rate=st.sampled_from([8_000, 22_050, 44_100, 96_000]), channels=st.sampled_from([1, 2, 8]),
)  # fmt: skip
def test_nothing_ever_clips_FP_08(gain: float, place: int, level: float, rate: int, channels: int) -> None:
    rng = np.random.default_rng(place)
    audio = (level * rng.uniform(-1, 1, (channels, rate // 4))).astype(np.float32)
    eq = FLAT.copy()
    eq[max(0, place - 10) : place + 10] = gain
    made, held = apply(audio, rate, Correction(eq, np.linspace(-60, 10, len(PERCENTILES)), STILL))
    assert made.shape == audio.shape and np.isfinite(made).all() and held >= 0
    assert true_peak(made) <= -1 + 0.02
    before, after = (loudness.measure(one, rate).level for one in (audio, made))
    assert after == pytest.approx(before - held, abs=0.1)


def test_the_filter_has_the_gain_that_was_asked_for_and_no_delay_FP_08() -> None:
    eq = 9 * np.exp(-0.5 * np.square((np.log2(HERTZ) - np.log2(1000)) / 0.5))
    taps = minimum_phase(eq, RATE)
    hertz = np.fft.rfftfreq(65536, 1 / RATE)
    gain = 20 * np.log10(np.abs(np.fft.rfft(taps, 65536)))
    for at in (60, 500, 1000, 2000, 8000):
        assert np.interp(at, hertz, gain) == pytest.approx(np.interp(at, HERTZ, eq), abs=0.2)
    assert int(np.abs(taps).argmax()) == 0


def test_advice_in_plain_words_FP_08() -> None:
    eq = -6 * np.exp(-0.5 * np.square((np.log2(HERTZ) - np.log2(250)) / 0.3))
    eq = eq + np.where(HERTZ > 6000, 4.0, 0.0)
    (first, second) = advice(Correction(eq, STILL, STILL))
    assert first["text"].startswith("cut 250 Hz by 5.") and first["hertz"] == 250
    assert second["text"] == "raise everything above 6 kHz by 4.0 dB"
    spread = np.linspace(0, 6, len(PERCENTILES))
    assert "more room" in advice(Correction(FLAT, STILL, spread))[0]["text"]


def test_silence_has_a_profile_and_needs_nothing_FP_08() -> None:
    silent = np.zeros((2, RATE), np.float32)
    found = match(silent, RATE, profile(silent, RATE))
    made, held = apply(silent, RATE, found)
    assert not made.any() and held == 0


def test_a_template_is_the_mean_of_its_sounds_FP_08() -> None:
    parts = [profile(clean(kind), RATE) for kind in ("drums", "noise", "pluck")]
    whole = mean(parts)
    assert whole.levels == pytest.approx(np.mean([one.levels for one in parts], axis=0))
    assert whole.spectrum[60] == pytest.approx(np.mean([one.spectrum[60] for one in parts]))


def test_corrections_and_profiles_survive_json_and_refuse_what_is_none_FP_08() -> None:
    one = profile(clean(), RATE)
    again = Profile.of(json.loads(json.dumps(one.record(), allow_nan=False)))
    assert again.spectrum == pytest.approx(one.spectrum, abs=0.01, nan_ok=True)
    found = of_targets([3.0] * 10 + [-15.0, 10.0, 4.0, 0.0, 0.0], one.levels)
    kept = found.record()
    assert Correction.of(json.loads(json.dumps(kept))).eq == pytest.approx(found.eq, abs=1e-3)
    wrong = {"eq": [float("nan")] * len(FLAT), "gains": [1e9] * len(STILL), "levels": kept["levels"][::-1]}
    for broken in ({**kept, name: values} for name, values in wrong.items()):
        with pytest.raises(ValueError):
            Correction.of(broken)


def test_what_a_model_says_becomes_gains_where_it_says_FP_08() -> None:
    values = dict.fromkeys(TARGETS, 0.0) | {"eq_250": -6.0}
    values |= {"resonance_db": -18.0, "resonance_log2_hz": np.log2(2000)}
    found = of_targets(list(values.values()), STILL)
    assert np.interp(250, HERTZ, found.eq) == pytest.approx(-6, abs=0.3)
    assert np.interp(2000, HERTZ, found.eq) < -10 and abs(np.interp(8000, HERTZ, found.eq)) < 0.1


def test_nearness_is_blind_to_level_and_sees_the_same_take_FP_08() -> None:
    good = clean()
    assert distance(good, 0.3 * good, RATE) == pytest.approx(0, abs=1e-3)
    assert distance(good, clean("pluck"), RATE) > 5
    assert alike(good, flawed("muddy", good), RATE) and not alike(good, clean("pluck"), RATE)


def test_no_two_sounds_of_a_few_samples_are_one_wave_FP_07() -> None:
    for count in (0, 1, 90):
        assert together(np.ones((1, count), np.float32), np.ones((2, count), np.float32), RATE) == 0
    assert together(np.zeros((1, RATE), np.float32), clean(seconds=1.0), RATE) == 0


@pytest.mark.parametrize("flaw", ["overcompressed", "thin", "ringy", "distorted"])
def test_a_sound_is_known_again_whatever_was_done_to_it_FP_07(flaw: str) -> None:
    """Also where compression leaves nothing of how its level goes: then by its wave."""
    rng = np.random.default_rng(3)
    first, second = (np.exp(-np.arange(RATE) / 6000) * rng.standard_normal((1, RATE)) for _ in range(2))
    one, other = ((0.1 * audio).astype(np.float32) for audio in (first, second))
    assert together(one, flawed(flaw, one), RATE) > TOGETHER
    assert together(one, other, RATE) < 0.05
    good = clean()
    assert alike(good, flawed(flaw, good), RATE)
    assert not alike(good, clean("pluck"), RATE)
