"""Short-time Fourier transform and exact resynthesis from magnitude and instantaneous frequency.

Shapes: a wave is ``(..., samples)`` at 48 kHz, a spectrum ``(..., 513, frames)`` complex, with one
frame every 256 samples (75 % overlap: instantaneous frequency is ambiguous beyond the main lobe of
a Hann window, so a longer hop would lose it).
"""

import functools
import math

import torch
from torch import Tensor

RATE = 48_000
FFT = 1024
HOP = 256
BINS = FFT // 2 + 1
FRAMES_PER_SECOND = RATE / HOP


@functools.lru_cache(maxsize=16)
def window(size: int = FFT, device: str = "cpu") -> Tensor:
    return torch.hann_window(size, device=device)


def stft(wave: Tensor, size: int = FFT, hop: int = HOP) -> Tensor:
    """``(..., samples) -> (..., size / 2 + 1, samples // hop + 1)`` complex; centred, zeros outside."""
    flat = wave.reshape(-1, wave.shape[-1])
    spectrum = torch.stft(
        flat,
        size,
        hop,
        window=window(size, str(wave.device)),
        return_complex=True,
        pad_mode="constant",
    )
    return spectrum.reshape(*wave.shape[:-1], *spectrum.shape[-2:])


def istft(spectrum: Tensor, samples: int, size: int = FFT, hop: int = HOP) -> Tensor:
    """The wave of ``samples`` whose spectrum is nearest in least squares (Griffin & Lim 1984, eq. 6)."""
    flat = spectrum.reshape(-1, *spectrum.shape[-2:])
    wave = torch.istft(flat, size, hop, window=window(size, str(spectrum.device)), length=samples)
    return wave.reshape(*spectrum.shape[:-2], samples)


def wrapped(phase: Tensor) -> Tensor:
    """Radians folded into [-pi, pi)."""
    return torch.remainder(phase + math.pi, 2 * math.pi) - math.pi


def bin_advance(bins: int = BINS, size: int = FFT, hop: int = HOP) -> Tensor:
    """``(bins, 1)`` radians by which the centre of each bin turns in one hop, float64."""
    return (2 * math.pi * hop / size * torch.arange(bins, dtype=torch.float64))[:, None]


def instantaneous_frequency(spectrum: Tensor) -> tuple[Tensor, Tensor]:
    """``(first phase (..., bins, 1), deviation (..., bins, frames - 1))`` in radians, float64.

    The deviation is the advance of the phase over one hop beyond the bin's own, folded into
    [-pi, pi): instantaneous frequency relative to the bin's centre.
    """
    phase = spectrum.angle().double()
    advance = bin_advance(spectrum.shape[-2]).to(phase.device)
    return phase[..., :1], wrapped(phase.diff(dim=-1) - advance)


def phase_by_sum(first: Tensor, deviation: Tensor) -> Tensor:
    """The inverse of `instantaneous_frequency`: a cumulative sum over frames, per bin.

    Exact for untouched bins only: an error of 0.1 rad per frame adds up to a random walk, which is
    why generated spectra go through `jobs.sound.phase`.
    """
    advance = bin_advance(deviation.shape[-2]).to(deviation.device)
    return torch.cat([first, first + torch.cumsum(deviation + advance, dim=-1)], dim=-1)


def polar(magnitude: Tensor, phase: Tensor) -> Tensor:
    """Complex spectrum; the phase is folded in float64 first, since a long sum outgrows float32."""
    return torch.polar(magnitude.float(), wrapped(phase.double()).float())
