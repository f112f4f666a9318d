"""Tiny nets for gaps as real ONNX files: what a net may do, and what it must not."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save_model

PAST, HORIZON = 4800, 2040
KINDS = ("copy", "nan", "huge", "raises", "short")


def write(path: Path, kind: str, horizon: int = HORIZON) -> Path:
    """A net that answers the first guess (``copy``), NaN, far too much, fewer samples than it says, or that
    fails when it is run."""
    first = 9 if kind == "raises" else 0
    nodes = [
        # So that the place is only known when it is run: it depends on the past.
        helper.make_node("ReduceSum", ["past", "axes"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "nothing"], ["zero"]),
        helper.make_node("Cast", ["zero"], ["place"], to=TensorProto.INT64),
        helper.make_node("Add", ["place", "first"], ["which"]),
        helper.make_node("Gather", ["guesses", "which"], ["picked"], axis=1),
        helper.make_node("Mul", ["picked", "factor"], ["scaled"]),
        helper.make_node("Reshape", ["place", "one"], ["places"]),
        helper.make_node("Add", ["places", "length"], ["to"]),
        helper.make_node("Slice", ["scaled", "from", "to", "along"], ["gap"]),
    ]
    known = {
        "axes": np.array([0, 1]),
        "nothing": np.float32(0),
        "first": np.int64(first),
        "factor": np.float32({"nan": np.nan, "huge": 1e30}.get(kind, 1.0)),
        "from": np.array([0]),
        "one": np.array([1]),
        "length": np.array([horizon // 2 if kind == "short" else horizon]),
        "along": np.array([1]),
    }
    graph = helper.make_graph(
        nodes,
        kind,
        [
            helper.make_tensor_value_info("past", TensorProto.FLOAT, [1, PAST]),
            helper.make_tensor_value_info("guesses", TensorProto.FLOAT, [1, 4, horizon]),
        ],
        [helper.make_tensor_value_info("gap", TensorProto.FLOAT, [1, horizon])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in known.items()],
    )
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
