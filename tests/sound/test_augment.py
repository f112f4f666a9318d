"""Versions of sounds: moved as they say, of nothing held out, made again when anything changes (TRAIN-02)."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from jobs.sound import augment
from jobs.sound.augment import Changes
from jobs.sound.bands import features, filterbank
from jobs.sound.tape import SLOT
from tests import sounds

STILL = Changes(semitones=(0, 0), stretch=(1, 1), noisy=0, gain=(1, 1))
FRAMES = 15 * SLOT


def tone(hertz: float = 1000.0, seconds: float = 1.5) -> np.ndarray:
    return np.float32(0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * 48_000)) / 48_000))


def version(wave: np.ndarray, changes: Changes, frames: int = FRAMES) -> np.ndarray:
    return augment.changed(wave, 0, frames, changes, np.random.default_rng(0)).astype(np.float32)


def loudest_hertz(found: np.ndarray) -> float:
    """From both channels: the loudest band's centre and its deviation."""
    bank = filterbank()
    middle = found[:, :, found.shape[2] // 2]
    band = int(middle[0].argmax())
    bins = float(bank.centre[band] + middle[1, band] * bank.width[band])
    return bins * 48_000 / 1024


def test_nothing_changed_is_the_sound_itself_TRAIN_02():
    wave = sounds.make("pluck", 1.5)
    plain = features(torch.from_numpy(wave))[..., :FRAMES].half().float().numpy()
    made = version(wave, STILL)
    assert made.shape == plain.shape
    assert np.abs(made[0] - plain[0])[:, 2:].max() < 0.1


@pytest.mark.parametrize("semitones", [-2.0, 1.5])
def test_pitch_moves_and_tempo_does_not_TRAIN_02(semitones):
    made = version(tone(), replace(STILL, semitones=(semitones, semitones)))
    assert loudest_hertz(made) == pytest.approx(1000 * 2 ** (semitones / 12), rel=0.002)
    assert made.shape[2] == FRAMES


@pytest.mark.parametrize("stretch", [0.9, 1.1])
def test_tempo_moves_and_pitch_does_not_TRAIN_02(stretch):
    wave = tone()
    wave[: len(wave) // 2] = 0
    made = version(wave, replace(STILL, stretch=(stretch, stretch)))
    assert made.shape[2] == round(FRAMES / stretch)
    assert loudest_hertz(made[:, :, made.shape[2] * 3 // 5 :]) == pytest.approx(1000, rel=0.002)
    starts = int(np.argmax(made[0].max(axis=0) > 0))
    assert starts == pytest.approx(len(wave) / 2 / 256 / stretch, abs=3)


def test_noise_lies_as_far_below_as_it_says_TRAIN_02():
    wave = sounds.make("pad", 1.5)
    rms = float(np.sqrt(np.mean(wave**2)))
    for snr in (15.0, 40.0):
        made = augment.noise(len(wave), rms * 10 ** (-snr / 20), np.random.default_rng(1))
        assert 20 * np.log10(rms / np.sqrt(np.mean(made**2))) == pytest.approx(snr, abs=0.1)
    plain, noisy = (version(wave, c)[0] for c in (STILL, replace(STILL, noisy=1.0, noise_db=(15, 15))))
    assert np.median(noisy) > np.median(plain) + 3


def test_gain_moves_the_level_TRAIN_02():
    wave = tone()
    louder, softer = (version(wave, replace(STILL, gain=(gain, gain)))[0].max() for gain in (1.3, 0.7))
    assert louder - softer == pytest.approx(20 * np.log10(1.3 / 0.7), abs=0.1)


def test_what_is_held_out_is_never_read_TRAIN_02_TRAIN_07(tmp_path):
    """The same versions come out whatever lies in the held-out part of the tape."""
    wave = sounds.make("bell", 3.0)[: 560 * 256]
    other = wave.copy()
    other[224 * 256 : 320 * 256] = sounds.make("noise", 3.0)[: 96 * 256]
    spans = ((0, 200), (344, 200))
    for name, one in (("a", wave), ("b", other)):
        for _ in augment.build(tmp_path / name, one, spans, Changes(versions=2), "key"):
            pass
    a, b = (augment.load(tmp_path / name, "key") for name in ("a", "b"))
    assert a.frames > 700 and np.array_equal(a.features, b.features)
    assert {start for start, _ in a.pieces} == {0, 344}


def test_any_change_is_another_key_TRAIN_02():
    spans = ((0, 100), (200, 100))
    base = augment.key("tape", spans, Changes())
    others = [
        augment.key("other", spans, Changes()),
        augment.key("tape", spans[:1], Changes()),
        augment.key("tape", spans, Changes(versions=3)),
        augment.key("tape", spans, Changes(noise_db=(20, 40))),
        augment.key("tape", spans, Changes(seed=1)),
    ]
    assert base == augment.key("tape", spans, Changes()) and base not in others
    assert len(set(others)) == len(others)


def test_half_made_or_foreign_versions_are_not_used_TRAIN_02(tmp_path):
    wave = sounds.make("bell", 1.0)
    steps = augment.build(tmp_path, wave, ((0, 160),), Changes(versions=3), "key")
    next(steps)
    steps.close()
    assert augment.load(tmp_path, "key") is None
    assert [*augment.build(tmp_path, wave, ((0, 160),), Changes(versions=3), "key")][-1] == (3, 3)
    assert augment.load(tmp_path, "key") is not None and augment.load(tmp_path, "other") is None
    with (tmp_path / "features.f16").open("r+b") as file:
        file.truncate(1000)
    assert augment.load(tmp_path, "key") is None


def test_much_sound_gets_fewer_versions_TRAIN_02():
    spans = tuple((i * 1000, 900) for i in range(100))
    seconds = 100 * 900 * 256 / 48_000
    for room in (seconds * 2.5, seconds / 3):
        parts = augment.work(spans, Changes(versions=5, most_seconds=room))
        assert 0.5 * room < sum(frames for _, (_, frames) in parts) * 256 / 48_000 <= 1.1 * room
