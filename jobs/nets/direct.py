"""Plain nets that make the gap from the past alone: what a chooser on top of prediction is compared with.

Each is called like every net for gaps (`jobs.nets.gap_shape`) and hears nothing but the past. Sizes are for
48 kHz: 0.1 to 0.5 million weights, static shapes, only layers that ONNX and its int8 runtime know.
"""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from jobs.nets.gap_shape import Shape, seeded


class Direct(nn.Module):
    """``(past (B, C), candidates (B, K, T), record) -> (B, T)``; the same weights for the same seed."""

    name: ClassVar[str]

    def __init__(self, shape: Shape | None = None, seed: int = 0):
        super().__init__()
        self.shape = shape or Shape()
        with seeded(seed):
            self.layers = self.built(self.shape)

    @abstractmethod
    def built(self, shape: Shape) -> nn.Module:
        """The layers, ``(B, C) -> (B, T)``."""

    def forward(self, past: Tensor, candidates: Tensor, record: Tensor) -> Tensor:
        return self.layers(past)


class Mlp(Direct):
    """Two hidden layers that see all of the past at once."""

    name = "mlp"

    def built(self, shape: Shape) -> nn.Module:
        return _perceptron(shape.past, 64, shape.horizon)


class Conv1d(Direct):
    """Strided, then dilated convolutions: what stands at the end of the past becomes the horizon."""

    name = "conv1d"

    def built(self, shape: Shape) -> nn.Module:
        return _Convolutions(shape, width=72)


class Hybrid(Direct):
    """Strided convolutions, and an MLP over what they found."""

    name = "hybrid"

    def built(self, shape: Shape) -> nn.Module:
        stride = max(4, shape.slot // 15)
        convolutions = nn.Sequential(
            nn.Unflatten(1, (1, shape.past)),
            nn.Conv1d(1, 16, 2 * stride, stride),
            nn.GELU(),
            nn.Conv1d(16, 32, 8, 4),
            nn.GELU(),
            nn.Conv1d(32, 32, 8, 4),
            nn.GELU(),
            nn.Flatten(),
        )
        found = convolutions(torch.zeros(1, shape.past)).shape[1]
        return nn.Sequential(convolutions, _perceptron(found, 128, shape.horizon))


class Transformer(Direct):
    """Slots of the past and learned queries for those to come attend to each other; experimental."""

    name = "transformer"

    def built(self, shape: Shape) -> nn.Module:
        return _Attending(shape, width=96, heads=4, depth=2)


NETS: dict[str, type[Direct]] = {net.name: net for net in (Mlp, Conv1d, Hybrid, Transformer)}


class _Convolutions(nn.Module):
    """``(B, C) -> (B, T)`` over steps of half a slot."""

    def __init__(self, shape: Shape, width: int):
        super().__init__()
        self.step = shape.slot // 2
        self.kept = shape.horizon // self.step
        self.strided = nn.Conv1d(1, width, shape.slot, self.step)
        # Together they reach over the horizon, from its first step to the end of the past.
        self.dilated = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=2**k, dilation=2**k) for k in range(self.kept.bit_length())
        )
        self.samples = nn.Conv1d(width, self.step, 1)

    def forward(self, past: Tensor) -> Tensor:
        x = self.strided(F.pad(past, (self.step, 0))[:, None])
        for layer in self.dilated:
            x = x + F.gelu(layer(x))
        return self.samples(x[..., -self.kept :]).transpose(1, 2).flatten(1)


class _Attending(nn.Module):
    """``(B, C) -> (B, T)``, a slot at a time."""

    def __init__(self, shape: Shape, width: int, heads: int, depth: int):
        super().__init__()
        self.slot, self.slots = shape.slot, shape.slots
        patches = shape.past // shape.slot
        self.embed = nn.Linear(shape.slot, width)
        self.places = nn.Parameter(0.5 * torch.randn(patches, width))
        self.queries = nn.Parameter(torch.randn(1, shape.slots, width))
        self.blocks = nn.Sequential(*(_Attention(width, heads) for _ in range(depth)))
        self.samples = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, shape.slot))

    def forward(self, past: Tensor) -> Tensor:
        patches = self.embed(past.unflatten(1, (-1, self.slot))) + self.places
        x = self.blocks(torch.cat([patches, self.queries.expand(past.shape[0], -1, -1)], dim=1))
        return self.samples(x[:, -self.slots :]).flatten(1)


class _Attention(nn.Module):
    """``(B, tokens, width)`` to the same shape (Vaswani et al. 2017, normalised as in Xiong et al. 2020)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.think = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        asked = self.asked(self.before(x)).unflatten(2, (3, self.heads, -1))
        query, key, value = asked.permute(2, 0, 3, 1, 4).unbind(0)
        x = x + self.mix(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))
        return x + self.think(x)


def _perceptron(given: int, width: int, made: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(given, width),
        nn.GELU(),
        nn.Linear(width, width),
        nn.GELU(),
        nn.Linear(width, made),
    )
