"""How good and how intelligible speech is: PESQ, STOI, ESTOI and PLCMOS, each by a library of its own.

They are made for speech. On music they give numbers that mean nothing, and none of them can tell which it is:
whoever asks has to know. Channels are averaged first. A long sound is measured in stretches of at most 10 s,
for which PESQ is made (ITU-T P.862.3; its code crashes from about a minute of speech on), the mean counts.

======== ============ ====================================================================================
pesq_wb  1.04 to 4.64 quality as heard over wideband telephony, 16 kHz (ITU-T P.862.2)
pesq_nb  1.02 to 4.55 the same over a telephone, 8 kHz (ITU-T P.862.1)
stoi     0 to 1       intelligibility, on a scale of its own (Taal et al. 2011)
estoi    0 to 1       the same where noise comes and goes (Jensen & Taal 2016)
plcmos   1 to 5       what people would say of how lost packets were concealed (Diener et al. 2023); it hears
                      the output alone
======== ============ ====================================================================================

PESQ does not see the level of the whole or its sign, and is validated for speech alone, over narrow and wide
bands (ITU-T P.862, P.862.2): `FOR_SPEECH` goes with every value.
"""

import importlib
import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from jobs.sound.fidelity import SILENT, Unmeasurable, validate
from jobs.sound.io import resample

NAMES = ("pesq_wb", "pesq_nb", "stoi", "estoi", "plcmos")
STRETCH = 10.0
"""Seconds."""
WORST = 1.0
"""Opinion of a silent output: PESQ would divide by its level, and PLCMOS thinks well of it."""
STOI_NONE = 1e-5
"""What the library gives where fewer than 30 frames of 25.6 ms, one every 12.8 ms, hold speech."""
FOR_SPEECH = (
    "PESQ is validated for narrow- and wideband speech alone (ITU-T P.862); of music none of these tells "
    "anything"
)
RATERS = 15
"""Listeners that PLCMOS draws, as many as its library does, but the same each time."""


def evaluate(output: Any, truth: Any, rate: int, names: Iterable[str] = NAMES) -> dict[str, Any]:
    """Values by name, and ``limits``: one line for each that is left out or was measured in part, with the
    reason, and what no value can tell. A second of sound takes about 0.05 s, three times that with
    ``plcmos``. Raises Unmeasurable as `fidelity.validate` does."""
    pair = [wave.mean(axis=0, keepdims=True) for wave in validate(output, truth, rate)]
    found: dict[str, Any] = {}
    limits = []
    for name in names:
        try:
            value, limit = MEASURES[name].mean(pair, rate)
        except Unmeasurable as why:
            value, limit = None, str(why)
        if value is not None:
            found[name] = value
        if limit:
            limits.append(f"{name}: {limit}")
    return found | {"limits": [*limits, *([FOR_SPEECH] if found else [])]}


@dataclass(frozen=True)
class Measure:
    """``of(library, output, truth)`` of ``(samples,)`` at ``rate`` Hz; the sound needs ``least_rate`` Hz and
    ``seconds``."""

    library: str
    rate: int
    least_rate: int
    seconds: float
    of: Callable[[Any, np.ndarray, np.ndarray], float]

    def mean(self, pair: list[np.ndarray], rate: int) -> tuple[float, str]:
        """Of ``(1, samples)`` twice: (mean over stretches, what was left out). Raises Unmeasurable."""
        if rate < self.least_rate:
            raise Unmeasurable(f"needs a rate of {self.least_rate} Hz at least; this is {rate} Hz")
        seconds = pair[0].shape[1] / rate
        if seconds < self.seconds:
            raise Unmeasurable(f"needs {self.seconds:g} s at least; this is {seconds:.2f} s")
        library = self._library()
        count = math.ceil(seconds / STRETCH)
        parts = [np.array_split(resample(wave, rate, self.rate)[0], count) for wave in pair]
        values, reasons = [], []
        for output, truth in zip(*parts, strict=True):
            try:
                values.append(self.of(library, output, truth))
            except Unmeasurable as why:
                reasons.append(str(why))
        if not values:
            raise Unmeasurable(reasons[0])
        left_out = f"{len(reasons)} of {count} stretches left out: {reasons[0]}" if reasons else ""
        return float(np.mean(values)), left_out

    def _library(self) -> ModuleType:
        try:
            return importlib.import_module(self.library)
        except ImportError as why:
            raise Unmeasurable(f"{why}; pip install 'woodshed[speech]'") from None


def _pesq(library: Any, output: np.ndarray, truth: np.ndarray, rate: int, band: str) -> float:
    if _lost(output, truth):
        return WORST
    try:
        return float(library.pesq(rate, truth, output, band))
    except library.NoUtterancesError:
        raise Unmeasurable("no speech was found") from None


def _stoi(library: Any, output: np.ndarray, truth: np.ndarray, extended: bool) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        value = float(library.stoi(truth, output, STOI_RATE, extended=extended))
    if value == STOI_NONE:
        raise Unmeasurable("too little speech: 30 frames of 25.6 ms are needed")
    return value


def _lost(output: np.ndarray, truth: np.ndarray) -> bool:
    """Whether the output is silent. Raises Unmeasurable where the truth is."""
    if np.abs(truth).max() < SILENT:
        raise Unmeasurable("no speech was found")
    return bool(np.abs(output).max() < SILENT)


def _plcmos(library: Any, output: np.ndarray, truth: np.ndarray) -> float:
    if _lost(output, truth):
        return WORST
    model = library.PLCMOS()
    heard = np.asarray(model.stft_transform(np.clip(output, -1, 1)), np.float32)[None, None]
    raters = np.random.default_rng(0).standard_normal((RATERS, 1, 64)).astype(np.float32)
    opinions = [model.session.run(None, {"degraded_audio": heard, "rater_embed": one})[0] for one in raters]
    return float(np.mean(opinions))


WIDE, NARROW, STOI_RATE = 16_000, 8_000, 10_000
MEASURES = {
    "pesq_wb": Measure("pesq", WIDE, WIDE, 0.25, partial(_pesq, rate=WIDE, band="wb")),
    "pesq_nb": Measure("pesq", NARROW, NARROW, 0.25, partial(_pesq, rate=NARROW, band="nb")),
    "stoi": Measure("pystoi", STOI_RATE, NARROW, 0.45, partial(_stoi, extended=False)),
    "estoi": Measure("pystoi", STOI_RATE, NARROW, 0.45, partial(_stoi, extended=True)),
    # Below a second it thinks about the same of clean and of broken speech.
    "plcmos": Measure("speechmos.plcmos", WIDE, WIDE, 1.0, _plcmos),
}
