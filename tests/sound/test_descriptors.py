"""Descriptors measure what their names say (GEN-07)."""

import math
from dataclasses import fields

import numpy as np
import pytest
from scipy.signal import fftconvolve

from jobs.sound import descriptors
from jobs.sound.descriptors import AXES, NAMES, Heard, listen, measure
from jobs.sound.onsets import AROUND, onsets
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP, RATE
from tests import sounds


def time(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def tone(hertz: float, seconds: float = 1.0, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * time(seconds))).astype(np.float32)


def white(seconds: float, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def of(axis: str, mid: np.ndarray, side: np.ndarray | None = None) -> float:
    (found,) = (one for one in AXES if one.name == axis)
    mid = mid.astype(np.float32)
    return found.measure(listen(mid, side, tonal=axis in ("roughness", "tension")))


def test_brightness_of_a_tone_is_its_frequency_GEN_03():
    for hertz in (200, 1000, 6000):
        assert 2 ** of("brightness", tone(hertz)) == pytest.approx(hertz, rel=0.1)


def test_brightness_ignores_level_and_pauses_GEN_03():
    wave = tone(1000)
    plain = of("brightness", wave)
    assert of("brightness", 0.1 * wave) == pytest.approx(plain, abs=0.02)
    assert of("brightness", np.concatenate([wave, silence(2)])) == pytest.approx(plain, abs=0.1)


def test_brightness_counts_quiet_notes_like_loud_ones_GEN_03():
    loud_bass = np.concatenate([tone(100, level=0.5), tone(3200, level=0.05)])
    middle = (of("brightness", tone(100)) + of("brightness", tone(3200))) / 2
    assert of("brightness", loud_bass) == pytest.approx(middle, abs=0.3)


def test_warmth_is_the_low_share_in_dB_GEN_03():
    assert of("warmth", tone(150) + tone(2000)) == pytest.approx(0, abs=0.5)
    assert of("warmth", tone(150) + 0.1 * tone(2000)) == pytest.approx(20, abs=0.5)
    assert of("warmth", tone(150)) > 25 and of("warmth", tone(2000)) < -25


def test_rhythm_is_the_swing_of_the_level_GEN_05():
    """A sine of 6 dB at 4 Hz swings by 6 / sqrt 2 dB."""
    moved = tone(500, 2) * 10 ** (6 * np.sin(2 * np.pi * 4 * time(2)) / 20)
    assert of("rhythm", tone(500, 2)) < 0.5
    assert of("rhythm", moved) == pytest.approx(6 / math.sqrt(2), rel=0.15)
    assert of("rhythm", 0.05 * moved) == pytest.approx(of("rhythm", moved), rel=0.02)


def test_rhythm_is_not_moved_by_slow_swells_GEN_05():
    """What takes several seconds is form, not rhythm."""
    swell = tone(500, 8) * 10 ** (10 * np.sin(2 * np.pi * 0.125 * time(8)) / 20)
    assert of("rhythm", swell) < 1.5


def test_gaps_between_sounds_are_rhythm_and_silence_around_them_is_little_of_it_GEN_05():
    """A tone gated twice a second moves between full and 40 dB below: by half of that around its mean."""
    gated = tone(500, 4) * (np.floor(time(4) * 4) % 2 == 0)
    assert of("rhythm", gated) == pytest.approx(20, rel=0.1)
    between = np.concatenate([silence(4), tone(500, 4), silence(4)])
    assert of("rhythm", between) < 0.5 * of("rhythm", gated)


def test_density_counts_onsets_per_second_GEN_02():
    wave = silence(4)
    for at in np.arange(0.2, 3.9, 0.25):
        start = round(at * RATE)
        wave[start : start + 2400] += 0.3 * white(0.05) / 0.1 * np.exp(-time(0.05) * 200).astype(np.float32)
    assert of("density", wave) == pytest.approx(4, abs=0.3)
    assert of("density", tone(300, 4)) <= 0.5


def decaying(seconds: float) -> np.ndarray:
    """Noise that fades by 60 dB in ``seconds``, again and again, as far as 40 dB down."""
    one = white(seconds * 40 / 60) * 10 ** (-3 * time(seconds * 40 / 60) / seconds)
    return np.tile(one, math.ceil(3 / (len(one) / RATE)))


def test_reverberance_is_the_time_to_fall_by_60_dB_GEN_06():
    times = (0.8, 1.5, 3.0)
    found = [2.0 ** of("reverberance", decaying(seconds)) for seconds in times]
    assert found[0] < found[1] < found[2]
    for seconds, value in zip(times, found, strict=True):
        assert value == pytest.approx(seconds, rel=0.35)


def test_a_room_raises_reverberance_GEN_06():
    dry = sounds.make("clicks", 3)
    room = white(2, 7) * 10 ** (-3 * time(2) / 2)
    wet = fftconvolve(dry, room)[: len(dry)]
    assert of("reverberance", wet) > of("reverberance", dry) + 1


def test_width_is_side_against_mid_in_dB_GEN_06():
    left, right = white(1, 1), white(1, 2)
    for gain, expected in ((1.0, 0.0), (0.1, -20.0), (2.0, 6.02)):
        mid, side = (left + right) / 2, gain * (left - right) / 2
        assert of("width", mid, side) == pytest.approx(expected, abs=0.3)
    assert of("width", left) == -40.0
    assert of("width", left, silence(1)) == -40.0


def test_roughness_and_tension_follow_the_chord_GEN_04_GEN_06():
    pure, beating = tone(600, 1), tone(600, 1) + tone(640, 1)
    assert of("roughness", beating) > of("roughness", pure) + 0.5
    triad = tone(523, 1) + tone(659, 1) + tone(784, 1)
    cluster = tone(523, 1) + tone(554, 1) + tone(587, 1) + tone(622, 1)
    assert of("tension", pure) < of("tension", triad) < of("tension", cluster)


def test_a_pause_changes_nothing_but_what_is_counted_per_second_GEN_07():
    wave = sounds.make("pluck", 2, 1)
    plain, longer = (measure(listen(np.concatenate([wave, silence(pause)]))) for pause in (0.5, 2))
    for k, axis in enumerate(AXES):
        if axis.name not in ("density", "pulse", "width"):
            assert longer[k] == pytest.approx(plain[k], abs=2 * axis.step), axis.name


@pytest.mark.parametrize("kind", ["drums", "pad", "pluck", "noise"])
def test_level_moves_no_axis_GEN_07(kind):
    wave = sounds.make(kind, 2, 2)
    plain, softer = measure(listen(wave)), measure(listen(0.1 * wave))
    for k, axis in enumerate(AXES):
        assert abs(softer[k] - plain[k]) < axis.step, axis.name
    assert softer[-1] - plain[-1] == pytest.approx(-20, abs=0.1), "but loudness tells it"


@pytest.mark.parametrize("mid", [silence(1), silence(0.02), tone(440, 0.01), tone(440, 0.1)])
def test_silence_and_crumbs_have_finite_descriptors_GEN_07(mid):
    found = measure(listen(mid, np.zeros_like(mid)))
    assert found.shape == (len(NAMES) + 1,)
    assert bool(np.isfinite(found).all())


def test_a_part_of_a_listening_is_the_listening_of_the_part_GEN_07():
    """So excerpts of a sound cost nothing more; edges hear their surroundings."""
    wave = sounds.make("mix", 4, 3)
    side = 0.3 * sounds.make("pad", 4, 4)
    start, frames = 160, 400
    cut = slice(start * HOP, (start + frames) * HOP)
    whole, part = listen(wave, side).part(start, start + frames), listen(wave[cut], side[cut])
    assert part.seconds == pytest.approx(whole.seconds, abs=1 / FRAMES_PER_SECOND)
    inside = slice(24, frames - 24)
    for field in fields(Heard):
        one, other = getattr(whole, field.name)[inside], getattr(part, field.name)[inside]
        assert np.allclose(one, other, rtol=2e-3, atol=2e-3), field.name


def test_long_sounds_heard_in_pieces_equal_the_whole_GEN_07(monkeypatch):
    wave = sounds.make("mix", 2.6, 5)
    side = 0.3 * sounds.make("vowels", 2.6, 6)
    whole = listen(wave, side)
    monkeypatch.setattr(descriptors, "PIECE", 1 << 15)
    pieces = listen(wave, side)
    for field in fields(Heard):
        one, other = getattr(whole, field.name), getattr(pieces, field.name)
        assert one.shape == other.shape == (len(wave) // HOP + 1,)
        assert np.allclose(one, other, rtol=1e-3, atol=1e-3), field.name
    assert np.allclose(measure(whole), measure(pieces), atol=1e-3)


def test_what_stands_out_is_told_from_its_own_surroundings_only_GEN_07():
    """Onsets of a part are those of the whole, away from its edges."""
    heard = listen(sounds.make("drums", 3, 1), tonal=False)
    start, end = 120, 440
    whole = onsets(heard.rise, heard.level)
    part = onsets(heard.rise[start:end], heard.level[start:end]) + start
    inside = (start + AROUND, end - AROUND)
    assert np.array_equal(*(one[(one > inside[0]) & (one < inside[1])] for one in (whole, part)))


def test_every_axis_is_documented_GEN_07():
    assert NAMES == (
        "density", "brightness", "warmth", "roughness", "tension", "rhythm", "pulse", "reverberance", "width",
    )  # fmt: skip
    for axis in AXES:
        assert axis.help and axis.low_word and axis.high_word and axis.step > 0 and axis.measure.__doc__
