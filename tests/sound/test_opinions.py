"""Second opinions agree with the first on what is plain, and are opinions of their own (GEN-07)."""

import numpy as np
import pytest

from jobs.sound.descriptors import NAMES, listen, measure
from jobs.sound.opinions import OPINIONS, second
from tests import sounds

FIRST = [NAMES.index(name) for name in OPINIONS]


def both(wave: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    heard = listen(wave.astype(np.float32))
    return measure(heard)[FIRST], second(heard)


def test_both_agree_on_a_steady_tone_GEN_07():
    t = np.arange(48_000) / 48_000
    for hertz in (200, 1000, 4000):
        first, other = both(0.3 * np.sin(2 * np.pi * hertz * t))
        assert other[0] == pytest.approx(first[0], abs=0.1)
        assert np.sign(other[1]) == np.sign(first[1])
        assert other[3] == pytest.approx(first[3], abs=0.05)
        assert other[4] < 1.0


def test_both_order_sounds_alike_on_the_whole_GEN_07():
    found = np.array([both(sounds.make(kind, 2.5, 1)) for kind in sounds.KINDS])
    for k, name in enumerate(OPINIONS):
        order = [np.argsort(np.argsort(found[:, which, k])) for which in (0, 1)]
        assert np.corrcoef(*order)[0, 1] > 0.5, name


def test_loud_frames_count_more_for_the_second_GEN_03():
    t = np.arange(48_000) / 48_000
    loud = np.concatenate([0.5 * np.sin(2 * np.pi * 100 * t), 0.02 * np.sin(2 * np.pi * 3200 * t)])
    first, other = both(loud)
    assert other[0] < first[0] - 1


@pytest.mark.parametrize("samples", [1, 300, 20_000])
def test_silence_and_short_sounds_have_finite_ones_GEN_07(samples):
    assert np.isfinite(second(listen(np.zeros(samples, np.float32)))).all()
