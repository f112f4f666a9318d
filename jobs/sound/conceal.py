"""Gaps filled from what came before them, as a listener at the end of a network has to.

A `Concealer` takes one channel, block by block, each received or lost, and gives as many samples back at
once. What was received comes out bit for bit, but for a cross-fade of at most 2 ms behind a gap. What is
made is finite and never louder than what was heard lately; past `HELD` it fades to the quiet of the room.
"""

from collections.abc import Callable, Sequence

import numpy as np

from jobs.sound.experts import BURG_128, BURG_512, EXPERTS, LEVINSON_512, Expert, Fits
from jobs.sound.filling import Filling, PitchRepetition, Repetition, Room, ShapedNoise, Silence
from jobs.sound.forecast import Forecaster
from jobs.sound.stretches import repaired

CROSS_FADE = 0.002
"""Seconds behind a gap, at most; and at most a fourth of the gap."""
HELD, GONE = 0.06, 0.12
"""Seconds into a gap at which what is made begins to fade, and at which only the quiet is left."""

Fill = Callable[[Forecaster, int, int], Filling]
"""What stands in a gap that begins now: of a forecaster, the rate in Hz and the samples of a packet."""


def _forecast(forecaster: Forecaster, rate: int, packet: int) -> Filling:
    return forecaster.forecast()


METHODS: dict[str, tuple[tuple[Expert, ...], Fill]] = {
    "ar": (EXPERTS, _forecast),
    "ar-512": ((BURG_512,), _forecast),
    "levinson-512": ((LEVINSON_512,), _forecast),
    "ar-128": ((BURG_128,), _forecast),
    "pitch": ((BURG_128,), lambda forecaster, rate, packet: PitchRepetition(forecaster.history, rate)),
    "repeat": ((BURG_128,), lambda forecaster, rate, packet: Repetition(forecaster.history, rate, packet)),
    "zero": ((BURG_128,), lambda forecaster, rate, packet: Silence()),
}
"""Name -> the experts that it hears with, and what it fills with. ``ar`` is the best without a net."""


class Concealer:
    """One channel at ``rate`` Hz that comes in packets of ``packet`` samples, mostly: nothing is held back.

    ``fits`` as `jobs.sound.forecast.Forecaster` takes them. A subclass may have another ``_quiet`` and may
    join what was received to a gap in another way, ``_joined``.
    """

    def __init__(
        self, rate: int, packet: int, fill: Fill, experts: tuple[Expert, ...] = EXPERTS,
        fits: Fits | None = None,
    ):  # fmt: skip
        self._rate, self._packet, self._fill = rate, packet, fill
        self._forecaster = Forecaster(rate, experts, fits)
        self._filling: Filling | None = None
        self._noise: Room = Silence()
        self._missing = 0
        """Samples of the gap so far."""

    def process(self, block: np.ndarray | None, count: int) -> np.ndarray:
        """The ``count`` samples of a received ``block`` (count,) or, of None, of a lost one: float64."""
        return self._lost(count) if block is None else self._received(np.asarray(block, np.float64))

    def rest(self) -> np.ndarray:
        """Nothing: what comes out does not wait for what follows."""
        return np.zeros(0)

    def _lost(self, count: int) -> np.ndarray:
        if self._filling is None:
            self._filling = self._fill(self._forecaster, self._rate, self._packet)
            if not isinstance(self._filling, Silence):
                self._noise = self._quiet()
        made = self._made(self._missing, self._missing + count)
        self._missing += count
        self._forecaster.add(made, received=False)
        return made

    def _joined(self, block: np.ndarray) -> np.ndarray:
        """``block``, the first one behind a gap, without an edge."""
        length = min(self._missing // 4, round(CROSS_FADE * self._rate), len(block))
        return faded(self._made(self._missing, self._missing + length), block)

    def _quiet(self) -> Room:
        """What is left of a long gap that begins now."""
        return ShapedNoise(self._forecaster.history, self._rate)

    def _made(self, start: int, end: int) -> np.ndarray:
        assert self._filling is not None
        held, gone = HELD * self._rate, round(GONE * self._rate)
        if end <= held:
            return self._filling.until(end)[start:]
        quiet = self._noise.between(start, end)
        if start >= gone:
            return quiet
        passed = np.clip((np.arange(start, end) - held) / (gone - held), 0, 1) * np.pi / 2
        made = quiet * np.sin(passed)
        last = min(end, gone)
        made[: last - start] += self._filling.until(last)[start:] * np.cos(passed[: last - start])
        return made

    def _received(self, block: np.ndarray) -> np.ndarray:
        out = block
        if self._filling is not None:
            out = self._joined(block)
            self._filling, self._noise, self._missing = None, Silence(), 0
        self._forecaster.add(block)
        return out


def faded(going_on: np.ndarray, block: np.ndarray) -> np.ndarray:
    """(n,): ``block`` (n,), cross-faded from ``going_on``."""
    count = min(len(going_on), len(block))
    out = block.copy()
    rising = np.arange(1, count + 1) / (len(going_on) + 1)
    out[:count] = block[:count] * rising + going_on[:count] * (1 - rising)
    return out


def concealer(rate: int, packet: int, method: str | Fill) -> Concealer:
    """One that fills by one of `METHODS`, or with what ``method`` says."""
    experts, fill = METHODS[method] if isinstance(method, str) else (EXPERTS, method)
    return Concealer(rate, packet, fill, experts)


def conceal(
    wave: np.ndarray, rate: int, gaps: Sequence[tuple[int, int]], packet: int, method: str | Fill = "ar",
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:  # fmt: skip
    """``wave`` (samples,) with every gap (start, end) filled from what came before it: float64.

    What ``wave`` holds inside a gap is not looked at. ``check`` is called before every lost stretch and may
    raise.
    """
    return repaired(concealer(rate, packet, method), wave, gaps, check)
