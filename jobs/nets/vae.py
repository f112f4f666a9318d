"""Variational autoencoder over bands of power and frequency, convolutional in time.

Shapes: features ``(B, 2, 384, T)`` with T a multiple of 16 (one frame is 5.3 ms), latents
``(B, latent, T / 16)`` (11.7 Hz). No layer sees the whole of time, so a net trained on excerpts
encodes and decodes sounds of any length.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from jobs.nets.principal import Principal
from jobs.sound.bands import BANDS

PATCH = (8, 4)
"""Bands and frames folded into channels first: most of the work is then done on a small grid."""
STRIDE = 16
"""Frames per latent."""


@dataclass(frozen=True)
class Shape:
    """What a saved model needs to build its net again."""

    latent: int = 128
    widths: tuple[int, int, int] = (32, 48, 64)
    dropout: float = 0.0


class Residual(nn.Module):
    """``(B, C, F, T)`` to the same shape."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.spread = nn.Conv2d(channels, channels, 3, padding=1)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mix(F.silu(self.spread(F.silu(self.norm(x)))))


def fold(x: Tensor, bands: int, frames: int) -> Tensor:
    """``(B, C, F, T) -> (B, C * bands * frames, F / bands, T / frames)``."""
    b, c, f, t = x.shape
    x = x.view(b, c, f // bands, bands, t // frames, frames)
    return x.permute(0, 1, 3, 5, 2, 4).reshape(b, c * bands * frames, f // bands, t // frames)


def unfold(x: Tensor, bands: int, frames: int) -> Tensor:
    """The inverse of `fold`."""
    b, c, f, t = x.shape
    x = x.view(b, c // (bands * frames), bands, frames, f, t)
    return x.permute(0, 1, 4, 2, 5, 3).reshape(b, -1, f * bands, t * frames)


class Widen(nn.Module):
    """Halves the channels' grid step: ``(B, C, F, T) -> (B, out, F * bands, T * frames)``."""

    def __init__(self, channels: int, out: int, bands: int, frames: int):
        super().__init__()
        self.grid = (bands, frames)
        # Point by point: the residual blocks around it look at their neighbours, at a tenth of the cost.
        self.conv = nn.Conv2d(channels, out * bands * frames, 1)

    def forward(self, x: Tensor) -> Tensor:
        return unfold(self.conv(x), *self.grid)


FIRST_LOG_VARIANCE = -4.0
"""Of latents that begin as principal components: little enough noise to be heard through."""


class Vae(nn.Module):
    """Principal components of each slot, and a net that adds what they miss, on both ways."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        first, second, third = shape.widths
        bands, frames = PATCH
        self.rows = BANDS // bands // 8
        self.encoder = nn.Sequential(
            nn.Conv2d(2 * bands * frames, first, 1),
            nn.Conv2d(first, second, 4, 2, 1),
            Residual(second),
            nn.Conv2d(second, third, 4, 2, 1),
            Residual(third),
            nn.Conv2d(third, third, (4, 3), (2, 1), 1),
            Residual(third),
        )
        self.dropout = nn.Dropout(shape.dropout)
        self.principal = Principal(shape.latent, 2 * BANDS * STRIDE)
        self.to_latent = nn.Conv1d(third * self.rows, 2 * shape.latent, 1)
        self.from_latent = nn.Conv1d(shape.latent, third * self.rows, 3, padding=1)
        self.decoder = nn.Sequential(
            Residual(third),
            Widen(third, third, 2, 1),
            Residual(third),
            Widen(third, second, 2, 2),
            Residual(second),
            Widen(second, first, 2, 2),
            nn.SiLU(),
            nn.Conv2d(first, 2 * bands * frames, 1),
        )

    def begin(self, batches: Iterable[Tensor], seed: int) -> None:
        """Be the principal components of normalised features, ``(B, 2, BANDS, T)`` each, and no more yet."""
        self.principal.fit((_slots(batch) for batch in batches), seed)
        for layer in (self.decoder[-1], self.to_latent):
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)
        if self.to_latent.bias is not None:
            nn.init.constant_(self.to_latent.bias[self.shape.latent :], FIRST_LOG_VARIANCE)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features -> mean and log variance of the latents, ``(B, latent, T / 16)`` each."""
        h = self.dropout(self.encoder(fold(x, *PATCH)).flatten(1, 2))
        mean, log_variance = self.to_latent(h).chunk(2, dim=1)
        principal = self.principal.encode(_slots(x)).view(len(x), -1, self.shape.latent).transpose(1, 2)
        return mean + principal, log_variance.clamp(-10, 6)

    def decode(self, z: Tensor) -> Tensor:
        """Latents -> normalised features; the frequency channel is unbounded."""
        h = self.from_latent(z)
        added = unfold(self.decoder(h.view(h.shape[0], -1, self.rows, h.shape[-1])), *PATCH)
        return added + _laid_out(self.principal.decode(z.transpose(1, 2).flatten(0, 1)), len(z))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction from a sample of the latents, their mean and log variance."""
        # A sample is drawn at 32 bits, whatever the layers compute with.
        mean, log_variance = (part.float() for part in self.encode(x))
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        return self.decode(z), mean, log_variance


def _slots(x: Tensor) -> Tensor:
    """``(B, 2, BANDS, T) -> (B * T / 16, 2 * BANDS * 16)``: what each latent covers, as one row."""
    b, c, f, t = x.shape
    return x.view(b, c, f, t // STRIDE, STRIDE).permute(0, 3, 1, 2, 4).reshape(b * t // STRIDE, -1)


def _laid_out(slots: Tensor, b: int) -> Tensor:
    """The inverse of `_slots`, for ``b`` excerpts."""
    x = slots.view(b, -1, 2, BANDS, STRIDE).permute(0, 2, 3, 1, 4)
    return x.reshape(b, 2, BANDS, -1)
