"""Files and folders of the person's own: nothing of theirs is written over."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from store.errors import BadInput, NotFound, Usage
from store.files import atomic, disk
from store.names import shown

OPEN_MODE = 0o666
OURS = "woodshed"
"""Key of a file by which a folder is known for one that was made here."""


def open_to_others(path: Path) -> None:
    """A file outside the library has the rights that the person's other files get."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(OPEN_MODE & ~mask)


def give(path: Path, content: bytes | str) -> Path:
    """Write a file of ours that may be there from before; the whole or nothing."""
    atomic(path, content)
    open_to_others(path)
    return path


def give_json(path: Path, content: Any) -> Path:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        return give(path, text.encode())
    except UnicodeEncodeError:
        # A name that is no UTF-8; escaped it is found again.
        return give(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def given(path: Path) -> Any:
    """What ``give_json`` wrote before; None where there is no such file or only a part of one."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


@contextmanager
def writing(path: Path, field: str) -> Iterator[None]:
    """Raises Busy for what the disk refuses, BadInput for a path where nothing can be."""
    try:
        with disk(f"{field}: {path}"):
            yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise BadInput(
            f"{field}: {shown(str(path))}: can't be written: {why}; choose another name or folder"
        ) from None


def new_file(word: str, desk: Desk, field: str) -> Path:
    """A file to write, which is not there yet, unless an attempt before this one at the same job left it.

    It is made and removed again, since whatever takes its time before it is written would be lost where it
    can't be. Raises NotFound where its folder is missing, BadInput where something is in the way or no file
    can be, Busy.
    """
    path, begun = Path(word), desk.folder / f"begun-{field}"
    with writing(path, field):
        if not path.parent.is_dir():
            raise NotFound(f"{field}: {path.parent}: no such folder; make it first")
        if os.path.lexists(path):
            if not (begun.exists() and path.is_file()):
                raise BadInput(f"{field}: {path} exists already; choose another name")
        else:
            begun.touch()
            tried(path)
    return path


def tried(path: Path) -> None:
    """Make a file and remove it again. Raises OSError where none can be."""
    path.touch(exist_ok=False)
    path.unlink()


def folder_of_ours(folder: str, mark: str, field: str = "out") -> Path:
    """A folder that is empty, is not there yet, or has a file ``mark`` of an earlier run in it; made here.

    It has its mark from now on, so that an attempt after this one knows it. Raises what ``check_folder``
    does, Busy.
    """
    path = check_folder(folder, mark, field)
    with writing(path, field):
        path.mkdir(exist_ok=True)
        if not (path / mark).exists():
            give_json(path / mark, {OURS: 1, "files": []})
    return path


def check_folder(folder: str, mark: str, field: str = "out") -> Path:
    """Raises Usage, BadInput (other files are in it), NotFound where its parent is missing."""
    path = free_for_folder(folder, field)
    told = given(path / mark) if path.is_dir() else None
    ours = isinstance(told, dict) and OURS in told
    if path.is_dir() and not ours and any(path.iterdir()):
        raise BadInput(f"{field}: {path} has other files in it; give a new or empty folder")
    return path


def free_for_folder(folder: str, field: str) -> Path:
    """Where a folder is or can be made, and files in it: that is tried, as `new_file` does. Raises Usage,
    BadInput, NotFound where its parent is missing, Busy."""
    path = Path(folder)
    if not path.is_absolute():
        raise Usage(f"{field}: {path} is not absolute")
    with writing(path, field):
        if not path.parent.is_dir():
            raise NotFound(f"{field}: {path.parent}: no such folder; make it first")
        if path.exists() and not path.is_dir():
            raise BadInput(f"{field}: {path} is a file; a folder is needed")
        if path.exists():
            tempfile.TemporaryFile(dir=path).close()
        else:
            path.mkdir()
            path.rmdir()
    return path


def folder_in(root: Path, relative: Path) -> Path:
    """``relative`` below ``root`` with every folder on the way made."""
    folder = root / relative
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
