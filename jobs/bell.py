"""A bell that wakes the worker at once: a named pipe, so that an idle worker costs nothing.

Nothing depends on it but latency: what was not heard is found by the worker's next sweep.
"""

import os
import select
import stat
from pathlib import Path

from store.files import disk


def ring(path: Path | str) -> bool:
    """Wake whoever listens; False when nobody does."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, OSError):
        return False
    try:
        os.write(handle, b"!")
    except BlockingIOError:
        # A full pipe has been rung often enough.
        return True
    finally:
        os.close(handle)
    return True


class Bell:
    """The listening end; one per worker. Raises Busy when there is no place for it."""

    def __init__(self, path: Path) -> None:
        with disk(path):
            if os.path.lexists(path) and not stat.S_ISFIFO(path.lstat().st_mode):
                path.unlink()
            if not path.exists():
                os.mkfifo(path, 0o600)
            # Open for writing too: with a writer of our own the pipe never reports its end.
            self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def wait(self, seconds: float) -> bool:
        """True when it rang within ``seconds``; several rings count as one."""
        if not select.select([self._pipe], [], [], seconds)[0]:
            return False
        try:
            os.read(self._pipe, 65536)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        os.close(self._pipe)
