"""One take: planned, played, finished into a file, looked at and judged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.nets import quality
from jobs.recipes.asked import Player
from jobs.recipes.finish import Master, finish
from jobs.sound.pictures import heat_picture, wave_picture
from jobs.sound.tags import tags
from jobs.specs import Generate

WAVE_COLUMNS = 1024
HEAT_SIZE = (240, 96)
FAR_OFF = 10.0
"""Percentiles between what a slider asks for and what a take reaches that are worth a word."""
JUDGED, PICTURED = 60, 600
"""Seconds of a take that its quality and its pictures are taken from."""


@dataclass(frozen=True)
class Made:
    """The files of one take, and what was measured on the way."""

    audio: Path
    wave: Path
    heat: Path
    quality: dict[str, Any]
    reached: dict[str, float]


def make(player: Player, record: dict[str, Any], desk: Desk) -> Made:
    """The take of ``record``, which gets its ``channels``. Raises BadInput, Busy, Stopped."""
    spec, instrument = player.spec, player.instrument
    request = player.asked(record["seed"])
    score = instrument.plan(request)
    desk.check()
    for axis, reached in score.reached.items():
        if axis in spec.sliders and abs(reached - spec.sliders[axis]) > FAR_OFF:
            desk.note(f"{axis}: asked for {spec.sliders[axis]:g}, this take reaches {reached:.0f}")
    given = 2 if request.stereo else 1
    master = Master(spec.rate, _space(spec, given), spec.azimuth, spec.format, spec.bits)
    record["channels"] = master.channels(given)
    folder, name = desk.attempt_folder, record["name"]
    path = folder / f"{name}.{spec.format}"
    heard = Heard(spec.rate)
    facts = finish(
        instrument.play(request, score), path, master, folder,
        given=given, samples=record["samples"], tags=tags(record), hear=heard.add, check=desk.check,
    )  # fmt: skip
    audio = heard.all()
    wave, heat = folder / f"{name}.wave", folder / f"{name}.heat"
    wave.write_bytes(wave_picture(audio, WAVE_COLUMNS))
    heat.write_bytes(heat_picture(audio, spec.rate, *HEAT_SIZE))
    found = quality.of_take(np.concatenate(heard.first, axis=1), spec.rate, player.trained)
    found |= {key: facts[key] for key in ("true_peak_dbtp", "turned_down_db", "limited_db")}
    return Made(path, wave, heat, found, score.reached)


def _space(spec: Generate, given: int) -> str:
    """``auto`` is what the take has; a width that was asked for is kept in stereo."""
    if spec.space == "auto":
        return "stereo" if given == 2 else "mono"
    return spec.space


class Heard:
    """What pictures and quality need of a take, however long: its first minute, and ten minutes in mono."""

    def __init__(self, rate: int):
        self.rate = rate
        self.first: list[np.ndarray] = []
        self.mono: list[np.ndarray] = []
        self.samples = 0

    def add(self, block: np.ndarray) -> None:
        if self.samples < JUDGED * self.rate:
            self.first.append(block)
        if self.samples < PICTURED * self.rate:
            self.mono.append(block.mean(axis=0).astype(np.float16))
        self.samples += block.shape[1]

    def all(self) -> np.ndarray:
        """``(1, samples)``."""
        return np.concatenate(self.mono)[None].astype(np.float32)
