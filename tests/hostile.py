"""Files that should not be believed, made for the tests."""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from tests import sounds


def text_named_wav(folder: Path) -> Path:
    path = folder / "notes.wav"
    path.write_text("this is not a sound\n" * 50)
    return path


def cut(folder: Path, ending: str = "wav", share: float = 0.6) -> Path:
    """Three seconds of sound in a file that was cut off."""
    path = folder / f"cut.{ending}"
    soundfile.write(path, sounds.make("pluck", 3.0), sounds.RATE)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def flac_of(folder: Path, samples: int, name: str = "bomb.flac") -> Path:
    """110 bytes of FLAC whose header claims ``samples``: 2**36 of them would be 256 GiB."""
    block = bytearray(34)
    block[0:4] = struct.pack(">HH", 4096, 4096)
    block[10:18] = ((48_000 << 44) | (0 << 41) | (15 << 36) | samples).to_bytes(8, "big")
    path = folder / name
    path.write_bytes((b"fLaC\x80\x00\x00\x22" + bytes(block)).ljust(110, b"\0"))
    return path


def not_finite(folder: Path, value: float = float("nan")) -> Path:
    audio = sounds.make("bell", 0.5)
    audio[1000:1003] = value
    path = folder / "nan.wav"
    soundfile.write(path, audio, sounds.RATE, subtype="FLOAT")
    return path


def wav(folder: Path, name: str, channels: int = 1, rate: int = 48_000, seconds: float = 0.5) -> Path:
    """A WAV whose header says ``channels`` and ``rate``, whatever they are."""
    path = folder / name
    frames = int(seconds * 48_000)
    audio = np.zeros(frames * min(channels, 2), "<i2").tobytes()
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2 % 2**32, channels * 2 % 2**16, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(audio)) + audio
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def empty(folder: Path) -> Path:
    path = folder / "empty.wav"
    path.touch()
    return path


def pipe(folder: Path) -> Path:
    path = folder / "pipe.wav"
    os.mkfifo(path)
    return path


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything: inside, this process is somebody else."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)
