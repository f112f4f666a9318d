"""Whether a file was cut off: what its container promises beside the bytes that are there.

libsndfile shortens such files without a word, so the few header fields that tell are read here.
"""

import os
import struct

MAX_CHUNKS = 256
_OGG_END_OF_STREAM = 4


def cut_short(descriptor: int, size: int) -> str:
    """Empty, or a few words on what is missing. Reads with ``pread``: the position stays."""
    head = os.pread(descriptor, 12, 0)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _missing(find_chunk(descriptor, size, b"data", "<"), size)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _missing(find_chunk(descriptor, size, b"SSND", ">"), size)
    if head[:4] == b"OggS":
        return _ogg_end(descriptor, size)
    return ""


def find_chunk(descriptor: int, size: int, wanted: bytes, order: str) -> tuple[int, int] | None:
    """(start, length) of a chunk of an IFF file, as its header says."""
    at = 12
    for _ in range(MAX_CHUNKS):
        header = os.pread(descriptor, 8, at)
        if len(header) < 8:
            return None
        (length,) = struct.unpack(order + "I", header[4:])
        if header[:4] == wanted:
            return at + 8, length
        at += 8 + length + length % 2
        if at >= size:
            return None
    return None


def _missing(chunk: tuple[int, int] | None, size: int) -> str:
    if chunk is None:
        return ""
    start, length = chunk
    if not length and start < size:
        return "its header was never finished"
    # Programs that write to a pipe leave the length open with all ones.
    if length >= 0xFFFF_FF00 or start + length <= size:
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
