"""Audio files out: whole or not at all, dithered where the bits are few, never clipped in silence.

A file is written beside its name, flushed to the disk and renamed; what fails leaves nothing behind.
"""

import errno
import itertools
import os
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import soundfile

from jobs.sound.containers import find_chunk, layout_of
from jobs.sound.formats import BITS, FORMATS, MAX_COMMENT, TAGS, Unwritable, check, fit_tag, format_of

__all__ = [
    "BITS",
    "FORMATS",
    "MAX_COMMENT",
    "Unwritable",
    "Writer",
    "check",
    "decibels",
    "format_of",
    "write",
]

BLOCK = 65_536
_SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}
_parts = itertools.count()
LOSSY = {"ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}
_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up",
         errno.EFBIG: "the file may not grow further", errno.EROFS: "the disk is read-only"}  # fmt: skip


class _Disk:
    """A file for libsndfile that remembers the first error instead of raising inside a C callback."""

    def __init__(self, path: Path):
        self.error: OSError | None = None
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._raw = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)

    def write(self, data: Any) -> int:
        view = memoryview(bytes(data))
        done = 0
        try:
            while done < len(view) and self.error is None:
                done += self._raw.write(view[done:]) or 0
        except OSError as error:
            self.error = error
        return done

    def read(self, count: int = -1) -> bytes:
        return self._raw.read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def flush(self) -> None:
        pass

    def forget_time(self) -> None:
        """The PEAK chunk of float files holds the clock; the same audio shall give the same file."""
        descriptor = self._raw.fileno()
        size = os.fstat(descriptor).st_size
        layout = layout_of(descriptor)
        chunk = find_chunk(descriptor, size, b"PEAK", layout) if layout else None
        if chunk is not None:
            os.pwrite(descriptor, bytes(4), chunk[0] + 4)

    def sync(self) -> None:
        """Everything is on the disk, or OSError."""
        if self.error is not None:
            raise self.error
        os.fsync(self._raw.fileno())

    def close(self) -> None:
        self._raw.close()


class Writer:
    """A sound file that appears whole at ``close``; leaving its ``with`` by an exception discards it.

    ``bits`` counts for all but MP3 and OGG, which is Vorbis; W64 keeps no ``tags``. Raises Unwritable for
    what the format can't hold and OSError (one line, the folder named) when the disk refuses.
    """

    def __init__(
        self, path: str | os.PathLike, rate: int, channels: int, format: str = "wav", bits: str = "24",
        tags: dict[str, str] | None = None,
    ):  # fmt: skip
        check(rate, channels, format, bits)
        self.path = Path(path)
        self._part = self.path.with_name(f".{self.path.stem[:40]}.{os.getpid()}-{next(_parts)}.part")
        self._bits = "" if format in LOSSY else bits
        self._rate, self._channels, self._format = rate, channels, format
        # One fixed seed: the same audio gives the same file.
        self._noise = np.random.default_rng(0x7D1F)
        self._frames = self._clipped = 0
        self._peak = 0.0
        self._open = True
        self._part.unlink(missing_ok=True)
        try:
            self._disk = _Disk(self._part)
        except OSError as error:
            raise _plain(error, self.path) from None
        try:
            self._file = soundfile.SoundFile(
                self._disk, "w", rate, channels, LOSSY.get(format) or _SUBTYPES[bits], format=format.upper()
            )
        except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
            self._remove()
            if self._disk.error:
                raise _plain(self._disk.error, self.path) from None
            raise Unwritable(f"{self.path.name}: {error}") from None
        for key in TAGS:
            # libsndfile refuses empty text.
            if text := fit_tag((tags or {}).get(key, ""), format):
                setattr(self._file, key, text)

    def add(self, audio: np.ndarray) -> None:
        """Append float32 (channels, samples). Raises Unwritable when a sample is NaN or infinite, OSError."""
        audio = np.atleast_2d(np.asarray(audio, np.float32))
        if audio.shape[0] != self._channels:
            raise Unwritable(f"{self.path.name}: {audio.shape[0]} channels for {self._channels}")
        for start in range(0, audio.shape[1], BLOCK):
            self._block(audio[:, start : start + BLOCK])

    def _block(self, block: np.ndarray) -> None:
        if not np.isfinite(block).all():
            raise Unwritable(f"{self.path.name}: NaN or infinite samples; nothing was written")
        self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
        if self._bits != "32f":
            self._clipped += int((np.abs(block) > 1.0).sum())
        try:
            self._file.write(self._quantised(np.ascontiguousarray(block.T)))
        except (soundfile.LibsndfileError, RuntimeError, AssertionError) as error:
            if self._disk.error is None:
                raise Unwritable(f"{self.path.name}: {error}") from None
        if self._disk.error is not None:
            raise _plain(self._disk.error, self.path) from None
        self._frames += len(block.T)

    def _quantised(self, block: np.ndarray) -> np.ndarray:
        if self._bits == "32f":
            return block
        if self._bits == "16":
            noise = self._noise.random((2, *block.shape), np.float32)
            scaled = np.round(block.astype(np.float64) * 2**15 + noise[0] - noise[1])
            return np.clip(scaled, -(2**15), 2**15 - 1).astype(np.int16)
        if self._bits == "24":
            scaled = np.clip(np.round(block.astype(np.float64) * 2**23), -(2**23), 2**23 - 1)
            return scaled.astype(np.int32) << 8
        return np.clip(block, -1.0, 1.0)

    def close(self) -> dict:
        """The file is there, on the disk. Facts: frames, seconds, bytes, peak_dbfs, clipped (samples)."""
        try:
            self._file.close()
            if self._bits == "32f":
                self._disk.forget_time()
            self._disk.sync()
            size = self._part.stat().st_size
            self._disk.close()
            self._part.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            self.discard()
            raise _plain(error, self.path) from None
        self._open = False
        return {
            "frames": self._frames,
            "seconds": self._frames / self._rate,
            "bytes": size,
            "rate": self._rate,
            "channels": self._channels,
            "format": self._format,
            "bits": self._bits,
            "peak_dbfs": decibels(self._peak),
            "clipped": self._clipped,
        }

    def discard(self) -> None:
        """Nothing stays behind; harmless after ``close``."""
        if self._open:
            self._open = False
            self._file.close()
            self._remove()

    def _remove(self) -> None:
        self._disk.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.discard()


def write(
    path: str | os.PathLike, audio: np.ndarray, rate: int, format: str = "wav", bits: str = "24",
    tags: dict[str, str] | None = None,
) -> dict:  # fmt: skip
    """(channels, samples) float32 in one go; returns ``Writer.close``'s facts, raises what Writer raises."""
    audio = np.atleast_2d(audio)
    with Writer(path, rate, audio.shape[0], format, bits, tags) as writer:
        writer.add(audio)
        return writer.close()


def decibels(level: float) -> float:
    """Of full scale; silence is -200, so that records hold finite numbers."""
    return 20 * float(np.log10(max(level, 1e-10)))


def _plain(error: OSError, path: Path) -> OSError:
    why = _FULL.get(error.errno or 0) or os.strerror(error.errno or errno.EIO).lower()
    return OSError(error.errno or errno.EIO, f"{path.name} can't be written: {why} ({path.parent})")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
