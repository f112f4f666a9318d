"""How groups of values are spread and stand apart (FP-10)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sound.spread import apart, percentiles


def test_percentiles_of_what_is_spread_evenly_FP_10() -> None:
    values = np.linspace(0, 100, 201)[:, None] * np.array([1.0, -2.0])
    assert percentiles(values)[:, 0] == pytest.approx([5, 25, 50, 75, 95])
    assert percentiles(values)[:, 1] == pytest.approx([-190, -150, -100, -50, -10])


def test_all_above_is_one_and_all_below_minus_one_FP_10() -> None:
    low, high = np.array([[1.0, 5.0], [2.0, 6.0]]), np.array([[3.0, 1.0], [4.0, 2.0], [9.0, 0.0]])
    assert apart(high, low).tolist() == [1.0, -1.0]
    assert apart(low, low).tolist() == [0.0, 0.0]


VALUES = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


@given(VALUES, VALUES)
def test_apart_counts_pairs_and_turns_its_sign_FP_10(some: list[int], others: list[int]) -> None:
    a, b = np.array(some, float)[:, None], np.array(others, float)[:, None]
    pairs = np.sign(a - b.T)
    assert apart(a, b)[0] == pytest.approx(pairs.mean())
    assert apart(b, a)[0] == pytest.approx(-apart(a, b)[0])
    # What keeps the order changes nothing.
    assert apart(np.exp(a), np.exp(b))[0] == pytest.approx(apart(a, b)[0])
