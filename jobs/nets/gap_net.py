"""Nets for gaps by name: new ones, and as files. What repairs with them is `jobs.field.net`."""

import io
import warnings
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import save_file
from torch import nn

from jobs.nets.direct import Conv1d, Hybrid, Mlp, Transformer
from jobs.nets.gap_losses import LOSSES as LOSSES
from jobs.nets.gap_shape import Shape
from jobs.nets.gates import Gates

NETS = {net.name: net for net in (Gates, Mlp, Conv1d, Hybrid, Transformer)}
OPSET = 17
PAST, GUESSES, GAP = "past", "guesses", "gap"
"""Names of what goes into the exported net and comes out."""


def new(name: str, shape: Shape, seed: int) -> nn.Module:
    """Untrained. The same for a seed."""
    return NETS[name](shape, seed)


def save(net: nn.Module, path: Path) -> None:
    """The weights as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, path)


def exported(net: nn.Module, shape: Shape) -> bytes:
    """ONNX in float32 of one gap at a time: ``past (1, C)`` and ``guesses (1, K, T)`` in, ``gap (1, T)``
    out."""
    out = io.BytesIO()
    given = torch.zeros(1, shape.past), torch.zeros(1, shape.candidates, shape.horizon)
    with warnings.catch_warnings():
        # The newer exporter needs a package more, and unrolls what this one keeps.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval(),
            given,
            cast(Any, out),
            input_names=[PAST, GUESSES],
            output_names=[GAP],
            opset_version=OPSET,
            dynamo=False,
        )
    return out.getvalue()
