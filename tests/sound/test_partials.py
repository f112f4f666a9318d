"""Roughness, dissonance and tension of chords whose answer is known (GEN-04, GEN-06)."""

import numpy as np
import pytest

from jobs.sound.partials import partials
from jobs.sound.spectrum import RATE


def chord(*hertz: float, seconds: float = 0.6, level: float = 0.2) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return sum(level * np.sin(2 * np.pi * f * t + n) for n, f in enumerate(hertz)).astype(np.float32)


def notes(*numbers: float) -> np.ndarray:
    """Pure tones by their MIDI numbers."""
    return chord(*(440 * 2 ** ((n - 69) / 12) for n in numbers))


def rough(wave: np.ndarray) -> float:
    return float(np.median(partials(wave)[0]))


def tense(wave: np.ndarray) -> float:
    return float(np.median(partials(wave)[2]))


def dissonant(wave: np.ndarray) -> float:
    return float(np.median(partials(wave)[1]))


def test_a_pure_tone_is_smooth_and_at_rest_GEN_04_GEN_06():
    assert rough(chord(440)) < 1e-3
    assert tense(chord(440)) < 0.02


def test_dissonance_is_that_of_the_curve_it_is_taken_from_GEN_04():
    """Of two equal partials: 2.5 (exp(-3.5 s) - exp(-5.75 s)), s = 0.24 / (0.0207 f + 18.96) * distance."""
    for low, apart in ((300.0, 60.0), (600.0, 60.0), (1000.0, 150.0)):
        s = 0.24 / (0.0207 * low + 18.96) * apart
        assert dissonant(chord(low, low + apart)) == pytest.approx(
            2.5 * (np.exp(-3.5 * s) - np.exp(-5.75 * s)), abs=0.02
        )
    assert dissonant(chord(440)) < 1e-3


@pytest.mark.parametrize("low", [220.0, 440.0, 1000.0])
def test_partials_a_quarter_of_a_critical_band_apart_are_roughest_GEN_04(low):
    """Plomp & Levelt 1965: the roughest interval is about a quarter of a critical band."""
    quarter = 0.25 * (25 + 75 * (1 + 1.4 * (low / 1000) ** 2) ** 0.69)
    roughest = rough(chord(low, low + quarter))
    assert roughest > 3 * rough(chord(low, 1.5 * low))
    assert roughest > 10 * rough(chord(low, 2 * low))
    assert roughest > 2 * rough(chord(low, low + 4 * quarter))


def test_a_weaker_partner_beats_less_GEN_04():
    equal = rough(chord(600, 640))
    weak = rough(chord(600) + chord(640, level=0.02))
    assert weak < 0.3 * equal


def test_more_partials_in_one_band_are_rougher_GEN_04():
    assert rough(notes(80, 81, 82)) > rough(notes(80, 82)) > rough(notes(80, 87))


def test_one_pitch_class_is_at_rest_in_every_octave_GEN_06():
    assert tense(notes(48, 60, 72, 84)) < 0.03


def test_tension_grows_from_fifth_over_triad_to_cluster_GEN_06():
    fifth, triad, cluster = tense(notes(60, 67)), tense(notes(60, 64, 67)), tense(notes(60, 61, 62, 63, 64))
    assert tense(notes(60)) < fifth < triad < cluster
    assert tense(notes(60, 66)) > fifth, "a tritone is no fifth"


def test_transposing_changes_no_tension_GEN_06():
    for up in (1, 5, 7.5):
        assert tense(notes(60 + up, 64 + up, 67 + up)) == pytest.approx(tense(notes(60, 64, 67)), abs=0.05)


def test_level_does_not_matter_GEN_04_GEN_06():
    wave = notes(60, 61, 67)
    for gain in (0.02, 3.0):
        assert rough(gain * wave) == pytest.approx(rough(wave), rel=0.02)
        assert tense(gain * wave) == pytest.approx(tense(wave), abs=0.005)


def test_silence_has_none_of_them_GEN_04_GEN_06():
    found = partials(np.zeros(RATE // 2, np.float32))
    assert found.shape == (3, RATE // 2 // 2048 + 1)
    assert not np.any(found)


def test_what_lies_60_dB_below_beats_with_nothing_GEN_04():
    pair = chord(600, 640)
    crowd = chord(*np.linspace(900, 7900, 60), level=0.0002)
    assert rough(pair + crowd) == pytest.approx(rough(pair), rel=0.05)


def test_of_too_many_partials_the_strongest_count_GEN_04():
    """Forty far apart and strong, in whatever order, hide a weaker pair that would beat."""
    strong = chord(*np.linspace(1000, 7900, 40))
    pair = chord(300, 330, level=0.05)
    assert rough(strong + pair) == pytest.approx(rough(strong), rel=0.02)
