"""What changes between partials: tension and smoothness, without a trace of blocks (GEN-04, GEN-06)."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.fine import SIZE, Fine
from jobs.sound.partials import partials
from jobs.sound.spectrum import RATE
from tests.sound.streams import CUTS, decibels, noise, octaves


def through(audio: np.ndarray, tension: float, smooth: float, cuts: list[int] | None = None) -> np.ndarray:
    fine = Fine(tension, smooth, len(audio))
    blocks = np.split(audio, sorted(cut for cut in cuts or () if cut < audio.shape[1]), axis=1)
    return np.concatenate([*(fine.process(block) for block in blocks), fine.rest()], axis=1)


def chord(*numbers: float, seconds: float = 1.0, harmonics: int = 4) -> np.ndarray:
    """``(1, samples)`` of notes by MIDI number."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros_like(t)
    for n, note in enumerate(numbers):
        for h in range(1, harmonics + 1):
            wave += np.sin(2 * np.pi * h * 440 * 2 ** ((note - 69) / 12) * t + n) / h
    return (0.1 * wave)[None].astype(np.float32)


def measured(audio: np.ndarray) -> tuple[float, float]:
    rough, _, tense = partials(audio[0])
    return float(np.median(rough)), float(np.median(tense))


def test_both_at_zero_give_the_sound_back_GEN_02():
    audio = noise(2, 30_000)
    assert np.abs(through(audio, 0, 0) - audio).max() < 1e-6


@settings(max_examples=10, deadline=None)
@given(cuts=CUTS, tension=st.sampled_from([-1.0, 0.0, 1.5]), smooth=st.sampled_from([0.0, 1.0]))
def test_nothing_shows_how_the_take_was_cut_GEN_09(cuts, tension, smooth):
    audio = noise(2, 20_000, seed=3)
    # A product of matrices may round the last bit by how many rows it has.
    assert np.abs(through(audio, tension, smooth, cuts) - through(audio, tension, smooth)).max() < 1e-6


@pytest.mark.parametrize("samples", [1, 255, SIZE - 1, SIZE, 50_001])
def test_as_many_samples_come_out_as_went_in_GEN_01(samples):
    assert through(noise(1, samples), 1, 1).shape == (1, samples)


@pytest.mark.parametrize("numbers", [(60, 64, 67, 70), (57, 60, 64, 66, 71)])
def test_tension_goes_up_and_down_with_its_move_GEN_04(numbers):
    audio = chord(*numbers)
    values = [measured(through(audio, amount, 0))[1] for amount in (-1.5, -0.7, 0, 0.7, 1.5)]
    assert all(a < b for a, b in pairwise(values))


@pytest.mark.parametrize("amount", [-2.0, 2.0])
def test_tension_keeps_the_power_of_each_octave_GEN_04(amount):
    """Harmony is to change, not brightness; what has no pitch stays as it is."""
    audio = noise(1, 2 * RATE, seed=5)
    made = through(audio, amount, 0)
    before, after = (octaves(one[0], RATE, 110, 3520, parts=1) for one in (audio, made))
    assert np.abs(decibels(after / before)).max() < 1.5
    before, after = (octaves(one[0], RATE, 4100, 16_400, parts=1) for one in (audio, made))
    assert np.abs(decibels(after / before)).max() < 0.1


def test_smoothing_lowers_roughness_and_keeps_the_strongest_partial_GEN_06():
    t = np.arange(RATE) / RATE
    wave = 0.3 * np.sin(2 * np.pi * 600 * t) + 0.12 * np.sin(2 * np.pi * 640 * t)
    audio = wave[None].astype(np.float32)
    values = [measured(through(audio, 0, amount))[0] for amount in (0, 0.7, 1.5)]
    assert values[0] > values[1] > values[2]
    smooth = np.abs(np.fft.rfft(through(audio, 0, 1.5)[0]))
    assert decibels((smooth[600] / np.abs(np.fft.rfft(wave))[600]) ** 2) == pytest.approx(0, abs=2.5)


def test_the_side_is_changed_as_the_mid_is_GEN_06():
    """One filter for both, or a change of harmony would move the image."""
    mid = chord(60, 64, 66, 70)
    both = np.concatenate([mid, 0.5 * mid])
    made = through(both, 1.5, 1)
    assert np.allclose(made[1], 0.5 * made[0], atol=1e-6)


def test_silence_stays_silence_GEN_04():
    assert not np.any(through(np.zeros((2, 20_000), np.float32), 2, 2))
