"""Huey, as we use it: a queue per lane, messages that are job ids in JSON, a wait that costs nothing.

Huey hands out ids and forgets; the ledger remembers. A message may be lost or come twice: the worker's
sweep sends again what has none, and a job that is not queued is not started.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage

from jobs.records import make_private

log = logging.getLogger("woodshed.dispatch")

WAIT = 5.0
"""Seconds after which a waiting lane looks at the queue even though nobody rang."""


class Ids(Serializer):
    """``[message id, task name, [job id]]`` as JSON. Never pickle: it runs what it reads."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, list(data.args)]).encode()

    def _deserialize(self, data: bytes) -> Message:
        id, name, args = json.loads(bytes(data))
        if not (isinstance(id, str) and isinstance(name, str) and all(isinstance(arg, str) for arg in args)):
            raise ValueError("not a message of ours")
        return Message(id, name, None, 0, 0, 0, tuple(args), {}, None, None, None, None, None, None, 0)


class WaitingStorage(SqliteStorage):
    """Huey's SQLite storage, private to its owner, whose ``dequeue`` waits to be woken.

    The file holds nothing that the ledger does not know: a damaged one makes way for a new one, here and
    in every process that has the old one open.
    """

    blocking = True

    def __init__(self, *args, **kwargs) -> None:
        self._woken = threading.Event()
        self._file: tuple[int, int] | None = None
        try:
            super().__init__(*args, **kwargs)
        except sqlite3.DatabaseError as error:
            if not _damaged(error):
                raise
            self._renew(error)

    def _create_connection(self):
        make_private(self.filename)
        self._file = _identity(self.filename)
        connection = super()._create_connection()
        # A power cut may cost a message, which the sweep sends again, never the file.
        connection.execute("pragma synchronous=normal")
        # Whoever opens it first may not be who made it: a new one may begin at any time.
        if not connection.execute("select 1 from sqlite_master where name='task'").fetchone():
            for sql in self.ddl:
                connection.execute(sql)
        return connection

    @contextmanager
    def db(self, commit: bool = False, close: bool = False):
        if self._conn is not None and self._file != _identity(self.filename):
            self.close()
        try:
            with super().db(commit=commit, close=close) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            if _damaged(error):
                self._renew(error)
            elif _cut_off(error):
                # Its side files were taken away; a fresh connection finds out what is left.
                self.close()
            raise

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        try:
            super().enqueue(data, priority)
        except sqlite3.DatabaseError as error:
            if not (_damaged(error) or _cut_off(error)):
                raise
            super().enqueue(data, priority)

    def dequeue(self):
        self._woken.clear()
        message = super().dequeue()
        if message is None and self._woken.wait(WAIT):
            message = super().dequeue()
        return message

    def wake(self) -> None:
        self._woken.set()

    def _renew(self, error: sqlite3.DatabaseError) -> None:
        """Put the damaged file aside, unless somebody else has already."""
        self.close()
        if self._file == _identity(self.filename):
            log.warning("%s: damaged (%s); kept as .damaged, a new one begins", self.filename, error)
            for ending in ("-wal", "-shm"):
                Path(f"{self.filename}{ending}").unlink(missing_ok=True)
            Path(self.filename).replace(f"{self.filename}.damaged")


def _damaged(error: sqlite3.DatabaseError) -> bool:
    # The kinds below it are a locked file, a full disk or a fault of ours.
    return type(error) is sqlite3.DatabaseError


def _cut_off(error: sqlite3.DatabaseError) -> bool:
    return "disk I/O" in str(error)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class Lane(SqliteHuey):
    """One lane: ``send(id)`` on the one side, ``work(id)`` in a worker's thread on the other."""

    storage_class = WaitingStorage

    def __init__(self, lane: str, path: Path, work: Callable[[str], None] | None = None) -> None:
        super().__init__(lane, results=False, serializer=Ids(), filename=str(path))

        def run(id: str) -> None:
            if work:
                work(id)

        self.send = self.task(name="run")(run)

    def waiting(self) -> set[str]:
        """Ids that have a message."""
        return {task.args[0] for task in self.pending() if task.args}
