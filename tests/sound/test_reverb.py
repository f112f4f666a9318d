"""A room for the reverberance slider (GEN-02): it fades as long as asked, on both sides, and never combs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, fftconvolve, sosfilt

from jobs.sound.reverb import RATE, Reverb, impulse
from tests.sound.streams import CUTS, decibels, noise, octaves, streamed


@settings(max_examples=12, deadline=None)
@given(cuts=CUTS, channels=st.sampled_from([1, 2]), seconds=st.sampled_from([0.05, 0.3, 1.0]))
def test_blocks_of_any_length_give_the_same_bits_GEN_09(cuts: list, channels: int, seconds: float) -> None:
    audio = noise(channels, 20_000)
    whole = streamed(Reverb(seconds, 3), audio)
    assert whole.shape == (2, 20_000 + impulse(seconds, 3).shape[1])
    np.testing.assert_array_equal(whole, streamed(Reverb(seconds, 3), audio, cuts))


@pytest.mark.parametrize("seconds", [0.05, 0.9, 4.0])
def test_it_is_the_convolution_with_its_impulse(seconds: float) -> None:
    audio, room = noise(2, 30_000), impulse(seconds, 1).astype(float)
    mid, side = (audio[0] + audio[1]) / 2, (audio[0] - audio[1]) / 2
    expected = np.stack([
        fftconvolve(mid, room[0]) + fftconvolve(side, room[1]),
        fftconvolve(mid, room[1]) - fftconvolve(side, room[0]),
    ])  # fmt: skip
    made = streamed(Reverb(seconds, 1), audio)[:, : expected.shape[1]]
    assert np.abs(made - expected).max() < 1e-5 * np.abs(expected).max()


def test_a_stereo_block_after_mono_ones_meets_an_even_past() -> None:
    audio = noise(2, 9_000)
    audio[1, :5_000] = audio[0, :5_000]
    whole = streamed(Reverb(0.3), audio)
    room = Reverb(0.3)
    parts = [room.process(audio[:1, :5_000]), room.process(audio[:, 5_000:]), room.tail()]
    np.testing.assert_allclose(np.concatenate(parts, 1), whole, atol=1e-7)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.1, 1.0, 3.0])
def test_noise_comes_out_as_loud_as_it_went_in(channels: int, seconds: float) -> None:
    audio = noise(channels, 3 * RATE)
    made = streamed(Reverb(seconds), audio)
    ratio = (made**2).sum(axis=1) / (audio**2).mean(axis=0).sum()
    assert np.abs(decibels(ratio)).max() < 0.3


def test_what_is_panned_hard_is_heard_on_both_sides() -> None:
    audio = noise(2, RATE)
    audio[1] = 0
    made = streamed(Reverb(1.0), audio)
    left, right = (made**2).sum(axis=1)
    assert abs(decibels(left / right)) < 1
    assert abs(decibels((left + right) / (audio**2).sum())) < 0.3


@pytest.mark.parametrize("seconds", [0.3, 1.0, 4.0])
def test_it_fades_by_60_db_in_the_time_asked(seconds: float) -> None:
    """Schroeder's backward integral between -5 and -25 dB, in the octaves around 500 Hz and 1 kHz."""
    band = butter(4, [355, 1_420], "bandpass", fs=RATE, output="sos")
    for side in sosfilt(band, impulse(seconds, 0).astype(float)):
        left = decibels(np.cumsum(side[::-1] ** 2)[::-1] / (side**2).sum())
        first, last = np.argmax(left < -5), np.argmax(left < -25)
        slope = np.polyfit(np.arange(first, last) / RATE, left[first:last], 1)[0]
        assert -60 / slope == pytest.approx(seconds, rel=0.15)


def test_more_room_is_no_other_brightness() -> None:
    room = impulse(2.0, 0)
    levels = decibels(octaves(room[0], RATE, 100, 12_800, 1))
    per_hertz = levels - 3.01 * np.arange(len(levels))
    assert np.ptp(per_hertz) < 3


def test_the_sides_are_apart_and_their_sum_does_not_comb_GEN_06() -> None:
    """A comb would show as a second peak in the autocorrelation of the sum, and as holes in its spectrum."""
    for seconds in (0.3, 2.0):
        room = impulse(seconds, 0).astype(float)
        assert abs(room[0] @ room[1]) < 0.05
        both = room.sum(axis=0)
        again = fftconvolve(both, both[::-1])[len(both) :]
        assert np.abs(again).max() < 0.2 * (both @ both)
        ratio = octaves(both, RATE, 200, 12_800) / sum(octaves(side, RATE, 200, 12_800) for side in room)
        assert np.abs(decibels(ratio)).max() < 3
        assert (both @ both) == pytest.approx(2, rel=0.1)


def test_a_seed_is_a_room_GEN_09() -> None:
    impulse.cache_clear()
    first = impulse(0.5, 7).copy()
    impulse.cache_clear()
    np.testing.assert_array_equal(impulse(0.5, 7), first)
    assert abs((impulse(0.5, 8) * first).sum()) < 0.1


def test_lengths_beyond_reason_are_held() -> None:
    assert impulse(0.0).shape[1] < 5_000
    assert impulse(1e9).shape[1] < 21 * RATE
