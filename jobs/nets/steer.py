"""Sliders as a closed loop: find the change of a take whose descriptors hit their set-points.

The unknowns are an offset of the latents, the gains of a few broad bands and a factor on the
envelope. What a musician moves is the descriptor; Gauss-Newton with a prior on each unknown finds
the least unlikely change that moves it and holds the others: the net bends the sound as far as it
has learned to, and the equaliser and the envelope only top up what is left.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from jobs.sound.bands import BANDS
from jobs.sound.descriptors import heard

EQ_BANDS = 14
EQ_PRIOR_DB = 2.5
LATENT_PRIOR = 0.5
"""In standard deviations of each latent over the bank."""
ENVELOPE_PRIOR = 0.25
MOST_GAIN_DB = 30.0
ROUNDS = 9
RELINEARISE = 4
"""Rounds between true Jacobians; Broyden's rank-one update (1965) corrects the ones between."""
LONGEST_STEP = 3.0
"""In priors, per unknown and round."""
CLOSE_ENOUGH = 0.03
DAMPING = 1e-3


@dataclass(frozen=True)
class Control:
    """``latent (latent, 1)`` offset, ``equaliser (EQ_BANDS,)`` in dB, ``envelope`` factor around 0."""

    latent: Tensor
    equaliser: Tensor
    envelope: Tensor

    @staticmethod
    def neutral(latent: int) -> "Control":
        return Control(torch.zeros(latent, 1), torch.zeros(EQ_BANDS), torch.zeros(()))


def equaliser_shape() -> Tensor:
    """``(BANDS, EQ_BANDS)``: overlapping raised cosines over the bands, a partition of unity."""
    position = torch.linspace(0, EQ_BANDS - 1, BANDS)[:, None]
    distance = (position - torch.arange(EQ_BANDS)).abs().clamp(max=1)
    return 0.5 + 0.5 * torch.cos(math.pi * distance)


def envelope(power: Tensor) -> Tensor:
    """``(T,)`` power -> dB by which each frame lies above or below the take's mean, 0 in silence."""
    db = 10 * torch.log10(power + 1e-6)
    weight = heard(db)
    mean = (db * weight).sum() / weight.sum()
    smooth = torch.nn.functional.avg_pool1d(db[None, None], 5, 1, 2, count_include_pad=False)[0, 0]
    return (smooth - mean).clamp(-24, 24) * weight


def solve(
    steered: Callable[[Control], Tensor],
    measure: Callable[[Tensor], Tensor],
    target: Tensor,
    scale: Tensor,
    latent_spread: Tensor,
) -> tuple[Control, Tensor]:
    """The control whose ``measure(steered(control))`` is nearest to ``target``, and what it measures.

    ``target`` and ``scale`` ``(K,)``: set-points and the size of an error that matters, per
    descriptor; ``latent_spread (latent,)``. Gauss-Newton in the space of the K residuals (the dual
    of a ridge with the priors), so 140 unknowns cost no more than K.
    """
    latent = len(latent_spread)
    prior = torch.cat(
        [
            LATENT_PRIOR * latent_spread,
            torch.full((EQ_BANDS,), EQ_PRIOR_DB),
            torch.tensor([ENVELOPE_PRIOR]),
        ]
    )

    def control_of(point: Tensor) -> Control:
        return Control(point[:latent, None], point[latent:-1], point[-1])

    def look(point: Tensor) -> tuple[Tensor, Tensor]:
        found = measure(steered(control_of(point)))
        return found, (target - found.detach()) / scale

    point = torch.zeros_like(prior).requires_grad_(True)
    found, residual = look(point)
    best, best_found, best_residual = point.detach(), found.detach(), residual
    jacobian = _jacobian(found, point) * prior / scale[:, None]
    for round_ in range(ROUNDS):
        if best_residual.abs().max() < CLOSE_ENOUGH:
            break
        gram = jacobian @ jacobian.T
        gram = gram + DAMPING * gram.diagonal().mean() * torch.eye(len(gram))
        step = jacobian.T @ torch.linalg.solve(gram, best_residual)
        step = step * min(1.0, LONGEST_STEP / float(step.abs().max() + 1e-9))
        fresh = round_ % RELINEARISE == RELINEARISE - 1
        point = (best + prior * step).requires_grad_(fresh)
        found, residual = look(point)
        gained = best_residual - residual
        if fresh:
            jacobian = _jacobian(found, point) * prior / scale[:, None]
        else:
            jacobian = jacobian + torch.outer(gained - jacobian @ step, step) / step.square().sum()
        if residual.square().sum() < best_residual.square().sum():
            best, best_found, best_residual = point.detach(), found.detach(), residual
    return control_of(best), best_found


def _jacobian(found: Tensor, point: Tensor) -> Tensor:
    """``(K, unknowns)`` by one backward pass per descriptor."""
    return torch.stack(
        [
            torch.autograd.grad(value, point, retain_graph=k + 1 < len(found))[0]
            for k, value in enumerate(found)
        ]
    )


def limited(gain: Tensor) -> Tensor:
    """Gains beyond 30 dB only raise noise or leave holes; eased in, so that the loop keeps a gradient."""
    return MOST_GAIN_DB * torch.tanh(gain / MOST_GAIN_DB)
