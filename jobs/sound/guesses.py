"""What a net for gaps is told: the past, guesses at how it goes on, and how wrong who guesses has been.

Office and field make them here.
"""

from dataclasses import dataclass

import numpy as np

from jobs.sound.filling import Filling, PitchRepetition
from jobs.sound.forecast import Forecast, Forecaster
from jobs.sound.weighing import EDGES

NAMES = ("ar", "ar-1024", "levinson-512", "pitch")
"""Of the guesses, in their order: the forecast of all experts, each expert, the last period again."""
RECORDED = 2, len(EDGES)
"""(experts, edges) of a record: of the experts whose guesses are the second and third."""
QUIET = 1e-4
"""rms (-80 dBFS) below which nothing is amplified to what a net expects."""
WORST = 4.0
"""Of a record, 12 dB above the past; and of experts of whom nothing was seen."""


@dataclass(frozen=True)
class Moment:
    """The moment before a gap: ``past (C,)``, ``guesses (K, T)`` and ``record (experts, edges)`` float32,
    all divided by ``scale``.

    The record is the rms of what each expert was lately wrong by, at the distances into a gap that begin at
    `jobs.sound.weighing.EDGES`.
    """

    past: np.ndarray
    guesses: np.ndarray
    record: np.ndarray
    scale: float
    forecast: Forecast


def moment(forecaster: Forecaster, rate: int, past: int, horizon: int) -> Moment:
    """Now: ``past`` samples back and ``horizon`` samples ahead."""
    heard = forecaster.history.wave(past)
    return told(heard, forecaster.forecast(), PitchRepetition(forecaster.history, rate), horizon)


def told(heard: np.ndarray, forecast: Forecast, pitch: Filling, horizon: int) -> Moment:
    """Of what was heard (C,), a forecast and the last period from there on."""
    scale = max(QUIET, float(np.sqrt((heard**2).mean())))
    ahead = np.stack([forecast.until(horizon), *forecast.experts(horizon), pitch.until(horizon)])
    # Of a number and none it is the number: whatever is not finite is as bad as can be.
    record = np.fmin(forecast.record() / scale, WORST)
    past, guesses, record = (part.astype(np.float32) for part in (heard / scale, ahead / scale, record))
    return Moment(past, guesses, record, scale, forecast)
