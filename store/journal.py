"""An append-only file of JSON lines that several processes change under one lock and follow without any.

A change is one line, one ``write`` and one ``fsync``: after a kill it is there whole or not at all. The
first line names the file (``{"journal": "<random>"}``), so that a reader who remembers an offset sees that
the file was replaced even when the system gives the new one the old inode.
"""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from store.errors import Busy
from store.files import disk, sync_folder
from store.lines import Change, decode, encode

REMEMBERED = 64
"""Bytes compared at the start of the file and before the offset to know that it is the same file."""
PATIENCE = 30.0
"""Seconds to wait for another process before giving up."""

Stamp = tuple[int, int, int]


class Journal:
    """One file; ``follow`` gives what is new in it, ``changing`` holds its lock, ``append`` adds a line.

    Processes may share the file; the threads of one process share the object only one at a time.
    """

    def __init__(self, path: Path | str, patience: float = PATIENCE) -> None:
        self.path = Path(path)
        self.patience = patience
        self.lines = 0
        """Whole lines in the file so far."""
        self.damaged: list[bytes] = []
        """Whole lines that are no change; they are kept aside when the file is compacted."""
        self.forget()

    def forget(self) -> None:
        """Read all of it again next time."""
        self._seen: Stamp = (0, 0, 0)
        self._offset = 0
        self._head = self._tail = b""
        self.lines = 0
        self.damaged = []

    def stamp(self) -> Stamp:
        """Changes whenever the file does: (inode, bytes, time of change in ns); zeros when there is none."""
        try:
            facts = self.path.stat()
        except FileNotFoundError:
            return (0, 0, 0)
        return (facts.st_ino, facts.st_size, facts.st_mtime_ns)

    def follow(self) -> tuple[bool, list[Change]]:
        """``(anew, changes)``: the changes since the last call; ``anew``: forget all earlier ones first."""
        stamp = self.stamp()
        if stamp == self._seen:
            return False, []
        try:
            with open(self.path, "rb") as file:
                anew = not self._continues(file)
                if anew:
                    self.forget()
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            self.forget()
            return True, []
        changes = list(self._take(text[: text.rfind(b"\n") + 1]))
        self._seen = stamp
        return anew, changes

    def _continues(self, file: IO[bytes]) -> bool:
        """Whether the file still begins and goes on as what was read before."""
        if not self._offset or file.read(len(self._head)) != self._head:
            return False
        file.seek(self._offset - len(self._tail))
        return file.read(len(self._tail)) == self._tail

    def _take(self, whole: bytes) -> Iterator[Change]:
        """Changes in whole lines of bytes, remembered as read."""
        if not whole:
            return
        self._head = (self._head + whole[:REMEMBERED])[:REMEMBERED]
        self._tail = (self._tail + whole[-REMEMBERED:])[-REMEMBERED:]
        self._offset += len(whole)
        for line in whole[:-1].split(b"\n"):
            self.lines += 1
            change = decode(line)
            if change is None:
                self.damaged.append(line)
            else:
                yield change

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock over read, modify and write; the file ends with a whole line then.

        Raises Busy when another process keeps it too long.
        """
        side = self.path.with_suffix(".lock")
        with disk(side):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(side, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._wait_for(handle)
            self._mend()
            yield
        finally:
            os.close(handle)

    def _wait_for(self, handle: int) -> None:
        # Not a blocking flock: a process that is stopped (ctrl+z) with the lock must not freeze all others.
        until = time.monotonic() + self.patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy(f"{self.path.name}: held by another process for {self.patience:g} s") from None
                time.sleep(0.0002 + os.urandom(1)[0] * 7e-6)

    def _mend(self) -> None:
        """Cut off the half line of a writer that was killed; give a whole last line its line break."""
        try:
            with disk(self.path), open(self.path, "rb+") as file:
                end = file.seek(0, os.SEEK_END)
                if not end or _before(file, end, 1) == b"\n":
                    return
                half = _last_piece(file, end)
                if decode(half) is None:
                    file.truncate(end - len(half))
                else:  # someone edited the file by hand: half of a line is never JSON
                    file.write(b"\n")
        except FileNotFoundError:
            return

    def append(self, line: bytes) -> list[Change]:
        """Add the line of one change and return the change as readers will see it.

        Only with the lock held and all of the file read. Raises Busy when the disk is full: then nothing
        was added.
        """
        fresh = not self._offset
        if fresh:
            line = encode({"journal": os.urandom(16).hex()}) + line
        with disk(self.path):
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                _write(handle, line, self._offset)
            finally:
                os.close(handle)
            if fresh:
                sync_folder(self.path.parent)
        self._seen = self.stamp()
        return list(self._take(line))

    def compact(self, changes: Iterable[Change]) -> None:
        """Replace the whole file by fewer lines that mean the same; only with the lock held.

        Readers notice by the name in the first line. Damaged lines go to a file ``*.damaged`` beside it.
        """
        whole = b"".join([encode({"journal": os.urandom(16).hex()}), *(change.line() for change in changes)])
        draft = self.path.with_suffix(".new")
        with disk(self.path):
            if self.damaged:
                self._keep_aside()
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                _write(handle, whole, 0)
            finally:
                os.close(handle)
            draft.replace(self.path)
            sync_folder(self.path.parent)
        self.forget()
        for _ in self._take(whole):
            pass
        self._seen = self.stamp()

    def _keep_aside(self) -> None:
        with open(self.path.with_suffix(".damaged"), "ab") as file:
            file.write(b"".join(line + b"\n" for line in self.damaged))
            file.flush()
            os.fsync(file.fileno())


def _before(file: IO[bytes], end: int, size: int) -> bytes:
    """The ``size`` bytes before ``end``, fewer at the start of the file; leaves the file at ``end``."""
    file.seek(max(0, end - size))
    return file.read(min(size, end))


def _last_piece(file: IO[bytes], end: int) -> bytes:
    """What follows the last line break."""
    size = 1 << 16
    while True:
        piece = _before(file, end, size)
        if b"\n" in piece or len(piece) == end:
            return piece[piece.rfind(b"\n") + 1 :]
        size *= 4


def _write(handle: int, line: bytes, end: int) -> None:
    """Write all of ``line`` and fsync; when that fails the file ends at ``end`` again."""
    try:
        written = os.write(handle, line)
        while written < len(line):  # 2 GiB at most go in one call; a full disk raises on the second
            written += os.write(handle, line[written:])
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, end)
        raise
