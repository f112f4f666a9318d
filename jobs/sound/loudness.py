"""How loud a sound is: ITU-R BS.1770-5 with the gates of EBU Tech 3341 and the range of EBU Tech 3342.

Everything is measured in float64, block by block in constant memory but for a number per 10 ms. Windows
begin every 10 ms: at a tenth of a second, which the standard allows, a short sound between two windows reads
up to a decibel too soft.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import soxr

from jobs.sound.limiter import TruePeak
from jobs.sound.loops import numba

STEPS_PER_SECOND = 100
MOMENTARY, SHORT_TERM = 40, 300
"""Steps of their windows: 0.4 and 3 s."""
RINGS = 10
"""Steps after which the filter is still again."""
GATING_HOP = 10
"""Steps between two gating blocks, which overlap by three quarters, and between two values of the range."""
ABSOLUTE_GATE = -70.0
"""LUFS."""
RELATIVE_GATE, RANGE_GATE = -10.0, -20.0
"""LU, of the integrated loudness and of the range."""
RANGE_PERCENTILES = (10, 95)
STANDARD_RATE = 48_000
"""Hz at which the standard gives its filter."""
LOWEST_RATE = 32_000
"""Hz below which a filter can't follow the curve of the standard: sounds are resampled to its rate."""
ANCHOR = 1_000.0
"""Hz at which the filters of all rates agree: that of the standard's test signals."""
OFFSET = -0.691
"""So that a sine of 997 Hz at full scale in one front channel reads -3.01 LUFS."""
SIDE = 1.41
CHANNEL_WEIGHTS = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, SIDE, SIDE),
    5: (1.0, 1.0, 1.0, SIDE, SIDE),
    6: (1.0, 1.0, 1.0, 0.0, SIDE, SIDE),
    7: (1.0, 1.0, 1.0, 0.0, 1.0, SIDE, SIDE),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, SIDE, SIDE),
}
"""In the order of WAVE: left, right, centre, LFE (not heard), back, side; without LFE and centre where there
are fewer. The back pair of 7.1 stands behind 120 degrees, where the standard adds nothing."""


@dataclass(frozen=True)
class Loudness:
    """Levels in LUFS, ``range`` in LU, ``true_peak`` in dBTP (silence is -200).

    None is what is not defined: ``integrated`` below 0.4 s or below the gate of -70 LUFS, ``range`` below
    3 s or the gate, the maxima of digital silence. ``momentary_max`` and ``short_term_max`` of a sound that
    is shorter than their window are those of the sound with silence behind it.
    """

    integrated: float | None
    momentary_max: float | None
    short_term_max: float | None
    range: float | None
    true_peak: float

    @property
    def level(self) -> float | None:
        """What to go by: integrated, or of a shorter sound its momentary maximum; None of silence."""
        loudest = self.momentary_max
        heard = loudest is not None and loudest > ABSOLUTE_GATE
        return self.integrated if self.integrated is not None else loudest if heard else None

    @property
    def measured_by(self) -> str:
        """Which of them ``level`` is: ``integrated``, ``momentary``, or ``nothing``."""
        if self.integrated is not None:
            return "integrated"
        return "nothing" if self.level is None else "momentary"

    def record(self) -> dict[str, Any]:
        """As JSON, each under a name with its unit; null is not defined."""
        rounded = {name: None if value is None else round(value, 3) for name, value in vars(self).items()}
        return {
            "integrated_lufs": rounded["integrated"],
            "momentary_max_lufs": rounded["momentary_max"],
            "short_term_max_lufs": rounded["short_term_max"],
            "loudness_range_lu": rounded["range"],
            "true_peak_dbtp": rounded["true_peak"],
            "measured_by": self.measured_by,
        }


