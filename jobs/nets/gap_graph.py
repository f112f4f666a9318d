"""`jobs.nets.gates.Gates` as ONNX in few steps: 39 in the runtime, where tracing it leaves 125.

Each step of a graph has a price before it computes anything, and most of all where nothing of it is in a
cache, as in the field. So what the net does in many is one here: differences, means and sums are products
with constants, quotients and roots are sums of logarithms, and powers become logarithms at once. The answer
is the same but for rounding, 100 dB below it.

Layers that may be int8 (`jobs.nets.gap_shrink`) lie in initializers, all else in constants.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from jobs.nets.gap_past import pooled
from jobs.nets.gap_shape import Shape
from jobs.nets.gates import AHEAD, AROUND, DEEP, FLOOR, HALF, MOVED, NEAR, PARTS, SURE, WAYS, Gates
from jobs.sound.guesses import RECORDED, WORST

OPSET, VERSION = 17, 8
EXPERTS = RECORDED[0]
TINY = 1e-20
"""Least power of which a logarithm is taken: far below all that counts."""
ONE = 20.0
"""Whose tanh is 1."""
Rows = dict[str, slice]


def graph_of(net: Gates, heard: tuple[str, str, str], made: str) -> bytes:
    """A trained net as a model that hears (past, guesses, record) and makes a gap, by these names."""
    shape, graph = net.shape, Graph()
    past, guesses, record = heard
    waves = _waves(graph, net, past, guesses)
    logs, rows = _logs(graph, shape, _powers(graph, shape, waves), _wrong(graph, net, record))
    hidden = _hidden(graph, net, [logs, *_alike(graph, shape, logs, rows), _before(graph, shape, past)], rows)
    along = _along(graph, net, _moved(graph, net, hidden, logs, rows))
    products = graph.add("Mul", [along, waves], "products")
    graph.add("MatMul", [graph.fixed(np.ones((1, shape.candidates + 1)), "ones"), products], made)
    sizes = (1, shape.past), (1, shape.candidates, shape.horizon), (1, *RECORDED), (1, shape.horizon)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, size)
        for name, size in zip((*heard, made), sizes, strict=True)
    ]
    whole = helper.make_graph(graph.nodes, net.name, ends[:3], ends[3:], graph.learned)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=VERSION)
    onnx.checker.check_model(model)
    return model.SerializeToString()


class Graph:
    """Nodes in the order in which they run; what adds one returns the name of what it makes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.learned: list[onnx.TensorProto] = []

    def add(self, kind: str, given: Sequence[str], name: str, **how: Any) -> str:
        self.nodes.append(helper.make_node(kind, given, [name], name=name, **how))
        return name

    def fixed(self, value: Any, name: str) -> str:
        array = np.asarray(value)
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        return self.add("Constant", [], name, value=numpy_helper.from_array(array, name))

    def mixed(self, given: str, weights: np.ndarray, bias: np.ndarray | None, name: str, **how: Any) -> str:
        """``weights (made, given[, size])``: channels as sums of others."""
        parts = [given, self.fixed(weights if weights.ndim == 3 else weights[:, :, None], f"{name}.weight")]
        parts += [self.fixed(bias, f"{name}.bias")] if bias is not None else []
        return self.add("Conv", parts, name, **how)

    def layer(self, kind: str, given: str, net: nn.Module, name: str, **how: Any) -> str:
        """The layer ``name`` of ``net``."""
        parts = {f"{name}.{part}": _numbers(one) for part, one in net.get_submodule(name).named_parameters()}
        self.learned += [numpy_helper.from_array(one, part) for part, one in parts.items()]
        return self.add(kind, [given, *parts], f"{name}.sum", **how)


def _numbers(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().cpu().numpy())


def _waves(graph: Graph, net: Gates, past: str, guesses: str) -> str:
    """``(K + 1, T)``: the guesses, and the residual that falls nowhere yet."""
    shape = net.shape
    flat = graph.fixed([1, shape.candidates * shape.horizon], "flat.shape")
    flat = graph.add("Reshape", [guesses, flat], "flat")
    # The end of the past and the beginning of the first guess lie side by side here.
    every = graph.add("Concat", [past, flat], "every", axis=1)
    ends = {"from": [shape.past - NEAR], "to": [shape.past + AHEAD], "axis": [1]}
    near = graph.add(
        "Slice", [every, *(graph.fixed(at, f"near.{end}") for end, at in ends.items())], "around"
    )
    near = graph.add("Relu", [graph.layer("Gemm", near, net, "near", transB=1)], "near")
    residual = graph.add("Tanh", [graph.layer("Gemm", near, net, "residual", transB=1)], "residual")
    silence = np.zeros((1, shape.horizon - AHEAD))
    parts = [flat, residual, *([graph.fixed(silence, "silence")] if silence.size else [])]
    rows = graph.fixed([shape.candidates + 1, shape.horizon], "waves.shape")
    return graph.add("Reshape", [graph.add("Concat", parts, "waves.flat", axis=1), rows], "waves")


