"""Nets in fewer bits: what int8 and half floats keep of an answer, and which layers they leave alone."""

import numpy as np
import onnx
import pytest
import torch

from jobs.nets import gap_net, gap_shrink
from jobs.nets.gap_parity import answers, either_sign, parity, repaired, sqnr_db
from tests.nets.gaps import SHAPE, drawn, gaps

torch.set_num_threads(1)
KNOWN, HELD = gaps(), gaps(seed=1)


@pytest.mark.parametrize("name", list(gap_net.NETS))
def test_int8_keeps_the_answer_and_half_floats_keep_more_GAP_09(name):
    model = gap_net.exported(drawn(name), SHAPE)
    reference = answers(model, HELD)
    small = gap_shrink.int8(model, KNOWN, SHAPE.rate)
    found = parity(reference, answers(small, HELD), HELD, SHAPE.rate)
    assert found.close and found.sqnr_db > 30 and found.gap_sqnr_db > 30 and found.loss_db < 0.1
    assert len(small) < 0.6 * len(model)
    half = gap_shrink.fp16(model)
    assert parity(reference, answers(half, HELD), HELD, SHAPE.rate).sqnr_db > found.sqnr_db + 5
    assert len(half) < 0.7 * len(model)


def test_only_large_layers_are_quantised_each_channel_by_itself_GAP_09():
    net = drawn("gates")
    small = onnx.load_from_string(gap_shrink.int8(gap_net.exported(net, SHAPE), KNOWN, SHAPE.rate)).graph
    scales = {one.name: list(one.dims) for one in small.initializer if one.name.endswith("weight_scale")}
    large = ("near", "second", "residual")
    assert scales == {f"{name}.weight_scale": [len(net.get_submodule(name).weight)] for name in large}
    read = {name for node in small.node if node.op_type == "DequantizeLinear" for name in node.output}
    heard = {node.name for node in small.node if read & set(node.input)} - {f"{name}.sum" for name in large}
    assert heard == {"hidden"}, "what else there is reads float32, but what a convolution made"
    (hidden,) = [node for node in small.node if node.name == "hidden"]
    assert len(read & set(hidden.input)) == 1
    assert "second" not in [node.name for node in small.node], "int8 from 0 on needs nothing that cuts it off"


def test_a_layer_that_makes_too_much_noise_stays_in_float32_GAP_09():
    """One channel a thousand times as loud as the others takes all the steps, and says nothing."""
    net = drawn("mlp")
    with torch.no_grad():
        net.get_submodule("layers.0").bias[3] = 1_000
        net.get_submodule("layers.2").weight[:, 3] = 0
    model = gap_net.exported(net, SHAPE)
    layers = gap_shrink.quantisable(model)
    assert len(layers) == 3 and sum(layers.values()) > 100_000
    small = gap_shrink.int8(model, KNOWN, SHAPE.rate)
    (left,) = gap_shrink.quantisable(small)
    assert left == "/layers/layers.2/Gemm"
    assert parity(answers(model, HELD), answers(small, HELD), HELD, SHAPE.rate).close
    assert len(small) < 0.35 * len(model)


def test_parity_is_of_what_is_heard_and_the_worst_of_all_lengths_GAP_09():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(HELD.truth.shape).astype(np.float32)
    found = parity(HELD.truth, HELD.truth + 0.01 * noise, HELD, SHAPE.rate)
    assert found.sqnr_db == pytest.approx(40, abs=0.5) and found.gap_sqnr_db == pytest.approx(40, abs=1)
    assert found.loss_db > 50 and not found.useful and not found.close, "the truth can't be bettered"
    # Of an answer that is 3 dB off, noise at -40 dB takes next to nothing.
    off = HELD.truth + 0.7 * rng.standard_normal(HELD.truth.shape).astype(np.float32)
    assert parity(off, off + 0.01 * noise, HELD, SHAPE.rate).close
    late = np.where(np.arange(SHAPE.horizon) < 240, 0, noise)
    assert not parity(off, off + late, HELD, SHAPE.rate).useful, "behind the first 5 ms"


def test_what_the_field_cuts_off_counts_for_nothing_GAP_09():
    """Answers far too loud are held at one and a half times what was heard, whatever they were."""
    loud = np.full_like(HELD.truth, 1_000)
    found = parity(loud, 2 * loud, HELD, SHAPE.rate)
    assert found.sqnr_db == pytest.approx(0) and found.gap_sqnr_db > 100
    peak = np.abs(HELD.past).max(axis=1) * HELD.scale
    assert np.allclose(repaired(loud, HELD, SHAPE.rate)[:, 0], 1.5 * peak)


def test_gaps_of_either_sign_are_twice_as_many_GAP_09():
    both = either_sign(KNOWN)
    assert len(both) == 2 * len(KNOWN) and np.array_equal(both.past[len(KNOWN) :], -KNOWN.past)
    assert np.array_equal(both.scale[len(KNOWN) :], KNOWN.scale)
    assert sqnr_db(both.truth, np.concatenate([KNOWN.truth, -KNOWN.truth])) > 100


def test_a_net_that_is_hardly_heard_is_kept_too_GAP_09():
    """Near silence is what a net says of noise: gates that almost cancel what is guessed."""
    net = drawn("gates")
    with torch.no_grad():
        net.get_submodule("gates").bias[0] = -3
        net.get_submodule("residual").weight *= 0.01
    model = gap_net.exported(net, SHAPE)
    reference = answers(model, HELD)
    assert np.abs(reference).mean() < 0.3 * np.abs(HELD.truth).mean()
    small = gap_shrink.int8(model, KNOWN, SHAPE.rate)
    assert parity(reference, answers(small, HELD), HELD, SHAPE.rate).close
