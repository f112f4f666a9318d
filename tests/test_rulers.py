"""The rulers that grade the sliders, held against sounds whose answer is known: GEN-02 to GEN-06."""

import math

import numpy as np
import pytest
from scipy import signal

from tests import sounds
from tests.rulers import RULERS, SIDE_FLOOR_DB, all_of

pytestmark = pytest.mark.slow
RATE = 48_000
SECONDS = 4.0
AXES = ["density", "brightness", "warmth", "roughness", "tension", "rhythm", "pulse", "reverberance", "width"]


def measure(name: str, audio: np.ndarray) -> float:
    return RULERS[name](audio, RATE)


def time(seconds: float = SECONDS) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def tone(*frequencies: float, seconds: float = SECONDS) -> np.ndarray:
    t = time(seconds)
    return sum(0.2 * np.sin(2 * np.pi * f * t + i) for i, f in enumerate(frequencies))


def notes(*semitones: int) -> np.ndarray:
    """Three harmonics on each note, counted from middle C."""
    pitches = [261.63 * 2 ** (note / 12) for note in semitones]
    return sum(gain * tone(*(n * pitch for pitch in pitches)) for n, gain in ((1, 1), (2, 0.5), (3, 0.25)))


def white(seed: int = 0, seconds: float = SECONDS) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def hits(at: np.ndarray, t60: float = 0.2, seconds: float = SECONDS) -> np.ndarray:
    """Noise bursts at ``at`` seconds that fall by 60 dB in ``t60``."""
    out = np.zeros(round(seconds * RATE))
    for i, start in enumerate(np.round(at * RATE).astype(int)):
        t = np.arange(len(out) - start) / RATE
        burst = np.random.default_rng(i).standard_normal(len(t))
        out[start:] += 0.2 * burst * 10 ** (-3 * t / t60)
    return out


def every(period: float, seconds: float = SECONDS) -> np.ndarray:
    return np.arange(0.1, seconds - 0.1, period)


def test_there_is_a_ruler_for_every_named_slider_and_it_gives_a_finite_number():
    assert list(RULERS) == AXES
    for kind in sounds.KINDS:
        found = all_of(sounds.stereo(kind, 2.5), RATE)
        assert list(found) == AXES
        assert all(math.isfinite(value) for value in found.values()), (kind, found)


def test_shared_spectra_give_what_each_ruler_gives_alone():
    audio = sounds.stereo("mix", 3.0)
    assert all_of(audio, RATE) == {name: measure(name, audio) for name in RULERS}


@pytest.mark.parametrize("name", [name for name in AXES if name != "width"])
def test_silence_and_a_crumb_of_sound_measure_nothing(name):
    assert math.isnan(measure(name, np.zeros((2, 3 * RATE))))
    assert math.isnan(measure(name, np.full(100, 0.5)))


@pytest.mark.parametrize("name", AXES)
@pytest.mark.parametrize("kind", ["mix", "pluck", "clicks"])
def test_no_ruler_minds_the_level(name, kind):
    audio = sounds.stereo(kind, 3.0).astype(np.float64)
    assert measure(name, 0.1 * audio) == pytest.approx(measure(name, audio), rel=0.01, abs=0.02)


@pytest.mark.parametrize("rate", [1.0, 2.0, 4.0, 8.0])
def test_density_counts_hits_GEN_02(rate):
    at = every(1 / rate)
    assert measure("density", hits(at)) == pytest.approx(len(at) / SECONDS, abs=0.26)


@pytest.mark.parametrize("audio", [white(), tone(440), tone(440, 446), notes(0, 4, 7)])
def test_nothing_starts_in_a_steady_sound_GEN_02(audio):
    assert measure("density", audio) == 0


def test_density_hears_soft_strings_as_it_hears_drums_GEN_02():
    audio = sounds.make("pluck", 8.0, 3)
    assert 1.4 <= measure("density", audio) <= 2.4


def test_brightness_is_the_pitch_of_a_tone_in_octaves_GEN_03():
    for hz in (250, 1000, 4000):
        assert measure("brightness", tone(hz)) == pytest.approx(np.log2(hz), abs=0.05)
    assert measure("brightness", tone(1000, 3000)) == pytest.approx(np.log2(2000), abs=0.05)


def test_a_hiss_that_nobody_hears_is_not_bright_GEN_03():
    assert measure("brightness", tone(500) + 5e-4 * white()) == pytest.approx(np.log2(500), abs=0.05)


def test_gaps_do_not_count_as_dark_GEN_03():
    audio = tone(2000)
    audio[RATE : 3 * RATE] = 0
    assert measure("brightness", audio) == pytest.approx(np.log2(2000), abs=0.15)


def test_warmth_is_the_balance_at_400_hz_GEN_03():
    assert measure("warmth", tone(100, 2000)) == pytest.approx(0, abs=0.2)
    assert measure("warmth", tone(100) + 10 ** (-12 / 20) * tone(2000)) == pytest.approx(12, abs=0.2)
    assert measure("warmth", tone(2000)) < -50


