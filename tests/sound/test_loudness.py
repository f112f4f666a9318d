"""The minimum-requirement signals of EBU Tech 3341 and 3342, and what they leave out (FP-01).

Signals are sines of 1 kHz in both channels unless said; levels are peaks per channel in dBFS.
"""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.loudness import CHANNEL_WEIGHTS, Loudness, Meter, k_weighting, measure
from tests import sounds

RATE = 48_000
SILENT = -np.inf
EXACT = 0.02


def tone(parts, rate: int = RATE, hertz: float = 1000.0, channels: int = 2) -> np.ndarray:
    """(channels, samples) of ``parts`` (dBFS, seconds), one phase running through."""
    counts = [round(seconds * rate) for _, seconds in parts]
    levels = np.repeat([10 ** (level / 20) for level, _ in parts], counts)
    wave = levels * np.sin(2 * np.pi * hertz * np.arange(len(levels)) / rate)
    return np.repeat(wave[None], channels, axis=0)


def moments(audio: np.ndarray, seconds: float, after: float) -> np.ndarray:
    """Highest loudness so far of windows of so many seconds, 0.17 s apart, from ``after`` seconds on."""
    size, hop = round(seconds * RATE), RATE // 100
    starts = range(round((after - seconds) * RATE), audio.shape[1] - size, 17 * hop)
    ends = []
    for start in starts:
        meter = Meter(RATE, len(audio))
        meter.add(audio[:, : start + size])
        found = meter.loudness()
        ends.append(found)
    return np.array([one.momentary_max if seconds < 1 else one.short_term_max for one in ends])


@pytest.mark.parametrize(
    ("parts", "integrated"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
)
def test_integrated_3341_1_to_5_FP_01(parts, integrated) -> None:
    found = measure(tone(parts), RATE)
    # In case 5 the standard's own blocks, of which the first and last are whole, leave 0.021.
    assert found.integrated == pytest.approx(integrated, abs=EXACT + 0.0015)
    if len(parts) == 1:
        assert found.momentary_max == pytest.approx(integrated, abs=EXACT)
        assert found.short_term_max == pytest.approx(integrated, abs=EXACT)
        assert found.range == pytest.approx(0, abs=1e-6)


def test_five_channels_3341_6_FP_01() -> None:
    gains = 10 ** (np.array([-28, -28, -24, -30, -30]) / 20)
    audio = gains[:, None] * tone([(0, 20)], channels=5)
    assert measure(audio, RATE).integrated == pytest.approx(-23, abs=EXACT)
    with_lfe = np.insert(audio, 3, audio[0] * 8, axis=0)
    assert measure(with_lfe, RATE).integrated == pytest.approx(-23, abs=EXACT)


def test_short_term_is_constant_3341_9_FP_01() -> None:
    audio = tone([(-20, 1.34), (-30, 1.66)] * 5)
    assert moments(audio[:, : 6 * RATE], 3.0, 3.0) == pytest.approx(-23, abs=0.1)
    assert measure(audio, RATE).short_term_max == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("index", range(20))
def test_short_term_maximum_3341_10_FP_01(index: int) -> None:
    audio = tone([(SILENT, 0.15 * index), (-23, 3), (SILENT, 1)])
    assert measure(audio, RATE).short_term_max == pytest.approx(-23, abs=EXACT)


def test_momentary_is_constant_3341_12_FP_01() -> None:
    audio = tone([(-20, 0.18), (-30, 0.22)] * 25)
    assert moments(audio[:, : 3 * RATE], 0.4, 1.0) == pytest.approx(-23, abs=0.1)
    assert measure(audio, RATE).momentary_max == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("index", range(20))
def test_momentary_maximum_3341_13_FP_01(index: int) -> None:
    audio = tone([(SILENT, 0.02 * index), (-23, 0.4), (SILENT, 1)])
    assert measure(audio, RATE).momentary_max == pytest.approx(-23, abs=EXACT)


@pytest.mark.parametrize(
    ("part", "degrees", "amplitude", "peak"),
    [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)],
)
def test_true_peak_3341_15_to_19_FP_01(part: int, degrees: float, amplitude: float, peak: float) -> None:
    wave = amplitude * np.sin(2 * np.pi * np.arange(3 * RATE) / part + np.deg2rad(degrees))
    ramp = np.minimum(1, np.arange(len(wave)) / 480)
    found = measure(np.stack([wave * ramp * ramp[::-1]] * 2), RATE).true_peak
    assert -0.4 <= found - peak <= 0.2


