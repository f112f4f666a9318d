"""Average spectra by physics: a tone has its power in its band, noise rises as its bands widen."""

import numpy as np
import pytest

from jobs.sound.average import FLOOR_DB, PER_OCTAVE, centres, spectrum


def tone(hertz: float, rate: int, seconds: float = 2.0, level: float = 1.0) -> np.ndarray:
    at = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)[None]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("hertz", [110.0, 440.0, 5000.0])
def test_a_tone_has_its_power_in_its_band(hertz: float, rate: int) -> None:
    mean, most = spectrum(tone(hertz, rate), rate)
    middles = centres(rate)
    peak = middles[np.argmax(mean)]
    assert abs(np.log2(peak / hertz)) <= 0.5 / PER_OCTAVE + 1e-6
    # Half the square of the amplitude, wherever in the band it lies: a neighbour may have a part of it.
    near = np.abs(np.log2(middles / hertz)) < 2 / PER_OCTAVE
    assert 10 * np.log10(np.sum(10 ** (mean[near] / 10))) == pytest.approx(-3.01, abs=0.3)
    assert most[np.argmax(mean)] >= mean.max() - 1e-6


def test_white_noise_rises_by_three_decibels_an_octave() -> None:
    noise = np.random.default_rng(1).standard_normal((1, 480_000)).astype(np.float32) * 0.1
    mean, _ = spectrum(noise, 48_000)
    per_hertz = mean - 10 * np.log10(centres(48_000))
    upper = per_hertz[centres(48_000) > 200]
    assert np.ptp(upper) < 3.0
    assert 10 * np.log10(np.sum(10 ** (mean / 10))) == pytest.approx(
        20 * np.log10(0.1) + 10 * np.log10(20_000 / 24_000), abs=0.3
    ), "no power is lost"


@pytest.mark.parametrize("samples", [1, 100, 48_000])
def test_silence_is_the_floor(samples: int) -> None:
    mean, most = spectrum(np.zeros((2, samples), np.float32), 48_000)
    assert np.all(mean == FLOOR_DB) and np.all(most == FLOOR_DB)


def test_half_as_loud_is_six_decibels_less_and_channels_are_averaged() -> None:
    loud, soft = (spectrum(tone(440, 48_000, level=level), 48_000)[0].max() for level in (1.0, 0.5))
    assert loud - soft == pytest.approx(6.02, abs=0.01)
    both = np.vstack([tone(440, 48_000), np.zeros_like(tone(440, 48_000))])
    assert loud - spectrum(both, 48_000)[0].max() == pytest.approx(3.01, abs=0.01)
