"""Speech that is not learned, repaired whole at each judgement of a training: how good and how intelligible.

STOI and PESQ need more of a sound than the moment around a gap, so some speech of the validation loses one
packet in ten, always the same, and each gap is filled as the net would now.
"""

from dataclasses import dataclass

import numpy as np
from torch import nn

from jobs.nets.gap_examples import EARLIEST, Examples, examples_at
from jobs.nets.gap_fit import JUDGED, made
from jobs.nets.gap_shape import Shape
from jobs.recipes.gap_material import SPEECH, Heard
from jobs.sound import speech
from jobs.sound.conceal import CROSS_FADE, faded

MEASURES = "pesq_wb", "stoi", "estoi"
SECONDS, SHORTEST, MOST = 1.5, 0.6, 3
"""Of each sound, at most and at least; and how many of them."""
LOST = 0.1
HEARD = 0.01
"""Of full scale: what is softer may be the room before somebody speaks."""


@dataclass(frozen=True)
class Spoken:
    """``waves``, and ``gaps`` that begin at ``places``, (number of the wave, sample) each."""

    waves: list[np.ndarray]
    places: list[tuple[int, int]]
    gaps: Examples
    rate: int

    def heard(self, net: nn.Module) -> dict[str, float]:
        """The means of what can be measured, by name."""
        repaired = self._repaired(made(net, self.gaps) * self.gaps.scale[:, None])
        found = [
            speech.evaluate(output[None], truth[None], self.rate, MEASURES)
            for output, truth in zip(repaired, self.waves, strict=True)
        ]
        return {
            name: float(np.mean([one[name] for one in found]))
            for name in MEASURES
            if all(name in one for one in found)
        }

    def _repaired(self, filled: np.ndarray) -> list[np.ndarray]:
        out = [wave.copy() for wave in self.waves]
        lost, fade = round(JUDGED / 1000 * self.rate), round(CROSS_FADE * self.rate)
        for (number, at), wave in zip(self.places, filled, strict=True):
            end = at + lost
            out[number][at:end] = wave[:lost]
            out[number][end : end + fade] = faded(wave[lost : lost + fade], out[number][end : end + fade])
        return out


def spoken(sounds: Heard, shape: Shape, threads: int) -> Spoken | None:
    """Of the speech among ``sounds``, which a net of ``shape`` will not learn; None where there is none."""
    waves = [_heard(one.wave, shape.rate) for one in sounds.sources if one.kind == SPEECH]
    waves = [wave for wave in waves if len(wave) >= SHORTEST * shape.rate][:MOST]
    if not waves:
        return None
    places = [(number, at) for number, wave in enumerate(waves) for at in _lost(wave, shape, number)]
    return Spoken(waves, places, examples_at(waves, places, shape, threads=threads), shape.rate)


def _heard(wave: np.ndarray, rate: int) -> np.ndarray:
    """The first `SECONDS` from where something is heard on."""
    loud = np.flatnonzero(np.abs(wave) > HEARD)
    return wave[loud[0] : loud[0] + round(SECONDS * rate)] if len(loud) else wave[:0]


def _lost(wave: np.ndarray, shape: Shape, number: int) -> list[int]:
    """Where packets begin that are lost, none right after another."""
    packet = round(JUDGED / 1000 * shape.rate)
    starts = np.arange(round(EARLIEST * shape.rate), len(wave) - shape.horizon, packet)
    lost = np.random.default_rng([number, 8]).random(len(starts)) < LOST
    lost[1:] &= ~lost[:-1]
    return [int(start) for start in starts[lost]]
