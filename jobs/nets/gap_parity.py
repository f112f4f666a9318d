"""How much of a net for gaps a smaller one has kept: in what it answers, and in the sound that is repaired.

Each figure is the worst of gaps of `LENGTHS_MS`. The repaired sound is what `jobs.field.repaired` makes of an
answer: at the level that was heard, held below its limit, and joined to the forecast.
"""

import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import cast

import numpy as np

from jobs.field.net import Net
from jobs.field.repaired import Repaired
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import LENGTHS_MS
from jobs.nets.gap_verdict import pooled
from jobs.sound.forecast import LOUDEST, RECENT, Forecast
from jobs.sound.guesses import Moment

LEAST_SQNR_DB, MOST_LOSS_DB = 30.0, 0.1
"""What a smaller net must keep: noise so far below the answer, and gap SDR."""


@dataclass(frozen=True)
class Parity:
    """``sqnr_db``: how far below the net's answer the difference of the smaller one's is; ``gap_sqnr_db``:
    the same of the repaired sound; ``loss_db``: gap SDR that it costs there."""

    sqnr_db: float
    gap_sqnr_db: float
    loss_db: float

    @property
    def close(self) -> bool:
        """Whether it says the same but for noise that is as low as it must be."""
        return min(self.sqnr_db, self.gap_sqnr_db) >= LEAST_SQNR_DB and self.useful

    @property
    def useful(self) -> bool:
        """Whether gaps are filled as well, whatever the answer."""
        return self.loss_db <= MOST_LOSS_DB


def parity(reference: np.ndarray, other: np.ndarray, examples: Examples, rate: int) -> Parity:
    """Of answers ``(N, T)`` of two nets to the same gaps, at ``rate`` Hz."""
    sound, noisy = (repaired(made, examples, rate) for made in (reference, other))
    level = examples.scale[:, None].astype(np.float64)
    counts = [round(length * rate / 1000) for length in LENGTHS_MS]
    losses = [
        pooled(sound / level, examples, length, rate) - pooled(noisy / level, examples, length, rate)
        for length in LENGTHS_MS
    ]
    return Parity(
        min(sqnr_db(reference[:, :count], other[:, :count]) for count in counts),
        min(sqnr_db(sound[:, :count], noisy[:, :count]) for count in counts),
        max(losses),
    )


def sqnr_db(reference: np.ndarray, other: np.ndarray) -> float:
    """Signal to quantisation noise: how far below ``reference`` the difference is."""
    signal = (reference.astype(np.float64) ** 2).sum()
    noise = ((reference.astype(np.float64) - other) ** 2).sum()
    return float(10 * np.log10((signal + 1e-20) / (noise + 1e-20)))


def repaired(made: np.ndarray, examples: Examples, rate: int) -> np.ndarray:
    """``(N, T)`` float64: what is heard in each gap where a net answers ``made (N, T)``."""
    return np.stack([_heard(answer, examples, at, rate) for at, answer in enumerate(made)])


def _heard(answer: np.ndarray, examples: Examples, at: int, rate: int) -> np.ndarray:
    past, guesses, record = examples.past[at], examples.guesses[at], examples.record[at]
    scale = float(examples.scale[at])
    limit = LOUDEST * scale * float(np.abs(past[-round(RECENT * rate) :]).max())
    now = Moment(past, guesses, record, scale, cast(Forecast, _Said(guesses[0].astype(np.float64) * scale)))
    return Repaired(answer, now, limit, rate).until(len(answer))


@dataclass(frozen=True)
class _Said:
    """A forecast (T,) that was kept, as `jobs.sound.filling.Filling`."""

    wave: np.ndarray

    def until(self, count: int) -> np.ndarray:
        return self.wave[:count]


def answers(model: bytes, examples: Examples) -> np.ndarray:
    """``(N, T)``: what an exported net makes of each gap, as the field runs it. Raises Refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        path.write_bytes(model)
        net = Net(path)
    heard = zip(examples.past, examples.guesses, examples.record, strict=True)
    return np.stack([net.run(*one) for one in heard])


def either_sign(examples: Examples) -> Examples:
    """Each gap twice, as it is and upside down, which is as likely: for scales and weights that are fitted to
    few."""
    turned = replace(
        examples, **{name: -getattr(examples, name) for name in ("past", "guesses", "truth", "baseline")}
    )
    return Examples(
        *(
            np.concatenate([getattr(one, part.name) for one in (examples, turned)])
            for part in fields(Examples)
        )
    )
