"""The linear part of the autoencoder: principal components of the sounds, slot by slot.

A net that is trained for minutes on a handful of sounds reconstructs worse than their principal
components do. So the latents begin as those, whitened, and the net learns what a straight line can't.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

FREQUENCY_WEIGHT = 0.3
"""Of the frequency channel in what counts as variance: most of it is noise where little is heard."""
SLOTS_PER_COMPONENT = 6
"""Fewer would remember the slots they were taken from."""
LEAST_SCALE = 1e-3


class Principal(nn.Module):
    """``size`` values of a slot <-> ``latent`` components of unit variance. Nothing until fitted."""

    mean: Tensor
    basis: Tensor
    scale: Tensor
    weight: Tensor

    def __init__(self, latent: int, size: int):
        super().__init__()
        weight = torch.ones(2, size // 2)
        weight[1] = FREQUENCY_WEIGHT
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("basis", torch.zeros(latent, size))
        self.register_buffer("scale", torch.ones(latent))
        self.register_buffer("weight", weight.flatten(), persistent=False)

    def encode(self, slots: Tensor) -> Tensor:
        """``(N, size) -> (N, latent)``."""
        towards = self.basis * (self.weight / self.scale[:, None])
        return (slots - self.mean) @ towards.T

    def decode(self, z: Tensor) -> Tensor:
        """``(N, latent) -> (N, size)``."""
        back = self.basis * (self.scale[:, None] / self.weight)
        # The mean is added by itself, at 32 bits whatever the product was computed with.
        return self.mean + z @ back

    @torch.no_grad()
    def fit(self, batches: Iterable[Tensor], seed: int) -> None:
        """From ``(N, size)`` each (randomised SVD, Halko, Martinsson & Tropp 2011).

        Components beyond one per six slots stay empty: they would only memorise.
        """
        rows = torch.cat(list(batches))
        self.mean.copy_(rows.mean(dim=0))
        rows = (rows - self.mean) * self.weight
        count = min(len(self.basis), len(rows) // SLOTS_PER_COMPONENT, rows.shape[1])
        if not count:
            return
        torch.manual_seed(seed)
        _, values, vectors = torch.svd_lowrank(rows, q=min(count + 8, *rows.shape), niter=3)
        self.basis[:count] = vectors[:, :count].T
        self.scale[:count] = (values[:count] / len(rows) ** 0.5).clamp_min(LEAST_SCALE)
