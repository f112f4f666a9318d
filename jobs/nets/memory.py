"""Whether a net plays back what it heard instead of having learned from it.

Latents between those of training sounds are decoded, and so are draws of the prior: a net that has
learned makes something of its own of them, one that memorises falls back onto a training sound. The
ruler is how far sounds lie from their nearest training sound that the net never heard.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from jobs.nets.excerpts import Spans
from jobs.nets.losses import Statistics
from jobs.nets.vae import Vae
from jobs.sound.augment import pieces
from jobs.sound.bands import AUDIBLE_DB, BANDS
from jobs.sound.tape import SLOT, Tape

COARSE = 8
"""Bands that are looked at together."""
MOST = 3000
"""Training spectra that are looked through, spread evenly."""
LOOKED_AT = 500
"""Pieces of up to eight seconds that these come from."""
ASKED = 128
NEARER = 0.5
"""Made sounds that lie so much nearer to a training sound than unheard ones do, and than they lie to any
other training sound, are copies of it."""
QUIET_DB = 40.0


@dataclass(frozen=True)
class Trained:
    """`points (n, BANDS / 8)` of training sounds, and the sound that each is of, ``owner (n,)``."""

    points: Tensor
    owner: Tensor


@dataclass(frozen=True)
class Memory:
    """Median distances in dB: of what the net makes to the nearest training sound and to the nearest
    other one, and of what the net never heard to the nearest."""

    made_db: float
    other_db: float
    unheard_db: float

    @property
    def memorising(self) -> bool:
        """Whether the net copies. The average of all sounds lies near to each of them: it is no copy."""
        return self.made_db < NEARER * self.unheard_db and self.made_db < NEARER * self.other_db


def points(level: Tensor) -> Tensor:
    """``(B, BANDS, frames)`` dB -> ``(n, BANDS / 8)``: spectra of 16 frames, of those that are heard.

    Each is taken off its own mean: a sound at another gain is no other sound.
    """
    found = F.avg_pool2d(level.clamp_min(AUDIBLE_DB)[:, None], (COARSE, SLOT))
    rows = found.movedim(2, -1).reshape(-1, BANDS // COARSE)
    if len(rows):
        loudest = rows.amax(dim=1)
        rows = rows[loudest > loudest.max() - QUIET_DB]
    return rows - rows.mean(dim=1, keepdim=True)


def known(tape: Tape, spans: Spans) -> Trained:
    """What is trained on: at most `MOST` spectra, spread evenly."""
    starts = np.array([place.start for place in tape.places])
    parts = [part for part in pieces(spans) if part[1] >= SLOT]
    parts = parts[:: max(1, len(parts) // LOOKED_AT)]
    found = [points(tape.excerpt(slice(start, start + n))[:1]) for start, n in parts]
    owners = [int(np.searchsorted(starts, start, side="right")) for start, _ in parts]
    owner = [torch.full((len(rows),), one) for rows, one in zip(found, owners, strict=True)]
    none = torch.zeros(0, BANDS // COARSE)
    return Trained(_some(torch.cat([none, *found]), MOST), _some(torch.cat([none[:, 0], *owner]), MOST))


def judge(made: Tensor, unheard: Tensor, trained: Trained) -> Memory | None:
    """Of rows of `points`; None where there is nothing to compare, or only one sound to compare with."""
    if not len(made) or not len(unheard) or len(trained.owner.unique()) < 2:
        return None
    scale = made.shape[1] ** 0.5
    to = torch.cdist(made, trained.points) / scale
    nearest, at = to.min(dim=1)
    other = to.masked_fill(trained.owner == trained.owner[at][:, None], float("inf")).amin(dim=1)
    far = (torch.cdist(unheard, trained.points) / scale).amin(dim=1)
    return Memory(*(found.median().item() for found in (nearest, other, far)))


@torch.no_grad()
def remembered(
    net: Vae, statistics: Statistics, trained: Trained, train: list[Tensor], unheard: list[Tensor]
) -> Memory | None:
    """Judge ``net``; ``trained`` as from `known`, the excerpts ``(2, BANDS, frames)``.

    Half of what it makes lies between two training excerpts, half is drawn from a normal distribution
    with their mean and spread.
    """
    if not train or not unheard:
        return None
    device = next(net.parameters()).device
    length = min(excerpt.shape[-1] for excerpt in train)
    x = torch.stack([excerpt[..., :length] for excerpt in train]).to(device)
    mean, _ = net.encode(statistics.normalise(x))
    random = np.random.default_rng(6)
    share = torch.from_numpy(random.uniform(0.3, 0.7, (len(mean), 1, 1))).float().to(device)
    noise = torch.from_numpy(random.standard_normal(tuple(mean.shape))).float().to(device)
    between = mean + share * (mean.roll(1, dims=0) - mean)
    centre = mean.mean(dim=(0, 2), keepdim=True)
    prior = centre + (mean - centre).square().mean(dim=(0, 2), keepdim=True).sqrt() * noise
    made = statistics.restore(net.decode(torch.cat([between, prior])))[:, 0].cpu()
    there = torch.cat([points(excerpt[:1]) for excerpt in unheard])
    return judge(_some(points(made), ASKED), _some(there, ASKED), trained)


def _some(rows: Tensor, most: int) -> Tensor:
    """At most so many of them, spread evenly."""
    if len(rows) <= most:
        return rows
    return rows[torch.linspace(0, len(rows) - 1, most).round().long()]
