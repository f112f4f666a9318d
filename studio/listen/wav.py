"""WAV files as a device takes them: where their samples lie, and samples made softer. No numpy."""

import os
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TYPES = {(1, 16): "int16", (1, 24): "int24", (1, 32): "int32", (3, 32): "float32"}
"""(WAV format, bits) -> PortAudio's name."""


class Unplayable(ValueError):
    """The file is no WAV that a device takes."""


@dataclass(frozen=True)
class Wav:
    """Where the samples of a WAV file lie. ``frames`` of ``channels`` samples at ``rate`` Hz."""

    path: str
    start: int
    frames: int
    channels: int
    rate: int
    sort: str
    width: int

    @property
    def frame(self) -> int:
        """Bytes of a frame."""
        return self.channels * self.width

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def read_wav(path: str | Path) -> Wav:
    """The layout of a 16, 24 or 32-bit WAV. Raises Unplayable with one line."""
    try:
        with open(path, "rb") as file:
            return _chunks(str(path), file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise Unplayable(f"{path}: {error.strerror or error}") from error
    except struct.error:
        raise Unplayable(f"{path}: the header is cut off") from None


def _chunks(path: str, file: Any, size: int) -> Wav:
    riff, _, sort = struct.unpack("<4sI4s", file.read(12))
    if riff != b"RIFF" or sort != b"WAVE":
        raise Unplayable(f"{path}: not a WAV file")
    layout: tuple[int, int, int, int] | None = None
    while file.tell() + 8 <= size:
        name, length = struct.unpack("<4sI", file.read(8))
        at = file.tell()
        if name == b"fmt ":
            layout = _layout(file.read(min(length, 40)))
        elif name == b"data" and layout:
            return _wav(path, at, min(length, size - at), layout)
        file.seek(at + length + (length & 1))
    raise Unplayable(f"{path}: no samples in it")


def _layout(chunk: bytes) -> tuple[int, int, int, int]:
    form, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if form == 0xFFFE and len(chunk) >= 26:
        form = struct.unpack("<H", chunk[24:26])[0]
    return form, channels, rate, bits


def _wav(path: str, at: int, length: int, layout: tuple[int, int, int, int]) -> Wav:
    form, channels, rate, bits = layout
    if (form, bits) not in TYPES or not 1 <= channels <= 8 or not 4000 <= rate <= 384_000:
        raise Unplayable(f"{path}: {bits}-bit samples in {channels} channels at {rate} Hz")
    width = bits // 8
    return Wav(path, at, length // (width * channels), channels, rate, TYPES[form, bits], width)


def scaled(data: bytes, sort: str, gain: float) -> bytes:
    """Samples times ``gain``, held within full scale; as they are when the gain is 1."""
    if gain == 1.0 or not data:
        return data
    if sort == "float32":
        floats = array("f", data)
        return array("f", [max(-1.0, min(1.0, x * gain)) for x in floats]).tobytes()
    if sort == "int24":
        return _narrow(scaled(_widen(data), "int32", gain))
    code, top = ("h", 1 << 15) if sort == "int16" else ("i", 1 << 31)
    whole = array(code, data)
    return array(code, [max(-top, min(top - 1, int(x * gain))) for x in whole]).tobytes()


def _widen(data: bytes) -> bytes:
    """24-bit little-endian samples in the top of 32 bits."""
    out = bytearray(len(data) // 3 * 4)
    out[1::4], out[2::4], out[3::4] = data[0::3], data[1::3], data[2::3]
    return bytes(out)


def _narrow(data: bytes) -> bytes:
    out = bytearray(len(data) // 4 * 3)
    out[0::3], out[1::3], out[2::3] = data[1::4], data[2::4], data[3::4]
    return bytes(out)
