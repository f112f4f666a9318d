"""Pictures have the size that was asked for and show what is there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.pictures import heat_picture, wave_picture
from tests import sounds


def wave(audio: np.ndarray, columns: int) -> np.ndarray:
    return np.frombuffer(wave_picture(audio, columns), np.int8).reshape(columns, 2)


def heat(audio: np.ndarray, width: int = 40, height: int = 24, rate: int = 48_000) -> np.ndarray:
    return np.frombuffer(heat_picture(audio, rate, width, height), np.uint8).reshape(height, width)


def tone(hz: float, rate: int = 48_000, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate).astype(np.float32)[None]


def test_wave_of_a_ramp_OUT_01() -> None:
    picture = wave(np.linspace(0, 1, 10_000, dtype=np.float32)[None], 100)
    assert picture[0, 0] == 0 and picture[-1, 1] == 127
    assert (np.diff(picture[:, 1].astype(int)) >= 0).all()


def test_quiet_sound_does_not_look_silent() -> None:
    picture = wave(1e-4 * tone(440), 50)
    assert (picture[:, 0] == -1).all() and (picture[:, 1] == 1).all()
    assert not wave(np.zeros((2, 5_000), np.float32), 50).any()


def test_wave_shows_the_loudest_channel_and_clips_at_full_scale() -> None:
    picture = wave(np.concatenate([0.1 * tone(100), 3 * tone(100)]), 20)
    assert picture.min() == -127 and picture.max() == 127


def test_heat_of_a_tone_is_a_line_that_rises_with_it_OUT_01() -> None:
    rows = [int(heat(tone(hz)).mean(axis=1).argmax()) for hz in (60, 110, 440, 1_760, 7_040, 20_000)]
    assert rows == sorted(rows, reverse=True) and len(set(rows)) == len(rows)
    assert heat(tone(440)).max() == 255


def test_heat_of_octaves_is_evenly_spaced() -> None:
    rows = [int(heat(tone(hz), height=96).mean(axis=1).argmax()) for hz in (250, 500, 1_000, 2_000, 4_000)]
    steps = -np.diff(rows)
    assert steps.max() - steps.min() <= 2


def test_heat_shows_when() -> None:
    audio = np.zeros((1, 48_000), np.float32)
    audio[:, 24_000:24_480] = tone(1_000)[:, :480]
    loud = heat(audio, width=50).max(axis=0)
    assert abs(int(loud.argmax()) - 25) <= 1
    assert loud[:20].max() == 0 and loud[30:].max() == 0


def test_every_hit_shows_in_a_long_sound() -> None:
    audio = np.zeros((1, 48_000 * 20), np.float32)
    audio[0, 48_000 * 10 : 48_000 * 10 + 4_800] = sounds.make("noise", 0.1)
    assert heat(audio, width=100)[:, 49:52].max() > 200


def test_silence_is_black() -> None:
    assert not heat(np.zeros((1, 48_000), np.float32)).any()
    assert not heat(np.zeros((1, 0), np.float32)).any()


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(0, 6_000),
    channels=st.integers(1, 3),
    width=st.integers(1, 120),
    height=st.integers(1, 120),
    rate=st.sampled_from([4_000, 8_000, 44_100, 48_000, 96_000, 384_000]),
)
def test_any_size_gives_exactly_that_many_bytes(
    samples: int, channels: int, width: int, height: int, rate: int
) -> None:
    audio = np.random.default_rng(samples).normal(0, 0.3, (channels, samples)).astype(np.float32)
    assert len(wave_picture(audio, width)) == 2 * width
    assert len(heat_picture(audio, rate, width, height)) == width * height


@pytest.mark.parametrize("kind", sounds.KINDS)
def test_pictures_of_every_kind(kind: str) -> None:
    audio = sounds.make(kind, 0.5)[None]
    assert wave(audio, 256).any() and heat(audio).max() == 255
