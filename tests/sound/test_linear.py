"""Linear prediction: what can be predicted is, what follows decays, and other solvers agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import solve_toeplitz

from jobs.sound import linear
from jobs.sound.linear import by_autocorrelation, by_burg, continued
from tests import sounds

RATE = 48_000
WILD = arrays(np.float64, 400, elements=st.floats(-1, 1, allow_subnormal=False))
METHODS = (by_autocorrelation, by_burg)


def tone(hertz: float, count: int, start: int = 0) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * hertz * (start + np.arange(count)) / RATE + 0.3)


def sdr_db(truth: np.ndarray, output: np.ndarray) -> float:
    return float(10 * np.log10((truth @ truth) / ((truth - output) @ (truth - output))))


def burg_by_the_book(wave: np.ndarray, order: int) -> np.ndarray:
    """The lattice as Burg gave it, errors and all: slow, and with no shortcut that could be wrong."""
    forward, backward, found = wave[1:].copy(), wave[:-1].copy(), np.ones(1)
    for _ in range(order):
        reflection = -2 * (forward @ backward) / (forward @ forward + backward @ backward)
        longer = np.append(found, 0.0)
        found = longer + reflection * longer[::-1]
        forward, backward = (forward + reflection * backward)[1:], (backward + reflection * forward)[:-1]
    return found


@pytest.mark.parametrize("order", [1, 2, 7, 64])
def test_levinson_solves_the_normal_equations_GAP_03(order):
    wave = sounds.make("pluck", 0.1)
    found = linear.autocorrelation(wave * linear.window(len(wave)), order)
    found[0] = found[0] * (1 + linear.LOADING) + linear.FLOOR
    expected = solve_toeplitz(found[:-1], -found[1:])
    assert by_autocorrelation(wave, order)[1:] == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("kind", ["noise", "pluck", "drums"])
def test_the_quick_burg_is_burg_GAP_03(kind, monkeypatch):
    # Without the noise that it is given against rounding, so that both solve the same.
    monkeypatch.setattr(linear, "BURG_LOADING", 0.0)
    wave = sounds.make(kind, 0.1).astype(np.float64) + 1e-2 * np.random.default_rng(0).standard_normal(4800)
    for order in (1, 2, 3, 40):
        assert by_burg(wave, order) == pytest.approx(burg_by_the_book(wave, order), rel=1e-6, abs=1e-8)


def test_autocorrelation_is_that_of_the_definition_GAP_03():
    wave = np.random.default_rng(1).standard_normal(300)
    expected = [wave[: 300 - lag] @ wave[lag:] for lag in range(41)]
    assert linear.autocorrelation(wave, 40) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("hertz", [61.7, 440.0, 7040.0])
def test_a_tone_stays_a_tone_GAP_03(hertz):
    """Burg follows it for 40 ms; the window of the other way smears it, and is only good at first."""
    past, truth = tone(hertz, 4800), tone(hertz, 1920, 4800)
    assert sdr_db(truth, continued(past, by_burg(past, 512), 1920)) > 35
    assert sdr_db(truth[:120], continued(past, by_autocorrelation(past, 512), 120)) > 25


@pytest.mark.parametrize("fit", METHODS)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(wave=WILD, order=st.integers(1, 120))
def test_what_follows_is_finite_and_never_grows_GAP_03(fit, wave, order):
    ahead = continued(wave, fit(wave, order), 2_000)
    assert np.isfinite(ahead).all()
    assert np.abs(ahead).max() <= 400 * max(1e-9, np.abs(wave).max())
    assert np.abs(ahead[-100:]).max() <= np.abs(ahead).max()


@pytest.mark.parametrize("fit", METHODS)
def test_silence_is_followed_by_silence_GAP_03(fit):
    assert not continued(np.zeros(600), fit(np.zeros(600), 100), 300).any()


@pytest.mark.parametrize("fit", METHODS)
def test_a_louder_past_is_followed_by_the_same_louder_GAP_03(fit):
    past = sounds.make("bell", 0.1)
    soft, loud = (continued(gain * past, fit(gain * past, 128), 480) for gain in (1.0, 8.0))
    assert loud == pytest.approx(8 * soft, rel=1e-3, abs=1e-5)


def test_too_little_past_for_an_order_is_refused_GAP_03():
    with pytest.raises(ValueError, match="an order of 30 needs 32 samples, there are 31"):
        by_burg(np.ones(31), 30)
    assert len(by_burg(np.ones(32), 30)) == 31
