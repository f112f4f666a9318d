"""What sliders do after the nets: streams that keep length and time, each move its own way (GEN-02..06)."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt

from jobs.sound.chain import BEAT_ABOVE, HIGH_PASS, Chain, Shaping, _above, shaped
from jobs.sound.course import Course, course
from jobs.sound.descriptors import NAMES, listen, loudness, measure
from jobs.sound.spectrum import HOP, RATE
from tests import sounds
from tests.sound.streams import CUTS, decibels, noise

MOVED = (
    Shaping(swing=-0.8),
    Shaping(swing=1.5),
    Shaping(rough=1.2),
    Shaping(rough=-1.2),
    Shaping(tension=1.5),
    Shaping(room=0.8, seed=4),
    Shaping(room=-1.0),
    Shaping(side_db=12.0),
    Shaping(side_db=-12.0),
    Shaping(0.5, -0.5, -1.0, 0.5, 3.0, -2.0, 1.0, 7),
)


def course_of(audio: np.ndarray) -> Course:
    heard = listen(audio[0], tonal=False)
    return course(heard.low + heard.rest)


def through(audio: np.ndarray, shaping: Shaping, cuts: list[int] | None = None) -> np.ndarray:
    blocks = np.split(audio, sorted(cut for cut in cuts or () if cut < audio.shape[1]), axis=1)
    chain = Chain(shaping, course_of(audio), len(audio))
    return np.concatenate(list(shaped(iter(blocks), chain)), axis=1)


def value(audio: np.ndarray, axis: str) -> float:
    side = audio[1] if len(audio) == 2 else None
    return float(measure(listen(audio[0], side))[NAMES.index(axis)])


@pytest.mark.parametrize("channels", [1, 2])
def test_neutral_shaping_changes_no_bit_GEN_02(channels):
    audio = noise(channels, 30_001)
    assert np.array_equal(through(audio, Shaping()), audio)
    assert np.array_equal(through(audio, Shaping(seed=9, room_seconds=7.0)), audio)


@settings(max_examples=12, deadline=None)
@given(cuts=CUTS, shaping=st.sampled_from(MOVED), channels=st.sampled_from([1, 2]))
def test_nothing_shows_how_the_take_was_cut_GEN_09(cuts, shaping, channels):
    audio = noise(channels, 20_000, seed=1)
    # Recursive filters and overlap-add may round the last bit by where a block ends.
    assert np.abs(through(audio, shaping, cuts) - through(audio, shaping)).max() < 1e-6


@pytest.mark.parametrize("shaping", MOVED)
@pytest.mark.parametrize("samples", [1, 5_000, 30_001])
def test_as_many_samples_come_out_as_went_in_GEN_01(shaping, samples):
    made = through(noise(2, samples), shaping)
    assert made.shape == (2, samples) and made.dtype == np.float32
    assert bool(np.isfinite(made).all())


@pytest.mark.parametrize(
    ("axis", "kind", "settings_"),
    [
        ("rhythm", "drums", [Shaping(swing=v) for v in (-0.8, -0.3, 0, 0.7, 1.4)]),
        ("rhythm", "pluck", [Shaping(swing=v) for v in (-0.8, 0, 1.0)]),
        ("roughness", "vowels", [Shaping(rough=v) for v in (-1.5, -0.7, 0, 0.7, 1.5)]),
        ("roughness", "pluck", [Shaping(rough=v) for v in (-1.5, 0, 1.5)]),
        ("tension", "pad", [Shaping(tension=v) for v in (-1.5, -0.7, 0, 0.7, 1.5)]),
        ("reverberance", "clicks", [Shaping(room=v, room_seconds=4) for v in (0, 0.5, 1.0)]),
        ("reverberance", "drums", [Shaping(room=v, room_seconds=4) for v in (-1.2, 0, 0.6, 1.2)]),
        ("width", "pad", [Shaping(side_db=v) for v in (-12.0, -6.0, 0, 6.0, 12.0)]),
    ],
)
def test_each_move_takes_its_own_descriptor_its_way_GEN_03_GEN_04_GEN_05_GEN_06(axis, kind, settings_):
    audio = np.stack([sounds.make(kind, 3, 2), 0.1 * sounds.make(kind, 3, 3)])
    values = [value(through(audio, shaping), axis) for shaping in settings_]
    assert all(a < b for a, b in pairwise(values)), values


def test_the_side_of_mono_is_made_and_as_wide_as_asked_GEN_06():
    mid = sounds.make("pluck", 2, 1)
    audio = np.stack([mid, np.zeros_like(mid)])
    assert value(through(audio, Shaping(side_db=30.0)), "width") == pytest.approx(-10, abs=2)
    left = through(audio, Shaping(side_db=30.0))
    assert np.array_equal(left[0], mid), "mono listeners hear what was there"


def test_gain_is_in_dB_GEN_02():
    audio = noise(1, 20_000)
    assert np.allclose(through(audio, Shaping(gain_db=-6.0206)), audio / 2, rtol=1e-4)


def test_a_room_at_one_is_as_loud_as_the_sound_GEN_06():
    audio = noise(2, 4 * RATE)
    wet = through(audio, Shaping(room=1.0, room_seconds=1.0)) - audio
    late = slice(2 * RATE, None)
    ratio = (wet[:, late] ** 2).sum() / (audio[:1, late] ** 2).sum()
    assert abs(decibels(ratio)) < 1.5


def test_what_beats_is_parted_by_a_butterworth_high_pass_GEN_03():
    audio, past = noise(2, 5_000), np.zeros((2, 2))
    found = [_above(part, past, *HIGH_PASS) for part in (audio[:, :1_234].copy(), audio[:, 1_234:].copy())]
    sections = butter(2, BEAT_ABOVE, "high", fs=RATE, output="sos")
    assert np.abs(np.concatenate(found, axis=1) - sosfilt(sections, audio)).max() < 1e-12


def test_beating_keeps_the_power_and_leaves_the_bass_alone_GEN_04():
    audio = noise(1, RATE)
    made = through(audio, Shaping(rough=2.0))
    assert abs(loudness(listen(made[0])) - loudness(listen(audio[0]))) < 0.5
    bass = (0.3 * np.sin(2 * np.pi * 60 * np.arange(RATE) / RATE))[None].astype(np.float32)
    assert decibels(((through(bass, Shaping(rough=2.0)) - bass) ** 2).sum() / (bass**2).sum()) < -30


def test_swing_moves_the_level_around_its_mean_only_GEN_05():
    """A steady sound has no swing to raise, so nothing happens to it."""
    audio = (0.2 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE))[None].astype(np.float32)
    made = through(audio, Shaping(swing=2.0))
    inside = slice(RATE // 4, -RATE // 4)
    assert np.abs(made[:, inside] - audio[:, inside]).max() < 0.02


def test_without_swing_a_step_between_two_sounds_becomes_a_slope_GEN_05():
    """Drawn to a mean over half a second, the level would still climb within what is judged."""
    audio = noise(1, 4 * RATE)
    audio[:, : 2 * RATE] *= 0.1
    flat = through(audio, Shaping(swing=-1.0))
    before, after = (flat[:, span] for span in (slice(RATE, 7 * RATE // 4), slice(9 * RATE // 4, 3 * RATE)))
    assert abs(decibels((after**2).mean() / (before**2).mean())) < 10, "of 20"
    assert value(flat, "rhythm") < 0.4 * value(audio, "rhythm")


def test_drying_leaves_attacks_and_steepens_what_decays_GEN_06():
    t = np.arange(RATE) / RATE
    one = 0.3 * np.random.default_rng(2).standard_normal(RATE) * 10 ** (-3 * t / 2)
    audio = np.tile(one, 3)[None].astype(np.float32)
    made = through(audio, Shaping(room=-1.0))
    gains = [
        float(np.sqrt((made[0, RATE + a : RATE + b] ** 2).sum() / (audio[0, RATE + a : RATE + b] ** 2).sum()))
        for a, b in ((2 * HOP, 10 * HOP), (RATE // 3, RATE // 2), (2 * RATE // 3, RATE - 2048))
    ]
    assert gains[0] > 0.7 and gains[0] > 2 * gains[1] > 2 * gains[2]
