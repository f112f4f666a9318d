"""How true an output is: what physics says beforehand comes out, and nothing depends on the common level."""

import sys
import time
from subprocess import run

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jobs.sound import fidelity, response
from tests import sounds

RATE = 48_000
KINDS = tuple(sounds.KINDS)
LATER = settings(max_examples=40, deadline=None, derandomize=True)
WILD = st.integers(16, 3000).flatmap(
    lambda count: st.tuples(
        *[arrays(np.float32, (2, count), elements=st.floats(width=32, allow_nan=False, allow_infinity=False))]
        * 2
    )
)
PERFECT = {"sdr_db": 120.0, "si_sdr_db": 120.0, "correlation": 1.0, "phase_coherence": 1.0}


def tone(frequency: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def noise(seed: int = 0, count: int = RATE) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, count)


def noisy(truth: np.ndarray, sdr_db: float, seed: int = 1) -> np.ndarray:
    """Something unrelated on top, at exactly that many dB below the truth."""
    other = np.random.default_rng(seed).standard_normal(truth.shape)
    return truth + other * np.sqrt(np.sum(truth**2) / np.sum(other**2)) * 10 ** (-sdr_db / 20)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_perfect_by_every_measure_GAP_06(kind):
    truth = sounds.stereo(kind, 0.5)
    for name, value in fidelity.evaluate(truth.copy(), truth, RATE).items():
        assert value == pytest.approx(PERFECT.get(name, 0.0), abs=1e-9), name


@pytest.mark.parametrize("sdr_db", [-6.0, 0.0, 12.5, 20.0, 60.0])
def test_noise_so_many_db_below_is_an_sdr_of_so_many_db_GAP_06(sdr_db):
    truth = noise().reshape(2, -1)
    assert fidelity.sdr_db(noisy(truth, sdr_db), truth) == pytest.approx(sdr_db, abs=1e-9)


def test_si_sdr_sees_no_scale_and_sdr_does_GAP_06():
    truth = noise()
    output = noisy(truth, 15)
    assert fidelity.si_sdr_db(output / 3, truth) == pytest.approx(fidelity.si_sdr_db(output, truth), abs=1e-9)
    assert fidelity.si_sdr_db(output, truth) == pytest.approx(15, abs=0.1)
    assert fidelity.sdr_db(output / 3, truth) < 4


@pytest.mark.parametrize("gain_db", [-12.0, -1.0, 6.0])
def test_a_gain_is_so_many_db_and_no_colour_GAP_06(gain_db):
    gain = 10 ** (gain_db / 20)
    truth = sounds.make("mix", 1).astype(float)
    found = fidelity.evaluate(gain * truth, truth, RATE)
    assert found["frequency_response_db"] == pytest.approx(abs(gain_db), abs=1e-6)
    assert found["noise_floor_db"] == pytest.approx(gain_db, abs=1e-6)
    for name in ("delta_fft_percent", "envelope_percent", "delta_fft_256_percent", "delta_fft_4096_percent"):
        assert found[name] == pytest.approx(100 * abs(gain - 1), abs=1e-6)
    for name in ("coloration_db", "dynamic_range_db", "phase_degrees", "thd_n_percent"):
        assert found[name] == pytest.approx(0, abs=1e-6)
    assert found["phase_coherence"] == pytest.approx(1)


@pytest.mark.parametrize(("frequency", "samples"), [(100, 24), (1_000, 6), (440, 20)])
def test_a_delay_gives_a_tone_the_phase_that_it_must_GAP_06(frequency, samples):
    long = tone(frequency, 2)
    truth, output = long[samples:], long[:-samples]
    expected = 360 * frequency * samples / RATE
    assert fidelity.phase_degrees(output, truth) == pytest.approx(expected, abs=0.5)
    assert fidelity.correlation(output, truth) == pytest.approx(np.cos(np.radians(expected)), abs=1e-3)
    assert fidelity.phase_coherence(output, truth) > 0.999
    assert fidelity.envelope_percent(output, truth, RATE) < 5


