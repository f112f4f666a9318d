"""An open sound file whose header has been checked, and its blocks.

What a file says of itself is not believed: headers are compared with the size of the file, samples are
read in blocks, and everything has a limit. Audio is float32, shaped (channels, samples), +-1 = full scale.
Every file that can't be used raises ``Unreadable`` with one line that begins with the file's raw name.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import RawIOBase
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from jobs.sound.containers import cut_short, mended
from jobs.sound.formats import NAMES, READABLE

FORMATS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "CAF", "FLAC", "MP3", "OGG")
MAX_CHANNELS = 8
MIN_RATE, MAX_RATE = 4_000, 384_000
MAX_SECONDS = 7_200.0
MAX_LEVEL = 1_000.0
"""+60 dBFS: beyond it a float file holds something other than audio."""
BLOCK = 65_536
SALVAGE = 512
"""Samples of a block while what lies before a damaged place is fetched."""
UNKNOWN = 2**63 - 1
"""What libsndfile says where a stream of unknown length was written to a file."""
FRAMES_PER_BYTE = 8_192
"""No codec here packs silence tighter: a FLAC block of 65,535 equal samples takes more than 8 bytes."""


class Unreadable(ValueError):
    """A file that can't be used: one line for a person, ``why`` without the name, ``code`` for programs."""

    def __init__(self, path: str | os.PathLike, why: str, code: str = "unreadable"):
        super().__init__(f"{name_of(path)}: {why}")
        self.why = why
        self.code = code


@dataclass(frozen=True)
class Info:
    """What a file holds. ``truncated`` is empty, or says what is missing.

    ``frames`` is 0 where a header leaves it open, until the file has been read.
    """

    path: str
    format: str
    subtype: str
    rate: int
    channels: int
    frames: int
    bytes: int
    truncated: str = ""

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


class _Stream(soundfile.SoundFile):
    """soundfile seeks after every read, which fails at the end of a cut FLAC and takes the block with it."""

    def seekable(self) -> bool:
        return False


class _Mended(RawIOBase):
    """A file as libsndfile shall see it: ``bytes`` stand at ``place``. The file itself stays as it is."""

    def __init__(self, descriptor: int, size: int, place: int, bytes: bytes):
        self._descriptor, self._size = descriptor, size
        self._place, self._bytes = place, bytes
        self._at = 0

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            data = bytearray(os.pread(self._descriptor, len(view), self._at))
        except OSError:
            # It must not be raised inside a C callback; what is missing then counts as damaged.
            return 0
        for offset, value in enumerate(self._bytes, self._place - self._at):
            if 0 <= offset < len(data):
                data[offset] = value
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_CUR: self._at, os.SEEK_END: self._size}.get(whence, 0))
        return self._at

    def tell(self) -> int:
        return self._at


class Reader:
    """An open file: ``info``, and its blocks, once, float32 (channels, <= BLOCK)."""

    def __init__(self, path: str, file: soundfile.SoundFile, info: Info):
        self._path, self._file = path, file
        self._trouble = ""
        self.info = info

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield the blocks; afterwards ``info.frames`` is what was really there. Raises Unreadable."""
        promised, done = self.info.frames, 0
        for block in self._blocks(MAX_SECONDS * self.info.rate):
            done += len(block)
            self._check(block, done)
            yield np.ascontiguousarray(block.T)
        self._finish(promised, done)

    def _blocks(self, most: float) -> Iterator[np.ndarray]:
        """(samples, channels) until more than ``most`` samples are out, up to where the file is damaged."""
        # Going back is only possible where the header says how long the file is.
        size, done = BLOCK if self.info.frames else SALVAGE, 0
        while done <= most:
            try:
                block = self._file.read(size, dtype="float32", always_2d=True)
            except (soundfile.LibsndfileError, RuntimeError) as error:
                self._trouble = self._trouble or _reason(error)
                # What the block held before the damage is fetched in small pieces.
                if size == SALVAGE or not self._back_to(done):
                    return
                size = SALVAGE
                continue
            if not len(block):
                return
            done += len(block)
            yield block

    def _back_to(self, frame: int) -> bool:
        try:
            return self._file.seek(frame) == frame
        except (soundfile.LibsndfileError, RuntimeError):
            return False

    def _check(self, block: np.ndarray, done: int) -> None:
        level = float(np.abs(block).max(initial=0.0))
        if not np.isfinite(level):
            bad = int((~np.isfinite(block)).sum())
            raise Unreadable(
                self._path,
                f"{bad} samples before {done / self.info.rate:.2f} s are not numbers "
                "(NaN or infinite); write the file anew from its source",
                "not_finite",
            )
        if level > MAX_LEVEL:
            raise Unreadable(
                self._path, f"samples reach {level:.3g} times full scale; a float file must lie around +-1"
            )

    def _finish(self, promised: int, done: int) -> None:
        if done > MAX_SECONDS * self.info.rate:
            raise Unreadable(self._path, f"longer than {_hours(MAX_SECONDS)}; cut it into pieces")
        if not done:
            why = self._trouble or self.info.truncated
            raise Unreadable(self._path, "no audio in it" + (f" ({why})" if why else ""), "empty")
        truncated = self.info.truncated
        if not truncated and (self._trouble or done < promised - _slack(self.info)):
            rate = self.info.rate
            whole = f" of {promised / rate:.2f} s" if promised > done else ""
            truncated = f"damaged or cut off after {done / rate:.2f} s{whole}"
        self.info = replace(self.info, frames=done, truncated=truncated)


def name_of(path: str | os.PathLike) -> str:
    """The last part of a path, raw: the fronts make it safe to show."""
    return Path(path).name or str(path)


def is_sound_name(path: str | os.PathLike) -> bool:
    """Whether a file's ending is one of ours."""
    return Path(path).suffix.lower() in READABLE


