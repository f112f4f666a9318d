"""Training: what is lowered, what is held out, and that it can be repeated and resumed."""

import copy

import numpy as np
import pytest
import torch

from jobs.nets import excerpts
from jobs.nets.fit import fit, louder, validate
from jobs.nets.losses import audibility, divergence, wave_loss
from jobs.sound.augment import Versions
from jobs.sound.bands import features
from tests import measures, sounds
from tests.nets.conftest import training_on


def rows_of(training, tape, split, statistics, count=None):
    rows = []
    for row in fit(training, excerpts.Drawing(tape, split), statistics):
        rows.append(row)
        if len(rows) == count:
            break
    return rows


def test_losses_fall_LOSS_04(tape, split, statistics):
    rows = rows_of(training_on(tape, split), tape, split, statistics)
    assert len(rows) == 24
    first, last = (np.mean([row["loss"] for row in part]) for part in (rows[:6], rows[-6:]))
    assert last < 0.95 * first
    assert all(np.isfinite(list(row.values())).all() for row in rows)


def test_same_seed_same_losses_TRAIN_05(tape, split, statistics):
    runs = [rows_of(training_on(tape, split), tape, split, statistics, 6) for _ in range(2)]
    assert runs[0] == runs[1]
    assert rows_of(training_on(tape, split, seed=1), tape, split, statistics, 6) != runs[0]


def test_resumed_training_has_the_same_losses_TRAIN_06(tape, split, statistics):
    whole = rows_of(training_on(tape, split), tape, split, statistics, 10)
    first = training_on(tape, split)
    rows = rows_of(first, tape, split, statistics, 5)
    state = copy.deepcopy(first.state_dict())
    second = training_on(tape, split, seed=0)
    second.load_state_dict(state)
    rows += rows_of(second, tape, split, statistics, 5)
    assert rows == whole


def test_a_weight_of_zero_leaves_its_loss_out_LOSS_04(tape, split, statistics):
    weights = {"magnitude": 1.0, "frequency": 0.0, "stft": 0.0, "kl": 0.0}
    (row,) = rows_of(training_on(tape, split, weights=weights), tape, split, statistics, 1)
    assert row["loss"] == pytest.approx(row["magnitude"])
    assert "stft" not in row


def test_what_is_held_out_is_never_trained_on_TRAIN_07(tape, split):
    held = np.concatenate([np.arange(s, s + n) for s, n in split.blocks + split.files])
    assert not set(held) & set(split.train.tolist())
    for start, length in split.blocks:
        near = np.arange(start - excerpts.GUARD, start + length + excerpts.GUARD)
        assert not set(near.tolist()) & set(split.train.tolist()), "the guard gap is missing"
    assert len(split.held_out) == 1
    assert excerpts.held_out_files(4) == 0 and excerpts.held_out_files(50) == 5


def test_the_gap_compares_neighbours_TRAIN_07(split):
    trained = set(split.train.tolist())
    spans = excerpts.beside(split)
    assert spans and all(set(range(start, start + length)) <= trained for start, length in spans)
    lengths = {length for _, length in split.blocks}
    assert {length for _, length in spans} <= lengths
    for start, _ in spans:
        assert min(abs(start - block) for block, _ in split.blocks) <= max(lengths) + excerpts.GUARD


def test_validation_judges_the_average_without_noise_TRAIN_07(tape, split, statistics):
    training = training_on(tape, split)
    held = excerpts.held_out(tape, split.blocks)
    assert validate(training, held, statistics) == validate(training, held, statistics)
    assert validate(training, [], statistics) is None


def test_wave_loss_is_zero_only_for_the_sound_itself_LOSS_01():
    wave = torch.from_numpy(sounds.make("pluck", 1.0))[: 187 * 256]
    level = features(wave)[0]
    perfect = float(wave_loss(level[None], level[None], wave[None]))
    moved = level.clone().requires_grad_(True)
    worse = wave_loss(moved[None] + 6 * torch.randn_like(moved), level[None], wave[None])
    worse.backward()
    assert perfect < 1e-3 < 0.1 < worse.item()
    assert bool(torch.isfinite(moved.grad).all()) and bool(moved.grad.any())


