"""Tiny nets for gaps as real ONNX files: what a net may do, and what it must not."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save_model

from jobs.sound.guesses import RECORDED

PAST, HORIZON = 4800, 2040
KINDS = ("copy", "record", "nan", "huge", "raises", "short")


def write(path: Path, kind: str, horizon: int = HORIZON) -> Path:
    """A net that answers the first guess (``copy``, and ``record``, which hears one too), NaN, far too much,
    fewer samples than it says, or that fails when it is run."""
    first = 9 if kind == "raises" else 0
    given = {"past": [1, PAST], "guesses": [1, 4, horizon], "record": [1, *RECORDED]}
    heard = [*given][: 3 if kind == "record" else 2]
    nodes = [
        # So that the place is only known when it is run: it depends on the past.
        helper.make_node("ReduceSum", [heard[-1] if kind == "record" else "past"], ["sum"], keepdims=0),
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
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, given[name]) for name in heard],
        [helper.make_tensor_value_info("gap", TensorProto.FLOAT, [1, horizon])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in known.items()],
    )
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
