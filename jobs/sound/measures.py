"""How near one sound is to another, in the manner of mir_eval (Raffel et al. 2014).

``validate`` refuses, one function per measure, ``evaluate`` takes them all. A perfect estimate scores 0 in
each. Sounds are ``(samples,)`` float arrays or tensors at one rate.
Every measure gives a finite number or refuses with a ValueError that says why: a ratio to silence
means nothing, so a silent truth is refused (as mir_eval refuses an all-zero reference source); a
silent estimate is only a bad one.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from jobs.sound.spectrum import window

SIZES = (512, 1024, 2048)
"""Resolutions of the multi-resolution distance, in samples; each hops by a quarter."""
LSD_SIZE = 2048
LSD_RANGE_DB = 80.0
"""How far below the truth's loudest bin a difference still counts."""
POWER_FLOOR = 1e-8
SILENT = 1e-5
"""Peak below which a truth is silence: -100 dBFS."""


def validate(estimate: Any, truth: Any) -> tuple[Tensor, Tensor]:
    """Both as float32 ``(samples,)``. Raises ValueError for shapes that differ, fewer than 2048 samples,
    numbers that are not finite, and a silent truth."""
    pair = checked(estimate, "estimate"), checked(truth, "truth")
    if len(pair[0]) != len(pair[1]):
        raise ValueError(f"estimate has {len(pair[0])} samples, truth {len(pair[1])}: cut them to one length")
    if float(pair[1].abs().max()) < SILENT:
        raise ValueError("truth: silent; a distance relative to silence means nothing")
    return pair


def checked(sound: Any, name: str, least: int = max(SIZES)) -> Tensor:
    """``(samples,)`` float32. Raises ValueError for another shape, too few samples, or NaN and Inf."""
    # A copy of what may be a read-only map of a file.
    wave = sound.float() if isinstance(sound, Tensor) else torch.from_numpy(np.array(sound, np.float32))
    if wave.ndim != 1:
        raise ValueError(f"{name}: needs the shape (samples,), has {tuple(wave.shape)}")
    if len(wave) < least:
        raise ValueError(f"{name}: too short ({len(wave)} samples); at least {least} are needed")
    if not bool(torch.isfinite(wave).all()):
        raise ValueError(f"{name}: holds numbers that are not finite")
    return wave


def mr_stft(estimate: Any, truth: Any) -> float:
    """Multi-resolution STFT distance: spectral convergence + mean difference of log magnitudes (natural).

    Source: Yamamoto, Song & Kim, "Parallel WaveGAN", ICASSP 2020, eq. 3-6, the mean of three
    resolutions. 0 is perfect; about 1 is a spectrum of the right outline and wrong detail.
    """
    return float(multi_resolution(*validate(estimate, truth)))


def multi_resolution(estimate: Tensor, truth: Tensor) -> Tensor:
    """`mr_stft` of ``(samples,)``, or its mean over ``(B, samples)``: a scalar with a gradient, for nets
    to be trained by. Nothing is checked."""
    found = []
    for size in SIZES:
        ours, theirs = (_magnitude(wave, size) for wave in (estimate, truth))
        convergence = _norm(theirs - ours) / _norm(theirs)
        found.append((convergence + (ours.log() - theirs.log()).abs().mean(dim=(-2, -1))).mean())
    return torch.stack(found).mean()


def _norm(spectrum: Tensor) -> Tensor:
    return torch.linalg.vector_norm(spectrum, dim=(-2, -1))


def lsd_db(estimate: Any, truth: Any) -> float:
    """Log-spectral distance in dB: the rms over bins of each frame's difference, the mean over frames.

    Source: Gray & Markel, "Distance measures for speech processing", IEEE TASSP 1976. Bins more than
    80 dB below the truth's loudest count as equal.
    """
    first, second = (_magnitude(wave, LSD_SIZE) for wave in validate(estimate, truth))
    floor = second.max() * 10 ** (-LSD_RANGE_DB / 20)
    difference = 20 * (first.clamp_min(floor).log10() - second.clamp_min(floor).log10())
    return float(difference.square().mean(dim=0).sqrt().mean())


def evaluate(estimate: Any, truth: Any) -> dict[str, float]:
    """Every distance of this page by its name. Raises ValueError as `validate` does."""
    return {"mr_stft": mr_stft(estimate, truth), "lsd_db": lsd_db(estimate, truth)}


def _magnitude(wave: Tensor, size: int) -> Tensor:
    """``(..., samples) -> (..., size / 2 + 1, frames)``, never 0."""
    shape = window(size, str(wave.device))
    spectrum = torch.stft(wave, size, size // 4, window=shape, return_complex=True)
    return (spectrum.real.square() + spectrum.imag.square()).clamp_min(POWER_FLOOR).sqrt()
