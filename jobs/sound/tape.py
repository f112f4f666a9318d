"""All sounds of a dataset one after another, with their features: what a net is trained on.

Each sound starts on a multiple of 16 frames and is followed by silence longer than an analysis
window, so no frame hears two sounds and excerpts of the wave line up with excerpts of the features.
What is learned is the middle of a stereo sound; its side is kept beside it.
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

LAYOUT = 2
"""Changes with the files of a tape, so that older ones are made again."""
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
    """``wave (samples,)`` float32 at 48 kHz and ``features (2, BANDS, frames)`` float16, memory-mapped.

    ``wave`` is the mid, (left + right) / 2; ``side``, as long, is (left - right) / 2, or None where
    every sound is mono.
    """

    places: tuple[Place, ...]
    wave: np.ndarray
    features: np.ndarray
    side: np.ndarray | None = None

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
        return _under(self.wave, start, frames)

    def sides(self, start: int, frames: int) -> Tensor:
        """The side under some frames, as `samples`; zeros where every sound is mono."""
        if self.side is None:
            return torch.zeros_like(self.samples(start, frames))
        return _under(self.side, start, frames)


def _under(wave: np.ndarray, start: int, frames: int) -> Tensor:
    return torch.from_numpy(wave[start * HOP : (start + frames - 1) * HOP].astype(np.float32))


def sound_at(place: Place, wave: np.ndarray, side: np.ndarray | None) -> np.ndarray:
    """A sound of a tape or a bank whole, ``(1 or 2, samples)``; less than a hop of silence follows it."""
    span = slice(place.start * HOP, (place.start + place.frames) * HOP - 1)
    mid = np.array(wave[span])
    if side is None or not side[span].any():
        return mid[None]
    return np.stack([mid + side[span], mid - side[span]])


def mid_side(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """``(samples,)`` or ``(channels, samples)`` -> mid, and side unless both channels are the same.

    Of more than two channels the mid is the mean of all, the side that of the first two.
    """
    audio = np.atleast_2d(audio)
    mid = audio.mean(axis=0, dtype=np.float32)
    if len(audio) < 2:
        return mid, None
    side = (audio[0] - audio[1]) / np.float32(2)
    return mid, side if side.any() else None


def key(sounds: Iterable[tuple[str, str]]) -> str:
    """Changes with any file, its order, the settings or the version of the representation."""
    settings = [VERSION, LAYOUT, RATE, FFT, HOP, BANDS, SLOT]
    return hashlib.sha256(json.dumps([settings, list(sounds)]).encode()).hexdigest()[:24]


def layout(sounds: Iterable[tuple[str, str, int]]) -> tuple[Place, ...]:
    """Places for ``(name, digest, samples)``."""
    places: list[Place] = []
    for sound in sounds:
        places.append(_after(places, *sound))
    return tuple(places)


def _after(places: list[Place], name: str, digest: str, samples: int) -> Place:
    start = places[-1].start + places[-1].slots * SLOT if places else 0
    frames = samples // HOP + 1
    return Place(name, digest, start, frames, -(-(frames * HOP + FFT) // (HOP * SLOT)))


def build(
    folder: Path,
    sounds: list[tuple[str, str]],
    read: Callable[[int], np.ndarray],
) -> Iterator[tuple[int, int]]:
    """Make the tape of ``sounds`` (name, digest) in ``folder``; yields (done, total) after each.

    ``read(i)`` gives sound ``i``, float32 at 48 kHz, ``(samples,)`` or ``(channels, samples)``; one is
    held in memory at a time. The manifest is written last: a folder without one is not a tape.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    places: list[Place] = []
    stereo = False
    with (folder / "wave.f32").open("wb") as waves, (folder / "side.f32").open("wb") as sides:
        for i, (name, digest) in enumerate(sounds):
            mid, side = mid_side(read(i))
            places.append(_after(places, name, digest, len(mid)))
            rest = np.zeros(places[-1].slots * SLOT * HOP - len(mid), np.float32)
            for file, wave in ((waves, mid), (sides, side)):
                file.write((np.zeros_like(mid) if wave is None else wave).tobytes())
                file.write(rest.tobytes())
            stereo = stereo or side is not None
            yield i + 1, 2 * len(sounds)
    if not stereo:
        (folder / "side.f32").unlink()
    wave = np.memmap(folder / "wave.f32", np.float32, "r")
    bands = np.lib.format.open_memmap(
        folder / "features.npy", mode="w+", dtype=np.float16, shape=(2, BANDS, len(wave) // HOP)
    )
    for i, place in enumerate(places):
        end = place.start + place.slots * SLOT
        lap = np.array(wave[place.start * HOP : end * HOP])
        bands[:, :, place.start : end] = features(torch.from_numpy(lap))[..., : end - place.start].numpy()
        yield len(sounds) + i + 1, 2 * len(sounds)
    bands.flush()
    manifest = {"key": key(sounds), "stereo": stereo, "places": [asdict(place) for place in places]}
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
        wave = np.memmap(folder / "wave.f32", np.float32, "r")
        side = np.memmap(folder / "side.f32", np.float32, "r") if manifest["stereo"] else None
        bands = np.load(folder / "features.npy", mmap_mode="r")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if wave.shape[0] != bands.shape[-1] * HOP or (side is not None and side.shape != wave.shape):
        return None
    return Tape(places, wave, bands, side)