@contextmanager
def reading(path: str | os.PathLike) -> Iterator[Reader]:
    """An open ``Reader`` whose header has been checked. Raises Unreadable."""
    path = os.fspath(path)
    descriptor = opened(path)
    try:
        size = os.fstat(descriptor).st_size
        if not size:
            raise Unreadable(path, "empty file (0 bytes)", "empty")
        try:
            mend = mended(descriptor, size)
            source = _Mended(descriptor, size, *mend) if mend else descriptor
            file = _Stream(source, "r", closefd=False)
        except (soundfile.LibsndfileError, RuntimeError, TypeError, ValueError) as error:
            raise Unreadable(path, f"not a sound we can read ({_reason(error)})") from None
        with file:
            yield Reader(path, file, _checked(path, descriptor, file, size))
    finally:
        os.close(descriptor)


def opened(path: str) -> int:
    """A descriptor of a regular file, to be closed. A pipe or a device is refused before it can block or act.

    Raises Unreadable.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        raise _unopened(path, error) from None
    _check_kind(path, mode)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unopened(path, error) from None
    try:
        _check_kind(path, os.fstat(descriptor).st_mode)
    except Unreadable:
        os.close(descriptor)
        raise
    return descriptor


def _unopened(path: str, error: OSError | ValueError) -> Unreadable:
    if isinstance(error, FileNotFoundError):
        return Unreadable(path, "no such file", "missing")
    if isinstance(error, PermissionError):
        return Unreadable(path, "may not be read (permissions)")
    return Unreadable(path, str(getattr(error, "strerror", None) or error).lower())


def _check_kind(path: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"
    raise Unreadable(path, f"{what}, not a file")


def _checked(path: str, descriptor: int, file: soundfile.SoundFile, size: int) -> Info:
    if file.format not in FORMATS:
        raise Unreadable(path, f"{file.format} is not one of {NAMES}")
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise Unreadable(path, f"{file.channels} channels; at most {MAX_CHANNELS} can be used")
    if not MIN_RATE <= file.samplerate <= MAX_RATE:
        raise Unreadable(path, f"sample rate {file.samplerate} Hz; {MIN_RATE} to {MAX_RATE} Hz can be used")
    frames = 0 if file.frames == UNKNOWN else file.frames
    if frames > size * FRAMES_PER_BYTE or frames < 0:
        raise Unreadable(path, f"its header claims {frames} samples, more than {size} bytes can hold")
    if frames > MAX_SECONDS * file.samplerate:
        raise Unreadable(path, f"longer than {_hours(MAX_SECONDS)}; cut it into pieces")
    return Info(
        path=path,
        format="WAV" if file.format == "WAVEX" else file.format,
        subtype=file.subtype,
        rate=file.samplerate,
        channels=file.channels,
        frames=frames,
        bytes=size,
        truncated=cut_short(descriptor, size),
    )


def _slack(info: Info) -> int:
    """Samples that an encoder's padding may take from the promised length."""
    return 4_096 if info.format == "MP3" else 0


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:g} h"


def _reason(error: Exception) -> str:
    text = str(getattr(error, "error_string", error)).strip().rstrip(".").lower()
    return text.removeprefix("error : ") if text and "pipe?" not in text else "damaged header"
