"""What nets for gaps are trained to lower. The same name keys a loss, its log line and its weight.

Each is ``loss(output, truth, past, mask, rate)``, a scalar with a gradient: ``output``, ``truth`` and
``mask`` ``(B, T)``, ``past (B, C)``, all sound divided by the rms of the past, ``rate`` in Hz. Samples whose
mask is 0 lie behind the end of a gap; the truth is heard there. Every loss is least for ``output == truth``
and finite for silence: what is 60 dB below the past counts as silent. All but `sdr` and `dynamics` listen
from the end of the past on, so that the edges of a gap count.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from jobs.sound.measures import multi_resolution
from jobs.sound.mel import mel_filters
from jobs.sound.spectrum import stft

FLOOR = 1e-6
"""Power, relative to the past's, below which all is silence."""
SDR_MOST = 30.0
"""dB from which on a gap is good enough; without it a few perfect ones would outweigh the rest."""
BEFORE = 2_048
"""Samples of the past that spectral losses hear, or as many as there are."""
FRAME = 0.005
"""Seconds of a frame of envelope and coherence; a new one begins in the middle of the last."""
HEARING = 0.0107
"""Seconds of a frame of the perceptual loss, 512 samples at 48 kHz."""
MASKED_DB = -14.0
"""An error this far below the sound in its band is hidden by it: between 6 dB, tones behind noise, and
20 dB, noise behind tones (Brandenburg, "Evaluation of quality for audio encoding at low bit rates", 1987)."""
LISTENED_DB = 70.0
"""Sound pressure level at which the past is thought to be heard."""
PEAK = 8
"""Order of the norm that stands for a peak: near it, with a gradient at more than one sample."""

WEIGHTS: dict[str, float] = {
    "sdr": 1.0,
    "spectral": 0.5,
    "perceptual": 0.1,
    "coherence": 0.5,
    "dynamics": 0.02,
    "envelope": 0.5,
}
"""Of the losses in `total`; 0 leaves one out."""


