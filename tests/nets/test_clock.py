"""Timing that measures as dense and as even as was asked for (GEN-02, GEN-05)."""

import numpy as np
import pytest

from jobs.nets.clock import WHOLE, Clock, heard_parts
from jobs.nets.lay import Timing, enough, lay
from jobs.nets.loop import TIMED, Goal
from jobs.nets.planner import FIRMNESS
from jobs.nets.request import Request
from jobs.nets.walk import Event, Walk, again
from jobs.sound.descriptors import NAMES

FRAMES = 1500


def clock_of(instrument, seed: int) -> Clock:
    events = enough(Walk(instrument.bank, seed).events(), FRAMES, Timing(), seed)
    asked = {name: instrument.scales[name].ends for name in TIMED}
    return Clock(instrument.bank, again(events, FRAMES, seed), FRAMES, seed, asked)


def goal_of(instrument, **percentiles: float) -> Goal:
    target = np.array([instrument.scales[name].at(percentiles.get(name, 50.0)) for name in NAMES])
    return Goal(target, np.array([instrument.scales[name].spread / FIRMNESS for name in NAMES]))


def test_timings_of_sounds_longer_than_the_take_are_heard_GEN_02(instrument):
    bank = instrument.bank
    events = [Event(number, max(one.frames, 900)) for number, one in enumerate(bank.slices)] * 3
    for density in (-3.0, -1.0, 0.0, 3.0):
        assert np.isfinite(Clock(bank, events, 120, 0, {}).measured(Timing(density=density))).all()


@pytest.mark.parametrize("name", ["density", "pulse"])
def test_further_on_the_slider_is_more_of_it_GEN_02_GEN_05(instrument, name):
    """The ends are far apart, and nowhere in between does the move itself turn back much."""
    clock, k = clock_of(instrument, 4), NAMES.index(name)
    timings = [
        clock.set(goal_of(instrument, **{name: percentile}), (name,), hold=False)
        for percentile in (5.0, 35.0, 65.0, 95.0)
    ]
    moves = [getattr(timing, name) for timing in timings]
    found = [clock.measured(timing)[k] for timing in timings]
    assert all(timing.parted or timing == Timing() for timing in timings)
    assert moves[0] < moves[1] < moves[3] and moves[0] < moves[2] < moves[3]
    assert found[-1] - found[0] > 0.8 * instrument.scales[name].spread


@pytest.mark.slow
def test_two_sliders_of_time_are_both_met_GEN_02_GEN_05(instrument):
    clock = clock_of(instrument, 4)
    plain = clock.measured(Timing())
    goal = goal_of(instrument, density=90.0, pulse=90.0)
    found = clock.measured(clock.set(goal, ("density", "pulse")))
    for name in ("density", "pulse"):
        k = NAMES.index(name)
        assert abs(found[k] - goal.target[k]) < 0.6 * abs(plain[k] - goal.target[k]), name


def test_as_dense_as_a_take_already_is_it_stays_GEN_02(instrument):
    clock, k = clock_of(instrument, 4), NAMES.index("density")
    goal = goal_of(instrument)
    goal.target[k] = clock.measured(Timing())[k]
    assert clock.set(goal, ("density",)) == Timing()


def test_pulse_moves_no_density_GEN_05(instrument):
    """From end to end of the slider steps are as long on the mean."""
    clock = clock_of(instrument, 4)
    timings = [clock.set(goal_of(instrument, pulse=at), ("pulse",)) for at in (5.0, 50.0, 95.0)]
    counts = [len(lay(instrument.bank, clock.events, FRAMES, timing, 4)) for timing in timings]
    assert max(counts) <= 1.25 * min(counts)
    assert max(counts) > len(lay(instrument.bank, clock.events, FRAMES, Timing(), 4))


def test_axes_that_do_not_matter_move_nothing_GEN_08(instrument):
    goal = goal_of(instrument, density=95.0, pulse=95.0)
    goal.scale[:] = np.inf
    assert clock_of(instrument, 4).set(goal, ("density", "pulse")) == Timing()


def test_a_long_take_is_heard_in_parts_of_its_own_course_GEN_05(instrument):
    """Envelopes are moved by how the level runs in the whole take, also where only parts of it are heard."""
    seconds = 40.0
    request = Request(seconds, seed=1)
    assert request.frames > WHOLE
    parts = heard_parts(request.frames)
    assert parts[0].start == 0 and parts[-1].stop == request.frames
    whole = instrument.plan(request).course
    rehearsal = instrument._planner._rehearsed(request, instrument._planner._walked(request), Timing(), ())
    assert rehearsal.frames == sum(part.stop - part.start for part in parts)
    for name in ("swing", "drift", "fall"):
        wanted = np.concatenate([getattr(whole, name)[part] for part in parts])
        assert np.array_equal(getattr(rehearsal.course, name), wanted)
