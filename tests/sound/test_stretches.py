"""Sounds in stretches: the same samples as in memory, little held back, however long a gap is."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.conceal import CROSS_FADE, GONE, METHODS, conceal, concealer
from jobs.sound.interpolate import AROUND, ORDER, SWEEPS, Interpolator, _filled, interpolate
from jobs.sound.stereo import Coupled
from jobs.sound.stretches import LONGEST, repaired, stretches
from tests import sounds

RATE = 8_000
"""Low, so that orders are and tests are quick."""
Gaps = list[tuple[int, int]]


def gaps_of(lost: list[bool], packet: int, length: int) -> Gaps:
    edges = np.flatnonzero(np.diff(lost, prepend=False, append=False)) * packet
    return [(int(start), int(min(end, length))) for start, end in zip(edges[::2], edges[1::2], strict=True)]


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 100_000), st.integers(0, 1_000_000))
def test_every_sample_is_in_one_stretch_and_none_is_too_long_GAP_03(lost, packet, length):
    lost = lost[: length // packet]
    gaps = gaps_of(lost, packet, length)
    found = list(stretches(gaps, length))
    assert [one.start for one in found] == [0, *(one.end for one in found)][: len(found)]
    assert (found[-1].end if found else 0) == length
    assert all(0 < one.end - one.start <= LONGEST for one in found)
    for one in found:
        assert one.received != any(start <= one.start < end for start, end in gaps)
        # What follows a gap is long enough for its cross-fade, if the sound is.
        ends = [end for _, end in gaps]
        following = min([start for start, _ in gaps if start >= one.start], default=length)
        if one.received and one.start in ends:
            assert one.end - one.start >= min(round(CROSS_FADE * 384_000), following - one.start)


@pytest.mark.parametrize("method", METHODS)
def test_no_way_hangs_on_how_the_sound_comes_GAP_03(method):
    """A gap of many stretches, and received ones of more than one."""
    wave = sounds.make("bell", 4.0).astype(np.float64)
    gaps = [(20_000, 20_480), (30_000, 30_000 + 2 * LONGEST), (175_000, 175_480)]
    whole = conceal(wave, 48_000, gaps, 480, method)
    one, ready = concealer(48_000, 480, method), []
    for start, end, received in stretches(gaps, len(wave)):
        ready.append(one.process(wave[start:end] if received else None, end - start))
        assert len(ready[-1]) == end - start
    assert np.array_equal(np.concatenate(ready), whole)
    assert np.isfinite(whole).all() and np.abs(whole).max() <= 1.5 * np.abs(wave).max()


def in_sweeps(wave: np.ndarray, gaps: Gaps) -> np.ndarray:
    """Janssen's way as it is told: all gaps are guessed, then all are filled, again and again."""
    inside = np.zeros(len(wave), bool)
    for start, end in gaps:
        inside[start:end] = True
    out = np.where(inside, conceal(wave, RATE, gaps, 1), wave)
    around = round(AROUND * RATE)
    for start, end in gaps * SWEEPS:
        left, right = max(0, start - around), min(len(wave), end + around)
        order = min(round(ORDER * RATE / 48_000), (right - left - (end - start)) // 3)
        if order > 0:
            out[start:end] = _filled(out[left:right], start - left, end - left, order)
    return out


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    lost=st.lists(st.sampled_from([False, False, False, True]), min_size=1, max_size=60),
    packet=st.sampled_from([40, 80, 400]),
    seed=st.integers(0, 3),
)
def test_both_sides_stream_to_what_whole_sweeps_make_GAP_04(lost, packet, seed):
    wave = sounds.make("pluck", 1.0, seed).astype(np.float64)[: packet * len(lost)]
    gaps = gaps_of(lost, packet, len(wave))
    gaps = [(start, min(end, start + 2 * round(GONE * RATE))) for start, end in gaps]
    assert np.array_equal(interpolate(wave, RATE, gaps), in_sweeps(wave, gaps))


def test_both_sides_hold_little_back_even_in_a_long_gap_GAP_04():
    wave = np.tile(sounds.make("pad", 1.0).astype(np.float64), 6)[: 30 * RATE]
    gaps = [(1_000 + at, 1_080 + at) for at in range(0, 40_000, 800)] + [(60_000, 200_000)]
    one, made = Interpolator(RATE), []
    for start, end, received in stretches(gaps, len(wave)):
        made.append(one.process(wave[start:end] if received else None, end - start))
        assert end - sum(map(len, made)) <= round((2 * GONE + 3 * AROUND) * RATE)
    out = np.concatenate([*made, one.rest()])
    assert len(out) == len(wave) and np.isfinite(out).all()


def test_both_ends_of_a_long_gap_go_on_with_the_sound_beside_them_GAP_04():
    time = np.arange(6 * RATE) / RATE
    wave = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.2 * np.sin(2 * np.pi * 517 * time)
    gap = (2 * RATE, 4 * RATE)
    out = interpolate(wave, RATE, [gap])
    edge = round(0.01 * RATE)
    for part in (slice(gap[0], gap[0] + edge), slice(gap[1] - edge, gap[1])):
        assert ((out - wave)[part] ** 2).sum() < 0.05 * (wave[part] ** 2).sum()
    middle = out[gap[0] + round(GONE * RATE) : gap[1] - round(GONE * RATE)]
    assert 0 < np.sqrt((middle**2).mean()) < 0.05


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_views_at_once_are_the_same_as_one_after_the_other_GAP_10(channels):
    waves = np.stack([sounds.make("bell", 1.0, seed) for seed in range(channels)]).astype(np.float64)
    gaps = [(14_400, 14_880), (24_000, 24_960)]

    def by(each):
        return repaired(Coupled(channels, lambda: concealer(48_000, 480, "ar-128"), each), waves, gaps)

    with ThreadPoolExecutor(4) as pool:
        assert np.array_equal(by(pool.map), by(map))
