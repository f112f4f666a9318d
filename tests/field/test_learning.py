"""What is learned between two blocks is what would be learned at once, and takes the place of what was before
(GAP-08)."""

from itertools import pairwise

import numpy as np
import pytest

from jobs.field.learning import EXPERTS, LASTING, LATEST, QUICK, SOONEST, Learner, trust
from jobs.sound import kernels
from jobs.sound.experts import Fresh
from jobs.sound.forecast import Forecaster
from jobs.sound.guesses import RECORDED, moment
from jobs.sound.history import History
from jobs.sound.linear import Burg, by_autocorrelation, by_burg
from jobs.sound.weighing import Weighing

RATE, PACE = 48_000, 240


def sound(samples: int = 24_000, seed: int = 1) -> np.ndarray:
    time = np.arange(samples) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220, 331.5, 1200))
    return 0.1 * chord + 0.003 * np.random.default_rng(seed).standard_normal(samples)


def heard(wave: np.ndarray) -> History:
    history = History(10_080)
    history.add(wave)
    return history


@pytest.mark.parametrize("stops", [[64], [1, 64], [32, 33, 64], list(range(1, 65)), [10, 10, 64]])
def test_burgs_method_in_pieces_gives_the_same_bits_as_at_once_GAP_08(stops: list[int]) -> None:
    past = sound(1000)
    fit = Burg(past, 64)
    for stop in stops:
        fit.until(stop)
    np.testing.assert_array_equal(fit.coefficients, by_burg(past, 64))


@pytest.mark.parametrize("seed", range(8))
def test_where_rounding_has_eaten_all_later_pieces_change_nothing_GAP_08(seed: int) -> None:
    """As with an autocorrelation that no wave has: then no step is made, wherever a piece ends."""
    order, rng = 8, np.random.default_rng(seed)
    correlation, wave = rng.standard_normal(order + 1), 0.01 * rng.standard_normal(40)
    correlation[0] = 2

    def fitted(*stops: int) -> np.ndarray:
        out, rows, sums = np.zeros(order + 1), np.zeros((4, order + 2)), np.zeros(2)
        for first, last in pairwise((0, *stops)):
            kernels.chosen().burg(
                wave, wave[::-1].copy(), correlation, 0.0, first + 1, last, out, *rows, sums
            )
        return out

    whole = fitted(order)
    assert whole[-1] == 0
    np.testing.assert_array_equal(fitted(*range(1, order + 1)), whole)


def test_a_lesson_learns_what_its_experts_learn_from_the_same_past_GAP_08() -> None:
    history = heard(sound())
    learner = Learner(RATE, PACE)
    chores = list(learner.lesson(history))
    courses, weights, _ = learner.now(history, 1.0)
    fresh, *_ = Fresh(RATE, EXPERTS).now(history, 1.0)
    assert len(chores) >= 6
    for ours, theirs in zip(courses, fresh, strict=True):
        np.testing.assert_array_equal(ours.until(300), theirs.until(300))
    np.testing.assert_allclose(weights.sum(axis=0), 1)


def test_what_comes_while_a_lesson_is_learned_is_not_part_of_it_GAP_08() -> None:
    wave = sound(30_000)
    alone, along = Learner(RATE, PACE), Learner(RATE, PACE)
    still, goes_on = heard(wave[:24_000]), heard(wave[:24_000])
    for _ in alone.lesson(still):
        pass
    for index, _ in enumerate(along.lesson(goes_on)):
        # From the second chore on, when the past was taken: the first ends with the quick expert.
        if index:
            goes_on.add(wave[24_000 + index * 48 :][:48])
    for ours, theirs in zip(along.now(still, 1.0)[0], alone.now(still, 1.0)[0], strict=True):
        np.testing.assert_array_equal(ours.until(100), theirs.until(100))


