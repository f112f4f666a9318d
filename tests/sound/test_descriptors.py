"""Descriptors measure what their names say (GEN-07)."""

import math

import pytest
import torch

from jobs.sound import descriptors
from jobs.sound.bands import features


def level_of(wave: torch.Tensor) -> torch.Tensor:
    return features(wave)[0]


def tone(hertz: float, seconds: float = 1.0) -> torch.Tensor:
    return 0.3 * torch.sin(2 * math.pi * hertz * torch.arange(int(seconds * 48_000)) / 48_000)


def test_brightness_of_a_tone_is_its_frequency_GEN_07():
    for hertz in (200, 1000, 6000):
        octaves = float(descriptors.brightness(level_of(tone(hertz))))
        assert 2**octaves == pytest.approx(hertz, rel=0.1)


def test_brightness_ignores_level_and_silence_GEN_07():
    wave = tone(1000)
    padded = torch.cat([wave, torch.zeros(48_000)])
    plain = descriptors.brightness(level_of(wave))
    assert float(descriptors.brightness(level_of(wave * 0.1)) - plain) == pytest.approx(0, abs=0.02)
    assert float(descriptors.brightness(level_of(padded)) - plain) == pytest.approx(0, abs=0.05)


def test_warmth_is_the_low_share_GEN_07():
    even = tone(150) + tone(2000)
    assert float(descriptors.warmth(level_of(even))) == pytest.approx(0, abs=1)
    assert float(descriptors.warmth(level_of(tone(150)))) > 20
    assert float(descriptors.warmth(level_of(tone(2000)))) < -20


def test_dynamics_is_the_swing_of_the_level_GEN_07():
    t = torch.arange(96_000) / 48_000
    swing = 10 ** (6 * torch.sin(2 * math.pi * 4 * t) / 20)
    assert float(descriptors.dynamics(level_of(tone(500, 2)))) < 0.5
    moved = float(descriptors.dynamics(level_of(tone(500, 2) * swing)))
    assert moved == pytest.approx(6 / math.sqrt(2), rel=0.15)


def test_every_descriptor_can_be_followed_downhill_GEN_07():
    level = level_of(tone(500) + 0.1 * torch.randn(48_000)).requires_grad_(True)
    for k, value in enumerate(descriptors.measure(level)):
        (gradient,) = torch.autograd.grad(value, level, retain_graph=True)
        assert bool(torch.isfinite(gradient).all()) and bool(gradient.any()), k


def test_silence_has_finite_descriptors_GEN_07():
    assert bool(torch.isfinite(descriptors.measure(level_of(torch.zeros(48_000)))).all())
