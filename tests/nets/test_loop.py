"""The closed loop on functions whose answer is known: there, within bounds, the rest held (GEN-02..06)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.nets.loop import MOVES, TIMED, TIMES, Goal, Heard, Move, close, slopes, within_reach
from jobs.sound.descriptors import NAMES

THREE = (Move("brightness", -4.0, 4.0, 0.5), Move("warmth", -4.0, 4.0, 0.5), Move("rhythm", -1.0, 2.0, 0.25))
CROSS = np.array([[1.0, -0.5, 0.2], [-0.6, 1.0, 0.1], [0.3, 0.2, 1.0]])


def bent(point: np.ndarray) -> np.ndarray:
    """Cross-talk and saturation, as a take has them."""
    mixed = CROSS @ point
    return np.array([0.3, -0.2, 0.1]) + mixed + 0.3 * np.tanh(mixed) + 0.02 * np.sin(3 * mixed[::-1])


def goal_of(*target: float, scale: float = 1.0) -> Goal:
    return Goal(np.array(target), np.full(len(target), scale))


def closed(goal: Goal, function=bent, moves=THREE, rounds: int = 12) -> tuple[Heard, list[np.ndarray]]:
    asked: list[np.ndarray] = []

    def measured(point: np.ndarray) -> np.ndarray:
        asked.append(point.copy())
        return function(point)

    start = Heard(np.zeros(len(moves)), function(np.zeros(len(moves))))
    slope = slopes(moves, measured, start, goal)
    return close(moves, measured, start, slope, goal, rounds, 0.5), asked


@pytest.mark.parametrize("own", [0, 1, 2])
@pytest.mark.parametrize("far", [-1.0, 1.0])
def test_one_is_moved_and_the_others_stay_GEN_03(own, far):
    start = bent(np.zeros(3))
    target = start.copy()
    target[own] += far
    found = closed(goal_of(*target))[0].found
    assert np.abs(found - target).max() < 0.2
    assert abs(found[own] - target[own]) < 0.2 < abs(start[own] - target[own])


@settings(max_examples=25, deadline=None)
@given(target=st.tuples(*[st.floats(-20, 20)] * 3))
def test_bounds_are_kept_and_nothing_gets_worse_GEN_08(target):
    """Whatever is asked for, also what can't be reached."""
    goal = goal_of(*target)
    found, asked = closed(goal)
    for point in asked:
        for value, move in zip(point, THREE, strict=True):
            assert move.low <= value <= move.high
    start = np.square(goal.residual(bent(np.zeros(3)))).sum()
    assert np.square(goal.residual(found.found)).sum() <= start
    assert np.array_equal(found.found, bent(found.point))


def test_what_is_nearest_is_kept_where_the_end_of_a_move_is_in_the_way_GEN_08():
    found = closed(goal_of(50.0, 0.0, 0.0))[0]
    assert found.point[0] == pytest.approx(4.0, abs=0.5)


def test_a_round_that_leads_nowhere_is_taken_back_GEN_03():
    def cliff(point: np.ndarray) -> np.ndarray:
        return point + 10 * (np.abs(point) > 1)

    found = closed(goal_of(3.0, 0.0, 0.0), cliff)[0]
    assert np.abs(found.point).max() <= 1


def test_what_is_near_enough_costs_nothing_GEN_02():
    start = bent(np.zeros(3))
    _, asked = closed(goal_of(*start))
    assert len(asked) == len(THREE), "the slopes, and no round"


def test_slopes_are_those_of_the_function_GEN_03():
    found = slopes(THREE, lambda p: CROSS @ p, Heard(np.zeros(3), np.zeros(3)), goal_of(1.0, -1.0, 1.0))
    assert np.allclose(found, CROSS)


def test_slopes_are_taken_inside_the_bounds_GEN_08():
    at = np.array([4.0, -4.0, 2.0])
    asked = []

    def measured(point):
        asked.append(point)
        return CROSS @ point

    found = slopes(THREE, measured, Heard(at, CROSS @ at), goal_of(99.0, -99.0, 99.0))
    assert np.allclose(found, CROSS)
    assert all(m.low <= p[k] <= m.high for p in asked for k, m in enumerate(THREE))


def test_a_round_that_spoils_a_count_is_not_taken_GEN_02():
    """Onsets have no slope to follow, and still they are held."""

    def counted(point: np.ndarray) -> np.ndarray:
        return np.array([point[0], 3.0 * (point[0] > 1.2)])

    move, goal = (THREE[0],), goal_of(2.0, 0.0)
    start = Heard(np.zeros(1), counted(np.zeros(1)))
    slope = np.array([[1.0], [0.0]])
    blind = close(move, counted, start, slope, Goal(np.array([2.0, 0.0]), np.array([1.0, np.inf])), 8, 0.5)
    held = close(move, counted, start, slope, goal, 8, 0.5, jumps=np.array([False, True]))
    assert blind.found[0] == pytest.approx(2.0, abs=0.1) and blind.found[1] == 3
    assert 0.5 < held.found[0] <= 1.2 and held.found[1] == 0


def test_little_is_not_bought_by_going_far_in_everything_GEN_03():
    weak = np.array([[0.05]])
    start = Heard(np.zeros(1), np.zeros(1))
    ends = [
        close(THREE[:1], lambda p: weak @ p, start, weak, goal_of(0.3), 12, 0.5, stiffness).point[0]
        for stiffness in (0.01, 3.0)
    ]
    assert ends[0] > 2 and abs(ends[1]) < 0.5


def test_what_can_not_be_reached_pulls_at_nothing_else_GEN_08():
    goal = Goal(np.full(9, 5.0), np.ones(9))
    found = np.full(9, 5.0)
    found[1] = 2.0
    eased = within_reach(goal, found, ("brightness", "pulse"))
    assert eased.target[1] == 2.0 and eased.scale[1] > 1
    rest = [k for k in range(9) if k != 1]
    assert np.array_equal(eased.target[rest], goal.target[rest])
    assert eased.scale[NAMES.index("pulse")] == 1.0 and "pulse" in TIMED


def test_axes_of_infinite_scale_do_not_matter_GEN_08():
    goal = Goal(np.array([1.0, 99.0]), np.array([0.5, np.inf]))
    assert np.array_equal(goal.residual(np.zeros(2)), [2.0, 0.0])


def test_a_goal_has_rows_of_its_own_GEN_02():
    some = Goal(np.arange(9.0), np.arange(1.0, 10.0)).at([2, 0])
    assert list(some.target) == [2.0, 0.0] and list(some.scale) == [3.0, 1.0]


def test_every_axis_has_a_move_but_width_which_is_a_gain_GEN_02():
    axes = {move.axis for move in (*MOVES, *TIMES)}
    assert {*axes, "width"} == set(NAMES)
    assert tuple(move.axis for move in TIMES) == TIMED
    assert all(move.low < 0 < move.high and move.step < move.high - move.low for move in (*MOVES, *TIMES))
