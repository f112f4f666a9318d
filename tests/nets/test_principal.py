"""Where a net begins: normalised features, and their principal components."""

import numpy as np
import torch

from jobs.nets.excerpts import Drawing
from jobs.nets.fit import Plan, Training, validate
from jobs.nets.principal import SLOTS_PER_COMPONENT, Principal
from jobs.nets.vae import Shape, Vae


def looks(tape, split, statistics, count=4):
    drawing = Drawing(tape, split)
    return [statistics.normalise(drawing.batch(8, np.random.default_rng(k))[0]) for k in range(count)]


def test_channels_are_normalised_each_and_come_back_REP_02(tape, split, statistics):
    raw = torch.from_numpy(tape.features[:, :, split.train].astype(np.float32))
    normalised = statistics.normalise(raw)
    assert abs(float(normalised[0].mean())) < 0.01 and abs(float(normalised[0].std()) - 1) < 0.01
    assert abs(float(normalised[1].std()) - 1) < 0.05
    assert torch.allclose(statistics.restore(normalised), raw, atol=1e-3)


def test_components_of_few_dimensions_are_all_of_it_ARCH_01():
    mixing = torch.randn(5, 40, generator=torch.Generator().manual_seed(0))
    slots = torch.randn(200, 5, generator=torch.Generator().manual_seed(1)) @ mixing + 3
    principal = Principal(8, 40)
    principal.fit([slots], seed=0)
    z = principal.encode(slots)
    assert torch.allclose(principal.decode(z), slots, atol=1e-3)
    assert abs(float(z[:, :5].std()) - 1) < 0.05


def test_few_slots_give_few_components_TRAIN_07():
    slots = torch.randn(5 * SLOTS_PER_COMPONENT, 40, generator=torch.Generator().manual_seed(0))
    principal = Principal(16, 40)
    principal.fit([slots], seed=0)
    assert int((principal.basis.abs().sum(dim=1) > 0).sum()) == 5


def test_a_net_that_has_begun_knows_more_of_the_unheard_than_one_that_has_not_TRAIN_07(
    tape, split, statistics
):
    held = [tape.excerpt(slice(start, start + frames // 16 * 16)) for start, frames in split.files]
    errors = []
    for begun in (False, True):
        torch.manual_seed(0)
        net = Vae(Shape(latent=32, widths=(16, 24, 32)))
        if begun:
            net.begin(looks(tape, split, statistics), seed=0)
        found = validate(Training(net, Plan(steps=1, epoch=1)), held, statistics)
        errors.append(found["level_db"])
    assert errors[1] < 0.7 * errors[0]


def test_the_same_sounds_and_seed_begin_alike_GEN_09(tape, split, statistics):
    nets = [Vae(Shape(latent=16, widths=(8, 16, 16))) for _ in range(2)]
    for net in nets:
        net.begin(looks(tape, split, statistics), seed=3)
    assert torch.equal(nets[0].principal.basis, nets[1].principal.basis)
