"""The net that ships: it decides how far each guess is trusted as a gap goes on, and corrects their sum.

``output = first guess + unsure(time) * (sum over guesses of moved(guess, time) * guess + residual)``. A fresh
net is linear prediction to the bit: nothing is moved, and the residual is 0. What can be learned on top of
that is above all how fast trust should fall, and the best sign of it is the record: how wrong experts have
just been so far into a gap. Where they were right there is nothing to gain, and with a sound unlike those
that were learned much to lose. By least squares a guess of level 1 that is wrong by r is turned down by
r² / (1 + r²), so what a net may change falls with the square of r. Gates may leave 0 to 1, as the
least-squares gate of a guess that is off in level does, but by `MOVED` at most.
"""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from jobs.nets.gap_shape import Shape, seeded
from jobs.sound.guesses import RECORDED, WORST
from jobs.sound.weighing import edges

POOLS = (8, 32)
"""Samples of the means by which the past is heard without its highs: at 48 kHz up to 6 and 1.5 kHz."""
PARTS = 8
"""Stretches of the past whose levels are heard, in so many ways: as steps, as it is, and by each mean."""
WAYS = 2 + len(POOLS)
FLOOR, DEEP = 1e-4, 1e-6
"""Power beside the past's, -40 and -60 dB, from which on levels tell nothing more. Half floats hold both."""
AROUND = 7
"""Slots that are heard together: how trust falls from slot to slot tells more than any of them alone."""
NEAR, AHEAD = 480, 240
"""Samples of the past that the residual hears, and of the gap that it corrects: 10 and 5 ms at 48 kHz."""
MOVED = 1.25
"""By which gates move at most: all may close."""
SURE = 0.1
"""Of a level: where the better expert was so far off, -20 dB, a quarter of all changes can be made."""
HALF = 0.5
"""Of the past's rms: no residual is larger."""
DROPPED = 0.5
"""Share of what the residual hears that is left out in each step: all of it is soon learned by heart."""


