"""What a running job says: one JSON line per row, appended by the job, followed by whoever watches.

Rows are short, many and worth nothing after a crash of the machine, so they are written and not fsynced.
"""

import json
import math
import os
import time
from pathlib import Path
from typing import Any

from store.files import disk

BLOCK = 1 << 16
START = b'{"t": '
BIGGEST = 1e300
NUMBERS = ("done", "total", "rate", "eta", "epoch", "step")
"""Fields that whoever follows a stream reckons with."""


def say(path: Path | str, /, **row: Any) -> None:
    """Append one row with the time ``t`` (unix seconds); a number that is not finite becomes null.

    Raises Busy when the disk is full.
    """
    line = _line({"t": round(time.time(), 4), **row})
    with disk(path):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def follow(path: Path | str, offset: int = 0, most: int = -1) -> tuple[list[dict], int]:
    """Rows said since ``offset`` (bytes) and the offset to ask from next time.

    ``most``: bytes to read at most, as long as there is a whole line in them; -1: all.

    A missing file has no rows; a file shorter than ``offset`` was begun again and is read from its start.
    A line still being written is left for the next call.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == offset:
                return [], offset
            if size < offset:
                offset = 0
            file.seek(offset)
            text = file.read(most)
            while most > 0 and b"\n" not in text and (more := file.read(most)):
                text += more
    except FileNotFoundError:
        return [], 0
    whole = text.rfind(b"\n") + 1
    rows = (_row(line) for line in text[:whole].split(b"\n"))
    return [row for row in rows if row is not None], offset + whole


def last(path: Path | str, kind: str) -> dict | None:
    """The newest row of ``kind``, read from the end of the file."""
    mark = json.dumps(kind, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for line in _backwards(path):
        if mark in line:
            row = _row(line)
            if row is not None and row.get("kind") == kind:
                return row
    return None


def _backwards(path: Path | str):
    """Whole lines, newest first."""
    try:
        with open(path, "rb") as file:
            place = file.seek(0, os.SEEK_END)
            pieces: list[bytes] = []
            while place:
                size = min(BLOCK, place)
                place -= size
                file.seek(place)
                lines = file.read(size).split(b"\n")
                if len(lines) == 1:
                    pieces.append(lines[0])
                    continue
                pieces.append(lines[-1])
                yield b"".join(reversed(pieces))
                yield from reversed(lines[1:-1])
                pieces = [lines[0]]
            yield b"".join(reversed(pieces))
    except FileNotFoundError:
        return


def _row(line: bytes) -> dict | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        # A writer killed in the middle of a line leaves half of it in front of the next one.
        again = line.rfind(START)
        return _row(line[again:]) if again > 0 else None
    if not isinstance(row, dict) or not isinstance(row.get("kind", ""), str):
        return None
    for field in NUMBERS:
        value = row.get(field, 0)
        if not isinstance(value, int | float) or not abs(value) < BIGGEST:
            row[field] = None
    return row


def _line(row: dict) -> bytes:
    try:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError:
        text = json.dumps(_finite(row), ensure_ascii=False, default=_plain)
    # A file name that is not UTF-8 arrives with lone surrogates.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _plain(value: Any) -> Any:
    """A numpy or torch scalar as a number, anything else as text."""
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if not isinstance(value, str | int | float | bool | None):
        value = _plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
