"""Smaller files of an exported net: int8 with scales from real gaps, and half floats.

Static quantisation (scales measured beforehand): with dynamic scales convolutions take three times as long in
the runtime. What becomes int8 are layers that have learned weights, each channel with a scale of its own;
sums, gates, attention and whatever else decides stays in float32. The scales of activations reach over all
that occurred in gaps of either sign: clipping the rarest 0.01 % of them gained no kind of net more than
0.2 dB, 0.1 % cost each 3 to 10 dB, and choosing by entropy changed nothing.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from jobs.nets.gap_examples import Examples
from jobs.nets.gap_net import GUESSES, PAST, RECORD
from jobs.nets.gap_parity import LEAST_SQNR_DB, Parity, answers, either_sign, parity, sqnr_db

QUANTISED = ("Conv", "MatMul", "Gemm")
UNROUNDED = ("Gemm",)
"""Whose sums stay float32, which the runtime makes as quickly; of the others they take it twice as long."""
CUT = "Relu"
SPARE_DB = 2.0
"""SQNR beyond what is asked for, on the gaps that scales are measured on: others have a little less."""


def int8(model: bytes, known: Examples, rate: int, check: Callable[[], None] = lambda: None) -> bytes:
    """``model`` with int8 weights and activations, whose scales are those of the gaps ``known``.

    Where all layers together make more noise than is allowed, those that make the most of it for each byte
    they save go back to float32, as few as will do; one at least is int8 whatever comes of it. ``check`` is
    called now and then, and may raise.
    """
    layers = quantisable(model)
    reference = answers(model, known)

    def answered(names: Sequence[str]) -> tuple[bytes, np.ndarray]:
        check()
        made = _quantised(model, known, names)
        return made, answers(made, known)

    made, answer = answered(list(layers))
    if _enough(parity(reference, answer, known, rate)):
        return made
    noise = {name: -sqnr_db(reference, answered([name])[1]) for name in layers}
    kept = sorted(layers, key=lambda name: 10 ** (noise[name] / 10) / layers[name])
    while len(kept) > 1:
        kept.pop()
        made, answer = answered(kept)
        if _enough(parity(reference, answer, known, rate)):
            break
    return made


def quantisable(model: bytes) -> dict[str, int]:
    """Layers with learned weights by the names of their nodes -> numbers of these weights."""
    graph = onnx.load_from_string(model).graph
    learned = {one.name: int(np.prod(one.dims)) for one in graph.initializer}
    return {
        node.name: learned[node.input[1]]
        for node in graph.node
        if node.op_type in QUANTISED and node.input[1] in learned
    }


def _enough(found: Parity) -> bool:
    return found.useful and min(found.sqnr_db, found.gap_sqnr_db) >= LEAST_SQNR_DB + SPARE_DB


def _quantised(model: bytes, known: Examples, names: Sequence[str]) -> bytes:
    """With the layers ``names`` as int8, and no other."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    graph = onnx.load_from_string(model).graph
    given = [one.name for one in graph.input]
    some = either_sign(known)
    heard = {PAST: some.past, GUESSES: some.guesses, RECORD: some.record}

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.rows: Iterator[dict[str, Any]] = iter(
                [{name: heard[name][at : at + 1] for name in given} for at in range(len(some))]
            )

        def get_next(self) -> dict[str, Any] | None:
            return next(self.rows, None)

    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        before.write_bytes(model)
        quantize_static(
            before,
            after,
            Reader(),
            quant_format=QuantFormat.QDQ,
            nodes_to_quantize=[*names, *_cut(graph, names)],
            op_types_to_quantize=[*QUANTISED, CUT],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"OpTypesToExcludeOutputQuantization": list(UNROUNDED)},
        )
        return _direct(onnx.load(after)).SerializeToString()


def _cut(graph: onnx.GraphProto, names: Sequence[str]) -> list[str]:
    """Nodes of `CUT` behind convolutions of ``names``: in int8 they are these, from 0 on."""
    made = {node.output[0] for node in graph.node if node.op_type == "Conv" and node.name in names}
    return [node.name for node in graph.node if node.op_type == CUT and node.input[0] in made]


def _direct(model: onnx.ModelProto) -> onnx.ModelProto:
    """What stays in float32 reads what was in float32, and not what int8 has left of it."""
    nodes = model.graph.node
    made = {name: node for node in nodes for name in node.output}
    layers = {node.output[0] for node in nodes if node.op_type in QUANTISED}
    before = {}
    for node in nodes:
        whole = made.get(node.input[0]) if node.op_type == "DequantizeLinear" else None
        if whole and whole.op_type == "QuantizeLinear" and whole.input[0] not in layers:
            before[node.output[0]] = whole.input[0]
    for node in nodes:
        if node.op_type not in (*QUANTISED, "QuantizeLinear"):
            node.input[:] = [before.get(name, name) for name in node.input]
    return model


def fp16(model: bytes) -> bytes:
    """``model`` with half floats inside; what goes in and comes out stays float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(onnx.load_from_string(model), keep_io_types=True).SerializeToString()
