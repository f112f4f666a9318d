"""The training loop of nets for gaps: a generator of rows. Stop by not asking for more.

What is random in a step is drawn from the run's seed and the step's number, so a resumed training goes on
with the same losses, bit for bit on the same device.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from jobs.nets import gap_losses
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_schedule import Threshold, annealed
from jobs.nets.gap_shape import Shape

LENGTHS_MS = (2.5, 5.0, 10.0, 20.0, 40.0)
"""Of the gaps that are learned and judged."""
JUDGED = 10.0
"""Milliseconds of the gaps that a training is judged by as it goes."""
SIGNS = np.array([-1, 1], np.float32)
CROSS_FADE_MS = 2.0
"""What is heard of a repair behind its gap."""
CLIP = 1.0
SLOW, FEW = ("spectral", "perceptual"), 8
AT_ONCE = 256
"""Examples that are judged together."""


@dataclass(frozen=True)
class Plan:
    """How to train. ``weights`` carry the names of their losses; ``restart``: steps of the first cosine."""

    seed: int = 0
    batch: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    restart: int = 500
    weights: Mapping[str, float] = field(default_factory=lambda: dict(gap_losses.WEIGHTS))
    lengths: Mapping[float, float] = field(default_factory=dict)
    """Milliseconds of gaps -> share of the draws; of none all `LENGTHS_MS` are as likely."""
    turned: bool = True
    """Whether half of the gaps, drawn anew each time, are learned upside down."""


class Training:
    """The state of a training: net, its running average, optimiser, schedule and the next step's number."""

    def __init__(self, net: nn.Module, plan: Plan):
        self.net, self.plan = net, plan
        self.average = copy.deepcopy(net).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(
            net.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
        )
        self.schedule = annealed(self.optimiser, plan.restart)
        self.threshold = Threshold()
        self.step = 0

    def state_dict(self) -> dict:
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "hardest": self.threshold.best,
            "step": self.step,
        }

    def load_state_dict(self, state: dict) -> None:
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.threshold = Threshold(float(state["hardest"]))
        self.step = int(state["step"])

    @torch.no_grad()
    def follow(self) -> None:
        """Move the average towards the net; quickly at first, then over about 100 steps."""
        decay = min(0.99, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - decay)


def fit(training: Training, examples: Examples) -> Iterator[dict[str, float]]:
    """Yield ``{"step", "loss", "lr", "hard"}`` and every loss by its name, per step.

    ``hard`` is the share of gaps that linear prediction fills worst. Raises FloatingPointError when the loss
    stops being finite.
    """
    plan, net = training.plan, training.net
    rate = shape_of(net).rate
    known = sdr_each(examples.guesses[:, 0], examples.truth, 10.0, rate)
    while True:
        random = np.random.default_rng([plan.seed, 4, training.step])
        drawn = random.choice(len(examples), plan.batch, p=training.threshold.chances(known))
        told = told_of(examples, drawn)
        truth = torch.from_numpy(examples.truth[drawn])
        mask = masks(_drawn(plan, random), truth.shape[1], rate)
        if plan.turned:
            # A sound upside down is as likely as it is, and all guesses at it are the same upside down.
            sign = torch.from_numpy(random.choice(SIGNS, plan.batch))[:, None]
            told = told[0] * sign, told[1] * sign[:, None], told[2]
            truth = truth * sign
        net.train()
        torch.manual_seed(plan.seed * 1_000_003 + training.step)
        loss, named = losses(net(*told), truth, told[0], mask, plan.weights, rate)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss.item()} at step {training.step}")
        training.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        training.optimiser.step()
        at = training.optimiser.param_groups[0]["lr"]
        training.schedule.step()
        training.step += 1
        training.follow()
        yield {
            "step": training.step,
            "loss": loss.item(),
            "lr": at,
            "hard": training.threshold.share,
            **{name: value.item() for name, value in named.items()},
        }


def _drawn(plan: Plan, random: np.random.Generator) -> np.ndarray:
    """``(batch,)``: how long each gap is, in ms."""
    if not plan.lengths:
        return random.choice(LENGTHS_MS, plan.batch)
    shares = np.array(list(plan.lengths.values()))
    return random.choice(list(plan.lengths), plan.batch, p=shares / shares.sum())


def losses(
    output: Tensor, truth: Tensor, past: Tensor, mask: Tensor, weights: Mapping[str, float], rate: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """As `gap_losses.total`; those that transform the sound hear the first `FEW` gaps of a batch: of all of
    them they take ten times as long as the rest of a step."""
    quick, named = gap_losses.total(output, truth, past, mask, rate, _without(weights, slow=True))
    few = slice(FEW)
    slow, more = gap_losses.total(
        output[few], truth[few], past[few], mask[few], rate, _without(weights, slow=False)
    )
    return quick + slow, named | more


def _without(weights: Mapping[str, float], slow: bool) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if (name in SLOW) != slow}


def shape_of(net: nn.Module) -> Shape:
    shape = net.shape
    assert isinstance(shape, Shape)
    return shape


def masks(lengths_ms: np.ndarray, horizon: int, rate: int) -> Tensor:
    """``(B, horizon)``: 1 in a gap of so many milliseconds and in the cross-fade behind it."""
    ends = np.round((lengths_ms + CROSS_FADE_MS) * rate / 1000)
    return torch.from_numpy((np.arange(horizon) < ends[:, None]).astype(np.float32))


@torch.no_grad()
def made(net: nn.Module, examples: Examples) -> np.ndarray:
    """``(N, T)``: what the net makes of each."""
    net.eval()
    parts = [net(*told_of(examples, slice(at, at + AT_ONCE))) for at in range(0, len(examples), AT_ONCE)]
    return torch.cat(parts).numpy()


def told_of(examples: Examples, which: np.ndarray | slice = slice(None)) -> tuple[Tensor, Tensor, Tensor]:
    """What a net is called with: past, guesses and record of some gaps."""
    past, guesses, record = (
        torch.from_numpy(part[which]) for part in (examples.past, examples.guesses, examples.record)
    )
    return past, guesses, record


def sdr_each(output: np.ndarray, truth: np.ndarray, gap_ms: float, rate: int) -> np.ndarray:
    """``(N,)`` dB of each gap, between -30 and `gap_losses.SDR_MOST`: beyond it nobody hears a difference."""
    count = round(gap_ms * rate / 1000)
    signal = (truth[:, :count].astype(np.float64) ** 2).sum(axis=1)
    error = ((output[:, :count].astype(np.float64) - truth[:, :count]) ** 2).sum(axis=1)
    floor = gap_losses.FLOOR * count
    ratio = 10 * np.log10((signal + floor) / (error + floor * 1e-3))
    return np.clip(ratio, -gap_losses.SDR_MOST, gap_losses.SDR_MOST)


def gain(output: np.ndarray, over: np.ndarray, truth: np.ndarray, rate: int) -> float:
    """dB that ``output`` is better than ``over``: the mean of all gaps and `LENGTHS_MS`."""
    return float(np.mean([
        sdr_each(output, truth, length, rate) - sdr_each(over, truth, length, rate) for length in LENGTHS_MS
    ]))  # fmt: skip
