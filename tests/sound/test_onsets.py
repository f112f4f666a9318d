"""Onsets are where something starts, and a pulse is how regularly (GEN-02, GEN-05)."""

import numpy as np
import pytest
import torch

from jobs.sound.bands import features
from jobs.sound.descriptors import Heard, listen
from jobs.sound.onsets import flux, onsets, pulse
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP, RATE
from tests import sounds


def heard(wave: np.ndarray) -> Heard:
    return listen(wave.astype(np.float32), tonal=False)


def starts(wave: np.ndarray) -> np.ndarray:
    """Seconds at which something starts."""
    found = heard(wave)
    return onsets(found.rise, found.level) / FRAMES_PER_SECOND


def clicks_at(times: np.ndarray, seconds: float, seed: int = 0) -> np.ndarray:
    """Bursts of noise that fade within 10 ms."""
    out = np.zeros(round(seconds * RATE))
    random = np.random.default_rng(seed)
    for time in times:
        at = round(time * RATE)
        length = min(len(out) - at, RATE // 20)
        t = np.arange(length) / RATE
        out[at : at + length] += 0.5 * random.standard_normal(length) * np.exp(-t * 200)
    return out


def tone(seconds: float, hertz: float = 440.0) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("rate", range(1, 13))
def test_each_click_of_a_train_is_one_onset_GEN_02(rate):
    times = 0.1 + np.arange(0, 2.8, 1 / rate)
    found = starts(clicks_at(times, 3.1))
    assert len(found) == len(times)
    assert np.abs(found - times).max() < 0.02


def test_notes_over_a_drone_are_counted_at_any_level_GEN_02():
    times = np.array([0.3, 0.8, 1.1, 1.7])
    wave = 0.02 * tone(2.2, 110) + clicks_at(times, 2.2)
    for gain in (1.0, 0.05):
        assert len(starts(gain * wave)) == len(times)


def test_beating_is_no_row_of_onsets_GEN_02():
    """Amplitude that moves 60 times a second is heard as roughness of one sound."""
    t = np.arange(2 * RATE) / RATE
    wave = tone(2, 1000) * (1 + np.sin(2 * np.pi * 60 * t)) / 2 * np.minimum(1, (2 - t) / 0.3)
    found = starts(np.concatenate([np.zeros(RATE // 4), wave]))
    assert len(found) == 1 and abs(found[0] - 0.25) < 0.03


def test_nothing_starts_in_silence_nor_in_steady_noise_GEN_02():
    assert len(starts(np.zeros(RATE))) == 0
    steady = 0.1 * np.random.default_rng(0).standard_normal(4 * RATE)
    assert len(starts(steady)) <= 1
    assert len(onsets(np.zeros(0), np.zeros(0))) == 0


def test_a_rise_is_told_where_it_is_steepest_GEN_02():
    wave = clicks_at(np.array([0.5]), 1.0)
    level = features(torch.from_numpy(wave.astype(np.float32)))[0].numpy()
    assert abs(int(flux(level).argmax()) * HOP / RATE - 0.5) < 0.015


def test_a_pulse_is_high_for_even_steps_and_low_for_random_ones_GEN_05():
    even = pulse(heard(clicks_at(np.arange(0.1, 7.8, 0.5), 8.0)).rise)
    loose = []
    for seed in range(4):
        random = np.random.default_rng(seed)
        loose.append(pulse(heard(clicks_at(np.sort(random.uniform(0.1, 7.8, 16)), 8.0, seed)).rise))
    assert even > 0.75
    assert max(loose) < even - 0.25


def test_a_pulse_falls_as_its_beats_are_shifted_GEN_05():
    values = []
    for shift in (0.0, 0.03, 0.12):
        random = np.random.default_rng(1)
        times = np.arange(0.2, 7.8, 0.4)
        times = times + random.uniform(-shift, shift, len(times))
        values.append(pulse(heard(clicks_at(times, 8.0)).rise))
    assert values[0] > values[1] > values[2]


def test_what_is_too_short_or_silent_has_no_pulse_GEN_05():
    assert pulse(np.zeros(1000, np.float32)) == 0.0
    assert pulse(heard(sounds.make("drums", 0.3)).rise) == 0.0
