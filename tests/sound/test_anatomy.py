"""A sound taken apart: tones, noises and clicks are found to be what they were made as."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jobs.sound import anatomy, response
from jobs.sound.fingerprint import fingerprint
from jobs.sound.slots import NAMES
from tests import sounds
from tests.sound.test_fidelity import RATE, noise, tone

LATER = settings(max_examples=20, deadline=None, derandomize=True)
WILD = st.integers(1, 4_000).flatmap(
    lambda count: arrays(np.float32, (2, count), elements=st.floats(-1, 1, width=32))
)
SUM = ("spectral", "harmonic", "bark", "octaves_db", "transients", "zero_crossings_per_second")


def spectrum(wave: np.ndarray, rate: int = RATE) -> np.ndarray:
    return response.mean_power(np.atleast_2d(wave), rate)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_a_tone_is_where_it_is_at_any_rate_GAP_06(rate):
    found = anatomy.evaluate(tone(440, 2, rate), rate)
    assert found["spectral"]["centroid_hz"] == pytest.approx(440, rel=0.02)
    assert found["spectral"]["rolloff_hz"] == pytest.approx(440, abs=25)
    assert found["spectral"]["flatness"] < 1e-3
    assert found["harmonic"]["f0_hz"] == pytest.approx(440, rel=0.005) and found["harmonic"]["hnr_db"] > 15
    assert found["zero_crossings_per_second"] == pytest.approx(880, abs=2)
    assert found["octaves_db"]["500"] == pytest.approx(-9.03, abs=0.1)
    assert max(found["octaves_db"], key=found["octaves_db"].get) == "500"


def test_the_pitch_of_harmonics_is_their_fundamental_even_where_it_is_missing_GAP_06():
    voice = sum(tone(220 * n, 2) / n for n in range(2, 12)) / 4
    assert anatomy.evaluate(voice, RATE)["harmonic"]["f0_hz"] == pytest.approx(220, rel=0.005)


def test_noise_has_no_pitch_and_a_flat_spectrum_GAP_06():
    found = anatomy.evaluate(noise(0, 2 * RATE), RATE)
    assert found["harmonic"]["f0_hz"] is None and found["harmonic"]["hnr_db"] < 0
    assert found["zero_crossings_per_second"] == pytest.approx(RATE / 2, rel=0.02)
    levels = list(found["octaves_db"].values())
    np.testing.assert_allclose(np.diff(levels[4:]), 3.01, atol=0.5)


@pytest.mark.parametrize("kind", ["pluck", "drums", "vowels", "mix"])
def test_one_name_is_one_number_as_in_a_fingerprint_GAP_06(kind):
    wave = sounds.stereo(kind, 1.0)
    found, marks = anatomy.evaluate(wave, RATE), dict(zip(NAMES, fingerprint(wave, RATE), strict=True))
    assert found["spectral"]["centroid_hz"] == pytest.approx(marks["spectral_centroid"], rel=1e-3)
    assert found["spectral"]["flatness"] == pytest.approx(marks["spectral_flatness"], rel=1e-2)
    assert found["spectral"]["rolloff_hz"] == pytest.approx(marks["reserved_13"], abs=25)
    assert found["harmonic"]["hnr_db"] == pytest.approx(marks["reserved_38"], abs=0.1)


@pytest.mark.parametrize(("frequency", "band"), [(50, 1), (250, 3), (1_000, 9), (3_000, 16), (12_500, 24)])
def test_a_tone_lies_in_its_critical_band_GAP_06(frequency, band):
    """Bands of Zwicker 1961 by number: 1 kHz is in the ninth, 920 to 1080 Hz."""
    found = anatomy.bark(spectrum(tone(frequency, 2)), RATE)
    assert len(found["level_db"]) == len(found["threshold_db"]) == 24
    assert np.argmax(found["level_db"]) == band - 1
    assert found["level_db"][band - 1] == pytest.approx(-9.03, abs=0.1)


def test_a_tone_masks_what_is_above_it_more_than_what_is_below_GAP_06():
    """Schroeder et al. 1979: 25 dB a band downwards, 10 upwards; Johnston 1988: 14.5 dB and the band's number
    below the tone itself."""
    found = anatomy.bark(spectrum(tone(1_000, 2)), RATE)
    level, threshold = np.array(found["level_db"]), np.array(found["threshold_db"])
    assert np.argmax(threshold) == 8 and level[8] > threshold[8] + 14.5 + 9
    assert threshold[4] - threshold[3] == pytest.approx(25, abs=2)
    # The offset grows by one decibel a band.
    assert threshold[14] - threshold[15] == pytest.approx(10 + 1, abs=1)


def test_noise_masks_better_than_a_tone_GAP_06():
    def below(wave: np.ndarray) -> float:
        found = anatomy.bark(spectrum(wave), RATE)
        return max(found["level_db"]) - max(found["threshold_db"])

    assert below(tone(1_000, 2)) > below(noise(0, 2 * RATE)) + 10
    assert (
        anatomy.tonality(spectrum(noise(0, 2 * RATE)))
        < 0.05
        < 0.9
        < anatomy.tonality(spectrum(tone(1_000, 2)))
    )


def test_hits_are_found_where_they_begin_with_the_attack_that_they_have_GAP_06():
    starts, rise = (0.3, 0.9, 1.6), 0.05
    wave = np.zeros(2 * RATE)
    for start in starts:
        t = np.arange(2 * RATE) / RATE - start
        wave += np.where(t > 0, np.minimum(1, t / rise) * np.exp(-np.maximum(t - rise, 0) * 12), 0) * noise(
            1, 2 * RATE
        )
    found = anatomy.transients(wave[None].astype(np.float32), RATE)
    assert found["onset_s"] == pytest.approx([start + 0.2 * rise for start in starts], abs=0.006)
    assert found["attack_ms"] == pytest.approx([0.7 * rise * 1000] * 3, abs=12)


def test_clicks_have_no_attack_and_the_end_is_no_start_GAP_06():
    wave = np.zeros((1, RATE), np.float32)
    wave[0, [9_600, 24_000, 36_000]] = 0.9
    found = anatomy.transients(wave, RATE)
    assert found["onset_s"] == pytest.approx([0.2, 0.5, 0.75], abs=0.0011) and max(found["attack_ms"]) <= 1
    assert anatomy.transients(tone(440, 2)[None].astype(np.float32), RATE)["onset_s"] == [0]


def test_octaves_above_half_the_rate_are_left_out_GAP_06():
    assert list(anatomy.octaves(spectrum(noise(), 8_000), 8_000))[-1] == "4000"
    assert tuple(anatomy.octaves(spectrum(noise(), RATE), RATE)) == anatomy.OCTAVES


@LATER
@given(wave=WILD, rate=st.sampled_from([8_000, 44_100, 48_000]))
def test_any_sound_comes_apart_into_json_GAP_06(wave, rate):
    found = anatomy.evaluate(wave, rate)
    assert tuple(found) == SUM and json.loads(json.dumps(found, allow_nan=False)) == found


def test_silence_comes_apart_and_what_is_no_sound_is_refused_GAP_06():
    found = anatomy.evaluate(np.zeros(RATE), RATE)
    assert found["harmonic"] == {"hnr_db": 0.0, "f0_hz": None} and found["transients"]["onset_s"] == []
    assert set(found["octaves_db"].values()) == {-200.0} == set(found["bark"]["level_db"])
    with pytest.raises(ValueError, match="not finite"):
        anatomy.evaluate(np.full(100, np.nan), RATE)
    with pytest.raises(ValueError, match="needs the shape"):
        anatomy.evaluate([], RATE)
