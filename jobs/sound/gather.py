"""Which files a person meant by the paths of an import."""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jobs.sound.reader import is_sound_name

MOST = 20_000
"""Sounds of one dataset: forty times what a training is made for."""


class TooMany(ValueError):
    """More than ``MOST`` sounds."""


@dataclass
class Found:
    """``files`` to read, in order; what was passed over is counted; ``closed`` folders may not be read."""

    files: list[str] = field(default_factory=list)
    hidden: int = 0
    others: int = 0
    again: int = 0
    closed: list[str] = field(default_factory=list)

    def passed_over(self) -> str:
        """A few words for a person, or nothing."""
        counts = ((self.others, "not sounds"), (self.hidden, "hidden"), (self.again, "met twice"))
        return ", ".join(f"{count} {what}" for count, what in counts if count)


def gather(paths: Iterable[str], check: Callable[[], None] = lambda: None) -> Found:
    """Files as given, folders with everything below them: sounds by their ending, in order of name.

    Links are followed, each folder and file is taken once, so loops end. A pipe or a device with the name
    of a sound stays in the list: whoever reads it says what it is. ``check`` is called for every folder
    and may raise. Raises TooMany.
    """
    found = Found()
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if _is_folder(path):
            _walk(path, found, seen, check)
        else:
            _take(path, found, seen)
    return found


def _walk(top: str, found: Found, seen: set[tuple[int, int]], check: Callable[[], None]) -> None:
    waiting = [top]
    while waiting:
        check()
        folder = waiting.pop()
        try:
            if not _first_time(folder, seen):
                continue
            with os.scandir(folder) as listing:
                names = sorted(entry.name for entry in listing)
        except OSError:
            found.closed.append(folder)
            continue
        waiting.extend(reversed(_sorted_out(folder, names, found, seen)))


def _sorted_out(folder: str, names: list[str], found: Found, seen: set[tuple[int, int]]) -> list[str]:
    """Take or count what lies in a folder; the folders below it."""
    below = []
    for name in names:
        path = f"{folder.rstrip('/')}/{name}"
        if name.startswith(".") or name == "__MACOSX":
            found.hidden += 1
        elif _is_folder(path):
            below.append(path)
        elif is_sound_name(name):
            _take(path, found, seen)
        else:
            found.others += 1
    return below


def _take(path: str, found: Found, seen: set[tuple[int, int]]) -> None:
    if len(found.files) >= MOST:
        raise TooMany(f"more than {MOST} sounds; import a part of them")
    try:
        first = _first_time(path, seen)
    except OSError:
        first = True  # A dangling link or a vanished file: reading it says so.
    if first:
        found.files.append(path)
    else:
        found.again += 1


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def _first_time(path: str, seen: set[tuple[int, int]]) -> bool:
    facts = Path(path).stat()
    place = (facts.st_dev, facts.st_ino)
    if place in seen:
        return False
    seen.add(place)
    return True
