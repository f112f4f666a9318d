"""How the trained sounds fill each axis: what a slider's percentiles mean."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jobs.nets.bank import Bank
from jobs.sound.descriptors import AXES, NAMES, Axis, Heard, listen, measure
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP

EXCERPT = int(4 * FRAMES_PER_SECOND)
STEP = EXCERPT // 2
LONG_ENOUGH = int(2 * FRAMES_PER_SECOND)
"""Frames of a sound that is told by itself."""
ROW = int(3 * FRAMES_PER_SECOND)
ROWS = 8
"""Rows, and sounds that are long enough, from which on they are told by."""
FEWEST = 4
QUIET_DB = 50.0
STRAIGHT = 0.25
EXPLORED = 4
"""Principal components offered beside the named axes."""
ALL = (0.0, 100.0)


@dataclass(frozen=True)
class Scale:
    """``values (101,)`` of an axis at percentiles 0 to 100, and their ``spread``.

    ``kind``: "sound" where the sounds vary in it, "engine" where timing, room or panning makes it though
    they do not, or are too short to tell, "none" where neither. ``reach``: percentiles that takes come to.
    """

    values: np.ndarray
    spread: float
    kind: str
    reach: tuple[float, float] = ALL

    @property
    def available(self) -> bool:
        return self.kind != "none"

    @property
    def ends(self) -> tuple[float, float]:
        """What the ends of the slider ask for."""
        return float(self.values[0]), float(self.values[-1])

    def at(self, percentile: float) -> float:
        return float(np.interp(percentile, np.arange(101), self.values))

    def percentile(self, value: float) -> float:
        return float(np.interp(value, self.values, np.arange(101)))


def in_rows(bank: Bank, heard: list[Heard]) -> list[Heard]:
    """The sounds of a bank as they are `heard`, those under two seconds several in a row.

    One hit has no density, no pulse and no rhythm; takes are made of many. Where that would leave too few
    to tell how they vary, the sounds as they are.
    """
    rows = [sound for sound in heard if len(sound.level) >= LONG_ENOUGH]
    row: list[slice] = []
    for place, sound in zip(bank.places, heard, strict=True):
        if len(sound.level) >= LONG_ENOUGH:
            continue
        row.append(slice(place.start * HOP, (place.start + place.frames - 1) * HOP))
        if sum(span.stop - span.start for span in row) >= ROW * HOP:
            rows.append(_listened(bank, row))
            row = []
    return rows if len(rows) >= min(len(heard), ROWS) else heard


def _listened(bank: Bank, row: list[slice]) -> Heard:
    mid, side = (
        None if channel is None else np.concatenate([channel[span] for span in row])
        for channel in (bank.wave, bank.side)
    )
    assert mid is not None
    return listen(mid, side)


def excerpts(heard: list[Heard]) -> list[tuple[int, Heard]]:
    """``(sound, excerpt)``: four seconds every two, or whole sounds where they are shorter."""
    found = []
    for i, sound in enumerate(heard):
        frames = len(sound.level)
        for start in range(0, max(1, frames - STEP), STEP):
            found.append((i, sound.part(start, min(frames, start + EXCERPT))))
    return found


def scales(heard: list[Heard], stereo: bool) -> dict[str, Scale]:
    """By the name of the axis, from how each sound of a dataset is heard."""
    parts = [part for _, part in excerpts(heard)]
    found = np.array([measure(part) for part in parts])
    loud = found[:, -1] > found[:, -1].max() - QUIET_DB
    result = {}
    for k, axis in enumerate(AXES):
        # A pulse takes many onsets to tell, more than a sound of seconds has: a slider that went by what few
        # notes happen to measure would be that of their noise.
        counted = np.zeros_like(loud) if axis.name == "pulse" else loud
        if axis.name == "width" and not stereo:
            counted = np.zeros_like(loud)
        result[axis.name] = _scale(axis, np.maximum(found[counted, k], axis.least))
    return result


def _scale(axis: Axis, values: np.ndarray) -> Scale:
    if len(values) >= FEWEST or (len(values) >= 2 and not axis.made):
        spread = float(values.std())
        if spread > axis.step:
            return Scale(_percentiles(values), spread, "sound")
    if axis.made:
        low, high = axis.made
        return Scale(np.linspace(low, high, 101), (high - low) / 12**0.5, "engine")
    middle = float(np.median(values)) if len(values) else 0.0
    return Scale(np.full(101, middle), axis.step, "none")


def _percentiles(values: np.ndarray) -> np.ndarray:
    """``(101,)``; in part a straight line from the least to the greatest, so that a slider is nowhere dead
    though many sounds measure the same."""
    plain = np.quantile(values, np.linspace(0, 1, 101))
    return (1 - STRAIGHT) * plain + STRAIGHT * np.linspace(plain[0], plain[-1], 101)


def blended(parts: list[tuple[dict[str, Scale], float]]) -> dict[str, Scale]:
    """Scales of a blend: percentile by percentile, the weighted mean."""
    total = sum(weight for _, weight in parts)
    result = {}
    for name in NAMES:
        those = [(scales_[name], weight / total) for scales_, weight in parts]
        values = sum(scale.values * weight for scale, weight in those)
        spread = sum(scale.spread * weight for scale, weight in those)
        kinds = {scale.kind for scale, _ in those}
        kind = next((kind for kind in ("sound", "engine") if kind in kinds), "none")
        result[name] = Scale(np.asarray(values), float(spread), kind)
    return result


@dataclass(frozen=True)
class Exploration:
    """Principal components of the bank's latents: ``components (n, latent)`` of unit length, by spread,
    and the values ``(n, 101)`` that the sounds have along each at percentiles 0 to 100."""

    components: Tensor
    values: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"explore{n + 1}" for n in range(len(self.components)))


def explored(bank: Bank) -> Exploration:
    """Weighted by what sounds: silence between sounds has no direction."""
    z = (bank.latents / bank.spread[:, None]).T
    slot_power = torch.from_numpy(bank.power[: len(z) * 16].reshape(len(z), -1).mean(axis=1))
    heard = slot_power > slot_power.max() * 1e-5
    z = z[heard]
    if len(z) < 8:
        return Exploration(torch.zeros(0, z.shape[1]), np.zeros((0, 101)))
    mean = z.mean(dim=0)
    count = min(EXPLORED, *z.shape)
    _, _, components = torch.linalg.svd(z - mean, full_matrices=False)
    components = components[:count]
    # A sign of its own would make the same sounds turn a slider round on another machine.
    components = components * torch.sign(components.sum(dim=1, keepdim=True) + 1e-12)
    smooth = torch.nn.functional.avg_pool1d((z @ components.T).T[None], 9, 1, 4, count_include_pad=False)[0]
    values = np.quantile(smooth.numpy(), np.linspace(0, 1, 101), axis=1).T
    return Exploration(components.contiguous(), np.ascontiguousarray(values))
