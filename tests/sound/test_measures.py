"""The yardsticks, measured: what is known of them beforehand must come out, for any sound."""

import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist

from jobs.sound import embedding, levels, measures, populations
from jobs.sound.embedding import embed
from tests import sounds
from tests.measures import lsd_db, mr_stft

KINDS = tuple(sounds.KINDS)
LATER = settings(max_examples=25, deadline=None, derandomize=True)
POINTS = arrays(np.float64, (9, 4), elements=st.floats(-50, 50, allow_subnormal=False))
WILD = arrays(np.float32, 4096, elements=st.floats(-1, 1, width=32, allow_subnormal=False))


def crowd(seed: int, count: int = 60, shift: float = 0.0, spread: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, spread, (count, 6))


@pytest.mark.parametrize("kind", KINDS)
def test_a_perfect_estimate_scores_zero_LOSS_01(kind):
    wave = sounds.make(kind, 0.5)
    assert measures.evaluate(wave, wave.copy()) == {"mr_stft": 0.0, "lsd_db": 0.0}


@pytest.mark.parametrize("kind", KINDS)
def test_distances_agree_with_another_implementation_LOSS_01(kind):
    truth = sounds.make(kind, 0.7)
    rough = truth + 0.02 * sounds.make("noise", 0.7, 3)
    pair = torch.from_numpy(rough), torch.from_numpy(truth)
    assert measures.mr_stft(rough, truth) == pytest.approx(mr_stft(*pair), rel=1e-3)
    assert measures.lsd_db(rough, truth) == pytest.approx(lsd_db(*pair), rel=1e-3)


@pytest.mark.parametrize("gain_db", [-12.0, -3.0, 6.0])
def test_a_gain_is_as_many_db_away(gain_db):
    """White noise fills every bin, so its log-spectral distance to a louder self is that gain."""
    truth = np.random.default_rng(0).normal(0, 0.1, 24_000)
    assert measures.lsd_db(truth * 10 ** (gain_db / 20), truth) == pytest.approx(abs(gain_db), abs=0.01)


@pytest.mark.parametrize("measure", [measures.mr_stft, measures.lsd_db])
def test_more_noise_is_further_away(measure):
    truth, noise = sounds.make("pad", 0.7), sounds.make("noise", 0.7, 1)
    found = [measure(truth + amount * noise, truth) for amount in (0.0, 0.003, 0.03, 0.3)]
    assert found == sorted(found) and found[1] > 0


@given(WILD, WILD)
@LATER
def test_any_two_sounds_have_finite_distances_or_are_refused_wild(estimate, truth):
    if np.abs(truth).max() < measures.SILENT:
        with pytest.raises(ValueError, match="silent"):
            measures.evaluate(estimate, truth)
    else:
        found = measures.evaluate(estimate, truth)
        assert all(np.isfinite(value) and value >= 0 for value in found.values())


