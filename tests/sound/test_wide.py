"""High rates: experts are judged in the audible part of the sound, and are as good as if they were not."""

import numpy as np
import pytest

from jobs.sound.conceal import conceal
from jobs.sound.experts import EXPERTS, RATE, Fresh
from jobs.sound.forecast import Forecaster
from jobs.sound.history import History, Thinned
from jobs.sound.wide import Wide, fresh, lowpass
from tests.sound.test_conceal import gap_sdr_db

HIGH = 192_000
GAPS = [(68_000, 68_960), (90_123, 92_043), (130_000, 131_920)]


def strings(rate: int, seconds: float) -> np.ndarray:
    """Partials up to 60 kHz, as far as the rate goes, in the noise of a microphone (-100 dBFS)."""
    rng, time = np.random.default_rng(3), np.arange(round(seconds * rate)) / rate
    wave = 1e-5 * rng.standard_normal(len(time))
    for number in range(1, int(min(60_000, 0.45 * rate) / 330)):
        hertz = 330 * number * np.sqrt(1 + 1e-4 * number**2)
        if hertz < 0.45 * rate:
            wave += (
                0.2 / number * np.exp(-time * (1 + number / 20)) * np.sin(2 * np.pi * hertz * time + number)
            )
    return wave


@pytest.mark.parametrize("every", [2, 4, 8])
@pytest.mark.parametrize("heard", [50, 5_000, 30_001])
def test_a_thinned_past_has_every_so_many_th_sample_of_what_is_audible_GAP_10(every, heard):
    rate = every * RATE
    time = np.arange(heard) / rate
    low = 0.5 * np.sin(2 * np.pi * 1_000 * time)
    history = History(12_000)
    history.add(low[: heard // 2], received=False)
    history.add(low[heard // 2 :] + 0.5 * np.sin(2 * np.pi * 0.8 * rate / 2 * time[heard // 2 :]))
    filter = lowpass(every)
    thin = Thinned(history, every, filter)
    assert -len(filter) < thin.count * every - heard < 0
    count = min(thin.count, thin.length) - 30
    if count > 0:
        places = np.arange(thin.count - count, thin.count) * every
        off = thin.wave(count) - low[places]
        # Where the high tone begins the filter rings.
        calm = np.abs(places - heard // 2) > len(filter)
        assert np.abs(off[calm]).max() < 2e-3
        assert np.array_equal(thin.received(count), places >= heard // 2)


def test_only_several_experts_at_high_rates_are_judged_so_GAP_10():
    assert isinstance(fresh(HIGH, EXPERTS), Wide) and isinstance(fresh(88_200, EXPERTS), Wide)
    assert isinstance(fresh(48_000, EXPERTS), Fresh) and isinstance(fresh(HIGH, EXPERTS[:1]), Fresh)


def test_who_was_right_is_trusted_whatever_the_rate_GAP_10():
    """A pure tone is what the first expert is better at: the window of the other smears it."""
    shares = []
    for rate in (48_000, 96_000):
        forecaster = Forecaster(rate)
        time = np.arange(round(0.4 * rate)) / rate
        forecaster.add(0.3 * np.sin(2 * np.pi * 440 * time) + 0.2 * np.sin(2 * np.pi * 5_000 * time))
        shares.append(forecaster._fits.now(forecaster.history, 1.0)[1])
    assert shares[1].shape[1] == pytest.approx(2 * shares[0].shape[1], abs=2)
    assert all((one[0] > 0.95).all() for one in shares)


def test_wide_sounds_are_gone_on_with_as_well_as_by_the_better_expert_GAP_10():
    truth = strings(HIGH, 0.75)
    found = {name: gap_sdr_db(truth, conceal(truth, HIGH, GAPS, 960, name), GAPS)
             for name in ("ar", "ar-512", "levinson-512", "ar-128", "repeat")}  # fmt: skip
    assert found["ar"] > max(found["ar-512"], found["levinson-512"]) - 0.7
    # The order has to follow the rate: 512 samples are nothing here.
    assert found["ar-512"] > found["ar-128"] + 3 > found["repeat"] + 3
