"""Magnitude and instantaneous frequency of linear bins lose nothing (RECON-01, RECON-02)."""

import math

import numpy as np
import pytest
import torch

from jobs.sound import spectrum
from tests import sounds
from tests.measures import sdr_db

KINDS = ["pluck", "bell", "drums", "vowels", "noise", "pad", "sweep", "vibrato", "clicks", "mix"]


def wave_of(kind: str, seconds: float = 2.0) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(sounds.make(kind, seconds))).float().reshape(-1)


@pytest.mark.parametrize("kind", KINDS)
def test_linear_bins_come_back_above_100_db_RECON_01(kind):
    wave = wave_of(kind)
    found = spectrum.stft(wave)
    first, deviation = spectrum.instantaneous_frequency(found)
    phase = spectrum.phase_by_sum(first, deviation)
    again = spectrum.istft(spectrum.polar(found.abs(), phase), len(wave))
    assert sdr_db(again, wave) > 100


def test_a_tone_has_its_own_frequency_REP_01():
    wave = torch.sin(2 * math.pi * 1003.7 * torch.arange(48_000) / 48_000)
    found = spectrum.stft(wave)
    _, deviation = spectrum.instantaneous_frequency(found)
    loudest = int(found.abs().sum(dim=1).argmax())
    turns = deviation[loudest, 20:-20].mean() / (2 * math.pi * spectrum.HOP)
    hertz = loudest * spectrum.RATE / spectrum.FFT + float(turns) * spectrum.RATE
    assert hertz == pytest.approx(1003.7, abs=0.05)


def test_any_length_is_exact_to_the_sample_GEN_01():
    for samples in (1, 255, 256, 257, 4800, 4801):
        wave = torch.randn(samples)
        again = spectrum.istft(spectrum.stft(wave), samples)
        assert again.shape == wave.shape
        assert torch.allclose(again, wave, atol=1e-5)
