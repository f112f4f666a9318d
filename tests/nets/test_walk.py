"""Walks through the sounds: seeded, endless, without turning in circles (GEN-01, GEN-09)."""

from itertools import islice, pairwise

import numpy as np
import pytest

from jobs.nets.bank import LEAST, of_sounds
from jobs.nets.request import Request
from jobs.nets.walk import Event, Shares, Variation, Walk, again, in_order
from tests import sounds


def walk(bank, count: int, seed: int = 1, variations=(), shares: Shares | None = None) -> list[Event]:
    return list(islice(Walk(bank, seed, variations, shares).events(), count))


def same(one: list[Event], other: list[Event]) -> float:
    return float(np.mean([a == b for a, b in zip(one, other, strict=True)]))


def test_a_longer_walk_begins_with_the_shorter_GEN_09(instrument):
    assert walk(instrument.bank, 80)[:30] == walk(instrument.bank, 30)


def test_a_seed_is_a_walk_GEN_09(instrument):
    assert walk(instrument.bank, 40, 7) == walk(instrument.bank, 40, 7)
    assert same(walk(instrument.bank, 40, 7), walk(instrument.bank, 40, 8)) < 0.5


def test_a_long_walk_goes_everywhere_and_stays_nowhere_GEN_01(instrument):
    bank = instrument.bank
    slices = [event.slice for event in walk(bank, 400)]
    assert {bank.slices[k].place for k in slices} == set(range(len(bank.places)))
    assert np.bincount(slices).max() < 0.2 * len(slices)
    assert np.mean(np.diff(slices) == 0) < 0.1
    pairs = list(pairwise(slices))
    assert len(set(pairs)) > 60


def test_some_events_go_on_with_the_sound_they_are_in_GEN_01(instrument):
    bank = instrument.bank
    events = walk(bank, 300)
    whole = [a for a in events if a.hold == bank.slices[a.slice].frames and bank.following[a.slice] >= 0]
    goes_on = sum(
        b.slice == bank.following[a.slice] and a.hold == bank.slices[a.slice].frames
        for a, b in pairwise(events)
    )
    assert 0.35 * len(whole) < goes_on < 0.95 * len(whole)


def test_what_is_long_is_played_in_parts_of_some_seconds_GEN_01(instrument):
    bank = instrument.bank
    holds = [event.hold for event in walk(bank, 300)]
    assert max(holds) <= 2.6 * 187.5
    assert all(event.hold <= max(15, bank.slices[event.slice].frames) for event in walk(bank, 100))


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_a_variation_draws_that_share_of_the_events_anew_GEN_09(instrument, amount):
    plain, varied = walk(instrument.bank, 200), walk(instrument.bank, 200, 1, [Variation(5, amount)])
    if amount == 0:
        assert varied == plain
    else:
        # One event that is new leads to others that are, as they go on from it.
        assert 1 - same(plain, varied) == pytest.approx(min(1.0, 2 * amount), abs=0.35)
        assert same(varied, walk(instrument.bank, 200, 1, [Variation(6, amount)])) < 1


def test_a_variation_of_a_variation_begins_with_that_one_GEN_09(instrument):
    once = (Variation(5, 0.4),)
    varied = walk(instrument.bank, 200, 1, once)
    assert walk(instrument.bank, 200, 1, (*once, Variation(6, 0.0))) == varied
    twice = walk(instrument.bank, 200, 1, (*once, Variation(6, 0.1)))
    assert same(varied, twice) > same(varied, walk(instrument.bank, 200, 1)) and twice != varied


def test_groups_of_sounds_have_their_shares_of_the_events_GEN_01(instrument):
    bank = instrument.bank
    of = np.array([0, 0, 1, 0, 0, 0])
    shares = Shares(of, lambda seconds: np.array([3.0, 1.0]) if seconds < 60 else np.array([0.0, 1.0]))
    events = walk(bank, 300, shares=shares)
    turn = int(np.searchsorted(np.cumsum([event.hold for event in events]), 60 * 187.5)) + 1
    groups = np.array([of[bank.slices[event.slice].place] for event in events])
    assert np.mean(groups[:turn]) == pytest.approx(0.25, abs=0.12)
    assert groups[turn + 1 :].all()


@pytest.mark.slow
def test_between_begins_in_the_first_sound_and_ends_in_the_second_GEN_02(instrument):
    """Also where the take is played faster or slower than the walk."""
    bank = of_sounds(instrument.voice, [(k, sounds.make(k, 3, 4)[None]) for k in ("drums", "pluck")])
    two = instrument.with_bank(bank)
    for sliders in ((), (("density", 10.0),), (("pulse", 95.0),), (("density", 95.0), ("pulse", 10.0))):
        request = Request(15.0, seed=2, route="between", sliders=sliders, quick=True)
        places = np.array([(p.at, p.place) for p in two.plan(request).pieces])
        sixths = np.array_split(places[:, 1], 6)
        assert sixths[0].mean() < 0.3 and sixths[-1].mean() > 0.7, sliders
        assert set(places[:, 1]) == {0, 1}


def test_in_order_is_each_sound_from_slice_to_slice_for_ever_GEN_02(instrument):
    bank = instrument.bank
    firm = [k for k, s in enumerate(bank.slices) if s.onset]
    events = list(islice(in_order(bank), 2 * len(firm)))
    assert [event.slice for event in events] == firm * 2


def test_a_faster_take_is_made_of_the_same_GEN_02(instrument):
    events = walk(instrument.bank, 12)
    more = again(events, 1400, 3)
    assert more[:12] == events and len(more) == 96 and again(events, 1400, 3) == more
    for k in range(0, 96, 12):
        assert sorted(more[k : k + 12], key=repr) == sorted(events, key=repr)
    assert again(events, 1400, 3, in_order=True) == events * 8


@pytest.mark.parametrize("frames", [200, 1500, pytest.param(30_000, marks=pytest.mark.slow)])
def test_the_fastest_take_has_events_to_its_end_GEN_01_GEN_02(instrument, frames):
    more = again(walk(instrument.bank, 12), frames, 3)
    assert len(more) * LEAST >= frames


def test_one_short_sound_is_enough_to_walk_on_GEN_01(instrument):
    bank = of_sounds(instrument.voice, [("one", sounds.make("clicks", 0.15, 1)[None])])
    assert len(walk(bank, 50)) == 50
