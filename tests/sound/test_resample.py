"""Other sample rates without aliases or images (OUT-03)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import chirp

from jobs.sound import io
from jobs.sound.resample import Resampler
from tests.sound.streams import CUTS, noise, streamed

RATES = (44_100, 48_000, 88_200, 96_000)


def turned(audio: np.ndarray, source: int, target: int, cuts: list | tuple = ()) -> np.ndarray:
    return streamed(Resampler(source, target, len(audio)), audio, cuts)


def sweep(low: float, high: float, rate: int = 48_000) -> np.ndarray:
    """Two seconds, faded in and out, so that it holds nothing but those frequencies."""
    time = np.arange(2 * rate) / rate
    fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.2)
    return (0.9 * chirp(time, low, 2, high) * np.sin(np.pi / 2 * fade) ** 2).astype(np.float32)[None]


def part(audio: np.ndarray, rate: int, low: float, high: float) -> float:
    """dB of what lies between two frequencies, against all of it."""
    window = np.kaiser(audio.shape[1], 20)
    power = np.abs(np.fft.rfft(audio[0].astype(np.float64) * window)) ** 2
    frequency = np.fft.rfftfreq(audio.shape[1], 1 / rate)
    inside = (frequency >= low) & (frequency < high)
    return 10 * np.log10(power[inside].sum() / power.sum() + 1e-30)


def test_what_44100_can_not_hold_is_gone_instead_of_folded_back_OUT_03() -> None:
    """A sweep above the new half of the rate: all that is left would be aliases."""
    high = sweep(22_300, 23_800)
    made = turned(high, 48_000, 44_100)
    left = 10 * np.log10((made.astype(float) ** 2).sum() / (high.astype(float) ** 2).sum() + 1e-30)
    assert left < -140


def test_what_44100_can_hold_stays_OUT_03() -> None:
    low = sweep(20, 20_000)
    made = turned(low, 48_000, 44_100)
    ratio = (made.astype(float) ** 2).sum() / 44_100 / ((low.astype(float) ** 2).sum() / 48_000)
    assert abs(10 * np.log10(ratio)) < 0.01


@pytest.mark.parametrize("target", [88_200, 96_000])
def test_nothing_is_heard_above_the_old_half_of_the_rate_OUT_03(target: int) -> None:
    made = turned(sweep(20, 20_000), 48_000, target)
    assert part(made, target, 26_000, target) < -120


@pytest.mark.parametrize("target", RATES)
def test_a_tone_keeps_its_place_pitch_and_level_OUT_03(target: int) -> None:
    time = np.arange(48_000) / 48_000
    made = turned(np.sin(2 * np.pi * 997 * time).astype(np.float32)[None], 48_000, target)[0]
    expected = np.sin(2 * np.pi * 997 * np.arange(target) / target)
    middle = slice(target // 10, -target // 10)
    assert np.abs(made - expected)[middle].max() < 1e-5


@settings(max_examples=25, deadline=None)
@given(
    cuts=CUTS, count=st.integers(0, 20_000), target=st.sampled_from(RATES), source=st.sampled_from(RATES),
    channels=st.sampled_from([1, 2]),
)  # fmt: skip
def test_blocks_of_any_length_give_the_same_bits_and_the_exact_length_GEN_01(
    cuts: list, count: int, target: int, source: int, channels: int
) -> None:
    audio = noise(channels, count)
    whole = turned(audio, source, target)
    assert whole.shape == (channels, round(count * target / source))
    np.testing.assert_array_equal(whole, turned(audio, source, target, cuts))


def test_the_stream_is_what_the_whole_would_be() -> None:
    audio = noise(2, 30_000)
    np.testing.assert_array_equal(turned(audio, 48_000, 44_100, [7, 999]), io.resample(audio, 48_000, 44_100))
    np.testing.assert_array_equal(turned(audio, 48_000, 48_000, [7, 999]), audio)


def test_channels_stay_in_step() -> None:
    audio = np.repeat(noise(1, 10_000), 2, axis=0)
    left, right = turned(audio, 48_000, 88_200, [1, 5_000])
    np.testing.assert_array_equal(left, right)
