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
from jobs.sound.reader import Info
from jobs.sound.write import BLOCK, LOSSY, Writer

FULL = 2**23
LOWEST, HIGHEST = -FULL, FULL - 1
EXACT = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24")
"""Kinds of samples that are whole numbers of at most 24 bits, in libsndfile's words; FLAC has them too."""
BYTES = 3
"""Of a sample in a file."""
LARGEST = dict.fromkeys(("wav", "aiff"), 2**32 - 2**16)
"""Bytes of samples in files whose lengths have 32 bits; the rest is for what else stands in them."""


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


def writer(
    path: str | os.PathLike, rate: int, channels: int, frames: int, tags: dict[str, str] | None = None
) -> Writer:
    """A `Writer` of ``frames`` samples of 24 bits that come as `from_pcm` gives them, to the bit; the ending
    of the file chooses its kind.

    Raises Unwritable (also for MP3 and OGG, which keep no bits, and for what its kind has no room for),
    OSError.
    """
    format = format_of(path)
    name = Path(path).name
    if format in LOSSY:
        raise Unwritable(f"{name}: {format} does not keep whole numbers; nearest: flac, or wav")
    size = frames * channels * BYTES
    if size > LARGEST.get(format, size):
        raise Unwritable(
            f"{name}: {size / 2**30:.1f} GiB are more than {format} can hold; nearest: w64, or rf64"
        )
    return Writer(path, rate, channels, format, "24", tags)


def write_pcm(
    path: str | os.PathLike, samples: np.ndarray, rate: int, tags: dict[str, str] | None = None
) -> dict:
    """int32 (channels, n) or (n,) of 24 bits to a file, to the bit.

    Returns the facts of ``Writer.close``. Raises what `writer` does, ValueError as `from_pcm` does.
    """
    samples = np.atleast_2d(samples)
    with writer(path, rate, len(samples), samples.shape[1], tags) as out:
        for start in range(0, samples.shape[1], BLOCK):
            out.add(from_pcm(samples[:, start : start + BLOCK]))
        return out.close()
