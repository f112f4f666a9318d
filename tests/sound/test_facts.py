"""Facts of a sound are the same however it is cut into blocks; faults are named only where there are some."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound import io
from jobs.sound.facts import Facts, Meter, faults, measure
from jobs.sound.pictures import wave_picture
from tests import sounds


def codes(audio: np.ndarray, rate: int = 48_000) -> list[str]:
    return [fault.code for fault in faults(measure(audio, rate))]


def tone(level: float = 0.5, seconds: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 440 * np.arange(int(48_000 * seconds)) / 48_000)).astype(np.float32)


def test_levels_of_a_tone_DATA_04() -> None:
    facts = measure(tone(0.5), 48_000)
    assert facts.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert facts.rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert facts.seconds == 1 and abs(facts.dc) < 1e-6 and facts.clipped == 0


@pytest.mark.parametrize("kind", sounds.KINDS)
def test_good_sounds_have_no_faults_DATA_04(kind: str) -> None:
    assert codes(sounds.stereo(kind, 1.0)) == []


@pytest.mark.parametrize(
    ("audio", "code"),
    [
        (tone(seconds=0.09), "short"),
        (np.zeros((2, 48_000), np.float32), "silent"),
        (tone(0.0009), "silent"),
        (np.clip(3 * tone(), -1, 1), "clipped"),
        (np.clip(2.2 * tone(), -32768 / 32768, 32767 / 32768), "clipped"),
        (tone() + 0.05, "dc_offset"),
        (np.stack([tone(), tone() - 0.05]), "dc_offset"),
    ],
)
def test_each_fault_is_found_DATA_04(audio: np.ndarray, code: str) -> None:
    assert codes(audio.astype(np.float32)) == [code]


def test_normalised_to_full_scale_is_not_clipped() -> None:
    """A peak that touches full scale is no plateau."""
    audio = sounds.make("drums", 2.0)
    assert codes(audio / np.abs(audio).max()) == []


def test_truncation_is_a_warning() -> None:
    facts = Facts(1, 48_000, 1, -6, -9, 0, 0, "", truncated="cut off after 1 s")
    assert [(fault.level, fault.code) for fault in faults(facts)] == [("warning", "truncated")]


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 30_000), max_size=30), channels=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_blocks_do_not_matter(cuts: list[int], channels: int, seed: int) -> None:
    audio = np.random.default_rng(seed).normal(0, 0.2, (channels, 30_000)).astype(np.float32)
    meter = Meter(48_000, channels)
    for block in np.split(audio, sorted(cuts), axis=1):
        meter.add(block)
    whole, parts = measure(audio, 48_000), meter.facts()
    assert parts.audio_sha256 == whole.audio_sha256
    assert parts.peak_dbfs == whole.peak_dbfs
    assert parts.rms_dbfs == pytest.approx(whole.rms_dbfs, abs=1e-6)


def test_same_audio_in_other_files_has_the_same_sum_DATA_04(tmp_path: Path) -> None:
    audio = np.round(sounds.make("bell", 0.5) * 32767).astype(np.int16)
    sums = set()
    for name, subtype in (("a.wav", "PCM_16"), ("a.flac", "PCM_16"), ("a.aiff", "PCM_16")):
        soundfile.write(tmp_path / name, audio, 48_000, subtype=subtype)
        sums.add(measure(*io.read(tmp_path / name)).audio_sha256)
    assert len(sums) == 1
    assert measure(io.read(tmp_path / "a.wav")[0], 44_100).audio_sha256 not in sums


@pytest.mark.parametrize("samples", [0, 1, 7, 300, 5_000, 48_000, 1_000_003])
def test_outline_in_blocks_is_the_picture_of_the_whole_DATA_03(samples: int) -> None:
    """Steps of the outline blur an edge by one column at most."""
    audio = np.random.default_rng(1).normal(0, 0.2, (2, samples)).astype(np.float32)
    audio *= np.linspace(0, 1, samples, dtype=np.float32)
    meter = Meter(48_000, 2)
    for start in range(0, samples, 4_096):
        meter.add(audio[:, start : start + 4_096])
    made = np.frombuffer(meter.picture(256), np.int8).reshape(256, 2).astype(int)
    expected = np.frombuffer(wave_picture(audio, 256), np.int8).reshape(256, 2).astype(int)
    assert made.shape == (256, 2)
    if samples >= 5_000:
        low = np.minimum(np.minimum(expected[:-2, 0], expected[1:-1, 0]), expected[2:, 0])
        high = np.maximum(np.maximum(expected[:-2, 1], expected[1:-1, 1]), expected[2:, 1])
        assert (made[1:-1, 0] >= low - 1).all() and (made[1:-1, 1] <= high + 1).all()
        assert made.min() == expected.min() and made.max() == expected.max()