def test_a_sound_upside_down_is_half_a_turn_away_GAP_06():
    truth = noise()
    assert fidelity.phase_degrees(-truth, truth) == pytest.approx(180)
    assert fidelity.correlation(-truth, truth) == pytest.approx(-1)
    assert fidelity.sdr_db(-truth, truth) == pytest.approx(-20 * np.log10(2), abs=1e-9)


def test_what_has_nothing_to_do_with_the_truth_has_any_phase_and_no_coherence_GAP_06():
    truth, output = noise(0), noise(1)
    assert fidelity.phase_degrees(output, truth) == pytest.approx(90, abs=1)
    assert fidelity.phase_coherence(output, truth) < 0.05
    assert abs(fidelity.correlation(output, truth)) < 0.02


def test_silence_is_as_bad_as_nothing_GAP_06():
    truth = sounds.make("pluck", 1)
    found = fidelity.evaluate(np.zeros_like(truth), truth, RATE)
    assert found["sdr_db"] == 0 and found["si_sdr_db"] == -120
    assert found["delta_fft_percent"] == pytest.approx(100) == found["envelope_percent"]
    assert (
        found["phase_degrees"] == pytest.approx(90) and found["phase_coherence"] == 0 == found["correlation"]
    )
    assert found["dynamic_range_db"] == -80 and found["frequency_response_db"] > 60


@pytest.mark.parametrize("rate", [16_000, 44_100, 192_000])
@pytest.mark.parametrize(("harmonic", "percent"), [(2, 1.0), (3, 0.1), (2, 10.0)])
def test_thd_n_of_a_tone_is_the_share_of_its_harmonic_GAP_06(rate, harmonic, percent):
    truth = tone(997, 1, rate)
    output = truth + percent / 100 * tone(997 * harmonic, 1, rate)
    expected = percent / np.hypot(1, percent / 100)
    assert fidelity.thd_n_percent(output, truth, rate) == pytest.approx(expected, rel=0.002, abs=0.005)
    assert fidelity.thd_n_percent(truth, output, rate) == pytest.approx(-expected, rel=0.002, abs=0.005)


def test_thd_n_counts_noise_as_well_and_no_dc_GAP_06():
    truth = tone(997)
    assert fidelity.thd_n_percent(noisy(truth, 40), truth, RATE) == pytest.approx(1.0, rel=0.05)
    assert fidelity.thd_n_percent(truth + 0.1, truth, RATE) == pytest.approx(0, abs=0.01)


def test_dynamics_that_were_squeezed_to_half_have_half_the_range_GAP_06():
    level = 10 ** (np.repeat(np.linspace(-40, 0, 50), 2_400) / 20)
    truth = level * np.sign(noise(0, len(level)))
    output = np.sqrt(level) * np.sign(noise(0, len(level)))
    whole = response.dynamic_range(response.envelope(truth[None], RATE))
    assert whole == pytest.approx(34, abs=0.5)
    assert fidelity.dynamic_range_db(output, truth, RATE) == pytest.approx(-whole / 2, abs=0.1)


def test_noise_in_the_pauses_is_a_raised_noise_floor_GAP_06():
    loud = np.repeat([1.0, 1e-3] * 5, 4_800)
    truth = loud * noise(0, len(loud))
    output = truth + 1e-2 * noise(1, len(loud))
    assert fidelity.noise_floor_db(output, truth, RATE) == pytest.approx(20, abs=0.5)
    dropout = truth.copy()
    dropout[1_000:3_000] = 0
    assert fidelity.noise_floor_db(dropout, truth, RATE) == pytest.approx(0, abs=1e-9)


def test_a_lost_octave_is_seen_by_response_and_colour_GAP_06():
    """White noise and a first-order difference: 6 dB per octave, by which the colour is a straight slope."""
    truth = noise(0, 4 * RATE)
    output = np.diff(truth, prepend=0)
    centres = 1000 * 10 ** (np.arange(-16, 14) / 10)
    away = 20 * np.log10(2 * np.sin(np.pi * centres / RATE))
    found, wanted = response.thirds(output[None], RATE), response.thirds(truth[None], RATE)
    np.testing.assert_allclose(10 * np.log10(found / wanted)[4:], away[4:], atol=1.0)
    colour, whole = (f(output, truth, RATE) for f in (fidelity.coloration_db, fidelity.frequency_response_db))
    assert 5 < colour < whole


