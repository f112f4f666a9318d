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

from jobs.nets.losses import Statistics
from jobs.nets.vae import Vae
from jobs.sound.bands import AUDIBLE_DB, BANDS
from jobs.sound.tape import SLOT, Tape

COARSE = 8
"""Bands that are looked at together."""
MOST = 3000
"""Training latents that are looked through, spread evenly."""
ASKED = 128
MEMORISING = 0.5
"""Made sounds that lie this much nearer to the training sounds than unheard ones do are copies."""
QUIET_DB = 40.0


@dataclass(frozen=True)
class Memory:
    """Median distance in dB to the nearest training sound: of what the net makes, of what it never heard.

    ``ratio`` of the two: about 1 or more for a net that makes its own, near 0 for one that copies.
    """

    made_db: float
    unheard_db: float

    @property
    def ratio(self) -> float:
        return self.made_db / max(self.unheard_db, 1e-6)

    @property
    def memorising(self) -> bool:
        return self.ratio < MEMORISING


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


def known(tape: Tape, spans: tuple[tuple[int, int], ...]) -> Tensor:
    """`points` of what is trained on, at most `MOST` of them, spread evenly."""
    found = [points(tape.excerpt(slice(start, start + n))[:1]) for start, n in spans if n >= SLOT]
    return _some(torch.cat(found), MOST) if found else torch.zeros(0, BANDS // COARSE)


def nearest(asked: Tensor, trained: Tensor) -> Tensor:
    """``(n,)`` RMS distance in dB of each of ``asked (n, d)`` to its nearest of ``trained (m, d)``."""
    return torch.cdist(asked, trained).amin(dim=1) / asked.shape[1] ** 0.5


def judge(made: Tensor, unheard: Tensor, trained: Tensor) -> Memory | None:
    """Of rows of `points`; None where there is nothing to compare."""
    if not len(made) or not len(unheard) or not len(trained):
        return None
    return Memory(nearest(made, trained).median().item(), nearest(unheard, trained).median().item())


@torch.no_grad()
def remembered(
    net: Vae, statistics: Statistics, trained: Tensor, train: list[Tensor], unheard: list[Tensor]
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