def test_a_tone_that_beats_at_70_hz_is_rough_GEN_04():
    t = time()
    beating = tone(1000) * (1 + np.sin(2 * np.pi * 70 * t))
    slower = tone(1000) * (1 + np.sin(2 * np.pi * 300 * t))
    assert measure("roughness", tone(1000)) < 0.01
    assert measure("roughness", beating) > 0.3
    assert measure("roughness", beating) > 1.5 * measure("roughness", slower)


def test_roughness_ranks_intervals_as_plomp_and_levelt_do_GEN_04():
    second, third, fifth, octave = (measure("roughness", notes(0, up)) for up in (1, 4, 7, 12))
    assert second > third > fifth > octave


def test_a_cluster_is_tenser_than_a_triad_and_noise_than_both_GEN_04():
    octaves, triad, seventh, cluster = (
        measure("tension", notes(*chord)) for chord in ((0, 12), (0, 4, 7), (7, 11, 14, 17), (0, 1, 2, 3))
    )
    assert octaves < triad < seventh < cluster < measure("tension", white())
    assert octaves < 0.25 and triad == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("cents", [25, 50])
def test_tension_follows_the_tuning_of_the_sound_GEN_04(cents):
    up = 2 ** (cents / 1200)
    tuned = measure("tension", tone(440, 550, 660))
    assert measure("tension", tone(440 * up, 550 * up, 660 * up)) == pytest.approx(tuned, abs=0.05)


def test_rhythm_is_how_far_the_level_moves_GEN_05():
    t = time()
    tremolo = [tone(500) * 10 ** (depth * np.sin(2 * np.pi * 4 * t) / 20) for depth in (0.0, 3.0, 6.0)]
    still, some, more = (measure("rhythm", audio) for audio in tremolo)
    assert still < 0.1
    assert some == pytest.approx(3 / np.sqrt(2), rel=0.1)
    assert more == pytest.approx(6 / np.sqrt(2), rel=0.1)


def test_a_slow_swell_is_no_rhythm_and_hits_are_GEN_05():
    swell = white() * 10 ** (10 * np.sin(2 * np.pi * 0.3 * time()) / 20)
    assert measure("rhythm", swell) < 1 < 8 < measure("rhythm", hits(every(0.25)))


@pytest.mark.parametrize("period", [0.3, 0.5, 1.0])
def test_a_beat_has_a_pulse_GEN_05(period):
    assert measure("pulse", hits(every(period, 6.0), seconds=6.0)) > 0.9


def test_hits_at_random_have_less_pulse_the_more_they_stray_GEN_05():
    found = []
    for stray in (0.0, 0.04, 0.25):
        tries = []
        for seed in range(3):
            shifts = np.random.default_rng(seed).uniform(-stray, stray, len(every(0.5, 8.0)))
            tries.append(measure("pulse", hits(np.maximum(0, every(0.5, 8.0) + shifts), seconds=8.0)))
        found.append(np.mean(tries))
    assert found[0] > 0.9 > 0.75 > found[1] > found[2] + 0.1


@pytest.mark.parametrize("audio", [white(), tone(440), sounds.make("bell", SECONDS)])
def test_a_steady_sound_has_no_pulse_GEN_05(audio):
    assert measure("pulse", audio) < 0.2


@pytest.mark.parametrize("t60", [0.3, 0.6, 1.2, 2.4])
def test_reverberance_is_the_time_a_decay_takes_GEN_06(t60):
    assert measure("reverberance", hits(every(1.0), t60)) == pytest.approx(np.log2(t60), abs=0.25)
    ringing = tone(440) * 10 ** (-3 * (time() % 2) / t60)
    assert measure("reverberance", ringing) == pytest.approx(np.log2(t60), abs=0.35)


@pytest.mark.parametrize("kind", ["drums", "clicks", "pluck", "mix", "pad"])
def test_a_room_makes_hits_and_slow_notes_alike_more_reverberant_GEN_06(kind):
    dry = sounds.make(kind, 6.0, 2)
    room = white(9, 3.0) * 10 ** (-3 * time(3.0) / 3.0)
    wet = signal.fftconvolve(dry, room)[: len(dry)]
    wet *= dry.std() / wet.std()
    none, some, much = (measure("reverberance", dry + share * wet) for share in (0.0, 0.3, 3.0))
    assert none < some < much and much > none + 0.7


def test_width_is_side_over_mid_in_db_GEN_06():
    mid, side = white(1), white(2)
    for db in (-20.0, -6.0, 0.0, 6.0):
        gain = 10 ** (db / 20)
        assert measure("width", np.stack([mid + gain * side, mid - gain * side])) == pytest.approx(
            db, abs=0.2
        )
    assert measure("width", mid) == measure("width", np.stack([mid, mid])) == SIDE_FLOOR_DB
