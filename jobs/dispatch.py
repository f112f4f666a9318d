"""Huey, as we use it: a queue per lane, messages that are job ids in JSON, a wait that costs nothing.

Huey hands out ids and forgets; the ledger remembers. A message may be lost or come twice: the worker's
sweep sends again what has none, and a job that is not queued is not started.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path

from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage

from jobs.records import make_private

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
    """Huey's SQLite storage, private to its owner, whose ``dequeue`` waits to be woken."""

    blocking = True

    def __init__(self, *args, **kwargs) -> None:
        self._woken = threading.Event()
        super().__init__(*args, **kwargs)

    def _create_connection(self):
        make_private(self.filename)
        connection = super()._create_connection()
        # A power cut may cost a message, which the sweep sends again, never the file.
        connection.execute("pragma synchronous=normal")
        return connection

    def dequeue(self):
        self._woken.clear()
        message = super().dequeue()
        if message is None and self._woken.wait(WAIT):
            message = super().dequeue()
        return message

    def wake(self) -> None:
        self._woken.set()


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
