"""Audio files in: WAV, RF64, W64, AIFF, CAF, FLAC, MP3, OGG (Vorbis and Opus).

The limits are those of ``jobs.sound.reader``. Audio is float32, shaped (channels, samples), +-1 = full scale.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jobs.sound.reader import MAX_SECONDS, Info, Reader, Unreadable, is_sound_name, name_of, reading

__all__ = [
    "MAX_SECONDS", "MAX_VALUES", "Info", "Sound", "Unreadable", "beginning", "is_sound_name", "load",
    "name_of", "probe", "read", "reading", "resample",
]  # fmt: skip

MAX_VALUES = 2**29
"""Samples times channels that one ``read`` may hold: 2 GiB of float32."""


@dataclass(frozen=True)
class Sound:
    """``audio`` float32 (channels, samples) at ``rate`` Hz; ``info`` describes the file it came from."""

    audio: np.ndarray
    rate: int
    info: Info


def probe(path: str | os.PathLike) -> Info:
    """What the header says, checked against the size of the file; counted where it does not say how long.

    Raises Unreadable.
    """
    with reading(path) as reader:
        if not reader.info.frames:
            for _ in reader:
                pass
        return reader.info


def load(
    path: str | os.PathLike, rate: int | None = None, mono: bool = False, max_seconds: float = MAX_SECONDS
) -> Sound:
    """The whole file; ``info.truncated`` says when a part of it is missing.

    ``rate``: resample to so many Hz (soxr VHQ). ``mono``: the mean of the channels.
    Raises Unreadable, also when it is longer than ``max_seconds`` or needs more than ``MAX_VALUES``.
    """
    with reading(path) as reader:
        rows = 1 if mono else reader.info.channels
        _check_length(reader.info, rows, rate, max_seconds)
        audio = _collect(reader, rows, mono)
        info = reader.info
    _check_length(info, rows, rate, max_seconds)
    if rate and rate != info.rate:
        audio = resample(audio, info.rate, rate)
    return Sound(audio, rate or info.rate, info)


def beginning(path: str | os.PathLike, seconds: float, check: Callable[[], None] = lambda: None) -> Sound:
    """The first ``seconds`` of a file, and no more is read of it. ``check`` is called at every block and may
    raise. Raises Unreadable."""
    with reading(path) as reader:
        most = int(seconds * reader.info.rate)
        blocks, taken = [np.zeros((reader.info.channels, 0), np.float32)], 0
        for block in reader:
            check()
            blocks.append(block[:, : most - taken])
            taken += blocks[-1].shape[1]
            if taken >= most:
                break
        return Sound(np.concatenate(blocks, axis=1), reader.info.rate, reader.info)


def read(
    path: str | os.PathLike, rate: int | None = None, mono: bool = False, max_seconds: float = MAX_SECONDS
) -> tuple[np.ndarray, int]:
    """``load`` as (audio float32 (channels, samples), rate in Hz)."""
    sound = load(path, rate, mono, max_seconds)
    return sound.audio, sound.rate


def resample(audio: np.ndarray, source: int, target: int) -> np.ndarray:
    """(channels, samples) from ``source`` to ``target`` Hz; the length is the rounded ratio exactly."""
    import soxr

    length = round(audio.shape[-1] * target / source)
    out = np.zeros((audio.shape[0], length), np.float32)
    if audio.shape[-1]:
        made = soxr.resample(audio.T.astype(np.float32, copy=False), source, target, quality="VHQ")
        count = min(length, len(made))
        out[:, :count] = made[:count].T
    return out


def _check_length(info: Info, rows: int, rate: int | None, max_seconds: float) -> None:
    if info.seconds > max_seconds:
        why = f"{info.seconds:.0f} s long; at most {max_seconds:.0f} s are read here"
        raise Unreadable(info.path, why)
    if rows * info.seconds * max(rate or 0, info.rate) > MAX_VALUES:
        raise Unreadable(info.path, "too large to hold in memory; cut it into pieces")


def _collect(reader: Reader, rows: int, mono: bool) -> np.ndarray:
    out = np.empty((rows, max(reader.info.frames, 1)), np.float32)
    done = 0
    for block in reader:
        if mono:
            block = block.mean(axis=0, keepdims=True)
        end = done + block.shape[1]
        if rows * end > MAX_VALUES:
            raise Unreadable(reader.info.path, "too large to hold in memory; cut it into pieces")
        if end > out.shape[1]:
            grown = np.empty((rows, max(end, 2 * out.shape[1])), np.float32)
            grown[:, :done] = out[:, :done]
            out = grown
        out[:, done:end] = block
        done = end
    # A view would keep a buffer alive that a lying header made too long.
    return out if done == out.shape[1] else out[:, :done].copy()
