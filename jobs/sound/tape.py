"""All sounds of a dataset one after another, with their features: what a net is trained on.

Each sound starts on a multiple of 16 frames and is followed by silence longer than an analysis
window, so no frame hears two sounds and excerpts of the wave line up with excerpts of the features.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from jobs.sound.bands import BANDS, VERSION, features
from jobs.sound.spectrum import FFT, HOP, RATE

SLOT = 16
"""Frames; a sound takes a whole number of slots, as a latent covers one slot."""


@dataclass(frozen=True)
class Place:
    """Where a sound lies on the tape, in frames of 256 samples; ``frames`` counts what sounds."""

    name: str
    digest: str
    start: int
    frames: int
    slots: int


@dataclass(frozen=True)
class Tape:
    """``wave (samples,)`` float32 at 48 kHz and ``features (2, BANDS, frames)`` float16, memory-mapped."""

    places: tuple[Place, ...]
    wave: np.ndarray
    features: np.ndarray

    @property
    def frames(self) -> int:
        return self.features.shape[-1]

    @property
    def seconds(self) -> float:
        return sum(place.frames for place in self.places) * HOP / RATE

    def excerpt(self, frames: np.ndarray | slice) -> Tensor:
        """``(2, BANDS, len(frames))`` float32."""
        return torch.from_numpy(self.features[:, :, frames].astype(np.float32))

    def samples(self, start: int, frames: int) -> Tensor:
        """The wave under some frames, from the middle of the first to that of the last."""
        return torch.from_numpy(self.wave[start * HOP : (start + frames - 1) * HOP].astype(np.float32))


def key(sounds: Iterable[tuple[str, str]]) -> str:
    """Changes with any file, its order, the settings or the version of the representation."""
    settings = [VERSION, RATE, FFT, HOP, BANDS, SLOT]
    return hashlib.sha256(json.dumps([settings, list(sounds)]).encode()).hexdigest()[:24]


def layout(sounds: Iterable[tuple[str, str, int]]) -> tuple[Place, ...]:
    """Places for ``(name, digest, samples)``."""
    places = []
    start = 0
    for name, digest, samples in sounds:
        frames = samples // HOP + 1
        slots = -(-(frames * HOP + FFT) // (HOP * SLOT))
        places.append(Place(name, digest, start, frames, slots))
        start += slots * SLOT
    return tuple(places)


def build(
    folder: Path,
    sounds: list[tuple[str, str]],
    read: Callable[[int], np.ndarray],
) -> Iterator[tuple[int, int]]:
    """Make the tape of ``sounds`` (name, digest) in ``folder``; yields (done, total) after each.

    ``read(i)`` gives sound ``i`` as mono float32 at 48 kHz. The manifest is written last: a folder
    without one is not a tape.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    waves = []
    for i in range(len(sounds)):
        waves.append(read(i))
        yield i + 1, 2 * len(sounds)
    places = layout((name, digest, len(wave)) for (name, digest), wave in zip(sounds, waves, strict=True))
    frames = places[-1].start + places[-1].slots * SLOT
    wave = np.lib.format.open_memmap(folder / "wave.npy", mode="w+", dtype=np.float32, shape=(frames * HOP,))
    bands = np.lib.format.open_memmap(
        folder / "features.npy", mode="w+", dtype=np.float16, shape=(2, BANDS, frames)
    )
    for i, place in enumerate(places):
        lap = np.zeros(place.slots * SLOT * HOP, np.float32)
        lap[: len(waves[i])] = waves[i]
        wave[place.start * HOP : place.start * HOP + len(lap)] = lap
        found = features(torch.from_numpy(lap))[..., : place.slots * SLOT]
        bands[:, :, place.start : place.start + place.slots * SLOT] = found.numpy()
        yield len(sounds) + i + 1, 2 * len(sounds)
    wave.flush()
    bands.flush()
    manifest = {"key": key(sounds), "places": [asdict(place) for place in places]}
    draft = folder / "manifest.json.tmp"
    draft.write_text(json.dumps(manifest))
    draft.replace(folder / "manifest.json")


def load(folder: Path, sounds: list[tuple[str, str]]) -> Tape | None:
    """The tape in ``folder`` if it is one of exactly these sounds, made by this version."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        if manifest["key"] != key(sounds):
            return None
        places = tuple(Place(**place) for place in manifest["places"])
        wave = np.load(folder / "wave.npy", mmap_mode="r")
        bands = np.load(folder / "features.npy", mmap_mode="r")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if wave.shape[0] != bands.shape[-1] * HOP:
        return None
    return Tape(places, wave, bands)
