"""A net that plays back what it heard is told from one that makes its own (TRAIN-07)."""

import numpy as np
import torch

from jobs.nets import excerpts, memory
from jobs.nets.fit import fit
from tests.nets.conftest import training_on


def spectra(count: int, seed: int) -> torch.Tensor:
    """Rows with a few broad hills, as `memory.points` gives them."""
    random = np.random.default_rng(seed)
    rows = random.standard_normal((count, 6)) @ np.cos(np.outer(np.arange(6), np.linspace(0, np.pi, 48)))
    return torch.from_numpy(10 * rows).float()


def test_copies_are_told_from_what_is_new_TRAIN_07():
    rows, unheard, made = spectra(300, 0), spectra(60, 1), spectra(60, 2)
    trained = memory.Trained(rows, torch.arange(300) // 10)
    torch.manual_seed(0)
    assert memory.judge(rows[:60] + 0.3 * torch.randn(60, 48), unheard, trained).memorising
    own = memory.judge(made, unheard, trained)
    assert not own.memorising and 0.7 < own.made_db / own.unheard_db < 1.4
    assert memory.judge(made, unheard[:0], trained) is None
    assert memory.judge(made, unheard, memory.Trained(rows, torch.zeros(300))) is None


def test_the_average_of_all_sounds_is_no_copy_TRAIN_07():
    """A net that has learned nothing makes the mean: near to every sound, but to none in particular."""
    rows, unheard = spectra(300, 0), 4 * spectra(60, 1)
    mean = rows.mean(dim=0) + 0.3 * torch.randn(60, 48)
    found = memory.judge(mean, unheard, memory.Trained(rows, torch.arange(300) // 10))
    assert found.made_db < 0.5 * found.unheard_db and not found.memorising


def test_gain_alone_makes_no_other_sound_TRAIN_07(tape):
    level = tape.excerpt(slice(0, 128))[:1].clamp_min(-50)
    assert torch.allclose(memory.points(level), memory.points(level + 6), atol=1e-3)


def test_silence_is_not_compared_TRAIN_07():
    level = torch.full((1, 384, 64), -70.0)
    level[..., :16] = 0.0
    assert len(memory.points(level)) == 1


def test_sounds_too_short_to_look_at_are_passed_over_TRAIN_07(tape):
    assert len(memory.known(tape, ((0, 8), (40, 15))).points) == 0
    assert len(memory.known(tape, ((0, 8), (64, 32))).points) <= 2


def test_a_net_is_asked_what_it_remembers_TRAIN_07(tape, split, statistics):
    training = training_on(tape, split)
    for _ in fit(training, excerpts.Drawing(tape, split), statistics):
        pass
    known = memory.known(tape, split.spans)
    assert 50 < len(known.points) == len(known.owner) <= memory.MOST
    assert len(known.owner.unique()) == len(tape.places) - len(split.files)
    train = excerpts.held_out(tape, tuple(span for span in split.spans if span[1] >= 128))
    unheard = excerpts.held_out(tape, split.files + split.blocks)
    found = memory.remembered(training.average, statistics, known, train, unheard)
    assert found is not None and np.isfinite([found.made_db, found.unheard_db]).all()
    assert found == memory.remembered(training.average, statistics, known, train, unheard)
    assert memory.remembered(training.average, statistics, known, train, []) is None


def test_a_scrap_between_a_block_and_its_sound_is_passed_over_TRAIN_07(tape, split):
    """A block near the edge of a sound leaves fewer frames than a spectrum needs."""
    whole = memory.known(tape, split.spans)
    scraps = memory.known(tape, ((split.spans[0][0], 3), *split.spans))
    assert torch.equal(scraps.points, whole.points)
