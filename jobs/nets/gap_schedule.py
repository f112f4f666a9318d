"""How a training on gaps goes on: its learning rate, how many hard gaps it is given, and when it ends.

All of it is state of a few numbers that goes into the checkpoint, and no part knows of nets or sounds.
"""

from dataclasses import dataclass

import numpy as np
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

EASIEST, HARDEST = 1 / 3, 2 / 3
"""Share of hard gaps in a batch, at first and at most; a third is what chance gives."""
ENOUGH_DB = 1.0
"""Gain at which the share is at its most."""


def annealed(
    optimiser: Optimizer, first: int, growth: int = 2, floor: float = 0.02
) -> CosineAnnealingWarmRestarts:
    """Learning rates that fall along a cosine for ``first`` steps, to ``floor`` of what they were, and begin
    anew for ``growth`` times as many (Loshchilov & Hutter, "SGDR", ICLR 2017). Call its ``step()`` after each
    step."""
    rate = optimiser.param_groups[0]["lr"]
    return CosineAnnealingWarmRestarts(optimiser, T_0=first, T_mult=growth, eta_min=floor * rate)


@dataclass
class Threshold:
    """Which gaps are hard, and how often they are drawn: the more, the further the net has come.

    A third of the gaps, those that the first candidate fills worst, are hard. They begin with their natural
    share of the draws; it grows in proportion to ``best``, the highest gain over the first candidate (dB)
    that validation has found so far, up to two thirds at 1 dB. It never falls again: a net that gets worse is
    given no easier gaps to look better by.
    """

    best: float = 0.0

    def judged(self, gain_db: float) -> float:
        """Take a validation's gain; the share from now on."""
        self.best = max(self.best, gain_db)
        return self.share

    @property
    def share(self) -> float:
        return EASIEST + (HARDEST - EASIEST) * min(self.best / ENOUGH_DB, 1.0)

    def chances(self, sdr_db: np.ndarray) -> np.ndarray:
        """``(N,)``: how likely each gap is drawn, given the SDR of its first candidate; the sum is 1."""
        hard = sdr_db <= np.quantile(sdr_db, 1 / 3)
        if hard.all():
            return np.full(len(sdr_db), 1 / len(sdr_db))
        return np.where(hard, self.share / hard.sum(), (1 - self.share) / (~hard).sum())


@dataclass
class Plateau:
    """Whether validation has stopped getting better: ``patience`` times running it was not lower than the
    ``best`` by ``least``."""

    patience: int
    least: float = 0.0
    best: float = float("inf")
    waited: int = 0

    def judged(self, loss: float) -> bool:
        """Take a validation's loss; whether it is the best so far. A loss that is not finite never is."""
        if loss < self.best - self.least:
            self.best, self.waited = loss, 0
            return True
        self.waited += 1
        return False

    @property
    def over(self) -> bool:
        return self.waited >= self.patience
