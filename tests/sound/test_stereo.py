"""Two channels repaired together: nothing else changes, errors shrink, and the image is measured."""

import numpy as np
import pytest

from jobs.sound.conceal import conceal, concealer
from jobs.sound.stereo import Coupled, image, turn
from jobs.sound.stretches import repaired
from tests import sounds

RATE = 48_000
GAPS = [(14_400, 14_880), (24_000, 24_480), (33_600, 34_080)]


def error(truth: np.ndarray, output: np.ndarray) -> float:
    return sum(float(((truth - output)[:, start:end] ** 2).sum()) for start, end in GAPS)


def concealed(wave: np.ndarray) -> np.ndarray:
    return conceal(wave, RATE, GAPS, 480)


def coupled(waves: np.ndarray) -> np.ndarray:
    return repaired(Coupled(len(waves), lambda: concealer(RATE, 480, "ar")), waves, GAPS)


@pytest.mark.parametrize("kind", ["pluck", "bell", "pad", "vowels"])
def test_both_views_together_are_no_worse_than_the_mean_of_each_GAP_10(kind):
    truth = sounds.stereo(kind, 1.0).astype(np.float64)
    apart = np.stack([concealed(wave) for wave in truth])
    aside = turn(np.stack([concealed(wave) for wave in turn(truth)]))
    together = coupled(truth)
    assert error(truth, together) <= (error(truth, apart) + error(truth, aside)) / 2 + 1e-12


def test_what_was_received_stays_and_one_channel_is_left_alone_GAP_10():
    truth = sounds.stereo("bell", 1.0).astype(np.float64)
    received = np.ones(truth.shape[1], bool)
    for start, end in GAPS:
        received[start : end + 96] = False
    assert coupled(truth)[:, received] == pytest.approx(truth[:, received], abs=1e-12)
    assert np.array_equal(coupled(truth[:1])[0], concealed(truth[0]))


def test_a_sound_in_the_middle_stays_in_the_middle_GAP_10():
    truth = np.stack([sounds.make("pluck", 1.0)] * 2).astype(np.float64)
    output = coupled(truth)
    assert output[0] == pytest.approx(output[1], abs=1e-9)
    found = image(output, truth, GAPS)
    assert found["level_error_db"] == pytest.approx(0, abs=1e-6)
    assert found["phase_error_degrees"] == pytest.approx(0, abs=1e-3)


def test_the_image_is_off_by_what_it_was_moved_by_GAP_10():
    truth = sounds.stereo("pad", 1.0).astype(np.float64)
    louder = truth * np.array([[2.0], [1.0]])
    assert image(louder, truth, GAPS)["level_error_db"] == pytest.approx(6.02, abs=0.01)
    over = truth * np.array([[-1.0], [1.0]])
    assert image(over, truth, GAPS)["phase_error_degrees"] == pytest.approx(180, abs=0.01)
    assert image(truth, truth, GAPS) == pytest.approx(
        {"level_error_db": 0, "phase_error_degrees": 0}, abs=1e-9
    )
    assert image(truth, 0 * truth, GAPS) == {}