def total(
    output: Tensor,
    truth: Tensor,
    past: Tensor,
    mask: Tensor,
    rate: int = 48_000,
    weights: Mapping[str, float] = WEIGHTS,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and every loss in it by name, without its weight. Raises ValueError for a weight of
    no loss."""
    if unknown := sorted(weights.keys() - LOSSES.keys()):
        raise ValueError(f"weights: no loss {unknown[0]!r}; there are {', '.join(LOSSES)}")
    named = {name: LOSSES[name](output, truth, past, mask, rate) for name in LOSSES if weights.get(name)}
    return sum((weights[name] * loss for name, loss in named.items()), output.new_zeros(())), named


def sdr(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int = 48_000) -> Tensor:
    """dB of the error against the truth, the mean of all gaps; -`SDR_MOST` for a perfect output.

    With a soft threshold (Wisdom et al., "Unsupervised sound separation using mixture invariant training",
    NeurIPS 2020).
    """
    error = _mean((output - truth).square(), mask)
    power = _mean(truth.square(), mask) + FLOOR
    return 10 * torch.log10(error / power + 10 ** (-SDR_MOST / 10)).mean()


def spectral(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int = 48_000) -> Tensor:
    """Multi-resolution STFT distance (`jobs.sound.measures.multi_resolution`) over a bed of noise."""
    heard, wanted = _joined(output, truth, past, mask, BEFORE)
    bed = _bed(wanted.shape[1]).to(wanted)
    return multi_resolution(heard + bed, wanted + bed)


def perceptual(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int = 48_000) -> Tensor:
    """dB by which the error rises above what hides it, the mean of all bands of hearing.

    Noise-to-mask ratio (Brandenburg 1987), 10 log10(1 + error / mask): the mask is the truth spread over
    the neighbouring bands (Schroeder, Atal & Hall 1979), and the threshold in quiet (Terhardt 1979).
    """
    size = 2 ** round(np.log2(HEARING * rate))
    heard, wanted = _joined(output, truth, past, mask, BEFORE)
    filters, spread, quiet = (part.to(wanted) for part in _ear(rate, size))

    def bands(wave: Tensor) -> Tensor:
        """``(B, frames, bands)``; noise of unit power has 1 in every bin."""
        spectrum = stft(wave, size, size // 4)
        power = (spectrum.real.square() + spectrum.imag.square()) / (0.375 * size)
        return power.transpose(1, 2) @ filters

    hidden = bands(wanted) @ spread * 10 ** (MASKED_DB / 10) + quiet
    above = 10 * torch.log10(1 + bands(heard - wanted) / hidden).mean(dim=2)
    return (above.sum(dim=1) / (1 + mask.sum(dim=1) / (size // 4))).mean()


def coherence(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int = 48_000) -> Tensor:
    """1 minus the normalised correlation of each frame with the truth: 0 in phase, 2 upside down."""
    heard, wanted, share = _frames(output, truth, past, mask, rate)
    floor = FLOOR * heard.shape[2]
    level = ((_energy(heard) + floor) * (_energy(wanted) + floor)).sqrt()
    away = 1 - ((heard * wanted).sum(dim=2) + floor) / level
    return ((away * share).sum(dim=1) / share.sum(dim=1).clamp_min(1)).mean()


def dynamics(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int = 48_000) -> Tensor:
    """dB between the levels of output and truth: the mean of that of their rms and that of their peaks."""
    # High powers of what is far louder than the past would be infinite.
    loudest = (
        (torch.maximum(output.detach().abs(), truth.abs()) * mask).amax(dim=1, keepdim=True).clamp_min(1)
    )
    away = []
    for order in (2, PEAK):
        ours, theirs = (
            _mean((wave / loudest).abs() ** order, mask) + FLOOR ** (order / 2) for wave in (output, truth)
        )
        away.append(20 / order * (ours / theirs).log10().abs())
    return torch.stack(away).mean()


def envelope(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int = 48_000) -> Tensor:
    """Mean difference of the envelopes by the mean of the truth's: rms of 5 ms every 2.5 ms.

    As `jobs.sound.fidelity.envelope_percent`, gap by gap and as a share.
    """
    heard, wanted, share = _frames(output, truth, past, mask, rate)
    ours, theirs = ((_energy(frames) / frames.shape[2] + FLOOR).sqrt() for frames in (heard, wanted))
    return (((ours - theirs).abs() * share).sum(dim=1) / (theirs * share).sum(dim=1).clamp_min(FLOOR)).mean()


Loss = Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]
LOSSES: dict[str, Loss] = {
    loss.__name__: loss for loss in (sdr, spectral, perceptual, coherence, dynamics, envelope)
}


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    """``(B, T) -> (B,)`` over the gap."""
    return (values * mask).sum(dim=1) / mask.sum(dim=1).clamp_min(1)


def _energy(frames: Tensor) -> Tensor:
    return frames.square().sum(dim=2)


def _joined(output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, before: int) -> tuple[Tensor, Tensor]:
    """What is heard and what should be, ``(B, before + T)`` each: the same but for the gap."""
    tail = past[:, -before:]
    filled = truth + mask * (output - truth)
    return torch.cat([tail, filled], dim=1), torch.cat([tail, truth], dim=1)


def _frames(
    output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, rate: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What is heard and what should be in frames, ``(B, frames, samples)``, and the share of each that is of
    the gap, ``(B, frames)``; the first frame lies half in the past."""
    hop = round(FRAME / 2 * rate)
    heard, wanted = _joined(output, truth, past, mask, hop)
    inside = torch.cat([torch.zeros_like(mask[:, :1]).expand(-1, hop), mask], dim=1)
    heard, wanted, inside = (wave.unfold(1, 2 * hop, hop) for wave in (heard, wanted, inside))
    return heard, wanted, inside.mean(dim=2)


@lru_cache(maxsize=4)
def _bed(samples: int) -> Tensor:
    """``(samples,)`` of noise, always the same: what is softer than it makes no difference."""
    return FLOOR**0.5 * torch.randn(samples, generator=torch.Generator().manual_seed(0))


@lru_cache(maxsize=4)
def _ear(rate: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """``filters (size / 2 + 1, bands)``, each the mean of some bins, ``spread (bands, bands)``, the power by
    which a band hides others, and ``quiet (bands,)``, the least that is heard."""
    filters = mel_filters(rate, size)
    filters = filters / np.maximum(filters.sum(axis=0), 1e-9)
    kilohertz = np.arange(len(filters)) * rate / size / 1000 @ filters
    bark = 13 * np.arctan(0.76 * kilohertz) + 3.5 * np.arctan((kilohertz / 7.5) ** 2)
    away = bark - bark[:, None] + 0.474
    spread = 10 ** ((15.81 + 7.5 * away - 17.5 * np.sqrt(1 + away**2)) / 10)
    # A band narrower than a bin may have none.
    spread *= (filters.sum(axis=0) > 0)[:, None]
    spread /= spread.sum(axis=0)
    heard = np.maximum(kilohertz, 0.02)
    level = 3.64 * heard**-0.8 - 6.5 * np.exp(-0.6 * (heard - 3.3) ** 2) + 1e-3 * heard**4
    quiet = np.maximum(10 ** ((np.minimum(level, LISTENED_DB) - LISTENED_DB) / 10), FLOOR)
    made = [torch.from_numpy(part.astype(np.float32)) for part in (filters, spread, quiet)]
    return made[0], made[1], made[2]
