"""A net for gaps where it repairs: ONNX on one thread, and what to do when it should not be trusted.

What it makes is only taken where it is finite; it never gets louder than what was heard lately, and where its
horizon ends the forecast goes on.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from jobs.field.checked import Refused
from jobs.sound.filling import Filling
from jobs.sound.forecast import Forecast, Forecaster
from jobs.sound.guesses import NAMES, Moment, moment

PAST, GUESSES, GAP = "past", "guesses", "gap"
JOINED = 0.0025
"""Seconds before the end of the horizon in which the net is left for the forecast."""
LARGEST = 64 * 2**20


class Net:
    """An exported net; one gap at a time. Raises Refused for a file that is not one."""

    def __init__(self, path: Path | str, rate: int = 48_000):
        path = Path(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            if path.stat().st_size > LARGEST:
                raise Refused(f"{path.name}: larger than {LARGEST >> 20} MiB; it is no net for gaps")
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            self._given = {one.name: one.shape for one in self._session.get_inputs()}
            (gap,) = self._session.get_outputs()
        except OSError as error:
            raise Refused(f"{path.name}: {(error.strerror or str(error)).lower()}") from None
        except Refused:
            raise
        except Exception as error:  # the runtime has no common class for what it refuses
            raise Refused(f"{path.name}: no net that can be run ({type(error).__name__})") from None
        if PAST not in self._given or gap.name != GAP or not self._whole(gap.shape):
            raise Refused(
                f"{path.name}: needs {PAST} (1, C) and {GUESSES} (1, {len(NAMES)}, T), and gives {GAP}"
            )
        self.rate, self.past, self.horizon = rate, int(self._given[PAST][1]), int(gap.shape[1])

    def _whole(self, gap: Any) -> bool:
        past, guesses = self._given[PAST], self._given.get(GUESSES, [1, len(NAMES), *gap[1:]])
        return (
            len(past) == len(gap) == 2
            and all(isinstance(one, int) and 0 < one <= 192_000 for one in (*past, *gap))
            and past[0] == gap[0] == 1
            and list(guesses) == [1, len(NAMES), gap[1]]
        )

    def run(self, past: np.ndarray, guesses: np.ndarray) -> np.ndarray:
        """``past (C,)`` and ``guesses (K, T)`` float32 -> ``(T,)``."""
        given = {PAST: past[None], GUESSES: guesses[None]}
        return self._session.run([GAP], {name: given[name] for name in self._given})[0][0]

    def fill(self, forecaster: Forecaster, rate: int, packet: int) -> Filling:
        """As `jobs.sound.conceal.Fill`."""
        now = moment(forecaster, rate, self.past, self.horizon)
        return Repaired(self.run(now.past, now.guesses), now, forecaster.limit(), round(JOINED * rate))


class Repaired:
    """What a net made of a gap, joined to the forecast."""

    def __init__(self, made: np.ndarray, now: Moment, limit: float, joined: int):
        self._forecast: Forecast = now.forecast
        made = made.astype(np.float64) * now.scale
        self.trusted = bool(np.isfinite(made).all())
        """Whether the net's answer is used at all."""
        self.clamped = int((np.abs(made) > limit).sum()) if self.trusted else 0
        self._made = np.clip(made, -limit, limit) if self.trusted else now.forecast.until(len(made)).copy()
        self._falling = np.ones(len(made))
        self._falling[len(made) - joined :] = np.linspace(1, 0, joined)

    def until(self, count: int) -> np.ndarray:
        inside = min(count, len(self._made))
        share = self._falling[:inside]
        known = self._forecast.until(count)
        joined = self._made[:inside] * share + known[:inside] * (1 - share)
        return np.concatenate([joined, known[inside:]])
