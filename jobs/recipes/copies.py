"""Sounds copied into the library, each checked against the sum it had when it was examined."""

import hashlib
import os
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from store.errors import BadInput, Busy
from store.files import disk, free_bytes

BLOCK = 1 << 20
SPARE = 64 * 2**20
"""Bytes of the disk that an import leaves free."""


def copy_in(sounds: list[dict[str, Any]], folder: Path, place: Path, desk: Desk) -> None:
    """Copy into ``folder/sounds``; each ``file`` then says where it will lie below ``place``.

    Raises Busy when the disk has no room, BadInput when a sound is no longer what was examined.
    """
    total = sum(sound["bytes"] for sound in sounds)
    if free_bytes(folder) < total + SPARE:
        raise Busy(f"copying needs {total / 1e6:.0f} MB, {free_bytes(folder) / 1e6:.0f} MB are free")
    (folder / "sounds").mkdir(mode=0o700)
    for count, sound in enumerate(sounds):
        desk.check()
        name = sound["id"] + Path(sound["file"]).suffix.lower()
        copy_checked(sound["file"], folder / "sounds" / name, sound["sha256"], sound["name"])
        sound["original"], sound["file"] = sound["file"], str(place / "sounds" / name)
        desk.progress(count + 1, len(sounds), "copied")


def copy_checked(source: str, target: Path, sha256: str, name: str) -> None:
    """Copy a file whose content has that sum, for its owner alone; half a copy never stays.

    Raises BadInput when it is gone or another one by now, Busy.
    """
    digest = hashlib.sha256()
    draft = target.with_name(f".{sha256[:16]}.part")
    try:
        reading = open(source, "rb")  # noqa: SIM115 - reading may fail in another way than opening
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror}; it was there when the import began") from None
    try:
        with reading, disk(target):
            draft.unlink(missing_ok=True)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                while block := reading.read(BLOCK):
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            raise BadInput(f"{name}: changed while it was imported; import again")
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
