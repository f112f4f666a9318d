"""What the autoencoder is trained to lower. The same name keys a loss, its log line and its weight."""

from dataclasses import dataclass

import torch
from torch import Tensor

from jobs.sound import bands
from jobs.sound.measures import multi_resolution
from jobs.sound.spectrum import HOP, istft, stft


@dataclass(frozen=True)
class Statistics:
    """Normalisation of features, stored with the model: dB and band widths."""

    level_mean: float
    level_scale: float
    frequency_scale: float

    @staticmethod
    def of(features) -> "Statistics":
        """``features (2, BANDS, frames)``; the deviation is scaled only, its zero has a meaning."""
        import numpy as np

        level = np.asarray(features[0], np.float32)
        offset = np.asarray(features[1], np.float32)
        return Statistics(float(level.mean()), float(max(level.std(), 1.0)), float(max(offset.std(), 0.05)))

    def normalise(self, x: Tensor) -> Tensor:
        """``(..., 2, BANDS, T)`` dB and band widths -> zero mean, unit variance."""
        level = (x[..., 0, :, :] - self.level_mean) / self.level_scale
        return torch.stack([level, x[..., 1, :, :] / self.frequency_scale], dim=-3)

    def restore(self, y: Tensor) -> Tensor:
        """The inverse of `normalise`."""
        level = y[..., 0, :, :] * self.level_scale + self.level_mean
        return torch.stack([level, y[..., 1, :, :] * self.frequency_scale], dim=-3)


def audibility(level_db: Tensor) -> Tensor:
    """``(B, BANDS, T)`` weights of mean 1 that fall by half every 12 dB below the loudest band."""
    weight = 10 ** ((level_db - level_db.amax(dim=(1, 2), keepdim=True)) / 40)
    return weight / weight.mean(dim=(1, 2), keepdim=True)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """``(latent,)`` nats per frame of latents, from each channel's posterior to the unit normal."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=(0, 2))


def wave_loss(level_db: Tensor, target_db: Tensor, wave: Tensor) -> Tensor:
    """Multi-resolution STFT distance at the phase of the target (`jobs.sound.measures.multi_resolution`).

    The decoded power is laid over the target's spectrum bin by bin, so the loss judges what will be
    heard when a take is rendered with its carrier. ``level_db``, ``target_db`` ``(B, BANDS, T)``;
    ``wave (B, (T - 1) * 256)``.
    """
    gain = bands.to_bins((level_db - target_db).clamp(-40, 40))
    rendered = istft(stft(wave) * 10 ** (gain / 20), (level_db.shape[-1] - 1) * HOP)
    return multi_resolution(rendered, wave)