def test_colour_is_what_is_left_of_the_response_at_the_best_gain_GAP_06():
    truth = sounds.make("mix", 1).astype(float)
    output = noisy(0.7 * truth, 10)
    gains = 10 ** (np.linspace(-12, 12, 241) / 20)
    best = min(fidelity.frequency_response_db(gain * output, truth, RATE) for gain in gains)
    assert fidelity.coloration_db(output, truth, RATE) == pytest.approx(best, abs=0.01)
    assert fidelity.coloration_db(9 * output, truth, RATE) == pytest.approx(best, abs=0.01)


@pytest.mark.parametrize("place", [slice(0, 40), slice(-40, None)])
def test_neither_end_of_a_sound_is_overlooked(place):
    """10,000 samples are no whole number of hops."""
    wave = np.zeros((1, 10_000))
    wave[:, place] = noise(0, 40)
    assert response.mean_power(wave, RATE).sum() > 0
    assert fidelity.delta_fft_percent(0 * wave, wave) == pytest.approx(100)
    truth = noise(0, 10_000)
    assert fidelity.delta_fft_percent(truth + 9 * wave[0], truth) > 10


def test_the_powers_of_bands_are_the_power_of_the_sound():
    truth = tone(1_000, 2)[None]
    assert response.thirds(truth, RATE).sum() == pytest.approx(0.125, rel=1e-3)
    assert np.argmax(response.thirds(truth, RATE)) == 16
    power = response.mean_power(noise(0, 4 * RATE)[None], RATE)
    assert response.band_powers(power, RATE, np.array([0, 6_000, 24_000])) == pytest.approx(
        [0.0025, 0.0075], rel=0.05
    )


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_agree_with_the_prototype_GAP_06(kind):
    """shared/prototypes/prediction/bench.py: other frames at the edges, the same definitions."""
    truth = sounds.make(kind, 2).astype(float)
    output = noisy(truth, 14)

    def stft(wave):
        windows = np.lib.stride_tricks.sliding_window_view(wave, 1024)[::512]
        return np.fft.rfft(windows * np.hanning(1025)[:-1])

    def envelope(wave):
        return np.sqrt(np.convolve(wave**2, np.ones(240) / 240, "same"))[::120]

    found, wanted = stft(output), stft(truth)
    apart = 100 * np.linalg.norm(abs(found) - abs(wanted)) / np.linalg.norm(wanted)
    turned = np.degrees(np.average(abs(np.angle(found * wanted.conj())), weights=abs(wanted) ** 2))
    moved = 100 * abs(envelope(output) - envelope(truth)).sum() / envelope(truth).sum()
    assert fidelity.delta_fft_percent(output, truth) == pytest.approx(apart, rel=0.02)
    assert fidelity.phase_degrees(output, truth) == pytest.approx(turned, rel=0.03)
    assert fidelity.envelope_percent(output, truth, RATE) == pytest.approx(moved, rel=0.03)


@pytest.mark.parametrize("size", fidelity.SIZES)
def test_every_resolution_is_measured_and_1024_is_the_principal_one_GAP_06(size):
    truth = sounds.make("drums", 1)
    output = noisy(truth.astype(float), 12)
    found = fidelity.multi_resolution_percent(output, truth)
    assert tuple(found) == fidelity.SIZES and 0 < found[size] <= 100 * 10 ** (-12 / 20) * 1.05
    assert found[1024] == fidelity.delta_fft_percent(output, truth)


