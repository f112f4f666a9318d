"""64 numbers: as librosa has them, by physics where nobody else has, finite for anything (FP-05)."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.fingerprint import fingerprint
from jobs.sound.io import resample
from jobs.sound.loudness import measure
from jobs.sound.slots import NAMES, RATE, SLOTS
from tests import sounds

AT = {name: index for index, name in enumerate(NAMES)}


def value(audio: np.ndarray, name: str, rate: int = RATE) -> float:
    return float(fingerprint(np.atleast_2d(audio).astype(np.float32), rate)[AT[name]])


def slot(audio: np.ndarray, number: int, rate: int = RATE) -> float:
    return value(audio, f"reserved_{number:02d}", rate)


def tone(hertz: float, seconds: float = 2.0, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def noise(seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def test_the_order_is_the_documented_one_FP_05() -> None:
    mfcc = [f"mfcc_{n:02d}" for n in range(13)]
    rest = "crest_factor rms_energy peak_to_avg_ratio zero_crossing_rate onset_strength integrated_lufs"
    named = ["spectral_centroid", "spectral_flatness", *mfcc, *rest.split(), "loudness_range"]
    assert list(NAMES) == named + [f"reserved_{n:02d}" for n in range(42)]
    assert all(slot.unit and slot.meaning and slot.source for slot in SLOTS)


def by_librosa(y: np.ndarray) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import librosa

        feature = librosa.feature
        found = {
            "spectral_centroid": feature.spectral_centroid(y=y, sr=RATE).mean(),
            "spectral_flatness": feature.spectral_flatness(y=y).mean(),
            "rms_energy": feature.rms(y=y).mean(),
            "zero_crossing_rate": feature.zero_crossing_rate(y).mean(),
            "onset_strength": librosa.onset.onset_strength(y=y, sr=RATE).mean(),
        }
        mfcc = feature.mfcc(y=y, sr=RATE, n_mfcc=13).mean(axis=1)
        crest = np.abs(y).max() / found["rms_energy"]
    return found | {f"mfcc_{n:02d}": level for n, level in enumerate(mfcc)} | {"crest_factor": crest}


@pytest.mark.parametrize("kind", sorted(sounds.KINDS))
@pytest.mark.parametrize("samples", [3 * RATE, RATE // 3 + 17, 441])
def test_as_librosa_has_them_FP_05(kind: str, samples: int) -> None:
    y = sounds.make(kind, 3.0)[:samples]
    ours = fingerprint(y[None], RATE)
    for name, expected in by_librosa(y).items():
        assert abs(ours[AT[name]] - expected) <= 4e-4 * max(1.0, abs(expected)), name


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["silence", "click", "dc", "noise", "full", "tiny"]),
    samples=st.integers(0, 30_000),
    channels=st.integers(1, 8),
    rate=st.sampled_from([4_000, 8_000, 22_050, 44_100, 48_000, 192_000]),
)
def test_finite_for_anything_FP_05(kind: str, samples: int, channels: int, rate: int) -> None:
    audio = np.zeros((channels, samples), np.float32)
    if kind == "click" and samples:
        audio[0, samples // 2] = 1.0
    if kind == "dc":
        audio += 0.5
    if kind in ("noise", "tiny"):
        scale = 0.2 if kind == "noise" else 1e-9
        audio += scale * np.random.default_rng(samples).standard_normal(audio.shape).astype(np.float32)
    if kind == "full":
        audio[:] = np.where(np.arange(samples) % 64 < 32, 1.0, -1.0)
    found = fingerprint(audio, rate)
    assert found.shape == (64,) and np.isfinite(found).all()


def test_silence_reads_as_silence_FP_05() -> None:
    found = dict(zip(NAMES, fingerprint(np.zeros((2, RATE), np.float32), RATE), strict=True))
    assert found["integrated_lufs"] == -70 and found["reserved_25"] == -200
    assert found["crest_factor"] == found["loudness_range"] == found["reserved_36"] == 0
    assert found["reserved_40"] == 1 and found["reserved_41"] == -60


def test_gain_moves_levels_and_nothing_else_FP_05() -> None:
    y = sounds.make("drums", 3.0)
    before, after = fingerprint(y[None], RATE), fingerprint(0.5 * y[None], RATE)
    down = 20 * np.log10(2)
    moved = {"mfcc_00": None, "rms_energy": None, "integrated_lufs": -down, "reserved_25": -down,
             "reserved_28": -down}  # fmt: skip
    for name, change in moved.items():
        if change:
            assert after[AT[name]] - before[AT[name]] == pytest.approx(change, abs=0.02), name
    still = [AT[name] for name in NAMES if name not in moved]
    assert after[still] == pytest.approx(before[still], rel=0.02, abs=0.02)


def test_the_same_sound_at_another_rate_is_the_same_FP_05() -> None:
    y = sounds.make("pluck", 2.0)
    one = fingerprint(y[None], 48_000)
    other = fingerprint(resample(y[None], 48_000, 96_000), 96_000)
    assert other[:2] == pytest.approx(one[:2], rel=1e-3, abs=1e-5)
    assert other[AT["integrated_lufs"]] == pytest.approx(one[AT["integrated_lufs"]], abs=0.02)


@pytest.mark.parametrize(("hertz", "band"), [(30, 0), (90, 1), (160, 2), (350, 3), (650, 4), (1300, 5),
                                             (3200, 6), (7000, 7), (12000, 8)])  # fmt: skip
def test_a_tone_lies_in_its_band_FP_05(hertz: float, band: int) -> None:
    levels = [slot(tone(hertz), number) for number in range(9)]
    assert int(np.argmax(levels)) == band and levels[band] > -2


def test_tilt_of_noise_and_of_pink_noise_FP_05() -> None:
    white = noise(4.0)
    assert slot(white, 9) == pytest.approx(0, abs=0.3)
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    pink = np.fft.irfft(spectrum, len(white))
    assert slot(pink / np.abs(pink).max() * 0.5, 9) == pytest.approx(-3.01, abs=0.4)


def test_a_resonance_is_found_where_it_is_FP_05() -> None:
    from scipy.signal import iirpeak, lfilter

    y = noise(3.0)
    rung = y + 8 * lfilter(*iirpeak(1500, 30, RATE), y).astype(np.float32)
    assert slot(rung, 23) > slot(y, 23) + 6
    assert 2 ** slot(rung, 24) == pytest.approx(1500, rel=0.03)


def test_attack_and_decay_are_those_of_the_envelope_FP_05() -> None:
    t = np.arange(2 * RATE) / RATE
    struck = tone(440, 2.0) * np.exp(-t * np.log(10) * 60 / 20)
    assert slot(struck, 35) == pytest.approx(60, rel=0.05)
    assert slot(struck, 34) < -2.2
    swelled = tone(440, 2.0) * np.minimum(1, t / 0.5)
    assert 10 ** slot(swelled, 34) == pytest.approx(0.35, abs=0.03)


def clicks(gaps: np.ndarray) -> np.ndarray:
    places = (np.concatenate([[0.2], 0.2 + np.cumsum(gaps)]) * RATE).astype(int)
    out = np.zeros(places[-1] + RATE // 2, np.float32)
    burst = noise(0.05) * np.exp(-np.arange(round(0.05 * RATE)) / 300)
    for place in places:
        out[place : place + len(burst)] += burst
    return out


def test_onsets_are_counted_and_their_jitter_is_told_FP_05() -> None:
    even = np.full(12, 0.25)
    uneven = even + np.random.default_rng(3).normal(0, 0.025, 12)
    assert slot(clicks(even), 36) == pytest.approx(13 / (len(clicks(even)) / RATE), rel=0.1)
    assert slot(clicks(even), 37) < 6
    assert 12 < slot(clicks(uneven), 37) < 45


def test_harmonics_and_noise_FP_05() -> None:
    harmonic = sum(tone(220 * n, level=0.3 / n) for n in range(1, 9))
    assert slot(harmonic, 38) > 15 > slot(harmonic + noise(), 38) > slot(noise(), 38)
    stretched = sum(tone(220 * n * np.sqrt(1 + 0.002 * n * n), level=0.3 / n) for n in range(1, 9))
    assert slot(stretched, 39) > slot(harmonic, 39)


def test_stereo_values_FP_05() -> None:
    left, right = noise(seed=1), noise(seed=2)
    assert slot(np.stack([left, left]), 40) == pytest.approx(1) and slot(np.stack([left, left]), 41) == -60
    assert slot(np.stack([left, -left]), 40) == pytest.approx(-1)
    assert abs(slot(np.stack([left, right]), 40)) < 0.02
    assert slot(np.stack([left, right]), 41) == pytest.approx(0, abs=0.2)


def test_clipping_in_percent_FP_05() -> None:
    assert slot(np.clip(4 * tone(200), -1, 1), 33) == pytest.approx(
        100 * (1 - 2 / np.pi * np.arcsin(0.5)), abs=1
    )
    assert slot(tone(200), 33) == 0


def test_loudness_is_that_of_the_meter_FP_05() -> None:
    audio = sounds.stereo("drums", 4.0)
    found, told = fingerprint(audio, sounds.RATE), measure(audio, sounds.RATE)
    assert found[AT["integrated_lufs"]] == told.integrated
    assert found[AT["reserved_26"]] == told.true_peak - told.integrated


def test_the_same_sound_gives_the_same_numbers_FP_05() -> None:
    audio = sounds.stereo("pluck", 1.0)
    assert fingerprint(audio, 48_000).tobytes() == fingerprint(audio.copy(), 48_000).tobytes()
