"""What is heard, as numbers: differentiable functions of band levels, one per slider.

Each takes ``level (..., BANDS, frames)`` in dB (as channel 0 of `jobs.sound.bands.features`) and
gives ``(...)`` in a unit in which equal steps sound about equal. They are taken over the frames
that are heard, so that a pause changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from jobs.sound.bands import FLOOR_DB, filterbank

WARM_BELOW = 400.0
"""Hertz. Bass and the body of most instruments lie below."""
GATE_DB = 45.0
"""Frames this far below the loudest count for nothing in `dynamics`."""
HALF_WINDOW = 47
"""Frames on each side of the running mean that `dynamics` moves around: a quarter of a second."""


def power(level: Tensor) -> Tensor:
    """dB to power, without the floor that was added."""
    return (10 ** (level / 10) - 10 ** (FLOOR_DB / 10)).clamp_min(0)


def frame_power(level: Tensor) -> Tensor:
    """``(..., BANDS, frames) -> (..., frames)``."""
    return power(level).sum(dim=-2)


def loudness(level: Tensor) -> Tensor:
    """Mean power in dB; not an axis: held while others move, so that no slider is a volume control."""
    return 10 * torch.log10(frame_power(level).mean(dim=-1) + 1e-9)


def brightness(level: Tensor) -> Tensor:
    """Spectral centroid in octaves above 1 Hz: amplitude-weighted mean frequency, over the frames heard.

    Quiet frames count as much as loud ones, as they do for the ear: else one loud bass note would
    decide for a whole take.
    """
    bank = filterbank(level.shape[-2], str(level.device))
    width = bank.weights.sum(dim=1)[:, None]
    amplitude = (power(level) * width + 1e-12).sqrt()
    centroid = (amplitude * bank.hertz[:, None]).sum(dim=-2) / amplitude.sum(dim=-2)
    weight = heard(10 * torch.log10(frame_power(level) + 1e-6))
    return (torch.log2(centroid.clamp_min(1.0)) * weight).sum(dim=-1) / weight.sum(dim=-1)


def warmth(level: Tensor) -> Tensor:
    """Share of the power below 400 Hz, as the ratio to the rest in dB."""
    bank = filterbank(level.shape[-2], str(level.device))
    in_band = power(level).mean(dim=-1)
    # A soft edge: a hard one would give bands on either side of it no gradient towards each other.
    low = torch.sigmoid((WARM_BELOW - bank.hertz) / 40)
    inside = (in_band * low).sum(dim=-1)
    return 10 * torch.log10((inside + 1e-6) / (in_band.sum(dim=-1) - inside + 1e-6))


def dynamics(level: Tensor) -> Tensor:
    """How far the level moves within half a second: standard deviation of the frames' levels in dB.

    Taken around a running mean over the frames within 45 dB of the loudest, and averaged, so that it
    means the same for an excerpt as for a long take of quiet and loud sounds.
    """
    envelope = 10 * torch.log10(frame_power(level) + 1e-6)
    weight = heard(envelope)
    _, spread = running(envelope, weight)
    return (spread * weight).sum(dim=-1) / weight.sum(dim=-1)


def heard(envelope: Tensor) -> Tensor:
    """``(..., frames)`` dB to weights 0..1: which frames are loud enough to count."""
    return torch.sigmoid((envelope - envelope.amax(dim=-1, keepdim=True) + GATE_DB) / 3)


def running(envelope: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted mean and standard deviation over half a second around each frame, ``(..., frames)``."""

    def pool(x: Tensor) -> Tensor:
        flat = x.reshape(-1, 1, x.shape[-1])
        return torch.nn.functional.avg_pool1d(flat, 2 * HALF_WINDOW + 1, 1, HALF_WINDOW).reshape(x.shape)

    total = pool(weight) + 1e-6
    mean = pool(envelope * weight) / total
    square = pool(envelope.square() * weight) / total
    return mean, (square - mean.square()).clamp_min(1e-4).sqrt()


@dataclass(frozen=True)
class Axis:
    """A slider: its descriptor, the unit it is shown in, and what it does in plain words."""

    name: str
    unit: str
    low_word: str
    high_word: str
    help: str
    measure: Callable[[Tensor], Tensor]
    step: float
    """The least change that is heard, in the descriptor's unit: below it sounds do not differ."""

    def shown(self, value: float) -> float:
        """The descriptor's value in the unit people know."""
        return 2.0**value if self.unit == "Hz" else value


AXES: tuple[Axis, ...] = (
    Axis("brightness", "Hz", "dark", "bright", "where the middle of the spectrum lies", brightness, 0.1),
    Axis("warmth", "dB", "thin", "warm", "how much lies below 400 Hz", warmth, 1.0),
    Axis("dynamics", "dB", "even", "lively", "how much the level moves", dynamics, 0.5),
)


def measure(level: Tensor) -> Tensor:
    """``(..., BANDS, frames) -> (..., 4)``: the axes in order, then loudness."""
    return torch.stack([axis.measure(level) for axis in AXES] + [loudness(level)], dim=-1)
