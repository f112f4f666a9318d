"""What each kind of sound file can hold, so that a wrong choice is answered before any work is done."""

import os
import unicodedata
from pathlib import Path

FORMATS = ("wav", "flac", "ogg", "mp3", "aiff", "caf", "w64", "rf64")
ENDINGS = {
    ".wav": "wav", ".wave": "wav", ".flac": "flac", ".ogg": "ogg", ".oga": "ogg",
    ".mp3": "mp3", ".aif": "aiff", ".aiff": "aiff", ".caf": "caf", ".w64": "w64", ".rf64": "rf64",
}  # fmt: skip
READABLE = (".wav", ".wave", ".aif", ".aiff", ".aifc", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".caf",
            ".w64", ".rf64")  # fmt: skip
"""Endings of the files that an import looks at."""
NAMES = "WAV, AIFF, FLAC, MP3, OGG, CAF or W64"
"""What can be read, as a person is told; RF64 is the WAV of more than 4 GiB."""
BITS = ("16", "24", "32f")
TAGS = ("title", "artist", "album", "date", "software", "comment")
"""In the order they are written: readers of WAV that give up on a long comment have the rest by then."""
MAX_COMMENT = 2_000
"""Bytes of a tag that every reader of every format gets back."""
MAX_CHANNELS = 8
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_LONGEST_TAG = {"aiff": 8_000, "w64": 0}
"""Bytes; a longer one would make libsndfile refuse the whole file. W64 has no tags."""


class Unwritable(ValueError):
    """What a format can't hold; the message is one line for a person."""


def format_of(path: str | os.PathLike) -> str:
    """The format that a file's ending asks for. Raises Unwritable."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise Unwritable(f"{Path(path).name}: ending {ending!r} names no format; use one of {known}")
    return ENDINGS[ending]


def check(rate: int, channels: int, format: str, bits: str) -> None:
    """Raises Unwritable, with what to choose instead, when a format can't hold this."""
    if format not in FORMATS:
        raise Unwritable(f"format {format!r} is not one of {', '.join(FORMATS)}")
    if bits not in BITS:
        raise Unwritable(f"bits {bits!r} is not one of {', '.join(BITS)}")
    if not 1 <= channels <= (2 if format == "mp3" else MAX_CHANNELS):
        raise Unwritable(f"{format} can't hold {channels} channels")
    if format == "flac" and bits == "32f":
        raise Unwritable("flac holds 16 or 24 bits, not 32f; choose 24, or wav for 32f")
    if format == "mp3" and rate not in MP3_RATES:
        near = min(MP3_RATES, key=lambda known: abs(known - rate))
        raise Unwritable(f"mp3 can't hold {rate} Hz; nearest: {near} Hz")
    if not 4_000 <= rate <= 384_000:
        raise Unwritable(f"sample rate {rate} Hz is outside 4000-384000 Hz")


def fit_tag(text: str, format: str) -> str:
    """As the format can carry it: MP3 tags are ASCII here (the encoder would garble the rest)."""
    text = str(text).replace("\0", " ")
    if format == "mp3":
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in plain if not unicodedata.combining(c)).encode("ascii", "replace").decode()
    data = text.encode("utf-8", "replace")
    return data[: _LONGEST_TAG.get(format, len(data))].decode("utf-8", "ignore")
