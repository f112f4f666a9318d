"""Smaller files of an exported net: int8 with scales from real gaps, and half floats.

Static quantisation (scales measured beforehand): with dynamic scales convolutions take three times as long in
the runtime. What becomes int8 are weights and activations of convolutions and matrix products; sums, gates
and whatever else decides stays in float32.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from jobs.nets.gap_net import GUESSES, PAST

QUANTISED = ("Conv", "MatMul", "Gemm")


def int8(model: bytes, past: np.ndarray, guesses: np.ndarray) -> bytes:
    """``model`` with int8 weights and activations, whose scales are those of ``past (N, C)`` and
    ``guesses (N, K, T)``."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    given = [one.name for one in onnx.load_from_string(model).graph.input]

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.rows: Iterator[dict[str, Any]] = iter(
                [{name: {PAST: one[None], GUESSES: two[None]}[name] for name in given}
                 for one, two in zip(past, guesses, strict=True)]
            )  # fmt: skip

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
            op_types_to_quantize=list(QUANTISED),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return after.read_bytes()


def fp16(model: bytes) -> bytes:
    """``model`` with half floats inside; what goes in and comes out stays float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(onnx.load_from_string(model), keep_io_types=True).SerializeToString()


def sqnr_db(reference: np.ndarray, other: np.ndarray) -> float:
    """Signal to quantisation noise: how far below ``reference`` the difference is."""
    signal = (reference.astype(np.float64) ** 2).sum()
    noise = ((reference.astype(np.float64) - other) ** 2).sum()
    return float(10 * np.log10((signal + 1e-20) / (noise + 1e-20)))
