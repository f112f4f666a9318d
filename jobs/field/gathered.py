"""Feedback of several files and times, each session once."""

import json
from collections.abc import Iterable
from pathlib import Path

from jobs.field.checked import Refused
from jobs.field.feedback import BYTES_AT_MOST, NAME, Feedback, read
from store.files import atomic

FILES_AT_MOST, SESSIONS_AT_MOST = 64, 20_000
ENDING = Path(NAME).suffix


def files_of(path: Path) -> list[Path]:
    """The feedback files of a folder, by name, or the one that ``path`` is. Raises Refused."""
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if one.suffix == ENDING and one.is_file())
    if not found:
        raise Refused(f"{path.name}: no feedback in it; its files end in {ENDING}, the runner writes {NAME}")
    if len(found) > FILES_AT_MOST:
        raise Refused(f"{path.name}: {len(found)} files that end in {ENDING}; {FILES_AT_MOST} at most")
    return found


def read_all(files: Iterable[Path]) -> tuple[list[Feedback], int]:
    """Sessions of all files, each once, oldest first, and how many lines were passed over.

    Raises Refused where one of the files can't be read, or nothing in them is feedback.
    """
    found: dict[str, Feedback] = {}
    passed_over, name = 0, ""
    for file in files:
        sessions, foreign = read(file)
        found |= {_line(one): one for one in sessions}
        passed_over, name = passed_over + foreign, file.name
        if len(found) > SESSIONS_AT_MOST:
            raise Refused(f"{name}: more than {SESSIONS_AT_MOST} sessions; read fewer files at once")
    if not found:
        told = f"none of its {passed_over} lines is" if passed_over else "there is no"
        raise Refused(f"{name}: {told} feedback of a field; its runner writes {NAME}")
    return _ordered(found.values()), passed_over


def gather(path: Path, sessions: Iterable[Feedback]) -> tuple[list[Feedback], int]:
    """Add to the file ``path`` what it has not yet; all of it, oldest first, and how many sessions are new.

    The newest are kept that fit into `jobs.field.feedback.BYTES_AT_MOST`. One process at a time. Raises
    Refused when the file is no file, Busy when the disk refuses.
    """
    known = {_line(one): one for one in (read(path)[0] if path.exists() else [])}
    given = {_line(one): one for one in sessions}
    every = _ordered({**known, **given}.values())
    lines = [_line(one) for one in every]
    room, first = BYTES_AT_MOST, len(lines)
    while first and (room := room - len(lines[first - 1])) >= 0:
        first -= 1
    if given.keys() - known.keys():
        atomic(path, "".join(lines[first:]))
    return every[first:], len(given.keys() - known.keys())


def _ordered(sessions: Iterable[Feedback]) -> list[Feedback]:
    return sorted(sessions, key=lambda one: one.started)


def _line(session: Feedback) -> str:
    return json.dumps(session.record(), allow_nan=False) + "\n"
