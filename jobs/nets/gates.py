"""Gates over predictions: how far each is believed, band by band and slot by slot, and what is missing in
all.

A net that makes samples from the past alone is worse than linear prediction. So this one is given several
predictions and says how much of each it takes: less than all of one where nothing can be known, parts of
several where they complement each other. It begins as candidate 0, unchanged. What tells it most is how far
candidates disagree: where two orders give the same, both are right.

It works on a lapped transform with an orthonormal matrix (Malvar 1990; as MDCT in Princen & Bradley 1986), in
which the squared error is that of the samples. Frames are two slots long and overlap by one, so a gate glides
from slot to slot as the window does. The same small net looks at every slot and band and at those around it:
what it learns of one pitch it knows of all, and it has too few weights (some 10,000) to learn sounds by
heart.
"""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from jobs.nets.gap_shape import Shape, seeded

BANDS = 12
"""That a gate is found for; between their centres it is a straight line."""
LINEAR = 4.0
"""Bins up to which bands are as wide as each other; above, widths grow with the frequency."""
SCALES = (2, 6, 20)
"""Frames at the end of the past whose energies are pooled: 7.5, 17.5 and 52.5 ms."""
SILENT = 1e-6
"""Energy of a band that is nothing."""
WIDTH = 32
DEPTH = 2
LARGEST = 1.0
"""By how much a gate may differ from where it begins."""


class Gates(nn.Module):
    """``(past (B, C), candidates (B, K, T)) -> (B, T)``; candidate 0, bit for bit, until it is trained."""

    name: ClassVar[str] = "gates"
    lapped: Tensor
    pooled: Tensor
    spread: Tensor
    pairs: Tensor
    recent: Tensor

    def __init__(self, shape: Shape | None = None, seed: int = 0):
        super().__init__()
        self.shape = shape or Shape()
        bands = _bands(self.shape.slot)
        constants = {
            "lapped": lapped(self.shape.slot),
            "pooled": bands.T.contiguous(),
            "spread": bands,
            "pairs": _pairs(self.shape.candidates),
            "recent": _recent(),
        }
        for name, constant in constants.items():
            self.register_buffer(name, constant, persistent=False)
        with seeded(seed):
            self.alike = nn.Conv2d(len(self.pairs), WIDTH, 1)
            self.before = nn.Conv1d(len(SCALES), WIDTH, 1)
            self.places = nn.Parameter(0.1 * torch.randn(WIDTH, self.shape.slots + 1, BANDS))
            self.blocks = nn.Sequential(*(_Around(WIDTH) for _ in range(DEPTH)))
            self.moved = nn.Conv2d(WIDTH, self.shape.candidates, 1)
        nn.init.zeros_(self.moved.weight)
        if self.moved.bias is not None:
            nn.init.zeros_(self.moved.bias)

    def forward(self, past: Tensor, candidates: Tensor) -> Tensor:
        ahead = self._ahead(past, candidates)
        moved = self._moved(past, ahead)
        frames = (((moved @ self.spread) * ahead).sum(dim=1) @ self.lapped.T).unflatten(2, (2, -1))
        return candidates[:, 0] + (frames[:, :-1, 1] + frames[:, 1:, 0]).flatten(1)

    def gates(self, past: Tensor, candidates: Tensor) -> Tensor:
        """``(B, K, slots + 1, BANDS)``: how much of each candidate is taken, in frames that begin one slot
        before the gap."""
        moved = self._moved(past, self._ahead(past, candidates))
        return torch.cat([1 + moved[:, :1], moved[:, 1:]], dim=1)

    def _ahead(self, past: Tensor, candidates: Tensor) -> Tensor:
        """``(B, K, slots + 1, slot)``: spectra of what was heard last and each candidate after it."""
        slot = self.shape.slot
        heard = past[:, None, -slot:].expand(-1, self.shape.candidates, -1)
        return self._frames(F.pad(torch.cat([heard, candidates], dim=2), (0, slot)))

    def _frames(self, wave: Tensor) -> Tensor:
        """``(..., n * slot) -> (..., n - 1, slot)``: spectra of each slot with the next."""
        slots = wave.unflatten(-1, (-1, self.shape.slot))
        return torch.cat([slots[..., :-1, :], slots[..., 1:, :]], dim=-1) @ self.lapped

    def _moved(self, past: Tensor, ahead: Tensor) -> Tensor:
        """``(B, K, slots + 1, BANDS)``: by how much gates differ from those of candidate 0 alone."""
        signals = (self.pairs @ ahead.flatten(2)).unflatten(2, ahead.shape[2:])
        alike = _level(signals.square() @ self.pooled)
        most = (max(SCALES) + 1) * self.shape.slot
        heard = self._frames(past[:, -most:]).square() @ self.pooled
        before = _level(self.recent @ heard)
        x = F.gelu(self.alike(alike) + self.before(before)[:, :, None] + self.places)
        return LARGEST * torch.tanh(self.moved(self.blocks(x)) / LARGEST)


class _Around(nn.Module):
    """``(B, channels, slots, bands)`` to the same shape, each with its neighbours."""

    def __init__(self, channels: int):
        super().__init__()
        self.near = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.gelu(self.mix(self.near(x)))


def lapped(slot: int) -> Tensor:
    """``(2 slot, slot)``: from two slots to their bins, under a sine window; its transpose, overlapped, leads
    back."""
    time, bins = np.arange(2 * slot)[:, None] + 0.5, np.arange(slot) + 0.5
    waves = np.cos(np.pi / slot * (time + slot / 2) * bins)
    return torch.from_numpy(np.sqrt(2 / slot) * np.sin(np.pi / (2 * slot) * time) * waves).float()


def _bands(slot: int) -> Tensor:
    """``(BANDS, slot)`` triangles over the bins, whose sum is 1 everywhere."""
    place = np.log1p((np.arange(slot) + 0.5) / LINEAR)
    centres = np.linspace(place[0], place[-1], BANDS)
    away = np.abs(place - centres[:, None]) / (centres[1] - centres[0])
    return torch.from_numpy(np.maximum(0, 1 - away)).float()


def _pairs(candidates: int) -> Tensor:
    """``(K + K (K - 1) / 2, K)``: each candidate, and the differences of any two."""
    each = torch.eye(candidates)
    return torch.cat([each, *((each[i] - each[:i]) for i in range(1, candidates))])


def _recent() -> Tensor:
    """``(scales, frames)``: means over the last frames of the past."""
    ago = torch.arange(max(SCALES), 0, -1)
    return torch.stack([(ago <= count) / count for count in SCALES])


def _level(energy: Tensor) -> Tensor:
    return (energy + SILENT).log()
