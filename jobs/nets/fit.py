"""The training loop of the autoencoder: a generator of rows. Stop by not asking for more.

Everything random in a step is drawn from a seed made of the run's seed and the step's number, so a
resumed training goes on with the same losses, bit for bit on the same device.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from jobs.nets import excerpts
from jobs.nets.losses import Statistics, WaveLoss, audibility, divergence
from jobs.nets.vae import Vae
from jobs.sound.tape import Tape

STFT_EXCERPTS = 1
"""Excerpts of a batch the loss on waveforms is taken on: all of them would double the step."""
CLIP = 1.0


@dataclass(frozen=True)
class Plan:
    """How to train. Weights carry the names of their losses."""

    steps: int
    epoch: int
    seed: int = 0
    batch: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warmup: int = 50
    gain_db: float = 6.0
    weights: dict[str, float] = field(
        default_factory=lambda: {"magnitude": 1.0, "frequency": 0.3, "stft": 0.1, "kl": 2e-4}
    )
    kl_warmup: int = 200
    kl_floor: float = 0.02

    def rate_at(self, step: int) -> float:
        """Linear warm-up, then a cosine down to a twentieth."""
        rise = min(1.0, (step + 1) / self.warmup)
        fall = 0.525 + 0.475 * math.cos(math.pi * min(1.0, step / max(1, self.steps)))
        return self.learning_rate * rise * fall


class Training:
    """The state of a training: net, its running average, optimiser and the next step's number."""

    def __init__(self, net: Vae, plan: Plan):
        self.net = net
        self.plan = plan
        self.average = copy.deepcopy(net).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(
            net.parameters(), lr=plan.learning_rate, betas=(0.9, 0.95), weight_decay=plan.weight_decay
        )
        self.step = 0

    def state_dict(self) -> dict:
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }

    def load_state_dict(self, state: dict) -> None:
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])

    @torch.no_grad()
    def follow(self) -> None:
        """Move the average towards the net; quickly at first, then over about 200 steps."""
        decay = min(0.995, (1 + self.step) / (10 + self.step))
        for mean, now in zip(self.average.parameters(), self.net.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)


def losses(net: Vae, raw: Tensor, statistics: Statistics, plan: Plan) -> tuple[dict[str, Tensor], Tensor]:
    """Named losses of a batch ``(B, 2, BANDS, T)`` in dB, and the decoded level in dB.

    The KL term counts a channel only above its floor (free bits, Kingma et al. 2016, per dimension).
    """
    x = statistics.normalise(raw)
    y, mean, log_variance = net(x)
    kl = divergence(mean, log_variance)
    named = {
        "magnitude": (y[:, 0] - x[:, 0]).abs().mean(),
        "frequency": ((y[:, 1] - x[:, 1]).abs() * audibility(raw[:, 0])).mean(),
        "kl": kl.clamp_min(plan.kl_floor).sum(),
    }
    return named, statistics.restore(y)[:, 0]


def total(named: dict[str, Tensor], plan: Plan, step: int) -> Tensor:
    """The weighted sum; the KL weight rises linearly over the warm-up."""
    weights = dict(plan.weights)
    weights["kl"] *= min(1.0, (step + 1) / max(1, plan.kl_warmup))
    return torch.stack([weights[name] * value for name, value in named.items() if weights[name]]).sum()


def _wave_batch(tape: Tape, firsts: np.ndarray, frames: int) -> tuple[list[int], Tensor | None]:
    rows = [i for i, first in enumerate(firsts) if first >= 0][:STFT_EXCERPTS]
    if not rows:
        return rows, None
    return rows, torch.stack([tape.samples(int(firsts[i]), frames) for i in rows])


def fit(
    training: Training, tape: Tape, split: excerpts.Split, statistics: Statistics
) -> Iterator[dict[str, float]]:
    """Yield ``{"step", "epoch", "loss", "magnitude", "frequency", "stft", "kl"}`` after every step.

    Raises FloatingPointError when the loss stops being finite.
    """
    plan, net = training.plan, training.net
    device = next(net.parameters()).device
    wave_loss = WaveLoss(str(device)) if plan.weights["stft"] else None
    while training.step < plan.steps:
        step = training.step
        torch.manual_seed(plan.seed * 1_000_003 + step)
        random = np.random.default_rng([plan.seed, 2, step])
        raw, firsts = excerpts.draw(tape, split, plan.batch, random)
        waves_of, waves = _wave_batch(tape, firsts, raw.shape[-1])
        change = torch.from_numpy(random.uniform(-plan.gain_db, plan.gain_db, plan.batch)).float()
        raw = louder(raw, change).to(device)
        net.train()
        named, level = losses(net, raw, statistics, plan)
        if wave_loss is not None and waves is not None:
            waves = (waves * 10 ** (change[waves_of, None] / 20)).to(device)
            named["stft"] = wave_loss(level[waves_of], raw[waves_of, 0], waves)
        loss = total(named, plan, step)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss.item()} at step {step}")
        training.optimiser.param_groups[0]["lr"] = plan.rate_at(step)
        training.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        training.optimiser.step()
        training.step += 1
        training.follow()
        yield {
            "step": training.step,
            "epoch": training.step / plan.epoch,
            "loss": loss.item(),
            **{name: value.item() for name, value in named.items()},
        }


def louder(raw: Tensor, change_db: Tensor) -> Tensor:
    """Features as if the sound had been played at another gain; what lies on the floor stays there."""
    level = raw[:, 0] + change_db[:, None, None] * (raw[:, 0] > -69)
    return torch.stack([level.clamp_min(-70), raw[:, 1]], dim=1)


@torch.no_grad()
def validate(training: Training, held: list[Tensor], statistics: Statistics) -> dict[str, float] | None:
    """Losses of the averaged net on held-out excerpts, without noise; None where nothing is held out.

    ``level_db`` is the mean magnitude error in dB.
    """
    if not held:
        return None
    net, plan = training.average, training.plan
    device = next(net.parameters()).device
    sums = {"magnitude": 0.0, "frequency": 0.0}
    for excerpt in held:
        raw = excerpt[None].to(device)
        x = statistics.normalise(raw)
        y = net.decode(net.encode(x)[0])
        sums["magnitude"] += (y[:, 0] - x[:, 0]).abs().mean().item()
        sums["frequency"] += ((y[:, 1] - x[:, 1]).abs() * audibility(raw[:, 0])).mean().item()
    means = {name: value / len(held) for name, value in sums.items()}
    means["loss"] = sum(plan.weights[name] * value for name, value in means.items())
    means["level_db"] = means["magnitude"] * statistics.level_scale
    return means
