"""Files that are whole or not there, and sums that say whether they are still what they were."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from store.errors import Busy

REFUSED = {
    errno.ENOSPC: "the disk is full; free some space, then try again",
    errno.EDQUOT: "the disk quota is used up; free some space, then try again",
    errno.EFBIG: "larger than files may be here",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write here",
    errno.EPERM: "no permission to write here",
    errno.EIO: "the disk reports an error",
    errno.EEXIST: "there is a file where a folder should be",
    errno.EISDIR: "is a folder",
    errno.ENOTDIR: "a part of this path is not a folder",
}
DESCRIPTIONS = ("manifest.json", "model.json")
"""Not in a manifest: the one is it, the other carries its sum."""


@contextmanager
def disk(path: Path | str) -> Iterator[None]:
    """Turn what a disk refuses (full, read-only ...) into one line about ``path``: Busy."""
    try:
        yield
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        raise Busy(f"{path}: {REFUSED[error.errno]}") from error


def atomic(path: Path | str, content: bytes | str) -> Path:
    """Replace ``path`` by ``content``: after a crash there is the old file or the new one. Mode 0600.

    Raises Busy when the disk is full or read-only; then the old file is untouched.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name[:100]}.{os.urandom(4).hex()}.tmp")
    text = content.encode("utf-8") if isinstance(content, str) else content
    with disk(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise
        sync_folder(path.parent)
    return path


def sync_folder(folder: Path | str) -> None:
    """Make the names in ``folder`` (a rename, a new file) survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path | str) -> str:
    """Hex digest of the file's bytes."""
    import hashlib  # loads OpenSSL: 4 ms that opening the library must not cost

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(folder: Path | str, leave_out: tuple[str, ...] = DESCRIPTIONS) -> dict[str, str]:
    """``{relative path with slashes: sha256}`` of every regular file under ``folder``; links are left out."""
    folder = Path(folder)
    sums = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name not in leave_out:
            sums[name] = sha256(path)
    return sums


def verify(folder: Path | str, sums: Mapping[str, str]) -> list[str]:
    """What is wrong with the files of a manifest, one line each; empty: all of them are as they were."""
    complaints = []
    for name, expected in sums.items():
        path = inside(folder, name)
        if path is None:
            complaints.append(f"{name!r}: lies outside the folder")
        elif not path.is_file():
            complaints.append(f"{name!r}: missing")
        elif sha256(path) != expected:
            complaints.append(f"{name!r}: changed since it was written")
    return complaints


def inside(folder: Path | str, name: str | Path) -> Path | None:
    """The path ``name`` means in ``folder``, links resolved; None when that is not under ``folder``."""
    root = Path(folder).resolve()
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name with a null byte
        return None
    return path if path != root and path.is_relative_to(root) else None


def free_bytes(path: Path | str) -> int:
    """Bytes a person may still write where ``path`` is, or will be."""
    place = Path(path).absolute()
    while not place.exists():
        place = place.parent
    facts = os.statvfs(place)
    return facts.f_bavail * facts.f_frsize
