"""Which change of latents makes a take brighter or warmer: directions for the closed loop.

Gauss-Newton with a prior on each unknown finds the least unlikely change of latents and of a broad
equaliser that moves one descriptor and holds the others: the net bends the sound as far as it has
learned to, and the equaliser tops up what is left. The directions belong to one set of sounds; how far
to go along them is for the loop, which listens to the audio of a take.
"""

import numpy as np
import torch
from torch import Tensor

from jobs.nets.phrase import EQ_BANDS, Control, Phrase, equaliser_shape
from jobs.sound import bands
from jobs.sound.bands import FLOOR_DB, filterbank
from jobs.sound.descriptors import GATE_DB, WARM_BELOW
from jobs.sound.spectrum import HOP
from jobs.sound.tape import SLOT

EQ_PRIOR_DB = 6.0
LATENT_PRIOR = 0.5
"""In standard deviations of each latent over the bank."""
DAMPING = 1e-3
STEERED = ("brightness", "warmth")
FREED = "warmth"
"""What is measured on the take as a whole, where a drum is thinner by being softer; brightness is that of
each moment, and would move rhythm if it moved loudness."""


def directions(phrase: Phrase, frames: int, spreads: dict[str, float]) -> dict[str, Control]:
    """For each of `STEERED` the change that moves it by its spread, to first order."""
    prior = torch.cat([LATENT_PRIOR * phrase.bank.spread, torch.full((EQ_BANDS,), EQ_PRIOR_DB)])
    return {name: _direction(phrase, frames, prior, name, spreads[name]) for name in STEERED}


def _direction(phrase: Phrase, frames: int, prior: Tensor, name: str, spread: float) -> Control:
    point = torch.zeros_like(prior).requires_grad_(True)
    found = _measured(phrase, frames, point, 1.0 if name == FREED else 0.0)
    rows = [
        torch.autograd.grad(value, point, retain_graph=k + 1 < len(found))[0] for k, value in enumerate(found)
    ]
    jacobian = torch.stack(rows) * prior
    gram = jacobian @ jacobian.T
    gram = gram + DAMPING * gram.diagonal().mean() * torch.eye(len(gram))
    wanted = torch.zeros(len(found))
    wanted[STEERED.index(name)] = spread
    move = prior * (jacobian.T @ torch.linalg.solve(gram, wanted))
    latent = phrase.voice.latent
    return Control(move[:latent, None], move[latent:])


def _measured(phrase: Phrase, frames: int, point: Tensor, freed: float) -> Tensor:
    """Brightness (octaves) and warmth (dB) of the take in bands, differentiable, and its loudness (dB) where
    that is ``freed`` to move."""
    latent = phrase.voice.latent
    decoded = phrase.voice.decode(phrase.latents + point[:latent, None])[0]
    tilt = (equaliser_shape() @ point[latent:])[:, None]
    columns, rows, gains = _laid(phrase, frames)
    pieces = phrase.level + phrase.changed(decoded, tilt, freed)
    heard = _power(pieces[:, columns].clamp(bands.FLOOR_DB, bands.CEILING_DB))
    take = torch.zeros(len(heard), frames).index_add(1, rows, heard * gains)
    loudness = [10 * torch.log10(take.sum(dim=0).mean() + 1e-9)] if freed else []
    return torch.stack([_brightness(take), _warmth(take), *loudness])


def _power(level: Tensor) -> Tensor:
    return (10 ** (level / 10) - 10 ** (FLOOR_DB / 10)).clamp_min(0)


def _brightness(power: Tensor) -> Tensor:
    bank = filterbank()
    amplitude = (power * bank.weights.sum(dim=1)[:, None] + 1e-12).sqrt()
    centroid = (amplitude * bank.hertz[:, None]).sum(dim=0) / amplitude.sum(dim=0)
    level = 10 * torch.log10(power.sum(dim=0) + 1e-6).detach()
    weight = torch.sigmoid((level - level.max() + GATE_DB) / 3)
    return (torch.log2(centroid.clamp_min(20.0)) * weight).sum() / weight.sum()


def _warmth(power: Tensor) -> Tensor:
    in_band = power.mean(dim=1)
    # A soft edge: a hard one would give bands on either side of it no gradient towards each other.
    low = torch.sigmoid((WARM_BELOW - filterbank().hertz) / 40)
    inside = (in_band * low).sum()
    return 10 * torch.log10((inside + 1e-6) / (in_band.sum() - inside + 1e-6))


def _laid(phrase: Phrase, frames: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each frame of each piece: its column among the decoded, its frame in the take, its gain."""
    columns, rows, gains = [], [], []
    offset = 0
    for piece, fade in zip(phrase.pieces, phrase.fades, strict=True):
        first, last = piece.slots(phrase.bank)
        room = (last - first) * SLOT - piece.lead(phrase.bank)
        length = max(0, min(piece.frames, frames - piece.at, room))
        columns.append(offset + piece.lead(phrase.bank) + np.arange(length))
        rows.append(piece.at + np.arange(length))
        gains.append(fade[HOP // 2 :: HOP][:length] ** 2)
        offset += (last - first) * SLOT
    return (
        torch.from_numpy(np.concatenate(columns)),
        torch.from_numpy(np.concatenate(rows)),
        torch.from_numpy(np.concatenate(gains)),
    )
