"""Whether a file was cut off: what its container promises beside the bytes that are there.

libsndfile shortens such files without a word, so the few header fields that tell are read here.
"""

import os
import struct
from dataclasses import dataclass

MAX_CHUNKS = 256
_OGG_END_OF_STREAM = 4
_OPEN = 0xFFFF_FFFF
"""The 32-bit length of a chunk whose real one stands elsewhere or was left open."""


@dataclass(frozen=True)
class Layout:
    """Of a file made of chunks: where the ``first`` lies, the ``struct`` of name and length that each begins
    with, how many bytes of it its length ``counts``, and what chunks are aligned to."""

    first: int
    struct: str
    counts: int
    align: int
    audio: bytes
    """Name of the chunk with the samples."""
    endless: int
    """From that length on it was left open, as programs do that write to a pipe."""


RIFF = Layout(12, "<4sI", 0, 2, b"data", 0xFFFF_FF00)
FORM = Layout(12, ">4sI", 0, 2, b"SSND", 0xFFFF_FF00)
CAF = Layout(8, ">4sQ", 0, 1, b"data", 2**63)
"""Apple's Core Audio Format: whole files may say -1 for the length of the audio."""
W64 = Layout(40, "<16sQ", 24, 8, bytes.fromhex("64617461f3acd3118cd100c04f8edb8a"), 2**62)
"""Sony Wave64: its names are GUIDs."""
RF64 = Layout(12, "<4sI", 0, 2, b"data", 2**63)
"""EBU Tech 3306: a RIFF whose real lengths stand in its first chunk, ``ds64``."""
_W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")


def layout_of(descriptor: int) -> Layout | None:
    """How a file is made, by its first bytes; None where it has no chunks."""
    head = os.pread(descriptor, 16, 0)
    known = {b"RIFF": RIFF, b"RF64": RF64, b"FORM": FORM}.get(head[:4])
    if known is not None:
        return known if head[8:12] in (b"WAVE", b"AIFF", b"AIFC") else None
    if head[:4] == b"caff":
        return CAF
    return W64 if head == _W64_RIFF else None


def cut_short(descriptor: int, size: int) -> str:
    """Empty, or a few words on what is missing. Reads with ``pread``: the position stays."""
    layout = layout_of(descriptor)
    if layout is not None:
        return _missing(_audio(descriptor, size, layout), size, layout.endless)
    return _ogg_end(descriptor, size) if os.pread(descriptor, 4, 0) == b"OggS" else ""


def mended(descriptor: int, size: int) -> tuple[int, bytes] | None:
    """(position, bytes) that must stand in a file for libsndfile to open it, or None where nothing must.

    Of CAF it refuses all whose audio is said to be longer than the file, even where that is no fault; of RF64
    all whose lengths were never filled in.
    """
    layout = layout_of(descriptor)
    if layout not in (CAF, RF64):
        return None
    chunk = _audio(descriptor, size, layout)
    if chunk is None:
        return None
    start, length = chunk
    there = size - start
    if there <= 0 or 0 < length <= there:
        return None
    if layout is CAF:
        return start - 8, struct.pack(">Q", there)
    sizes = find_chunk(descriptor, size, b"ds64", RF64)
    return None if sizes is None else (sizes[0] + 8, struct.pack("<Q", there))


def find_chunk(descriptor: int, size: int, wanted: bytes, layout: Layout) -> tuple[int, int] | None:
    """(start, length) of a chunk, as its header says."""
    header, at = struct.Struct(layout.struct), layout.first
    for _ in range(MAX_CHUNKS):
        if at >= size:
            return None
        found = os.pread(descriptor, header.size, at)
        if len(found) < header.size:
            return None
        name, length = header.unpack(found)
        length = max(0, length - layout.counts)
        if name == wanted:
            return at + header.size, length
        at += header.size + length + -length % layout.align
    return None


def _audio(descriptor: int, size: int, layout: Layout) -> tuple[int, int] | None:
    """(start, length) of the samples, as the header says."""
    chunk = find_chunk(descriptor, size, layout.audio, layout)
    if layout is not RF64 or chunk is None or chunk[1] != _OPEN:
        return chunk
    sizes = find_chunk(descriptor, size, b"ds64", layout)
    told = os.pread(descriptor, 8, sizes[0] + 8) if sizes else b""
    return (chunk[0], struct.unpack("<Q", told)[0]) if len(told) == 8 else None


def _missing(chunk: tuple[int, int] | None, size: int, endless: int) -> str:
    if chunk is None:
        return ""
    start, length = chunk
    if not length and start < size:
        return "its header was never finished"
    if length >= endless or start + length <= size:
        return ""
    return f"cut off: {size - start} of {length} bytes of audio are there"


def _ogg_end(descriptor: int, size: int) -> str:
    """The last page of an Ogg stream is marked as the last."""
    window = min(size, 2 * 65_307)
    tail = os.pread(descriptor, window, size - window)
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return "cut off: its last page is missing"
    segments = tail[at + 26]
    table = tail[at + 27 : at + 27 + segments]
    whole = len(table) == segments and len(tail) >= at + 27 + segments + sum(table)
    return "" if whole and tail[at + 5] & _OGG_END_OF_STREAM else "cut off: its last page is missing"
