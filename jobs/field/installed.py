"""Versions in a folder of the field: ``current`` is a small file that names the folder of the one in use.

An update becomes current by one rename of that file, so after a crash at any moment there is the old version
or the new one. The version before stays for ``rollback``, older ones are removed. One process at a time may
change the folder; any number may read it.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from jobs.field.checked import Record, Refused, content_of, optional, plain, text
from jobs.field.manifest import MANIFEST, MANIFEST_AT_MOST, Manifest, Package
from jobs.locks import grab
from store import names
from store.files import atomic, disk, sync_folder, verify

CURRENT, LOCK = "current", "lock"
TRUSTED = "trusted.pub"
"""The public key that a folder was given."""
POINTER_AT_MOST = 1 << 10
VERSION = re.compile(r"version-([1-9]\d{0,9})-[0-9a-f]{8}", re.ASCII)
DRAFT = re.compile(rf"\.({CURRENT}|{re.escape(TRUSTED)})\.[0-9a-f]{{8}}\.tmp", re.ASCII)
"""What is left of a file that was being written when the machine stopped."""
FOLDER = text("the folder of a version", VERSION.pattern, 40)


@dataclass(frozen=True)
class Pointer(Record):
    """Names of the folders of two versions: the one in use, and the one to go back to."""

    current: Annotated[str, FOLDER]
    previous: Annotated[str | None, optional(FOLDER)]


def current(folder: Path | str) -> Path | None:
    """The folder of the version in use; None before the first is installed. Raises Refused."""
    pointer = _pointer(Path(folder))
    return Path(folder) / pointer.current if pointer else None


def installed_version(folder: Path | str) -> int | None:
    """Raises Refused when ``current`` is damaged."""
    pointer = _pointer(Path(folder))
    return _version(pointer.current) if pointer else None


def install(package: Package, folder: Path | str) -> Path:
    """Make ``package`` the version in use and return its folder; what was there before can come back.

    The same version once more changes nothing, unless its files were damaged. Raises Refused for an older
    version, another package of the same version or a folder of other files, Busy when the disk refuses: the
    old version stays then.
    """
    folder = Path(folder)
    version = package.manifest.version
    _refuse_other_files(folder)
    with _alone(folder):
        before = _pointer(folder)
        previous = before.current if before else None
        if before:
            package.manifest.refuse_older(_version(before.current), folder.name)
            if _version(before.current) == version:
                here = folder / before.current
                if not damage(here):
                    return _same(package, here)
                previous = before.previous
        fresh = folder / f"version-{version}-{os.urandom(4).hex()}"
        _write(package, fresh)
        _point(folder, Pointer(fresh.name, previous))
        _tidy(folder, {fresh.name, previous})
    return fresh


def rollback(folder: Path | str) -> Path:
    """Go back to the version before the one in use and return its folder.

    Raises Refused when there is none or it is damaged, Busy when the disk refuses.
    """
    folder = Path(folder)
    # First without the lock, which is a file: nothing is left where there is nothing to go back to.
    _previous(folder)
    with _alone(folder):
        previous = _previous(folder)
        # Not to what was just left: going back twice must not bring the bad one again.
        _point(folder, Pointer(previous, None))
    return folder / previous


def _previous(folder: Path) -> str:
    pointer = _pointer(folder)
    if pointer is None or pointer.previous is None:
        raise Refused(f"{folder.name}: there is no version to go back to; install one")
    for complaint in damage(folder / pointer.previous):
        raise Refused(f"{folder.name}: {pointer.previous}: {complaint}; install it anew")
    return pointer.previous


def _refuse_other_files(folder: Path) -> None:
    """A folder without a version in use has to be new, empty, or have only what an installation leaves."""
    with disk(folder):
        if not folder.exists() or os.path.lexists(folder / CURRENT):
            return
        for name in sorted(path.name for path in folder.iterdir()):
            if name not in (LOCK, TRUSTED) and not VERSION.fullmatch(name) and not DRAFT.fullmatch(name):
                other = names.shown(name, 40)
                raise Refused(f"{folder}: has other files in it, such as {other}; give a new or empty folder")


def damage(version: Path) -> list[str]:
    """What is wrong with the files of an installed version, one line each."""
    try:
        manifest = Manifest.parse(plain(content_of(version / MANIFEST, MANIFEST_AT_MOST), MANIFEST))
    except Refused as error:
        return [str(error)]
    return verify(version, manifest.sums())


def _write(package: Package, fresh: Path) -> None:
    try:
        for name, content in package.contents.items():
            atomic(fresh / name, content)
        # The folder must be on the disk before it is pointed at.
        sync_folder(fresh.parent)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _same(package: Package, here: Path) -> Path:
    if content_of(here / MANIFEST, MANIFEST_AT_MOST) != package.contents[MANIFEST]:
        raise Refused(
            f"version {package.manifest.version} is installed already, and is another package; "
            f"give this one a higher version"
        )
    return here


def _pointer(folder: Path) -> Pointer | None:
    path = folder / CURRENT
    if not os.path.lexists(path):
        return None
    return Pointer.parse(plain(content_of(path, POINTER_AT_MOST), CURRENT), CURRENT)


def _point(folder: Path, pointer: Pointer) -> None:
    atomic(folder / CURRENT, json.dumps(pointer.record()) + "\n")


def _version(name: str) -> int:
    return int(name.split("-")[1])


def _tidy(folder: Path, kept: set[str | None]) -> None:
    """Remove other versions, also half of one whose installation was killed."""
    for path in folder.iterdir():
        if VERSION.fullmatch(path.name) and path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with disk(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = grab(folder / LOCK)
    if handle is None:
        raise Refused(f"{folder.name}: another update is being installed; wait for it")
    try:
        yield
    finally:
        os.close(handle)
