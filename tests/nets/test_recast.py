"""Other slices for a take that go where they are asked to, and keep the rest (GEN-03, GEN-09)."""

from dataclasses import replace

import numpy as np
import pytest

from jobs.nets.lay import Timing, heard, sounded
from jobs.nets.loop import Goal
from jobs.nets.planner import FIRMNESS, OPINION, nearer
from jobs.nets.recast import Recaster, recast
from jobs.nets.rehearsal import LOUDNESS
from jobs.nets.request import Request
from jobs.nets.walk import Event
from jobs.sound.descriptors import NAMES
from jobs.sound.opinions import OPINIONS
from tests.nets.test_walk import same, walk


def brightness_alone(bank, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """A shift of nothing, and scales in which brightness alone matters."""
    scale = np.full(bank.marks.shape[1], np.inf)
    scale[NAMES.index("brightness")] = spread
    return np.zeros(bank.marks.shape[1]), scale


def test_recasting_goes_where_it_is_asked_and_keeps_the_time_GEN_03(instrument):
    bank = instrument.bank
    events = walk(bank, 100)
    shift, scale = brightness_alone(bank, instrument.scales["brightness"].spread)
    means = []
    for octaves in (-1.5, 0.0, 1.5):
        shift[1] = octaves
        moved = recast(bank, events, 1, shift, scale)
        assert [event.hold for event in moved] == [event.hold for event in events]
        means.append(np.mean([bank.marks[event.slice, 1] for event in moved]))
    assert means[0] < means[1] < means[2]


def test_the_rest_stays_on_the_whole_when_slices_change_GEN_03(instrument):
    """The take as a whole is to be brighter and as warm, not each of its slices."""
    bank = instrument.bank
    events = walk(bank, 60)
    shift, scale = brightness_alone(bank, bank.marks[:, 1].std())
    scale[2] = bank.marks[:, 2].std()
    shift[1] = 0.5 * scale[1]
    moved = recast(bank, events, 1, shift, scale)

    def mean(those: list[Event], k: int) -> float:
        weights = [min(event.hold, bank.slices[event.slice].frames) for event in events]
        return float(np.average([bank.marks[event.slice, k] for event in those], weights=weights))

    assert mean(moved, 1) - mean(events, 1) == pytest.approx(shift[1], rel=0.4)
    assert abs(mean(moved, 2) - mean(events, 2)) < 0.25 * scale[2]
    assert recast(bank, events, 1, shift, scale) == moved


def test_a_blend_keeps_its_shares_when_slices_change_MOD_05(instrument):
    bank = instrument.bank
    events = walk(bank, 60)
    groups = np.array([one.place % 2 for one in bank.slices])
    shift, scale = brightness_alone(bank, bank.marks[:, 1].std())
    shift[1] = 2 * scale[1]
    moved = recast(bank, events, 1, shift, scale, groups)
    assert moved != events
    assert [groups[event.slice] for event in moved] == [groups[event.slice] for event in events]


def test_a_small_change_recasts_few_events_GEN_09(instrument):
    bank = instrument.bank
    events = walk(bank, 100)
    shift, scale = brightness_alone(bank, instrument.scales["brightness"].spread)
    plain = recast(bank, events, 1, shift, scale)
    shift[1] = 0.05
    assert same(plain, recast(bank, events, 1, shift, scale)) > 0.85


def test_what_falls_short_is_sought_near_and_far_GEN_03(instrument):
    """In brighter slices, the further the brighter, at the same times; never in what is played in order."""
    request = Request(8.0, seed=1)
    events = walk(instrument.bank, 40)
    away = np.zeros(len(NAMES))
    away[NAMES.index("brightness")] = 2.5 * instrument.scales["brightness"].spread
    recaster = Recaster(instrument.bank, instrument.scales)
    tries = list(recaster.tries(request, events, Timing(), away, ("brightness",)))

    def bright(those: list[Event]) -> float:
        lengths = heard(those, request.frames, Timing(), 1)
        marks = instrument.bank.marks[[event.slice for event in those[: len(lengths)]]]
        return float(np.average(marks[:, NAMES.index("brightness")], weights=lengths))

    assert len(tries) == 2
    assert bright(events) < bright(tries[0]) < bright(tries[1])
    assert recaster.furthest(request, events, Timing(), away, ("brightness",)) == tries[1]
    assert all([e.hold for e in those] == [e.hold for e in events] for those in tries)
    assert not list(recaster.tries(request, events, Timing(), away, ()))
    in_order = replace(request, route="order")
    assert not list(recaster.tries(in_order, events, Timing(), away, ("brightness",)))


def test_what_is_struck_gives_way_to_what_can_be_struck_GEN_03(instrument):
    bank, timing = instrument.bank, Timing(parted=True)
    events = sounded(bank, walk(bank, 40), timing)
    away = np.zeros(len(NAMES))
    away[NAMES.index("brightness")] = instrument.scales["brightness"].spread
    recaster = Recaster(bank, instrument.scales)
    tries = list(recaster.tries(Request(8.0), events, timing, away, ("brightness",)))
    assert tries and all(sounded(bank, those, timing) == those for those in tries)


@pytest.mark.parametrize(
    ("brightness", "second", "warmth", "taken"),
    [
        (0.5, 0.5, 0.0, True),
        (0.1, 0.5, 0.0, False),
        (0.5, -0.1, 0.0, False),
        (0.5, 0.5, -0.2, True),
    ],
    ids=["nearer by both", "hardly nearer", "by one opinion alone", "what was met may give way a little"],
)
def test_slices_are_taken_that_come_nearer_by_both_opinions_GEN_02(brightness, second, warmth, taken):
    """In spreads, of a take that is one short of its brightness, where its warmth was met."""
    than, target = np.zeros(LOUDNESS + 1 + len(OPINIONS)), np.zeros(LOUDNESS + 1 + len(OPINIONS))
    target[NAMES.index("brightness")] = 1.0
    goal = Goal(target, np.full(len(target), 1 / FIRMNESS))
    found = than.copy()
    found[NAMES.index("brightness")], found[OPINION["brightness"]] = brightness, second
    found[NAMES.index("warmth")] = found[OPINION["warmth"]] = warmth
    assert nearer(goal, found, than, ("brightness", "warmth"), ("brightness",)) == taken
