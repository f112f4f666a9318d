"""The training loop of the autoencoder: a generator of rows. Stop by not asking for more.

Everything random in a step is drawn from a seed made of the run's seed and the step's number, so a
resumed training goes on with the same losses, bit for bit on the same device.
"""

import copy
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from jobs.nets.excerpts import LENGTH, Drawing
from jobs.nets.losses import Statistics, audibility, divergence, wave_loss
from jobs.nets.precision import at
from jobs.nets.vae import Vae

STFT_FRAMES = LENGTH // 2
"""Frames of one excerpt of a batch that the loss on waveforms is taken on: all would double the step."""
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
        default_factory=lambda: {"magnitude": 1.0, "frequency": 0.3, "stft": 0.02, "kl": 2e-4}
    )
    kl_warmup: int = 200
    kl_floor: float = 0.02
    precision: str = "fp32"

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
            net.parameters(),
            lr=plan.learning_rate,
            betas=(0.9, 0.95),
            weight_decay=plan.weight_decay,
            fused=next(net.parameters()).device.type in ("cpu", "cuda"),
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
        torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - decay)


@dataclass(frozen=True)
class Batch:
    """``raw (B, 2, BANDS, T)`` in dB and band widths; ``wave`` and the frames of which excerpt it is of.

    ``wave (1, samples)`` is None where no excerpt of the batch has one wave.
    """

    raw: Tensor
    wave: Tensor | None
    row: int = 0
    frames: slice = field(default_factory=lambda: slice(0, STFT_FRAMES))

    def to(self, device: torch.device) -> "Batch":
        wave = None if self.wave is None else self.wave.to(device)
        return Batch(self.raw.to(device), wave, self.row, self.frames)


def batch_of(drawing: Drawing, plan: Plan, step: int) -> Batch:
    """The batch of a step, each excerpt at a gain of its own: the same at every attempt."""
    random = np.random.default_rng([plan.seed, 2, step])
    raw, firsts = drawing.batch(plan.batch, random)
    change = torch.from_numpy(random.uniform(-plan.gain_db, plan.gain_db, plan.batch)).float()
    offset = int(random.integers(0, LENGTH - STFT_FRAMES + 1))
    rows = np.flatnonzero(firsts >= 0)
    raw = louder(raw, change)
    if not plan.weights["stft"] or not len(rows):
        return Batch(raw, None)
    row = int(rows[0])
    wave = drawing.tape.samples(int(firsts[row]) + offset, STFT_FRAMES) * 10 ** (change[row] / 20)
    return Batch(raw, wave[None], row, slice(offset, offset + STFT_FRAMES))


def losses(net: Vae, batch: Batch, statistics: Statistics, plan: Plan) -> tuple[dict[str, Tensor], Tensor]:
    """Named losses of a batch, and the KL of each channel, ``(latent,)`` nats.

    The KL term counts a channel only above its floor (free bits, Kingma et al. 2016, per dimension).
    """
    raw = batch.raw
    x = statistics.normalise(raw)
    with at(plan.precision, raw.device.type):
        y, mean, log_variance = net(x)
    y = y.float()
    kl = divergence(mean, log_variance)
    level, frequency = (y - x).abs().unbind(1)
    named = {
        "magnitude": level.mean(),
        "frequency": (frequency * audibility(raw[:, 0])).mean(),
        "kl": kl.clamp_min(plan.kl_floor).sum(),
    }
    if batch.wave is not None:
        here = (slice(batch.row, batch.row + 1), 0, slice(None), batch.frames)
        decoded = y[here] * statistics.level_scale + statistics.level_mean
        named["stft"] = wave_loss(decoded, raw[here], batch.wave)
    return named, kl.detach()


def total(named: dict[str, Tensor], plan: Plan, step: int) -> Tensor:
    """The weighted sum; the KL weight rises linearly over the warm-up."""
    weights = dict(plan.weights)
    weights["kl"] *= min(1.0, (step + 1) / max(1, plan.kl_warmup))
    return torch.stack([weights[name] * value for name, value in named.items() if weights[name]]).sum()


def fit(training: Training, drawing: Drawing, statistics: Statistics) -> Iterator[dict[str, float]]:
    """Yield ``{"step", "epoch", "loss", "magnitude", "frequency", "stft", "kl", "kl_total"}`` per step.

    ``kl_total`` is the KL of all channels without their floors. The next batch is read while a step is
    computed. Raises FloatingPointError when the loss stops being finite.
    """
    plan, net = training.plan, training.net
    device = next(net.parameters()).device
    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(batch_of, drawing, plan, training.step)
        while training.step < plan.steps:
            step = training.step
            batch = waiting.result().to(device)
            waiting = reader.submit(batch_of, drawing, plan, step + 1)
            torch.manual_seed(plan.seed * 1_000_003 + step)
            net.train()
            named, kl = losses(net, batch, statistics, plan)
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
                "kl_total": kl.sum().item(),
            }


def louder(raw: Tensor, change_db: Tensor) -> Tensor:
    """Features as if the sound had been played at another gain; what lies on the floor stays there."""
    level = raw[:, 0] + change_db[:, None, None] * (raw[:, 0] > -69)
    return torch.stack([level.clamp_min(-70), raw[:, 1]], dim=1)


@torch.no_grad()
def validate(training: Training, held: list[Tensor], statistics: Statistics) -> dict[str, float] | None:
    """Losses of the averaged net on held-out excerpts, without noise; None where nothing is held out.

    ``level_db`` is the mean magnitude error in dB, ``kl_total`` the nats of all channels per latent
    frame, ``kl_active`` the share of channels above their floor.
    """
    if not held:
        return None
    net, plan = training.average, training.plan
    device = next(net.parameters()).device
    sums = {"magnitude": 0.0, "frequency": 0.0}
    kl = torch.zeros(net.shape.latent, device=device)
    for excerpt in held:
        raw = excerpt[None].to(device)
        x = statistics.normalise(raw)
        mean, log_variance = net.encode(x)
        level, frequency = (net.decode(mean) - x).abs().unbind(1)
        sums["magnitude"] += level.mean().item()
        sums["frequency"] += (frequency * audibility(raw[:, 0])).mean().item()
        kl += divergence(mean, log_variance) / len(held)
    means = {name: value / len(held) for name, value in sums.items()}
    means["loss"] = sum(plan.weights[name] * value for name, value in means.items())
    means["level_db"] = means["magnitude"] * statistics.level_scale
    means["kl_total"] = kl.sum().item()
    means["kl_active"] = (kl > plan.kl_floor).float().mean().item()
    return means
