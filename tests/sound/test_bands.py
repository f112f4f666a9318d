"""384 bands: what a net sees, and the way back to audio without a net and without Griffin-Lim."""

import statistics
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.sound import bands, phase, spectrum
from tests.measures import lsd_db, mr_stft
from tests.sound.test_spectrum import KINDS, wave_of


def rendered(wave: torch.Tensor) -> torch.Tensor:
    found = bands.features(wave)
    magnitude = bands.magnitude(found[0])
    angle = phase.integrate(magnitude, bands.deviation(found[1]))
    return spectrum.istft(spectrum.polar(magnitude, angle), len(wave))


def test_every_bin_is_shared_out_whole_REP_01():
    bank = bands.filterbank()
    assert torch.allclose(bank.weights.sum(dim=0), torch.ones(spectrum.BINS), atol=1e-6)
    assert bool((bank.weights.sum(dim=1) > 0).all()), "a band without bins learns nothing"
    assert bool((bank.hertz.diff() > 0).all())


def test_bands_keep_the_energy_REP_01():
    wave = wave_of("mix")
    power = spectrum.stft(wave).abs().square().sum()
    level = bands.features(wave)[0]
    assert float(bands.band_power(level).sum()) == pytest.approx(float(power), rel=1e-3)


def test_round_trip_of_ten_kinds_RECON_02():
    pairs = [(rendered(wave), wave) for wave in (wave_of(kind) for kind in KINDS)]
    assert statistics.median(mr_stft(again, wave) for again, wave in pairs) <= 0.65
    assert statistics.median(lsd_db(again, wave) for again, wave in pairs) <= 3.2


def test_magnitudes_are_never_negative_ARCH_02():
    level = torch.randn(bands.BANDS, 40) * 60
    magnitude = bands.magnitude(level)
    assert magnitude.shape == (spectrum.BINS, 40)
    assert bool((magnitude >= 0).all()) and bool(torch.isfinite(magnitude).all())


def test_inaudible_frequency_is_zero_REP_03():
    wave = torch.randn(48_000) * 1e-6
    assert not bands.features(wave)[1].any()


def test_same_features_same_phase_GEN_09():
    wave = wave_of("bell", 0.5)
    assert torch.equal(rendered(wave), rendered(wave))


def test_a_tone_stays_a_tone_RECON_02():
    wave = 0.5 * torch.sin(2 * np.pi * 440 * torch.arange(48_000) / 48_000)
    again = rendered(wave)
    power = torch.fft.rfft(again[4800:-4800] * torch.hann_window(len(again) - 9600)).abs().square()
    hertz = torch.fft.rfftfreq(len(again) - 9600, 1 / 48_000)
    near = power[(hertz > 420) & (hertz < 460)].sum() / power.sum()
    assert float(near) > 0.98


def test_no_griffin_lim_in_the_tree_RECON_03():
    root = Path(__file__).parents[2]
    for package in ("jobs", "studio", "store"):
        found = subprocess.run(
            ["grep", "-rliE", "--include=*.py", r"griffin_?lim\(", str(root / package)],
            capture_output=True,
            text=True,
        )
        assert found.stdout == ""