class Gates(nn.Module):
    """``(past (B, C), guesses (B, K, T), record (B, experts, edges)) -> (B, T)``; the same weights for the
    same seed."""

    name: ClassVar[str] = "gates"
    between: Tensor
    time: Tensor
    edge: Tensor

    def __init__(self, shape: Shape | None = None, seed: int = 0, width: int = 96):
        super().__init__()
        self.shape = shape = shape or Shape()
        count = shape.candidates
        heard = 2 * (count + count * (count - 1) // 2) + count - 1 + WAYS * PARTS + RECORDED[0] + 2
        with seeded(seed):
            self.first = nn.Conv1d(heard, width, 1)
            self.second = nn.Conv1d(width, width, AROUND, padding=AROUND // 2)
            self.gates = nn.Conv1d(width, count, 1)
            self.near = nn.Linear(NEAR + AHEAD, 64)
            self.dropped = nn.Dropout(DROPPED)
            self.residual = nn.Linear(64, AHEAD)
        for last in (self.gates, self.residual):
            for parameter in last.parameters():
                nn.init.zeros_(parameter)
        self.register_buffer("between", _between(shape), persistent=False)
        self.register_buffer("time", _time(shape), persistent=False)
        self.register_buffer("edge", _edge(shape), persistent=False)

    def forward(self, past: Tensor, guesses: Tensor, record: Tensor) -> Tensor:
        wrong = record.clamp(0, WORST)[:, :, self.edge]
        hidden = torch.relu(self.first(self.heard(past, guesses, wrong)))
        hidden = hidden + torch.relu(self.second(hidden))
        moved = MOVED * torch.tanh(self.gates(hidden))
        unsure = self.unsure(guesses, wrong)
        along = torch.cat([moved * unsure, unsure], dim=1) @ self.between
        gates, unsure = along[:, :-1], along[:, -1]
        return guesses[:, 0] + (gates * guesses).sum(dim=1) + unsure * self.corrected(past, guesses)

    def unsure(self, guesses: Tensor, wrong: Tensor) -> Tensor:
        """``(B, 1, slots)``, 0 to 1: how much of what could be changed is."""
        slots = guesses[:, :1].reshape(len(guesses), 1, self.shape.slots, self.shape.slot)
        level = (slots.square().mean(dim=-1) + DEEP).sqrt()
        least = wrong.amin(dim=1, keepdim=True)
        return (least / (least + SURE * level)).square()

    def heard(self, past: Tensor, guesses: Tensor, wrong: Tensor) -> Tensor:
        """``(B, features, slots)``: levels of the guesses and of what they are apart, how alike each is to
        the first, levels of the past in bands, how wrong each expert was, ``(B, experts, slots)``, and how
        far into the gap a slot is."""
        shape, count = self.shape, self.shape.candidates
        slots = guesses.reshape(-1, count, shape.slots, shape.slot)
        apart = [slots[:, i] - slots[:, j] for i in range(count) for j in range(i)]
        waves = torch.cat([slots, torch.stack(apart, dim=1)], dim=1) if apart else slots
        before = _before(past)[:, :, None].expand(-1, -1, shape.slots)
        parts = [_level(waves), _level(waves, DEEP), _alike(slots[:, :1], slots[:, 1:]), before]
        parts.append(_level(wrong[..., None], DEEP))
        return torch.cat([*parts, self.time.expand(len(past), -1, -1)], dim=1)

    def corrected(self, past: Tensor, guesses: Tensor) -> Tensor:
        """``(B, T)``: the residual, of the first samples alone and falling to 0."""
        near = torch.cat([past[:, -NEAR:], guesses[:, 0, :AHEAD]], dim=1)
        made = HALF * torch.tanh(self.residual(self.dropped(torch.relu(self.near(near)))))
        falling = torch.linspace(1, 0, AHEAD, device=past.device)
        return F.pad(made * falling, (0, self.shape.horizon - AHEAD))


def _level(wave: Tensor, floor: float = FLOOR) -> Tensor:
    """Mean power over the last dimension, as a logarithm of about -2 to 1."""
    return (wave.square().mean(dim=-1) + floor).log() / 4


def _alike(first: Tensor, others: Tensor) -> Tensor:
    """Correlation over the last dimension, -1 to 1; 0 where there is next to nothing."""
    powers = [(wave.square().mean(dim=-1) + FLOOR).sqrt() for wave in (first, others)]
    return (first * others).mean(dim=-1) / (powers[0] * powers[1])


def _before(past: Tensor) -> Tensor:
    """``(B, C) -> (B, WAYS * PARTS)``: levels of the steps from sample to sample, of the samples, of
    means."""
    steps = F.pad(past[:, 1:] - past[:, :-1], (1, 0))
    means = [F.avg_pool1d(past[:, None], size)[:, 0] for size in POOLS]
    ways = [
        wave[:, -(wave.shape[1] // PARTS) * PARTS :].reshape(len(past), PARTS, -1)
        for wave in (steps, past, *means)
    ]
    return torch.cat([_level(way) for way in ways], dim=1)


def _between(shape: Shape) -> Tensor:
    """``(slots, horizon)``: what a slot counts for at each sample, so that gates move in straight lines."""
    places = torch.arange(shape.horizon) / shape.slot - 0.5
    left = places.floor().long().clamp(0, max(0, shape.slots - 2))
    share = (places - left).clamp(0, 1)
    matrix = torch.zeros(shape.slots, shape.horizon)
    samples = torch.arange(shape.horizon)
    matrix[left, samples] += 1 - share
    matrix[(left + 1).clamp_max(shape.slots - 1), samples] += share
    return matrix


def _edge(shape: Shape) -> Tensor:
    """``(slots,)``: which part of a record the middle of a slot lies in."""
    middle = (np.arange(shape.slots) + 0.5) * shape.slot
    return torch.from_numpy(np.searchsorted(edges(shape.rate), middle, side="right") - 1)


def _time(shape: Shape) -> Tensor:
    """``(1, 2, slots)``: how far into the gap a slot is, and the root of that, which tells the first
    apart."""
    passed = torch.arange(shape.slots) / shape.slots
    return torch.stack([passed, passed.sqrt()])[None]