@pytest.mark.parametrize(
    ("levels", "range_"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_range_3342_1_to_4_FP_01(levels, range_: float) -> None:
    found = measure(tone([(level, 20) for level in levels]), RATE)
    assert found.range == pytest.approx(range_, abs=0.1)


@cache
def integrated_at_48_khz(hertz: float) -> float | None:
    return measure(tone([(-23, 4)], hertz=hertz), RATE).integrated


@pytest.mark.parametrize(
    "rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 96_000, 176_400, 192_000]
)
def test_any_rate_reads_as_48_kHz_does_FP_01(rate: int) -> None:
    for hertz in (60, 1000, 2200, 0.4 * min(rate, RATE)):
        found = measure(tone([(-23, 4)], rate, hertz), rate).integrated
        assert found == pytest.approx(integrated_at_48_khz(hertz), abs=EXACT)


def test_the_filter_is_that_of_the_standard_FP_01() -> None:
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0, 1, -1.99004745483398, 0.99007225036621]
    assert k_weighting(RATE) == pytest.approx(np.array([shelf, high_pass]), abs=1e-12)


def test_mono_is_3_lu_below_the_same_in_both_channels_FP_01() -> None:
    one, two = (measure(tone([(-23, 5)], channels=count), RATE) for count in (1, 2))
    assert two.integrated - one.integrated == pytest.approx(10 * np.log10(2), abs=1e-9)


def test_silence_has_no_loudness_and_nothing_is_nan_FP_01() -> None:
    assert measure(np.zeros((2, 5 * RATE)), RATE) == Loudness(None, None, None, None, -200.0)
    assert measure(np.zeros((2, 0)), RATE) == Loudness(None, None, None, None, -200.0)
    assert measure(np.zeros((2, RATE)), RATE).measured_by == "nothing"


def test_a_click_is_told_by_its_momentary_maximum_FP_01() -> None:
    click = 0.5 * sounds.make("noise", 0.01)
    found = measure(click, sounds.RATE)
    assert found.integrated is None and found.range is None
    assert found.measured_by == "momentary" and found.level == found.momentary_max
    padded = measure(np.pad(click, (0, RATE)), RATE)
    assert found.momentary_max == pytest.approx(padded.momentary_max, abs=1e-3)


def test_what_is_below_the_gate_is_not_heard_FP_01() -> None:
    found = measure(tone([(-80, 3)]), RATE)
    assert found.integrated is None and found.range is None and found.level is None
    assert found.momentary_max == pytest.approx(-80, abs=EXACT)


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 60_000), min_size=1, max_size=6),
    rate=st.sampled_from([8_000, 11_025, 44_100, 48_000]),
    channels=st.integers(1, 8),
)
def test_blocks_of_any_size_give_the_same_FP_01(cuts: list[int], rate: int, channels: int) -> None:
    audio = np.random.default_rng(sum(cuts)).normal(0, 0.1, (channels, 50_000)).astype(np.float32)
    meter = Meter(rate, channels)
    at = 0
    for size in [*cuts, audio.shape[1]]:
        meter.add(audio[:, at : at + size])
        at += size
    found, expected = meter.loudness(), measure(audio, rate)
    assert found.measured_by == expected.measured_by
    for name in ("integrated", "momentary_max", "short_term_max", "range", "true_peak"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-5), name


def test_every_layout_has_a_weight_for_each_channel_FP_01() -> None:
    assert all(len(weights) == count for count, weights in CHANNEL_WEIGHTS.items())


@pytest.mark.parametrize("gain", [-20.0, -6.0, 3.0])
def test_gain_moves_every_level_by_itself_FP_01(gain: float) -> None:
    audio = sounds.stereo("drums", 6)
    before, after = measure(audio, RATE), measure(audio * 10 ** (gain / 20), RATE)
    for name in ("integrated", "momentary_max", "short_term_max"):
        assert getattr(after, name) - getattr(before, name) == pytest.approx(gain, abs=1e-5)
    assert after.range == pytest.approx(before.range, abs=1e-6)
    assert after.true_peak - before.true_peak == pytest.approx(gain, abs=1e-2)
