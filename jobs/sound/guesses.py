"""What a net for gaps is told: the past, and guesses at how it goes on. Office and field make them here."""

from dataclasses import dataclass

import numpy as np

from jobs.sound.filling import Filling, PitchRepetition
from jobs.sound.forecast import Forecast, Forecaster

NAMES = ("ar", "ar-1024", "levinson-512", "pitch")
"""Of the guesses, in their order: the forecast of all experts, each expert, the last period again."""
QUIET = 1e-4
"""rms (-80 dBFS) below which nothing is amplified to what a net expects."""


@dataclass(frozen=True)
class Moment:
    """The moment before a gap: ``past (C,)`` and ``guesses (K, T)`` float32, both divided by ``scale``."""

    past: np.ndarray
    guesses: np.ndarray
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
    return Moment((heard / scale).astype(np.float32), (ahead / scale).astype(np.float32), scale, forecast)
