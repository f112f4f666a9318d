"""Locks that the kernel lets go of when their holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path


def grab(path: Path | str, wait: float = 0.0) -> int | None:
    """Hold ``path`` alone: an open file descriptor, or None when somebody else has it after ``wait`` s.

    The descriptor is not inherited by programs that the holder starts. Raises FileNotFoundError when
    the folder is gone.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(handle)
                return None
            time.sleep(0.005)


def held(path: Path | str) -> bool:
    """Whether a living process holds ``path``; False when there is no such file."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
