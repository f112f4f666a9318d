"""What is worth knowing about one sound before a net learns from it, gathered block by block.

Levels are dBFS over all channels; ``dc`` is the mean of the channel that is furthest off, in +-1;
``clipped`` is the share of samples that stand at full scale three or more in a row.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from jobs.sound.outline import Outline

SHORTEST = 0.1
"""Seconds."""
SILENT_DBFS = -60.0
CLIPPED = 5e-4
FULL_SCALE = 0.999
DC_OFFSET = 0.01


@dataclass(frozen=True)
class Facts:
    """Of one sound; ``audio_sha256`` is the same for the same samples in another kind of file."""

    seconds: float
    rate: int
    channels: int
    peak_dbfs: float
    rms_dbfs: float
    dc: float
    clipped: float
    audio_sha256: str
    truncated: str = ""


@dataclass(frozen=True)
class Fault:
    """``level``: an "error" keeps the sound out of training, a "warning" does not."""

    level: str
    code: str
    message: str


class Meter:
    """Blocks (channels, samples) in, ``facts`` and ``picture`` out; memory stays constant."""

    def __init__(self, rate: int, channels: int):
        self._rate, self._channels = rate, channels
        self._hash = hashlib.sha256(f"{rate} {channels} ".encode())
        self._sum = np.zeros(channels)
        self._squares = 0.0
        self._peak = 0.0
        self._clipped = self._frames = 0
        self._outline = Outline()

    def add(self, block: np.ndarray) -> None:
        """``block`` is float32 and finite."""
        # + 0.0 makes -0.0 and 0.0 the same bytes.
        self._hash.update(np.ascontiguousarray(block.T + np.float32(0.0)).data)
        self._frames += block.shape[1]
        self._sum += block.sum(axis=1, dtype=np.float64)
        self._squares += float(np.square(block, dtype=np.float64).sum())
        peak = float(np.abs(block).max(initial=0.0))
        self._peak = max(self._peak, peak)
        if peak >= FULL_SCALE:
            self._clipped += in_runs(block)
        self._outline.add(block)

    def facts(self, truncated: str = "") -> Facts:
        values = max(self._frames * self._channels, 1)
        means = self._sum / max(self._frames, 1)
        return Facts(
            seconds=self._frames / self._rate,
            rate=self._rate,
            channels=self._channels,
            peak_dbfs=_decibels(self._peak),
            rms_dbfs=_decibels(float(np.sqrt(self._squares / values))),
            dc=float(means[np.argmax(np.abs(means))]),
            clipped=self._clipped / values,
            audio_sha256=self._hash.hexdigest(),
            truncated=truncated,
        )

    def picture(self, columns: int) -> bytes:
        """As ``pictures.wave_picture`` of the whole sound."""
        return self._outline.picture(columns)


def measure(audio: np.ndarray, rate: int) -> Facts:
    """``Facts`` of (channels, samples) float32 at ``rate`` Hz."""
    audio = np.atleast_2d(audio)
    meter = Meter(rate, audio.shape[0])
    meter.add(audio)
    return meter.facts()


def faults(facts: Facts) -> list[Fault]:
    """What is wrong with a sound, errors first."""
    found = []
    if facts.seconds < SHORTEST:
        why = f"only {facts.seconds:.3f} s long; at least {SHORTEST:g} s are needed"
        found.append(Fault("error", "short", why))
    if facts.peak_dbfs < SILENT_DBFS:
        found.append(Fault("error", "silent", f"silent (peak {facts.peak_dbfs:.0f} dBFS)"))
    if facts.truncated:
        found.append(Fault("warning", "truncated", f"{facts.truncated}; what is there is used"))
    if facts.clipped > CLIPPED:
        found.append(Fault("warning", "clipped", f"{facts.clipped:.2%} of its samples are clipped"))
    if abs(facts.dc) > DC_OFFSET and facts.seconds >= SHORTEST:
        found.append(Fault("warning", "dc_offset", f"DC offset of {facts.dc:+.3f}"))
    return found


def in_runs(audio: np.ndarray) -> int:
    """How many of (channels, samples) stand at full scale, on one side, three or more in a row."""
    found = 0
    for channel in audio:
        places = np.flatnonzero(np.abs(channel) >= FULL_SCALE)
        above = channel[places] > 0
        found += _runs(places[above]) + _runs(places[~above])
    return found


def _runs(places: np.ndarray) -> int:
    """How many of these rising numbers are three or more in a row."""
    ends = np.flatnonzero(np.diff(places, append=-1) != 1)
    lengths = np.diff(ends, prepend=-1)
    return int(lengths[lengths >= 3].sum())


def _decibels(level: float) -> float:
    return 20 * float(np.log10(max(level, 1e-10)))
