"""Nets with fewer channels: which go, what takes their place, and when none can."""

from dataclasses import replace

import pytest
import torch

from jobs.nets import gap_net
from jobs.nets.gap_fit import made
from jobs.nets.gap_parity import answers, parity, sqnr_db
from jobs.nets.gap_prune import LEAST, Pruner, groups, layer_of, smallest
from tests.nets.gaps import SHAPE, drawn, gaps

torch.set_num_threads(1)
KNOWN, HELD = gaps(), gaps(seed=1)


def counted(net: torch.nn.Module) -> int:
    return sum(one.numel() for one in net.parameters())


def widths(net: torch.nn.Module) -> list[int]:
    return [layer_of(net, group.made[0]).weight.shape[0] for group in groups(net)]


@pytest.mark.parametrize("name", list(gap_net.NETS))
def test_weights_are_fewer_and_the_file_answers_as_the_net_does_GAP_09(name):
    net = drawn(name)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    small = Pruner(net, KNOWN).pruned(0.5)
    assert sum(widths(small)) == round(0.5 * sum(widths(net))) and counted(small) < 0.85 * counted(net)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    file = gap_net.exported(small, SHAPE)
    assert len(file) < len(gap_net.exported(net, SHAPE)) - 3 * (counted(net) - counted(small))
    assert sqnr_db(made(small, HELD), answers(file, HELD)) > 60
    assert sqnr_db(made(net, HELD), made(Pruner(net, KNOWN).pruned(0), HELD)) > 80


def test_channels_that_nothing_hears_go_first_and_are_not_missed_GAP_09():
    net = drawn("mlp")
    with torch.no_grad():
        for name, deaf in (("layers.2", range(20)), ("layers.4", range(40, 60))):
            layer_of(net, name).weight[:, list(deaf)] = 0
    pruner = Pruner(net, KNOWN)
    first, second = pruner.damages()
    assert not first[:20].any() and bool((first[20:] > 0).all())
    assert not second[40:60].any() and bool((second[:40] > 0).all())
    small = pruner.pruned(40 / 128)
    assert widths(small) == [44, 44]
    assert torch.equal(layer_of(small, "layers.0").weight, layer_of(net, "layers.0").weight[20:])
    assert sqnr_db(made(net, HELD), made(small, HELD)) > 80


def test_what_is_left_takes_over_what_went_GAP_09():
    """Half of the channels say the same as the other half, to whom less is listened."""
    net = drawn("mlp")
    maker, reader = layer_of(net, "layers.0"), layer_of(net, "layers.2")
    with torch.no_grad():
        maker.weight[32:], maker.bias[32:] = maker.weight[:32], maker.bias[:32]
        reader.weight[:, 32:] *= 0.2
    small = Pruner(net, KNOWN).pruned(32 / 128)
    reference = made(net, HELD)
    assert widths(small) == [32, 64]
    assert torch.equal(layer_of(small, "layers.0").weight, maker.weight[:32])
    assert sqnr_db(reference, made(small, HELD)) > 40
    with torch.no_grad():
        reader.weight[:, 32:] = 0
    assert sqnr_db(reference, made(net, HELD)) < 30, "it is the fit that makes up for them"


def test_some_channels_are_left_everywhere_GAP_09():
    small = Pruner(drawn("hybrid"), KNOWN).pruned(1.0)
    assert widths(small) == [LEAST] * 5


def test_the_most_that_keeps_gap_sdr_is_cut_GAP_09():
    net = drawn("gates")
    with torch.no_grad():
        # What the residual hears is for nothing, and half of what trust is made of.
        layer_of(net, "residual").weight.zero_()
        for name in ("second", "gates"):
            layer_of(net, name).weight[:, 48:] = 0
    small = smallest(net, KNOWN, HELD, SHAPE.rate)
    assert small is not None
    stream, near = widths(small)
    assert near == LEAST and stream <= 60
    found = parity(made(net, HELD), made(small, HELD), HELD, SHAPE.rate)
    assert found.useful and found.loss_db <= 0.1


def test_none_is_cut_where_each_says_something_GAP_09():
    """The answer is the truth, so that the least change of it costs more than is allowed."""
    net = drawn("conv1d")
    known, held = (replace(some, truth=made(net, some)) for some in (KNOWN, HELD))
    calls = []
    assert smallest(net, known, held, SHAPE.rate, lambda: calls.append(1)) is None
    assert len(calls) == 4


def test_pruning_can_be_stopped_GAP_09():
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        smallest(drawn("mlp"), KNOWN, HELD, SHAPE.rate, stop)
