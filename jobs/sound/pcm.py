"""Whole numbers of 24 bits, as sounds cross every file and wire of a repair.

Outside they are int32 ``(channels, samples)`` from -2^23 to 2^23 - 1, not shifted; inside float32, +-1 =
full scale, whose 24 bits of mantissa hold every one of them. What comes out again lies on the grid of 2^-23,
rounded to the nearest (half to even) without dither: a sample that nobody touched is the same to the bit.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.sound.formats import Unwritable, format_of
from jobs.sound.io import Info, load
from jobs.sound.write import BLOCK, LOSSY, Writer

FULL = 2**23
LOWEST, HIGHEST = -FULL, FULL - 1
EXACT = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24")
"""Kinds of samples that are whole numbers of at most 24 bits, in libsndfile's words; FLAC has them too."""


@dataclass(frozen=True)
class Pcm:
    """``samples`` int32 (channels, n) of 24 bits at ``rate`` Hz; ``info`` describes the file.

    ``exact``: the file held whole numbers of at most 24 bits, and these are they. Otherwise (float, 32 bits,
    MP3, OGG ...) they were rounded to 24.
    """

    samples: np.ndarray
    rate: int
    info: Info
    exact: bool


def to_pcm(audio: Any) -> np.ndarray:
    """Floats of any shape, +-1 = full scale -> int32 of 24 bits: the nearest, at most -2^23 to 2^23 - 1.

    Raises ValueError for what is no float (whole numbers would be taken for full scale) and for NaN and Inf.
    """
    wave = np.asarray(audio)
    if wave.dtype.kind != "f":
        raise ValueError(
            f"audio: holds {wave.dtype}, not floats; whole numbers of 24 bits go through from_pcm"
        )
    # NaN is not within either. What is, as usual, is not looked at again: a block has little time.
    if wave.size and not (wave.min() >= -1 and wave.max() <= 1):
        if not np.isfinite(wave).all():
            raise ValueError("audio: holds numbers that are not finite")
        wave = np.clip(wave, -1, 1)
    # Times a power of two nothing is rounded; half floats, which have no room for it, become larger.
    return np.minimum(np.rint(wave * np.float32(FULL)), HIGHEST).astype(np.int32)


def from_pcm(samples: Any) -> np.ndarray:
    """Whole numbers of 24 bits in any shape -> float32, +-1 = full scale, exactly.

    Raises ValueError for floats and for numbers that take more than 24 bits.
    """
    whole = np.asarray(samples)
    if whole.dtype.kind not in "iu":
        raise ValueError(f"samples: hold {whole.dtype}, not whole numbers; floats go through to_pcm")
    if whole.size and not (whole.min() >= LOWEST and whole.max() <= HIGHEST):
        most = max(int(whole.max()), -int(whole.min()))
        raise ValueError(
            f"samples: reach {most}, beyond 24 bits ({HIGHEST}); of int32 at full scale take >> 8"
        )
    return whole.astype(np.float32) / np.float32(FULL)


def on_grid(audio: Any) -> np.ndarray:
    """Floats of any shape -> float32, each the nearest value of 24 bits. Raises what `to_pcm` does."""
    return from_pcm(to_pcm(audio))


def read_pcm(path: str | os.PathLike) -> Pcm:
    """The whole file. Raises Unreadable."""
    sound = load(path)
    return Pcm(to_pcm(sound.audio), sound.rate, sound.info, sound.info.subtype in EXACT)


def write_pcm(
    path: str | os.PathLike, samples: np.ndarray, rate: int, tags: dict[str, str] | None = None
) -> dict:
    """int32 (channels, n) or (n,) of 24 bits to a file whose ending chooses its kind, to the bit.

    Returns the facts of ``Writer.close``. Raises Unwritable (also for MP3 and OGG, which keep no bits),
    ValueError as `from_pcm` does, OSError.
    """
    format = format_of(path)
    if format in LOSSY:
        raise Unwritable(f"{Path(path).name}: {format} does not keep whole numbers; nearest: flac, or wav")
    samples = np.atleast_2d(samples)
    with Writer(path, rate, len(samples), format, "24", tags) as writer:
        for start in range(0, samples.shape[1], BLOCK):
            writer.add(from_pcm(samples[:, start : start + BLOCK]))
        return writer.close()
