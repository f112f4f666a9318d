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
        _copy(sound, folder / "sounds" / name)
        sound["original"], sound["file"] = sound["file"], str(place / "sounds" / name)
        desk.progress(count + 1, len(sounds), "copied")


def _copy(sound: dict[str, Any], target: Path) -> None:
    digest = hashlib.sha256()
    try:
        source = open(sound["file"], "rb")  # noqa: SIM115 - reading may fail in another way than opening
    except OSError as error:
        raise BadInput(f"{sound['name']}: {error.strerror}; it was there when the import began") from None
    with (
        source,
        disk(target),
        open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        while block := source.read(BLOCK):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != sound["sha256"]:
        raise BadInput(f"{sound['name']}: changed while it was imported; import again")