@pytest.mark.parametrize(
    ("estimate", "truth", "says"),
    [
        (np.ones(4096), np.zeros(4096), "truth: silent"),
        (np.ones(100), np.ones(100), "too short"),
        (np.ones(4096), np.ones(4097), "4096 samples, truth 4097"),
        (np.ones((2, 4096)), np.ones((2, 4096)), "shape"),
        (np.full(4096, np.nan), np.ones(4096), "estimate: holds numbers that are not finite"),
        (np.ones(4096), np.full(4096, np.inf), "truth: holds numbers that are not finite"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(estimate, truth, says):
    with pytest.raises(ValueError, match=says):
        measures.evaluate(estimate, truth)


def test_a_silent_estimate_is_bad_not_an_error():
    found = measures.evaluate(np.zeros(24_000), sounds.make("pad", 0.5))
    assert found["mr_stft"] > 1 and found["lsd_db"] > 10


def test_cepstra_are_librosas():
    """The cosine transform against librosa's; the mel bands keep their middles."""
    log = np.random.default_rng(1).normal(size=(embedding.MELS, 7))
    ours = embedding._cosines().numpy() @ log
    theirs = librosa.feature.mfcc(S=log, n_mfcc=embedding.CEPSTRA, dct_type=2, norm="ortho")
    assert np.allclose(ours, theirs, atol=1e-4)
    assert bool((embedding._mel().sum(dim=1) > 0).all()), "a band without bins hears nothing"


def test_one_embedding_per_half_second_of_what_sounds():
    assert embed(sounds.make("pad", 2.0)).shape == (4, embedding.WIDTH)
    assert embed(sounds.make("clicks", 0.1)).shape == (1, embedding.WIDTH)
    assert embed(np.zeros(48_000)).shape == (0, embedding.WIDTH)
    late = np.concatenate([np.zeros(49_152, np.float32), sounds.make("pad", 1.0)])
    assert len(embed(late)) == len(embed(late[49_152:])) == 2
    with pytest.raises(ValueError, match="too short"):
        embed(np.ones(1000))


def test_sounds_of_one_kind_lie_together():
    """The nearest chunk of another sound is of the same kind, nearly always."""
    kinds = ("pad", "noise", "drums", "clicks", "vowels")
    rows = [embed(sounds.make(kind, 2.0, seed)) for kind in kinds for seed in range(3)]
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    every = np.concatenate(rows)
    every = (every - every.mean(axis=0)) / every.std(axis=0)
    right = 0
    for i, own in enumerate(owner):
        others = np.flatnonzero(owner != own)
        best = owner[others[populations.nearest(every[others], every[i : i + 1])[0][0]]]
        right += best // 3 == own // 3
    assert right / len(owner) > 0.85


def test_kernel_distance_knows_same_from_different():
    """Unbiased: two draws of one crowd lie around 0, and a shift or a collapse is far above it."""
    same = [populations.kad(crowd(i), crowd(100 + i)) for i in range(20)]
    assert abs(np.mean(same)) < 3 * np.std(same) / np.sqrt(20) + 0.05
    for other in (crowd(1, shift=1.0), crowd(1, spread=0.05)):
        assert populations.kad(crowd(0), other) > 2 * max(np.abs(same))


def test_kernel_distance_by_hand():
    """Two points each, one apart: k = exp(-1/2) inside, and the crossing ones as far as they are."""
    real, made = np.array([[0.0], [1.0]]), np.array([[3.0], [4.0]])
    crossing = np.mean([np.exp(-d * d / 2) for d in (3, 4, 2, 3)])
    assert populations.kad(real, made) == pytest.approx(100 * (2 * np.exp(-0.5) - 2 * crossing))


@given(POINTS)
@LATER
def test_a_copy_of_the_real_covers_it_whole_wild(points):
    assert populations.coverage(points, points.copy()) == 1.0
    assert populations.nearest(points, points.copy())[1].max() == 0
    if pdist(points).mean() > 1e-3:
        assert populations.diversity(points, points.copy()) == pytest.approx(1)


@given(POINTS, POINTS)
@LATER
def test_any_two_crowds_have_finite_distances_wild(real, made):
    assert 0 <= populations.coverage(real, made) <= 1
    assert np.isfinite(populations.kad(real, made)) and populations.kad(real, made) <= 200 + 1e-9
    assert np.isfinite(populations.diversity(real, made)) and populations.diversity(real, made) >= 0


def test_one_sound_over_and_over_covers_little_and_has_no_diversity():
    collapsed = np.repeat(crowd(0)[:1], 60, axis=0)
    assert populations.coverage(crowd(0), collapsed) < 0.3
    assert populations.diversity(crowd(0), collapsed) == 0


@pytest.mark.parametrize(
    ("real", "made", "says"),
    [
        (np.ones((1, 3)), np.ones((4, 3)), "real: needs at least 2"),
        (np.ones((4, 3)), np.ones((4, 2)), "widths differ"),
        (np.ones((4, 3)), np.full((4, 3), np.nan), "made: holds numbers"),
    ],
)
def test_crowds_that_cannot_be_compared_are_refused(real, made, says):
    for measure in (populations.kad, populations.coverage, populations.diversity):
        with pytest.raises(ValueError, match=says):
            measure(real, made)


def test_a_peak_between_the_samples_is_found():
    """A tone at a quarter of the rate, sampled 45 degrees off its crests, stands 3 dB above its samples."""
    at = np.arange(48_000)
    hidden = np.sin(np.pi / 2 * at + np.pi / 4) * np.minimum(1, np.minimum(at, at[::-1]) / 4800)
    found = levels.evaluate(hidden, 48_000)
    assert found["peak_dbfs"] == pytest.approx(-3.01, abs=0.01)
    assert found["true_peak_dbtp"] == pytest.approx(0.0, abs=0.1)


def test_level_dc_and_clipping_of_known_sounds():
    square = np.where(np.arange(48_000) // 50 % 2, 0.5, -0.5)
    found = levels.evaluate(np.stack([square, square + 0.25]), 48_000)
    assert found["dc"] == pytest.approx(0.25, abs=1e-3) and found["clipped"] == 0
    assert levels.evaluate(square, 48_000)["level_dbfs"] == pytest.approx(-6.02, abs=0.01)
    over = np.clip(2 * np.sin(np.arange(48_000) / 20), -1, 1)
    assert levels.evaluate(over, 48_000)["clipped"] == pytest.approx(2 / 3, abs=0.02)
    assert levels.evaluate(np.zeros((2, 10)), 48_000)["true_peak_dbtp"] == -200
    for bad in (np.full(10, np.nan), np.zeros((1, 0)), np.zeros((1, 2, 3))):
        with pytest.raises(ValueError, match="sound"):
            levels.evaluate(bad, 48_000)