def _pairs(count: int) -> list[tuple[int, int]]:
    """Of guesses, in the order in which the net hears what they are apart."""
    return [(i, j) for i in range(count) for j in range(i)]


def _powers(graph: Graph, shape: Shape, waves: str) -> str:
    """``(1, K + pairs, slots)``: of the guesses, and of what they are apart."""
    count, pairs = shape.candidates, _pairs(shape.candidates)
    apart = np.eye(count + len(pairs), count + 1)
    apart[count:] = 0
    for row, (i, j) in enumerate(pairs, count):
        apart[row, [i, j]] = 1, -1
    mixed = [graph.fixed(apart / math.sqrt(shape.slot), "apart.matrix"), waves]
    sizes = graph.fixed([1, len(apart), shape.slots, shape.slot], "slots.shape")
    slots = graph.add("Reshape", [graph.add("MatMul", mixed, "apart"), sizes], "slots")
    return graph.add("ReduceSumSquare", [slots], "powers", axes=[3], keepdims=0)


def _wrong(graph: Graph, net: Gates, record: str) -> str:
    """``(1, experts, slots)``: the squares of a record."""
    ends = [graph.fixed(end, f"record.{name}") for name, end in (("least", 0.0), ("most", WORST))]
    held = graph.add("Clip", [record, *ends], "held")
    wrong = graph.add("Gather", [held, graph.fixed(_numbers(net.edge), "edge")], "wrong", axis=2)
    return graph.add("Mul", [wrong, wrong], "wrong.powers")


def _logs(graph: Graph, shape: Shape, powers: str, wrong: str) -> tuple[str, Rows]:
    """``(1, rows, slots)``: logarithms, and which rows are what.

    Powers above either floor are ``level`` and ``deep``; those of the record above one and none are ``wrong``
    and ``record``; ``along`` and ``against``: how far each guess goes with the first.
    """
    count, pairs = shape.candidates, _pairs(shape.candidates)
    levels = count + len(pairs)
    every = np.eye(levels + EXPERTS)
    # a b = (a² + b² - (a - b)²) / 2
    alike = np.zeros((count - 1, len(every)))
    for other, row in enumerate(alike, 1):
        row[[0, other, count + pairs.index((other, 0))]] = 0.5, 0.5, -0.5
    blocks = {
        "level": (every[:levels], FLOOR), "deep": (every[:levels], DEEP), "wrong": (every[levels:], DEEP),
        "record": (every[levels:], 0.0), "along": (alike, 0.0), "against": (-alike, 0.0),
    }  # fmt: skip
    counts = [len(rows) for rows, _ in blocks.values()]
    ends = np.cumsum(counts)
    of = {name: slice(end - size, end) for name, end, size in zip(blocks, ends.tolist(), counts, strict=True)}
    heard = graph.add("Concat", [powers, wrong], "heard", axis=1)
    floors = np.repeat([floor for _, floor in blocks.values()], counts)
    sums = graph.mixed(heard, np.concatenate([rows for rows, _ in blocks.values()]), floors, "floors")
    # What goes with the first guess does not go against it: that is cut off here.
    return graph.add("Log", [graph.add("Clip", [sums, graph.fixed(TINY, "tiny")], "positive")], "logs"), of


def _alike(graph: Graph, shape: Shape, logs: str, of: Rows) -> list[str]:
    """``(1, 2 (K - 1), slots)``: how like the first each other guess is, and how like its inverse; nothing of
    one guess."""
    others = shape.candidates - 1
    weights = np.zeros((2 * others, of["against"].stop))
    for row in range(2 * others):
        first = of["level"].start
        weights[row, [first, first + 1 + row % others]] = -0.5
        weights[row, of["along"].start + row] = 1
    return [graph.add("Exp", [graph.mixed(logs, weights, None, "alike.logs")], "alike")] if others else []


