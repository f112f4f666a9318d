"""What a net for gaps is told of a moment, above all how wrong experts have been (GAP-05)."""

import numpy as np
import pytest

from jobs.field import learning
from jobs.sound.experts import EXPERTS, Expert, Fresh
from jobs.sound.forecast import Forecaster
from jobs.sound.guesses import NAMES, RECORDED, WORST, Moment, moment
from jobs.sound.linear import by_burg
from jobs.sound.weighing import EDGES, FEWEST, Weighing

RATE, PAST, HORIZON = 48_000, 4_800, 2_040


def tone(samples: int = RATE // 2, noise: float = 0.0, rate: int = RATE) -> np.ndarray:
    time = np.arange(samples) / rate
    wave = np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 1_750 * time + 1)
    return 0.1 * wave + noise * np.random.default_rng(0).standard_normal(samples)


def told(wave: np.ndarray, rate: int = RATE) -> Moment:
    forecaster = Forecaster(rate)
    forecaster.add(wave)
    return moment(forecaster, rate, PAST, HORIZON)


def test_who_was_right_has_a_record_of_next_to_nothing_and_of_noise_nobody_has_GAP_05():
    pure, noisy = told(tone()).record, told(tone(noise=0.1)).record
    assert pure.shape == noisy.shape == RECORDED and pure.dtype == np.float32
    assert pure[0].max() < 1e-3 and pure[0].max() < 0.1 * pure[1].max(), "a window smears a tone"
    # The noise alone is as loud as the tones, and can't be known.
    assert (noisy > 0.5).all() and (noisy < WORST).all()


def test_a_record_is_the_error_that_experts_have_just_made_GAP_05():
    """At the distances of 10 to 20 ms, held against what was received 20 ms later."""
    wave = tone(noise=0.01)
    at = len(wave) - round(0.020 * RATE)
    before = Forecaster(RATE)
    before.add(wave[:at])
    start, end = (round(edge * RATE) for edge in EDGES[4:6])
    off = before.forecast().experts(end)[:, start:end] - wave[at + start : at + end]
    now = told(wave)
    wrong = np.sqrt((off**2).mean(axis=1)) / now.scale
    assert now.record[:, 4] == pytest.approx(wrong, rel=0.5)


def test_softer_sounds_have_the_same_record_GAP_05():
    loud, soft = told(tone(noise=0.01)), told(0.01 * tone(noise=0.01))
    assert soft.record == pytest.approx(loud.record, rel=1e-3)


@pytest.mark.parametrize("wave", [np.zeros(0), np.zeros(RATE), tone(100), np.full(RATE, 1e-30)])
def test_whatever_was_heard_a_record_is_finite_GAP_05(wave):
    now = told(wave)
    assert now.record.shape == RECORDED and np.isfinite(now.record).all()
    assert (now.record >= 0).all() and (now.record <= WORST).all()
    assert np.isfinite(now.guesses).all() and len(now.guesses) == len(NAMES)
    if not len(wave):
        assert (now.record == WORST).all(), "nothing is known"


def test_where_too_little_was_seen_the_nearest_distance_tells_GAP_05():
    seen = np.array([FEWEST - 1, 100.0, 0.0, 0.0, 400.0])
    errors = np.array([[1.0, 4.0, 0.0, 0.0, 64.0], [2.0, 1.0, 0.0, 0.0, 4.0]])
    found = Weighing(2, 5).after([(errors, seen)]).record()
    assert found[0].tolist() == [0.2, 0.2, 0.2, 0.4, 0.4] and found[1].tolist() == [0.1] * 5
    assert np.isinf(Weighing(2, 5).record()).all()


def test_at_high_rates_there_is_a_record_too_GAP_10():
    wave = tone(RATE, 0.003, 2 * RATE)
    usual, wide = told(wave[::2].copy()), told(wave, 2 * RATE)
    assert wide.record == pytest.approx(usual.record, rel=0.7)


def test_one_expert_alone_is_not_judged_GAP_05():
    alone = (Expert("ar-32", by_burg, 32, 0.05),)
    forecaster = Forecaster(RATE, alone, Fresh(RATE, alone))
    forecaster.add(tone())
    assert np.isinf(forecaster.forecast().record()).all()


def test_a_record_has_a_row_for_each_expert_of_office_and_field_GAP_05():
    assert len(EXPERTS) == len(learning.EXPERTS) == RECORDED[0]