def lessons(wave: np.ndarray) -> list[int]:
    """The chores of every lesson, one in 5 ms."""
    learner, history = Learner(RATE, PACE), History(10_080)
    counts = []
    for start in range(0, len(wave), PACE):
        history.add(wave[start : start + PACE])
        counts.append(len(list(learner.lesson(history))))
    return counts


def test_the_lasting_expert_learns_again_when_it_errs_more_and_not_too_rarely_GAP_08() -> None:
    steady = sound(48_000)
    changed = steady.copy()
    changed[33_600:] = sound(14_400, 5)[::-1] + 0.2 * np.sin(np.arange(14_400) * 0.4)
    learned, after = (np.flatnonzero(np.array(lessons(wave)) > 2) for wave in (steady, changed))
    settled = np.diff(learned[learned > 60])
    assert settled.min() >= SOONEST and settled.max() <= LATEST and settled.mean() > SOONEST + 1
    # The change is heard in lesson 140, or in the next one that may be.
    assert after[after >= 140][0] <= 140 + SOONEST - 1
    assert not np.array_equal(after, learned)


def test_the_expert_that_has_been_right_weighs_more_GAP_08() -> None:
    """Of low steady tones close together the lasting one: the other's past is shorter than their beat."""
    time = np.arange(48_000) / RATE
    tones = np.stack([np.sin(2 * np.pi * pitch * time) for pitch in (60, 66, 73, 81, 92, 103)])
    wave = 0.1 * tones.sum(axis=0) + 1e-4 * np.random.default_rng(0).standard_normal(len(time))
    learner, history = Learner(RATE, PACE), History(10_080)
    for start in range(0, len(wave), PACE):
        history.add(wave[start : start + PACE])
        for _ in learner.lesson(history):
            pass
    _, weights, _ = learner.now(history, 1.0)
    assert weights[0, 600] > 0.9


@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_a_net_is_told_the_same_as_where_it_learned_GAP_08(noise: float) -> None:
    """The experts were tried at other moments of a steady sound, and silence is no expert."""
    wave = sound(48_000) + noise * np.random.default_rng(2).standard_normal(48_000)
    learner = Learner(RATE, PACE)
    field, office = Forecaster(RATE, EXPERTS, learner), Forecaster(RATE, EXPERTS)
    for start in range(0, len(wave), PACE):
        for one in (field, office):
            one.add(wave[start : start + PACE])
        for _ in learner.lesson(field.history):
            pass
    ours, theirs = (moment(one, RATE, 4_800, 2_040) for one in (field, office))
    np.testing.assert_array_equal(ours.past, theirs.past)
    assert ours.record.shape == theirs.record.shape == RECORDED
    apart = np.abs(np.log(ours.record / theirs.record))
    assert np.median(apart) < np.log(1.2) and apart.max() < np.log(3)


@pytest.mark.parametrize(("error", "heard"), [(0.5, 1.0), (1.0, 1.0), (4.0, 0.25)])
def test_experts_that_err_more_than_silence_are_heard_less_GAP_08(error: float, heard: float) -> None:
    errors = np.array([[error], [3 * error], [1.0]])
    weights = trust(Weighing(3, 1).after([(errors, np.array([100.0]))]))
    assert weights.sum() == pytest.approx(heard) and weights[0] > 10 * weights[1]


def test_at_high_rates_orders_and_pasts_stop_growing_GAP_08() -> None:
    rate = 192_000
    wave = np.sin(np.arange(60_000) * 0.01)
    learner, history = Learner(rate, 960), History(80_000)
    history.add(wave)
    for _ in learner.lesson(history):
        pass
    courses, *_ = learner.now(history, 1.0)
    orders = [LASTING.order * 80 // 48, QUICK.order * 80 // 48]
    fits = by_burg(wave[-12_000:], orders[0]), by_autocorrelation(wave[-4_000:], orders[1])
    for course, coefficients in zip(courses, fits, strict=True):
        expected = -coefficients[1:] @ wave[-1 : -len(coefficients) : -1]
        assert course.until(1)[0] == pytest.approx(expected, abs=1e-9)
