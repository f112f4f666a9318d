"""The loops that learn and judge do what numpy would (GAP-08)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound import linear
from jobs.sound.kernels import chosen
from jobs.sound.linear import by_autocorrelation, by_sums
from tests import sounds

quick = settings(deadline=None, max_examples=60)


@pytest.mark.parametrize("order", [1, 2, 6, 7, 8, 15, 64, 384])
@pytest.mark.parametrize("kind", ["noise", "pluck", "bell"])
def test_sums_teach_what_a_transform_does_GAP_08(order: int, kind: str) -> None:
    wave = sounds.make(kind, 0.05).astype(np.float64) + 1e-3 * np.random.default_rng(0).standard_normal(2400)
    right = by_autocorrelation(wave, order)
    np.testing.assert_allclose(by_sums(wave, order), right, rtol=1e-5, atol=1e-6 * np.abs(right).max())


@pytest.mark.parametrize("samples", [48, 49, 400])
def test_of_silence_nothing_follows_GAP_08(samples: int) -> None:
    assert by_sums(np.zeros(samples), 16).tolist() == [1.0, *[0.0] * 16]
    assert linear.window(samples).flags.writeable is False


@quick
@given(st.integers(1, 20), st.integers(1, 25), st.integers(0, 2**32 - 1))
def test_what_follows_is_the_sum_it_is_made_of_GAP_08(order: int, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    oldest_first, limit = random.uniform(-1, 1, order) / order, random.uniform(0.01, 0.5)
    wave = np.append(random.uniform(-1, 1, order), np.zeros(count))
    right = wave.copy()
    for place in range(count):
        right[order + place] = np.clip(-oldest_first @ right[place : place + order], -limit, limit)
    chosen().extrapolate(wave, oldest_first, count, limit)
    np.testing.assert_allclose(wave, right, atol=1e-12)


@quick
@given(st.integers(1, 20), st.integers(1, 25), st.integers(0, 2**32 - 1))
def test_what_is_missed_is_what_a_filter_leaves_GAP_08(order: int, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    oldest_first, wave, found = (
        random.uniform(-1, 1, order),
        random.uniform(-1, 1, order + count),
        np.zeros(1),
    )
    chosen().missed(wave, oldest_first, found)
    left = np.correlate(wave, np.append(oldest_first, 1.0), "valid")
    assert len(left) == count
    np.testing.assert_allclose(found[0], (left**2).mean(), rtol=1e-9)


@quick
@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_errors_are_added_to_the_edge_they_lie_behind_GAP_08(start: int, count: int, seed: int) -> None:
    """However much is judged at once: of all that was received, and nothing is forgotten."""
    rows, edges, random = 3, np.array([0.0, 7, 20, 55, 110]), np.random.default_rng(seed)
    expected, received = random.standard_normal((rows, 120)), random.random(count) < 0.7
    truth, end = random.standard_normal(count), start + count
    before, known = random.random((rows, len(edges))), random.random(len(edges))
    errors, seen = before.copy(), known.copy()
    chosen().judge(expected.reshape(-1), rows, start, truth, received, edges, errors.reshape(-1), seen)
    where = np.searchsorted(edges, np.arange(start, end), side="right") - 1
    wrong = (expected[:, start:end] - truth) ** 2 * received
    added = [np.bincount(where, one, len(edges)) for one in wrong]
    np.testing.assert_allclose(errors, before + added, rtol=1e-12)
    np.testing.assert_allclose(seen, known + np.bincount(where, received, len(edges)), rtol=1e-12)
