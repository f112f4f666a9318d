"""Nets for gaps by name: new ones, and as files. What repairs with them is `jobs.field.net`."""

import io
import warnings
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from jobs.nets.direct import Conv1d, Hybrid, Mlp, Transformer
from jobs.nets.gap_graph import graph_of
from jobs.nets.gap_losses import LOSSES as LOSSES
from jobs.nets.gap_shape import Shape
from jobs.nets.gates import Gates
from jobs.sound.guesses import RECORDED

NETS = {net.name: net for net in (Gates, Mlp, Conv1d, Hybrid, Transformer)}
OPSET = 17
PAST, GUESSES, RECORD, GAP = "past", "guesses", "record", "gap"
"""Names of what goes into the exported net and comes out."""


def new(name: str, shape: Shape, seed: int) -> nn.Module:
    """Untrained. The same for a seed."""
    return NETS[name](shape, seed)


def save(net: nn.Module, path: Path) -> None:
    """The weights as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, path)


def nothing(shape: Shape) -> tuple[Tensor, Tensor, Tensor]:
    """What a net of one gap is called with, all of it silent."""
    sizes = (shape.past,), (shape.candidates, shape.horizon), RECORDED
    past, guesses, record = (torch.zeros(1, *size) for size in sizes)
    return past, guesses, record


def exported(net: nn.Module, shape: Shape) -> bytes:
    """ONNX in float32 of one gap at a time: ``past (1, C)``, ``guesses (1, K, T)`` and ``record (1, experts,
    edges)`` in, as far as the net hears them, ``gap (1, T)`` out."""
    if isinstance(net, Gates):
        return graph_of(net, (PAST, GUESSES, RECORD), GAP)
    return traced(net, shape)


def traced(net: nn.Module, shape: Shape) -> bytes:
    """The same, step by step as the net computes it: of any kind."""
    out = io.BytesIO()
    given = nothing(shape)
    with warnings.catch_warnings():
        # The newer exporter needs a package more, and unrolls what this one keeps.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval(),
            given,
            cast(Any, out),
            input_names=[PAST, GUESSES, RECORD],
            output_names=[GAP],
            opset_version=OPSET,
            dynamo=False,
        )
    return out.getvalue()
