"""Files that a device or a browser does not take, as WAV in the cache."""

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from store import paths
from store.errors import BadInput

KEPT = 16
"""Files; older ones go."""
PATIENCE = 180


def unpacked(path: str) -> str:
    """The path of the same sound as WAV; made by a process of its own. Raises BadInput with one line."""
    try:
        about = Path(path).stat()
    except OSError as error:
        raise BadInput(f"{Path(path).name}: {error.strerror or error}") from None
    key = f"{path}\0{about.st_mtime_ns}\0{about.st_size}".encode("utf-8", "surrogateescape")
    folder = paths.cache() / "heard"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / f"{hashlib.sha256(key).hexdigest()[:24]}.wav"
    if not made.exists():
        draft = made.with_suffix(f".{os.getpid()}.tmp")
        try:
            _run(path, draft)
            draft.replace(made)
        finally:
            draft.unlink(missing_ok=True)
        _forget(folder)
    return str(made)


def _run(path: str, draft: Path) -> None:
    command = [sys.executable, "-P", "-m", "jobs.sound.unpack", path, str(draft)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise BadInput(f"{Path(path).name}: it took more than {PATIENCE} s to decode") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BadInput(said[-1] if said else f"{Path(path).name}: it can't be decoded")


def _forget(folder: Path) -> None:
    """All but the newest."""
    with suppress(OSError):
        found = sorted(folder.glob("*.wav"), key=lambda one: one.stat().st_mtime)
        for old in found[:-KEPT]:
            old.unlink(missing_ok=True)
