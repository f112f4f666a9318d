"""Previews are led by what was heard before: as told, and nothing is heard twice (GEN-02..06)."""

import numpy as np
import pytest

from jobs.nets.rehearsal import Rehearsal
from jobs.nets.request import Request
from jobs.sound.descriptors import NAMES, listen, measure


@pytest.fixture
def renders(monkeypatch):
    """How often a take was listened to."""
    count = []
    real = Rehearsal.measured

    def counted(self, point):
        count.append(point)
        return real(self, point)

    monkeypatch.setattr(Rehearsal, "measured", counted)
    return count


def test_a_prepared_slider_is_not_listened_to_again_GEN_02(instrument, renders):
    fresh = instrument.with_scales(instrument.scales)
    base = Request(1.2, seed=3, quick=True)
    steps = 0
    while fresh.prepare(base):
        steps += 1
        assert steps < 200
    assert not fresh.prepare(base)
    renders.clear()
    for axis in ("brightness", "warmth", "roughness", "tension", "reverberance", "density", "pulse"):
        for position in (20.0, 60.0):
            fresh.plan(Request(1.2, seed=3, quick=True, sliders=((axis, position),)))
    assert not renders


def test_a_preview_lands_where_its_plan_says_GEN_03(instrument):
    """To first order: moves are taken to add up."""
    request = Request(1.5, seed=2, quick=True, sliders=(("brightness", 70.0),))
    audio, plan = instrument.take(request)
    found = measure(listen(audio[0]))[NAMES.index("brightness")]
    scale = instrument.scales["brightness"]
    assert abs(found - scale.at(plan.reached["brightness"])) < 0.35 * scale.spread


def test_preparing_changes_no_take_GEN_09(instrument):
    request = Request(0.6, seed=5, quick=True, sliders=(("warmth", 30.0),))
    before = instrument.with_scales(instrument.scales).take(request)[0]
    fresh = instrument.with_scales(instrument.scales)
    while fresh.prepare(request):
        pass
    assert np.array_equal(before, fresh.take(request)[0])
