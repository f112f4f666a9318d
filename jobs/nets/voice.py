"""The nets that a take is played with: one, or several blended.

Every net hears the same features and answers in the same bands, whatever its shape; so a blend mixes
what the nets make of a sound band by band, in dB, and needs no nets that agree. Latents of several
nets lie one below the other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from jobs.nets.losses import Statistics
from jobs.nets.vae import STRIDE, Vae
from jobs.sound.tape import SLOT

CONTEXT = 4 * SLOT
"""Frames of the surroundings the encoder sees on each side of a piece of a long tape."""
PIECE = 128 * SLOT


@dataclass(frozen=True)
class Part:
    """One net of a voice, with its share."""

    net: Vae
    statistics: Statistics
    weight: float = 1.0


class Voice:
    """Encodes features ``(2, BANDS, frames)`` in dB and band widths to latents ``(latent, frames / 16)`` and
    back."""

    def __init__(self, parts: tuple[Part, ...]):
        total = sum(part.weight for part in parts)
        self.parts = tuple(
            Part(part.net.eval().requires_grad_(False).cpu(), part.statistics, part.weight / total)
            for part in parts
            if part.weight > 0
        )

    @cached_property
    def latent(self) -> int:
        return sum(part.net.shape.latent for part in self.parts)

    @torch.no_grad()
    def encode(self, features: np.ndarray) -> Tensor:
        """Mean latents of each net, piece by piece, so that any length fits into memory."""
        frames = features.shape[-1]
        pieces = []
        for start in range(0, frames, PIECE):
            low, high = max(0, start - CONTEXT), min(frames, start + PIECE + CONTEXT)
            x = torch.from_numpy(features[:, :, low:high].astype(np.float32))[None]
            first = (start - low) // STRIDE
            count = (min(frames, start + PIECE) - start) // STRIDE
            heard = [part.net.encode(part.statistics.normalise(x))[0][0] for part in self.parts]
            pieces.append(torch.cat(heard)[:, first : first + count])
        return torch.cat(pieces, dim=-1)

    def decode(self, latents: Tensor) -> Tensor:
        """``(latent, slots) -> (2, BANDS, slots * 16)`` in dB and band widths."""
        result: Tensor | None = None
        row = 0
        for part in self.parts:
            here = latents[row : row + part.net.shape.latent]
            row += part.net.shape.latent
            made = part.statistics.restore(part.net.decode(here[None]))[0] * part.weight
            result = made if result is None else result + made
        assert result is not None
        return result
