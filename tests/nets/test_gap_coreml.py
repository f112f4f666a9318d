"""Nets as Core ML: what is in the file. Core ML itself runs on Apple's systems alone."""

import sys

import numpy as np
import pytest
import torch

from jobs.nets import gap_net
from jobs.nets.gap_coreml import Missing, core_ml
from tests.nets.gaps import SHAPE, drawn


@pytest.mark.parametrize("name", list(gap_net.NETS))
def test_a_net_becomes_one_file_with_its_weights_GAP_09(name):
    tools = pytest.importorskip(
        "coremltools", reason="coremltools is missing: pip install 'woodshed[coreml]'"
    )
    net = drawn(name)
    content = core_ml(net, SHAPE)
    told = tools.proto.Model_pb2.Model.FromString(content)
    assert [one.name for one in told.description.input] == ["past", "guesses", "record"]
    assert list(told.description.input[0].type.multiArrayType.shape) == [1, SHAPE.past]
    assert [one.name for one in told.description.output] == ["gap"]
    kept = {
        np.array(one.weights.floatValue, np.float32).tobytes()
        for layer in told.neuralNetwork.layers
        for one in (layer.innerProduct, layer.convolution)
        if one.weights.floatValue
    }
    layers = [one for one in net.modules() if isinstance(one, torch.nn.Linear | torch.nn.Conv1d)]
    assert layers and kept >= {one.weight.detach().numpy().tobytes() for one in layers}


def test_what_is_missing_is_named_GAP_09(monkeypatch):
    # Python's own mark of a package that can't be imported.
    monkeypatch.setitem(sys.modules, "coremltools", None)
    with pytest.raises(Missing, match=r"coremltools is not installed; pip install 'woodshed\[coreml\]'"):
        core_ml(drawn("mlp"), SHAPE)
