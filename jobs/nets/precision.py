"""How many bits a net computes with: 16 where the device has bfloat16 in hardware and it holds.

Decided by what the device is, never by a stopwatch: the same seed then gives the same losses on the
same device. Weights, losses and the optimiser stay at 32 bits.
"""

import contextlib
import math
from collections.abc import Callable

import torch

NAMES = ("auto", "fp32", "bf16")
TOLERANCE = 0.05
"""How far the loss of a batch may lie from the one at 32 bits, relative to it."""


def has_bf16(device: str) -> bool:
    """Whether the device multiplies bfloat16 by itself: AVX-512 BF16 or AMX, CUDA from 8.0 on."""
    if device == "cuda":
        return torch.cuda.get_device_capability() >= (8, 0)
    if device == "cpu":
        there = torch.cpu.get_capabilities()
        return bool(there.get("avx512_bf16") or there.get("amx_bf16"))
    return False


def chosen(name: str, device: str, loss: Callable[[str], float]) -> str:
    """``fp32`` or ``bf16`` for what was asked. ``auto`` takes bf16 where the device has it and the loss
    of one batch, ``loss(precision)``, is finite and about the same.

    `loss` must be repeatable: same numbers in, same loss out.
    """
    if name != "auto":
        return name
    if not has_bf16(device):
        return "fp32"
    exact, rough = loss("fp32"), loss("bf16")
    near = math.isfinite(rough) and abs(rough - exact) <= TOLERANCE * abs(exact)
    return "bf16" if near else "fp32"


def at(precision: str, device: str) -> contextlib.AbstractContextManager:
    """What a net is called in."""
    if precision == "bf16":
        return torch.autocast(device, torch.bfloat16)
    return contextlib.nullcontext()
