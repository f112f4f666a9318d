"""Set-points looked up on curves: nearest where it can be had, and nowhere a dead part (GEN-02, GEN-05)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.nets.curve import Curve

WAYS = np.linspace(-1, 1, 9)


def test_the_way_that_changes_least_is_taken_GEN_05():
    curve = Curve(WAYS, np.array([0, 0, 0.2, 0.2, 0.2, 0.2, 0.4, 0.8, 0.8]), 0.2)
    assert curve.looked_up(0.2) == 0.0
    assert curve.looked_up(-3.0) == -0.75
    assert curve.looked_up(9.0) == 0.75
    assert 0.25 < curve.looked_up(0.3) < 0.5


def test_a_coincidence_is_no_answer_GEN_05():
    """One setting of many that measures high by chance."""
    found = np.array([0.1, 0.1, 0.7, 0.1, 0.1, 0.1, 0.3, 0.5, 0.7])
    assert Curve(WAYS, found, 0.2).looked_up(0.7) == 1.0


def test_what_can_be_had_is_met_GEN_02():
    curve = Curve(WAYS, 2 * WAYS, 1.0, asked=(-1.9, 1.9))
    for target in (-1.9, -0.6, 0.0, 0.3, 1.9):
        assert curve.looked_up(target) == pytest.approx(target / 2, abs=0.03)


def test_near_set_points_are_met_though_far_ones_can_not_be_GEN_08():
    curve = Curve(WAYS, 2 * WAYS, 1.0, asked=(-8.0, 8.0), tilt=1e-3)
    assert curve.looked_up(0.8) == pytest.approx(0.4, abs=0.01)
    assert curve.looked_up(8.0) == pytest.approx(1.0) and curve.looked_up(-8.0) == pytest.approx(-1.0)


@given(
    st.lists(st.floats(-3, 3, width=32), min_size=9, max_size=9),
    st.floats(0.05, 2),
    st.floats(-20, -0.5),
    st.floats(0.5, 20),
)
def test_no_part_of_a_slider_is_dead_GEN_02(found, spread, below, above):
    """Whatever was measured: further on the slider is further in the move."""
    home = Curve(WAYS, np.array(found), spread, tilt=0.3).rising[4]
    curve = Curve(WAYS, np.array(found), spread, (home + below, home + above), tilt=0.3)
    ways = [curve.looked_up(target) for target in np.linspace(home + below, home + above, 21)]
    assert np.diff(ways).min() > 0
    assert all(-1 <= way <= 1 for way in ways)


def test_counts_are_taken_as_they_were_heard_GEN_05():
    """Of settings side by side the one that measures what is asked for; a far one is a coincidence."""
    found = np.array([0.1, 0.6, 0.1, 0.1, 0.2, 0.6, 0.3, 0.6, 0.9])
    curve = Curve(WAYS, found, 0.2, tilt=0.3)
    near = curve.heard_near(0.6, leash=10)
    assert near in (0.25, 0.75) and found[list(WAYS).index(near)] == 0.6
    assert abs(curve.heard_near(0.6, leash=1e6) - curve.looked_up(0.6)) <= 0.125 + 1e-9