@LATER
@given(
    kind=st.sampled_from(KINDS),
    gain=st.floats(1e-3, 1e3),
    seed=st.integers(0, 9),
    count=st.integers(16, 9_000),
)
def test_scaling_both_changes_nothing_GAP_06(kind, gain, seed, count):
    truth = sounds.make(kind, 0.4, seed).astype(float)[2_000:][:count]
    output = noisy(truth + 1e-3, 10, seed)
    before = fidelity.evaluate(output, truth + 1e-3, RATE)
    after = fidelity.evaluate(gain * output, gain * (truth + 1e-3), RATE)
    for name, value in after.items():
        assert value == pytest.approx(before[name], rel=1e-6, abs=1e-6), name


@LATER
@given(pair=WILD, rate=st.sampled_from([1_000, 8_000, 48_000, 192_000]))
def test_any_two_sounds_have_finite_measures_or_are_refused_GAP_06(pair, rate):
    output, truth = pair
    if np.abs(truth).max() < fidelity.SILENT:
        with pytest.raises(fidelity.Unmeasurable, match="silent"):
            fidelity.evaluate(output, truth, rate)
        return
    for name, value in fidelity.evaluate(output, truth, rate).items():
        assert np.isfinite(value), name


@pytest.mark.parametrize("count", [16, 17, 120, 240, 1_000])
def test_a_gap_of_a_packet_can_be_measured_GAP_06(count):
    """120 samples are 2.5 ms: windows shrink to 64."""
    truth = tone(1_000)[:count]
    found = fidelity.evaluate(noisy(truth, 20), truth, RATE)
    assert found["sdr_db"] == pytest.approx(20) and all(np.isfinite(value) for value in found.values())
    assert 0 < found["delta_fft_percent"] < 10 and found["phase_degrees"] < 15


def test_channels_count_as_much_as_they_are_loud_GAP_06():
    truth = np.stack([noise(0), 0.01 * noise(1)])
    output = np.stack([truth[0], -truth[1]])
    assert fidelity.sdr_db(output, truth) > 30 and fidelity.phase_degrees(output, truth) < 1
    assert fidelity.evaluate(truth[0], truth[:1], RATE) == fidelity.evaluate(truth[:1], truth[0], RATE)


@pytest.mark.parametrize(("output", "truth", "line"), [
    (np.ones(480), np.ones(960), "output has 480 samples, truth 960: give both the same shape"),
    (np.ones((1, 90)), np.ones((2, 90)), "output has 1 channels, truth 2: give both the same shape"),
    (np.ones(99), np.zeros(99), "truth: silent; what is relative to silence means nothing"),
    (np.full(99, np.nan), np.ones(99), "output: holds numbers that are not finite"),
    (np.ones(99), np.full(99, np.inf), "truth: holds numbers that are not finite"),
    (np.full(99, 1e200), np.ones(99), "output: holds numbers that are not finite"),
    ([], np.ones(99), r"output: needs the shape \(channels, samples\), has \(0,\)"),
    (np.ones((2, 2, 99)), np.ones(99), r"output: needs the shape \(channels, samples\), has \(2, 2, 99\)"),
    (np.ones((99, 2)), np.ones((99, 2)), r"output: too short \(2 samples\); at least 16 are needed"),
])  # fmt: skip
def test_what_can_not_be_compared_is_refused_in_one_line_GAP_06(output, truth, line):
    with pytest.raises(fidelity.Unmeasurable, match=line) as refused:
        fidelity.evaluate(output, truth, RATE)
    assert "\n" not in str(refused.value)
    with pytest.raises(fidelity.Unmeasurable, match="rate: 0 Hz"):
        fidelity.evaluate(np.ones(99), np.ones(99), 0)


def test_ten_seconds_take_well_under_a_second_GAP_06():
    truth = noise(0, 10 * RATE)
    output = noisy(truth, 20)
    started = time.process_time()
    fidelity.evaluate(output, truth, RATE)
    assert time.process_time() - started < 1


def test_neither_torch_nor_scipy_signal_is_needed_GAP_06():
    code = "import sys, jobs.sound.scoring; print([m for m in ('torch', 'scipy.signal') if m in sys.modules])"
    assert (
        run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
