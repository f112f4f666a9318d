"""The net of gates as a graph of few steps: that it is one, and answers as the net does."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from jobs.nets import gap_net
from jobs.nets.gap_parity import answers, sqnr_db
from jobs.nets.gap_past import pooled
from jobs.nets.gap_prune import Pruner
from jobs.nets.gap_shape import Shape
from jobs.nets.gap_shrink import int8
from jobs.nets.gates import _before as before
from jobs.sound.guesses import RECORDED
from tests.nets.gaps import drawn, gaps

torch.set_num_threads(1)
SHAPE = Shape()


def run(model: bytes, heard: tuple[np.ndarray, ...]) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(("past", "guesses", "record"), heard, strict=True)))[0]


def loud(net: torch.nn.Module) -> torch.nn.Module:
    """Gates that open and close, so that all they hear counts."""
    with torch.no_grad():
        net.get_submodule("gates").weight *= 8
    return net


def moment(shape: Shape, seed: int) -> tuple[np.ndarray, ...]:
    """A past, guesses and a record of any level, none of them like the others."""
    rng = np.random.default_rng(seed)
    past = 10 ** rng.uniform(-2, 1) * rng.standard_normal((1, shape.past))
    guesses = 10 ** rng.uniform(-3, 1, (1, shape.candidates, 1)) * rng.standard_normal((1, 1, shape.horizon))
    guesses = guesses + 10 ** rng.uniform(-3, 0) * rng.standard_normal((1, shape.candidates, shape.horizon))
    record = 10 ** rng.uniform(-5, 1, (1, *RECORDED))
    return tuple(part.astype(np.float32) for part in (past, guesses, record))


def steps(model: bytes, folder) -> int:
    """Nodes that the runtime has left."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(folder / "left.onnx")
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return len(onnx.load(folder / "left.onnx").graph.node)


def test_it_runs_in_few_steps_GAP_08(tmp_path):
    """Each is paid for where nothing is in a cache; traced it has 125, and as int8 138."""
    model = gap_net.exported(drawn("gates", SHAPE), SHAPE)
    assert steps(model, tmp_path) <= 40
    assert steps(int8(model, gaps(8, shape=SHAPE), SHAPE.rate), tmp_path) <= 46


@pytest.mark.parametrize("shape", [
    SHAPE, Shape(past=1_920, horizon=480), Shape(past=2_640, horizon=240), Shape(44_100, 4_400, 1_870, 110),
    Shape(past=1_920, horizon=480, candidates=1), Shape(past=1_920, horizon=480, candidates=2),
], ids=str)  # fmt: skip
def test_it_answers_as_the_net_does_GAP_05(shape):
    net = loud(drawn("gates", shape))
    model = gap_net.exported(net, shape)
    said = []
    for seed in range(8):
        heard = moment(shape, seed)
        with torch.no_grad():
            expected = net(*map(torch.from_numpy, heard)).numpy()
        assert sqnr_db(expected, run(model, heard)) > 100
        said.append(sqnr_db(expected, heard[1][:, 0]))
    assert min(said) < 30, "it is not the first guess alone"


def test_it_answers_as_it_did_when_it_was_traced_GAP_09():
    """So a net that was trained before can be exported anew."""
    net, some = loud(drawn("gates", SHAPE)), gaps(8, shape=SHAPE)
    before, now = (answers(how(net, SHAPE), some) for how in (gap_net.traced, gap_net.exported))
    assert sqnr_db(before, now) > 100


@pytest.mark.parametrize("odd", [0.0, 1e-30, 1e30, np.inf, -1.0])
def test_odd_records_and_silence_make_no_odd_answers_GAP_05(odd):
    net = loud(drawn("gates", SHAPE))
    model = gap_net.exported(net, SHAPE)
    past, guesses, record = moment(SHAPE, 1)
    record[0, 0] = odd
    for heard in ((past, guesses, record), (0 * past, guesses, record), (past, 0 * guesses, record)):
        with torch.no_grad():
            expected = net(*map(torch.from_numpy, heard)).numpy()
        output = run(model, heard)
        assert np.isfinite(output).all()
        np.testing.assert_allclose(output, expected, atol=1e-5 * np.abs(expected).max() + 1e-9)


def test_a_fresh_net_is_prediction_to_the_bit_as_a_graph_too_GAP_05():
    heard = moment(SHAPE, 2)
    model = gap_net.exported(gap_net.new("gates", SHAPE, 0), SHAPE)
    assert np.array_equal(run(model, heard), heard[1][:, 0])


def test_a_net_with_fewer_channels_has_as_few_steps_GAP_09(tmp_path):
    net, some = drawn("gates", SHAPE), gaps(8, shape=SHAPE)
    small = Pruner(net, some).pruned(0.5)
    model = gap_net.exported(small, SHAPE)
    assert steps(model, tmp_path) <= 40 and len(model) < 0.8 * len(gap_net.exported(net, SHAPE))


@pytest.mark.parametrize("past", [480, 1_001, 2_640, 4_400, 4_800])
def test_powers_of_any_past_are_those_that_the_net_hears_GAP_05(past):
    wave = np.random.default_rng(past).standard_normal(past)
    kernels, sums, picked = pooled(past)
    edged = np.concatenate([wave[:1], wave, np.zeros(kernels.shape[2])])
    size, step = kernels.shape[2], past // len(sums)
    seen = kernels[:, 0] @ np.lib.stride_tricks.sliding_window_view(edged, size)[:past:step].T
    powers = np.einsum("pkc,kc->p", picked, seen**2 @ sums)
    expected = before(torch.from_numpy(wave)[None])[0].numpy()
    np.testing.assert_allclose(np.log(powers + 1e-4) / 4, expected, atol=1e-9)