def _before(graph: Graph, shape: Shape, past: str) -> str:
    """``(1, WAYS * PARTS, slots)``: logarithms of the powers of the past, the same in all slots."""
    kernels, sums, picked = pooled(shape.past)
    # The first sample has no step: it stands before itself.
    edged = graph.add("Pad", [past, graph.fixed([0, 1, 0, 0], "past.pads")], "past.edged", mode="edge")
    line = graph.add("Reshape", [edged, graph.fixed([1, 1, shape.past + 1], "past.shape")], "past.line")
    step = shape.past // len(sums)
    pads = [0, kernels.shape[2] - 1 - step]
    seen = graph.mixed(line, kernels, None, "past.seen", strides=[step], pads=pads)
    squares = graph.add("Mul", [seen, seen], "past.squares")
    means = graph.add("MatMul", [squares, graph.fixed(sums, "past.sums")], "past.means")
    powers = graph.mixed(means, picked, np.full(len(picked), FLOOR), "past.powers")
    size = graph.fixed([1, len(picked), shape.slots], "before.shape")
    return graph.add("Expand", [graph.add("Log", [powers], "past.logs"), size], "before")


def _hidden(graph: Graph, net: Gates, heard: list[str], of: Rows) -> str:
    """``(1, width, slots)``"""
    features = graph.add("Concat", [*heard, graph.fixed(_numbers(net.time), "time")], "features", axis=1)
    first = graph.mixed(features, _first(net, of), _numbers(net.get_parameter("first.bias")), "first.sum")
    first = graph.add("Relu", [first], "first")
    second = graph.layer("Conv", first, net, "second", pads=[AROUND // 2] * 2)
    return graph.add("Add", [first, graph.add("Relu", [second], "second")], "hidden")


def _first(net: Gates, of: Rows) -> np.ndarray:
    """Weights of the first layer, put where what it hears is here."""
    weight, levels, others = _numbers(net.first.weight)[:, :, 0], of["level"].stop, net.shape.candidates - 1
    parts = np.split(weight, np.cumsum([levels, levels, others, WAYS * PARTS, EXPERTS]), axis=1)
    level, deep, alike, before, wrong, time = parts
    logs = np.zeros((len(weight), of["against"].stop))
    logs[:, of["level"]], logs[:, of["deep"]], logs[:, of["wrong"]] = level / 4, deep / 4, wrong / 4
    return np.concatenate([logs, alike, -alike, before / 4, time], axis=1)


def _moved(graph: Graph, net: Gates, hidden: str, logs: str, of: Rows) -> str:
    """``(1, K + 2, slots)``: gates by `MOVED`, how much of the residual is taken, and 0."""
    weight = np.pad(_numbers(net.gates.weight)[:, :, 0], ((0, 2), (0, 0)))
    said = graph.mixed(
        hidden, weight, np.append(_numbers(net.get_parameter("gates.bias")), [ONE, 0]), "gates.sum"
    )
    said = graph.add("Tanh", [said], "gates")
    # w / (w + S l) is the logistic function of log w - log l - log S, and least where w is.
    beside = np.zeros((EXPERTS, of["against"].stop))
    beside[:, of["record"]] = np.eye(EXPERTS) / 2
    beside[:, of["deep"].start] = -0.5
    unsure = graph.mixed(logs, beside, np.full(EXPERTS, -math.log(SURE)), "unsure.logs")
    unsure = graph.add("Sigmoid", [unsure], "unsure.each")
    unsure = graph.add("ReduceMin", [unsure], "unsure", axes=[1], keepdims=1)
    return graph.add("Mul", [graph.add("Mul", [said, unsure], "moved.once"), unsure], "moved")


def _along(graph: Graph, net: Gates, moved: str) -> str:
    """``(K + 1, T)``: what each guess counts for, the first wholly, and how far the residual has fallen."""
    count, slots, between = net.shape.candidates, net.shape.slots, _numbers(net.between).astype(np.float64)
    falling = np.pad(np.linspace(1, 0, AHEAD), (0, net.shape.horizon - AHEAD))
    near = between[between[:, :AHEAD].any(axis=1)]
    drawn = np.concatenate([MOVED * between, HALF * falling * near])
    # Gates go by the upper rows of it, and the residual by the lower.
    where = np.zeros((count + 1, len(drawn), 3), np.int64)
    where[:, :, 1] = count + 1
    where[:count, :slots, 1] = np.arange(count)[:, None]
    where[:count, :slots, 2] = np.arange(slots)
    where[count, slots:, 1] = count
    where[count, slots:, 2] = np.arange(len(near))
    placed = graph.add("GatherND", [moved, graph.fixed(where, "moved.where")], "moved.placed")
    first = np.eye(count + 1, 1)
    parts = [placed, graph.fixed(drawn, "between"), graph.fixed(first, "first.guess")]
    return graph.add("Gemm", parts, "along")