class Meter:
    """Blocks (channels, samples) in, ``loudness`` at the end. ``rate`` 4 to 384 kHz, 1 to 8 channels."""

    def __init__(self, rate: int, channels: int):
        low = rate < LOWEST_RATE
        self._rate = STANDARD_RATE if low else rate
        self._resampler = soxr.ResampleStream(rate, STANDARD_RATE, channels, "float32") if low else None
        self._weights = np.array(CHANNEL_WEIGHTS[channels])
        self._filter = k_weighting(self._rate)
        self._state = np.zeros((len(self._filter), channels, 2))
        self._peak = TruePeak(channels)
        self._seen = 0
        self._steps: list[np.ndarray] = []
        self._count = 0
        self._begun = 0.0
        """Energy of the step that has begun."""

    def add(self, block: np.ndarray) -> None:
        """``block`` is float and finite."""
        if block.shape[-1]:
            block = np.ascontiguousarray(block, np.float32)
            self._peak.add(block)
            self._hear(self._resampled(block))

    def _resampled(self, block: np.ndarray, last: bool = False) -> np.ndarray:
        if self._resampler is None:
            return block
        return np.ascontiguousarray(self._resampler.resample_chunk(np.ascontiguousarray(block.T), last).T)

    def _hear(self, block: np.ndarray) -> None:
        """What is whole becomes steps."""
        size = block.shape[1]
        if not size:
            return
        last = (self._seen + size) * STEPS_PER_SECOND // self._rate + 1
        edges = self._edge(np.arange(self._count + 1, last + 1)) - self._seen
        edges = edges[edges <= size]
        energies = np.zeros(len(edges) + 1)
        energies[0] = self._begun
        _add_energy(block, self._filter, self._state, self._weights, np.append(edges, size), energies)
        self._steps.append(energies[:-1])
        self._begun = energies[-1]
        self._count += len(edges)
        self._seen += size

    def _edge(self, step: np.ndarray) -> np.ndarray:
        """The sample at which a step begins."""
        return (step * self._rate + STEPS_PER_SECOND // 2) // STEPS_PER_SECOND

    def loudness(self) -> Loudness:
        """Of all that was added; nothing may be added afterwards."""
        if self._resampler:
            self._hear(self._resampled(np.zeros((len(self._weights), 0), np.float32), last=True))
        steps = np.concatenate([*self._steps, np.zeros(0)])
        whole = self._means(steps, MOMENTARY)[::GATING_HOP]
        every = self._until_still(steps)
        return Loudness(
            integrated=_gated(whole),
            momentary_max=self._highest(every, MOMENTARY),
            short_term_max=self._highest(every, SHORT_TERM),
            range=_range(self._means(steps, SHORT_TERM)[::GATING_HOP]),
            true_peak=self._peak.dbtp(),
        )

    def _until_still(self, steps: np.ndarray) -> np.ndarray:
        """``steps`` and those in which the filter rings on after the last sample."""
        known = len(self._steps)
        self._hear(np.zeros((len(self._weights), self._rate * RINGS // STEPS_PER_SECOND), np.float32))
        return np.concatenate([steps, *self._steps[known:]])

    def _means(self, steps: np.ndarray, window: int) -> np.ndarray:
        """Mean square of each window of so many steps, one a step; none where there are too few steps."""
        if len(steps) < window:
            return np.zeros(0)
        sums = np.concatenate([[0.0], np.cumsum(steps)])
        edges = self._edge(np.arange(len(steps) + 1))
        return np.maximum(sums[window:] - sums[:-window], 0.0) / (edges[window:] - edges[:-window])

    def _highest(self, steps: np.ndarray, window: int) -> float | None:
        padded = np.pad(steps, (0, max(0, window - len(steps))))
        highest = float(self._means(padded, window).max())
        return lufs(highest) if highest > 0 else None


def measure(audio: np.ndarray, rate: int) -> Loudness:
    """Of (channels, samples) or (samples,) at ``rate`` Hz."""
    audio = np.atleast_2d(audio)
    meter = Meter(rate, len(audio))
    meter.add(audio)
    return meter.loudness()


def lufs(power: float) -> float:
    """Of a K-weighted mean square, summed over channels."""
    return OFFSET + 10 * float(np.log10(power))


@numba.njit(cache=True, fastmath={"contract"})
def _add_energy(block, sections, state, weights, ends, energies):
    """Add to ``energies`` the filtered ``block (channels, samples)``, squared, weighted and summed up to each
    of ``ends``; ``state (2, channels, 2)`` goes on in the next block (direct form II transposed)."""
    b0, b1, b2, _, a1, a2 = sections[0]
    c0, c1, c2, _, d1, d2 = sections[1]
    for channel in range(len(block)):
        weight, wave = weights[channel], block[channel]
        u1, u2 = state[0, channel]
        v1, v2 = state[1, channel]
        start = 0
        for step in range(len(ends)):
            energy = 0.0
            for at in range(start, ends[step]):
                x = np.float64(wave[at])
                # What waits for the sample before stands last: that chain is the whole time of this loop.
                y = b0 * x + u1
                u1 = (b1 * x + u2) - a1 * y
                u2 = b2 * x - a2 * y
                z = c0 * y + v1
                v1 = (c1 * y + v2) - d1 * z
                v2 = c2 * y - d2 * z
                energy += z * z
            energies[step] += weight * energy
            start = ends[step]
        state[0, channel, 0], state[0, channel, 1] = u1, u2
        state[1, channel, 0], state[1, channel, 1] = v1, v2


@lru_cache(maxsize=16)
def k_weighting(rate: int) -> np.ndarray:
    """(2, 6) second-order sections: the shelf of a head and the high-pass of the ear (BS.1770-5, annex 1).

    The standard gives coefficients at 48 kHz. These are their analogue prototypes (De Man, "Evaluation of
    implementations of the EBU R128 loudness measurement", AES 145, 2018), the same there to 1e-12. At
    other rates 1 kHz and the level far above the high-pass are what they are at 48 kHz, which the prototypes
    alone miss by 0.03 dB at 192 kHz; the rest of the curve is met within 0.02 dB from 32 kHz on.
    """
    bend = np.tan(np.pi * ANCHOR / rate) / np.tan(np.pi * ANCHOR / STANDARD_RATE)
    gain, q = 3.999843853973347, 0.7071752369554196
    warped = bend * np.tan(np.pi * 1681.974450955533 / STANDARD_RATE)
    high = 10 ** (gain / 20)
    middle = high**0.4996667741545416
    scale = 1 + warped / q + warped**2
    shelf = [
        (high + middle * warped / q + warped**2) / scale,
        2 * (warped**2 - high) / scale,
        (high - middle * warped / q + warped**2) / scale,
        1.0,
        2 * (warped**2 - 1) / scale,
        (1 - warped / q + warped**2) / scale,
    ]
    return np.array([shelf, _high_pass(rate)])


def _high_pass(rate: int) -> list[float]:
    def poles(rate: int) -> tuple[float, float]:
        warped, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
        scale = 1 + warped / q + warped**2
        return 2 * (warped**2 - 1) / scale, (1 - warped / q + warped**2) / scale

    (first, second), (standard_first, standard_second) = poles(rate), poles(STANDARD_RATE)
    gain = (1 - first + second) / (1 - standard_first + standard_second)
    return [gain, -2 * gain, gain, 1.0, first, second]


def _gated(power: np.ndarray) -> float | None:
    """Integrated loudness of gating blocks (BS.1770-5, annex 1, equations 5 to 7)."""
    loud = power[power > _power(ABSOLUTE_GATE)]
    if not len(loud):
        return None
    loud = loud[loud > loud.mean() * 10 ** (RELATIVE_GATE / 10)]
    return lufs(float(loud.mean()))


def _range(power: np.ndarray) -> float | None:
    """Loudness range of short-term values (EBU Tech 3342, section 3), by the nearest rank."""
    loud = power[power >= _power(ABSOLUTE_GATE)]
    if not len(loud):
        return None
    loud = np.sort(loud[loud >= loud.mean() * 10 ** (RANGE_GATE / 10)])
    low, high = (loud[round((len(loud) - 1) * percent / 100)] for percent in RANGE_PERCENTILES)
    return 10 * float(np.log10(high / low))


def _power(level: float) -> float:
    return float(10 ** ((level - OFFSET) / 10))


def prepare() -> None:
    """Compile what is compiled, so that a process that can't write finds it in the cache."""
    for channels in (1, 2):
        measure(np.ones((channels, 2 * STEPS_PER_SECOND), np.float32), STANDARD_RATE)
