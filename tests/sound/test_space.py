"""Stereo width, Haas, and any direction around the head (OUT-04, OUT-07)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from jobs.sound.binaural import delay, ears
from jobs.sound.space import (
    KINDS,
    Decorrelator,
    Space,
    channels,
    decorrelated,
    haas_delay,
    widen,
)
from tests import sounds
from tests.sound.streams import CUTS, decibels, noise, octaves, streamed

AZIMUTHS = st.floats(-180, 180, allow_nan=False)
EVERYWHERE = [-180, -150, -90, -60, -30, -10, 0, 10, 30, 45, 60, 90, 120, 150, 180]


def placed(kind: str, azimuth: float, audio: np.ndarray, cuts: list | tuple = (), **more) -> np.ndarray:
    return streamed(Space(kind, azimuth, len(audio), **more), audio, cuts)


def level(audio: np.ndarray) -> float:
    """dB, mean of the channels."""
    return float(decibels((audio.astype(float) ** 2).sum(axis=1).mean()))


@settings(max_examples=25, deadline=None)
@given(cuts=CUTS, kind=st.sampled_from([*KINDS, "auto"]), azimuth=AZIMUTHS, given_=st.sampled_from([1, 2]))
def test_blocks_of_any_length_give_the_same_bits_OUT_07(
    cuts: list, kind: str, azimuth: float, given_: int
) -> None:
    audio = noise(given_, 20_000)
    whole = placed(kind, azimuth, audio)
    assert whole.shape == (channels(kind, given_), 20_000) and whole.dtype == np.float32
    np.testing.assert_array_equal(whole, placed(kind, azimuth, audio, cuts))


@settings(max_examples=20, deadline=None)
@given(azimuth=AZIMUTHS, kind=st.sampled_from(["haas", "binaural"]))
def test_left_and_right_are_mirrored_to_the_bit_OUT_07(azimuth: float, kind: str) -> None:
    audio = noise(1, 10_000)
    np.testing.assert_array_equal(placed(kind, azimuth, audio), placed(kind, -azimuth, audio)[::-1])
    both = noise(2, 10_000)
    np.testing.assert_array_equal(placed(kind, azimuth, both), placed(kind, -azimuth, both[::-1])[::-1])


@pytest.mark.parametrize("kind", ["haas", "binaural"])
@pytest.mark.parametrize("azimuth", [0, 180, -180])
def test_the_middle_is_the_same_in_both_ears_OUT_07(kind: str, azimuth: float) -> None:
    left, right = placed(kind, azimuth, noise(1, 10_000))
    np.testing.assert_array_equal(left, right)


def test_the_front_is_the_sound_itself_OUT_07() -> None:
    audio = noise(1, 20_000)
    assert np.abs(placed("binaural", 0, audio) - audio).max() < 1e-6
    both = noise(2, 20_000)
    assert np.abs(placed("binaural", 0, both) - both).max() < 1e-6


@pytest.mark.parametrize(
    ("azimuth", "microseconds"), [(30, 261), (60, 488), (90, 656), (120, 488), (150, 261)]
)
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_far_ear_hears_it_later_OUT_07(azimuth: float, microseconds: float, rate: int) -> None:
    """Measured on audio, at low and at high frequencies, by the slope of the phase between the ears."""
    assert delay(azimuth) * 1e6 == pytest.approx(microseconds, rel=0.01)
    left, right = placed("binaural", azimuth, noise(1, rate), rate=rate)
    cross = np.fft.rfft(left) * np.conj(np.fft.rfft(right))
    frequency = np.fft.rfftfreq(len(left), 1 / rate)
    for low, high in ((200, 700), (2_000, 2_500), (8_000, 8_500)):
        band = (frequency > low) & (frequency < high)
        # How the phase turns with frequency: neighbours 50 Hz apart never turn beyond half a circle.
        step = round(50 * len(left) / rate)
        turn = np.angle((cross[band][step:] * np.conj(cross[band][:-step])).sum())
        measured = -turn / (2 * np.pi * 50)
        assert measured * 1e6 == pytest.approx(microseconds, rel=0.05)


def test_the_right_ear_is_first_and_louder_from_the_right_OUT_07() -> None:
    left, right = placed("binaural", 50, noise(1, 48_000))
    lag = np.argmax(correlate(left, right)) - (len(left) - 1)
    assert lag > 0 and (right**2).sum() > (left**2).sum()


def test_the_difference_between_the_ears_grows_to_the_side_OUT_07() -> None:
    audio = noise(1, 48_000)
    for low, high in ((500, 1_000), (4_000, 8_000)):
        found = []
        for azimuth in range(0, 91, 10):
            left, right = placed("binaural", azimuth, audio)
            found.append(
                decibels(octaves(right, 48_000, low, high, 1) / octaves(left, 48_000, low, high, 1))[0]
            )
        assert np.all(np.diff(found) > 0) and found[0] == 0
        # As from the front, so from behind.
        left, right = (octaves(ear, 48_000, low, high, 1) for ear in placed("binaural", 130, audio))
        assert decibels(right / left)[0] == pytest.approx(found[5], abs=0.1)
    assert 15 < found[-1] < 30


def test_what_comes_from_behind_is_a_little_duller_OUT_07() -> None:
    audio = noise(1, 48_000)
    front, behind = (octaves(placed("binaural", a, audio)[0], 48_000, 250, 16_000, 1) for a in (0, 180))
    loss = decibels(front / behind)
    loss -= loss[0]
    assert np.all(np.diff(loss) > 0) and 1.5 < loss[-1] < 5


@pytest.mark.parametrize("azimuth", EVERYWHERE)
@pytest.mark.parametrize("kind", ["haas", "binaural"])
def test_the_level_is_kept_OUT_07(kind: str, azimuth: float) -> None:
    """On sound with as much in each octave; ends a delay cuts off are too short to count."""
    spectrum = np.fft.rfft(noise(1, 96_000)[0])
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 40))
    pink = np.fft.irfft(spectrum).astype(np.float32)[None]
    assert level(placed(kind, azimuth, pink)) == pytest.approx(level(pink), abs=0.5)


@pytest.mark.parametrize("azimuth", [-90, -30, 5, 30, 90, 150])
def test_haas_delays_the_far_side_by_whole_samples_OUT_07(azimuth: float) -> None:
    audio = noise(1, 9_600)
    made = placed("haas", azimuth, audio)
    near, far = (0, 1) if azimuth < 0 else (1, 0)
    late = round(haas_delay(azimuth) * 48)
    assert 48 <= late <= 35 * 48
    np.testing.assert_array_equal(made[near], audio[0])
    np.testing.assert_array_equal(made[far, late:], audio[0, :-late])
    assert not made[far, :late].any()


def test_haas_takes_the_delay_it_is_given_OUT_07() -> None:
    made = placed("haas", -1, noise(1, 9_600), delay=12.5)
    np.testing.assert_array_equal(made[1, 600:], made[0, :-600])


@pytest.mark.parametrize("kind", sorted(sounds.KINDS))
def test_widening_leaves_the_mid_alone_GEN_06_OUT_07(kind: str) -> None:
    audio = sounds.make(kind, 2.0)[None]
    wide = placed("stereo", 0, audio)
    assert np.abs(wide.mean(axis=0) - audio[0]).max() < 1e-7
    side = (wide[0] - wide[1]) / 2
    assert level(side[None]) - level(audio) == pytest.approx(-6, abs=4)


def test_the_side_is_as_loud_and_unlike_the_mid_in_every_band_GEN_06() -> None:
    audio = noise(1, 192_000)
    side = decorrelated(audio)
    assert abs(level(side) - level(audio)) < 0.1
    ratio = octaves(side[0], 48_000, 160, 16_000) / octaves(audio[0], 48_000, 160, 16_000)
    assert np.abs(decibels(ratio)).max() < 3
    left, right = widen(audio, side, 0.5)
    assert abs(np.corrcoef(audio[0], side[0])[0, 1]) < 0.05
    assert abs(level(left[None]) - level(right[None])) < 0.2


def test_the_side_has_no_dc() -> None:
    side = decorrelated(np.ones(4_800, np.float32))
    assert np.abs(side[2_000:]).max() < 1e-6


def test_two_channels_become_one_and_two_stay_two_OUT_04() -> None:
    audio = noise(2, 5_000)
    np.testing.assert_array_equal(placed("stereo", 0, audio), audio)
    np.testing.assert_allclose(placed("mono", 0, audio)[0], audio.mean(axis=0), atol=1e-7)
    np.testing.assert_array_equal(placed("mono", 0, audio[:1]), audio[:1])
    np.testing.assert_array_equal(placed("auto", 77, audio), audio)


def test_decorrelated_keeps_the_shape_it_is_given() -> None:
    machine = Decorrelator()
    assert machine.process(np.zeros(7, np.float32)).shape == (7,)
    assert machine.process(np.zeros((1, 5), np.float32)).shape == (1, 5)


def test_an_unknown_space_is_refused() -> None:
    with pytest.raises(ValueError, match="mono, stereo, haas, binaural"):
        Space("dome")


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_filters_end_within_themselves(rate: int) -> None:
    """What lies at the edges would be heard as a click ahead of the sound."""
    for azimuth in EVERYWHERE:
        filters, now = ears(azimuth, rate)
        edge = np.abs(filters[:, [0, 1, -2, -1]]).max()
        assert edge < 1e-4 and 0 < now < filters.shape[1]