def test_wave_loss_is_the_distance_that_models_are_judged_by_LOSS_01():
    """All of it at a gain of 6 dB; beside another implementation."""
    wave = torch.from_numpy(sounds.make("pluck", 1.0))[: 187 * 256]
    level = features(wave)[0]
    found = float(wave_loss(level[None] + 6, level[None], wave[None]))
    assert found == pytest.approx(measures.mr_stft(wave * 10**0.3, wave), rel=0.01)


def test_quiet_bands_weigh_less_never_negative_LOSS_02():
    level = torch.full((1, 4, 3), -60.0)
    level[0, 1] = 0.0
    weight = audibility(level)
    assert float(weight.mean()) == pytest.approx(1)
    assert bool((weight >= 0).all()) and float(weight[0, 1, 0]) > 20 * float(weight[0, 0, 0])


def test_divergence_is_zero_for_the_prior_per_channel_LOSS_03():
    mean, log_variance = torch.zeros(2, 5, 7), torch.zeros(2, 5, 7)
    assert not divergence(mean, log_variance).any()
    mean[:, 3] = 1.0
    assert divergence(mean, log_variance).tolist() == pytest.approx([0, 0, 0, 0.5, 0])


def test_versions_are_drawn_and_their_waves_are_not_TRAIN_02(tape, split):
    """A share of each batch is of versions, which have no wave on the tape; the first never is."""
    odd = np.full((2, 384, 600), 7, np.float16)
    versions = Versions(odd, ((int(split.train[0]), 600),))
    drawing = excerpts.Drawing(tape, split, versions, share=0.5)
    random = np.random.default_rng(0)
    batches = [drawing.batch(8, random) for _ in range(20)]
    raw = torch.cat([raw for raw, _ in batches])
    firsts = np.concatenate([firsts for _, firsts in batches])
    made = (raw == 7).all(dim=(1, 2, 3)).numpy()
    assert 0.3 < made.mean() < 0.6
    assert (firsts[made] == -1).all() and not made[::8].any()


def test_weights_say_how_often_a_sound_is_drawn_INCR_02(tape, split):
    first = tape.places[split.files[0][0] == 0]
    weights = [float(place is not first) for place in tape.places]
    drawing = excerpts.Drawing(tape, split, weights=weights)
    _, firsts = drawing.batch(64, np.random.default_rng(0))
    assert not ((firsts >= first.start) & (firsts < first.start + first.frames)).any()


@pytest.mark.slow
def test_old_sounds_drawn_beside_new_are_not_forgotten_INCR_02(tape, split, statistics):
    """Trained further on other sounds alone, a net gets worse on those it knew; on both it does not."""
    old = [float(i < 3) for i in range(len(tape.places))]
    new = [1 - weight for weight in old]
    limit = tape.places[3].start
    held = excerpts.held_out(tape, tuple(span for span in split.blocks if span[0] < limit))

    def further(weights, start):
        training = training_on(tape, split, steps=30, epoch=10)
        if start:
            training.net.load_state_dict(start.average.state_dict())
            training.average.load_state_dict(start.average.state_dict())
        for _ in fit(training, excerpts.Drawing(tape, split, weights=weights), statistics):
            pass
        return training, validate(training, held, statistics)["level_db"]

    first, before = further(old, None)
    _, alone = further(new, first)
    _, both = further([1.0] * len(old), first)
    assert both < alone - 0.15
    assert both < before + 0.3


def test_a_split_can_be_made_again_from_what_it_held_out_INCR_01(tape, split):
    again = excerpts.around(tape.places, split.blocks, split.files)
    assert np.array_equal(again.train, split.train) and again.held_out == split.held_out
    never = range(len(tape.places) - 1)
    blocks, files = excerpts.choose(tape.places, 0, never)
    assert not files and all(start >= tape.places[-1].start for start, _ in blocks)


def test_gain_moves_the_level_alone_TRAIN_02():
    raw = features(torch.from_numpy(sounds.make("bell", 0.5)))[None]
    moved = louder(raw, torch.tensor([3.0]))
    loud = raw[0, 0] > -60
    assert torch.allclose(moved[0, 0][loud], raw[0, 0][loud] + 3)
    assert torch.equal(moved[0, 1], raw[0, 1])
