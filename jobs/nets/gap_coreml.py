"""A net as Core ML, for hosts on Apple's systems; `coremltools` is needed (``woodshed[coreml]``).

One file of float32 weights in the older of the two formats: the newer one is a folder, which a package for
the field has no place for. Core ML itself runs on Apple's systems alone, so nothing is measured here.
"""

import warnings
from typing import Any

import torch
from torch import nn

from jobs.nets.gap_net import GAP, GUESSES, PAST, RECORD, nothing
from jobs.nets.gap_shape import Shape

LIBRARY = "coremltools"


class Missing(Exception):
    """There is no `coremltools`; the message says how to get it."""


def core_ml(net: nn.Module, shape: Shape) -> bytes:
    """An ``.mlmodel`` of one gap at a time: ``past (1, C)``, ``guesses (1, K, T)`` and
    ``record (1, experts, edges)`` in, ``gap (1, T)`` out. Raises Missing."""
    tools = _tools()
    given = nothing(shape)
    with warnings.catch_warnings():
        # It says of each newer torch that it has not been tried with it.
        warnings.simplefilter("ignore")
        program = torch.export.export(net.eval(), given).run_decompositions({})
        names = [
            tools.TensorType(name=name, shape=tuple(one.shape))
            for name, one in zip((PAST, GUESSES, RECORD), given, strict=True)
        ]
        converted = tools.convert(
            program, inputs=names, outputs=[tools.TensorType(name=GAP)], convert_to="neuralnetwork"
        )
    told = converted.get_spec()
    told.description.metadata.shortDescription = (
        f"Repairs gaps at {shape.rate} Hz: {PAST}, {GUESSES}, {RECORD} -> {GAP}"
    )
    return told.SerializeToString()


def _tools() -> Any:
    try:
        import coremltools
    except ImportError:
        raise Missing(f"{LIBRARY} is not installed; pip install 'woodshed[coreml]' brings it") from None
    return coremltools
