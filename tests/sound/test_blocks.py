"""The loops over the samples of a block do what numpy would (GAP-08)."""

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jobs.sound import blocks, pcm
from jobs.sound.conceal import faded
from jobs.sound.kernels import chosen

LIMIT = 1.5
WHOLES = arrays(np.int32, st.integers(1, 40), elements=st.integers(-(2**31), 2**31 - 1))
FLOATS = st.floats(-1.4, 1.4, allow_subnormal=False)
WAVES = arrays(np.float64, st.integers(1, 40), elements=FLOATS)
quick = settings(deadline=None, max_examples=60)


def test_full_scale_is_that_of_files_GAP_08() -> None:
    assert blocks.FULL == pcm.FULL


@quick
@given(WHOLES, st.integers(0, 5))
def test_what_is_taken_is_in_its_place_as_it_is_and_nothing_else_changes_GAP_08(
    block: np.ndarray, place: int
) -> None:
    end = place + len(block)
    out, found = np.zeros_like(block), np.zeros(3)
    wave, received = np.full(60, 7.0), np.zeros(60, bool)
    chosen().take(block, out, wave, received, place, found)
    np.testing.assert_array_equal(out, block)
    np.testing.assert_array_equal(wave[place:end], block / pcm.FULL)
    assert received[place:end].all() and received.sum() == len(block)
    assert (wave[:place] == 7).all() and (wave[end:] == 7).all()
    assert found.tolist() == [block.min(), block.max(), block[-1] / pcm.FULL]


@quick
@given(WAVES, st.lists(st.integers(1, 30), min_size=1, max_size=4), FLOATS, st.integers(0, 2**32 - 1))
def test_a_cross_fade_in_pieces_is_that_in_one_and_tells_its_largest_step_GAP_08(
    going_on: np.ndarray, lengths: list[int], last: float, seed: int
) -> None:
    whole = np.random.default_rng(seed).uniform(-1, 1, sum(lengths))
    out, found, place = np.zeros(len(whole)), np.zeros(1), 0
    for length in lengths:
        if place >= len(going_on):
            break
        before = out[place - 1] if place else last
        chosen().cross(
            going_on, place, whole[place : place + length], before, out[place : place + length], found
        )
        behind = out[place : place + length][: len(going_on) - place + 1]
        assert found[0] == np.abs(np.diff(behind, prepend=before)).max()
        place += length
    np.testing.assert_allclose(out[:place], faded(going_on, whole)[:place], atol=1e-15)


@quick
@given(WAVES, st.integers(0, 2**32 - 1))
def test_only_what_was_received_is_loud_or_steep_GAP_08(wave: np.ndarray, seed: int) -> None:
    received, found = np.random.default_rng(seed).random(len(wave)) < 0.6, np.zeros(2)
    chosen().loudest(wave, received, found)
    both = received[1:] & received[:-1]
    assert found[0] == np.abs(wave[received]).max(initial=-1)
    assert found[1] == np.abs(np.diff(wave))[both].max(initial=0)


@quick
@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(allow_subnormal=False)))
def test_floats_are_rounded_as_in_files_and_what_is_none_is_counted_GAP_08(wave: np.ndarray) -> None:
    block, found = np.zeros(len(wave), np.int32), np.zeros(2)
    chosen().rounded(wave, block, found)
    known = np.where(np.isnan(wave), 0.0, np.clip(wave, -1, 1))
    np.testing.assert_array_equal(block, pcm.to_pcm(known))
    assert found.tolist() == [np.count_nonzero(np.abs(wave) > 1), np.count_nonzero(np.isnan(wave))]


def joined(
    made: np.ndarray, last: float, beside: float, steepest: float, most: float, fading: int
) -> np.ndarray:
    """What `join` is to write behind its first sample."""
    step = made[0] + beside - last
    if abs(step) > steepest:
        beside -= np.sign(step) * (abs(step) - most)
    falling = np.clip(1 - np.arange(len(made)) / fading, 0, 1)
    return np.clip(made + beside * falling, -LIMIT, LIMIT) if beside else made


@quick
@given(WAVES, FLOATS, st.sampled_from([0.0, 0.3, -0.2]), st.floats(0.001, 1), st.integers(1, 60))
def test_a_join_fades_from_where_the_sound_was_GAP_08(
    made: np.ndarray, last: float, beside: float, steepest: float, fading: int
) -> None:
    most = 0.75 * steepest
    out, found = np.append(last, np.zeros(len(made))), np.zeros(2)
    chosen().join(made, out, beside, LIMIT, steepest, most, 9.0, fading, found)
    assert out[0] == last
    np.testing.assert_allclose(out[1:], joined(made, last, beside, steepest, most, fading), atol=1e-12)
    assert found.tolist() == [out[-1] - made[-1], 0]


@quick
@given(WAVES, FLOATS, st.floats(0.001, 1))
def test_a_join_with_a_harsh_step_is_held_all_along_GAP_08(
    made: np.ndarray, last: float, steepest: float
) -> None:
    free, held, found = np.append(last, made), np.append(last, made), np.zeros(2)
    harsh = 1.5 * steepest
    chosen().join(made, free, 0.0, LIMIT, steepest, steepest, 9.0, 20, found)
    chosen().join(made, held, 0.0, LIMIT, steepest, steepest, harsh, 20, found)
    if np.abs(np.diff(free)).max() > harsh:
        chosen().hold(free, steepest)
    np.testing.assert_array_equal(held, free)
    assert found.tolist() == [held[-1] - made[-1], 0]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1.01 * LIMIT])
def test_what_is_too_loud_or_no_number_is_counted_and_not_joined_GAP_08(wrong: float) -> None:
    made, out, found = np.array([0.1, wrong, 0.2, wrong]), np.full(5, 7.0), np.zeros(2)
    chosen().join(made, out, 0.0, LIMIT, 1.0, 1.0, 9.0, 10, found)
    assert found[1] == 2 and (out == 7).all()


@quick
@given(WAVES, st.floats(0.001, 1))
def test_what_is_held_is_as_near_as_such_steps_lead_GAP_08(wave: np.ndarray, most: float) -> None:
    steps = accumulate(wave.tolist(), lambda at, to: min(max(to, at - most), at + most))
    held = wave.copy()
    chosen().hold(held, most)
    np.testing.assert_array_equal(held, list(steps))
