"""The starter's side of ``jobs.sound.examine``: a crash or a hang of a decoder costs one file."""

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from jobs.sound.confined import epitaph, start

PATIENCE = 600.0
"""Seconds for one file, wherever it lies: a dead network drive must not hold an import for ever."""
LOOK = 0.1


class Given(Exception):
    """The examination was called off."""


class Examiner:
    """One process that is started at the first file and again after it died. For one thread at a time."""

    def __init__(
        self, called_off: Callable[[], bool] = lambda: False, patience: float = PATIENCE, task: str = "facts"
    ):
        self._task = task
        self._called_off = called_off
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    def examine(self, path: str | os.PathLike) -> dict[str, Any]:
        """As ``jobs.sound.examine.examine``; raises Given when called off meanwhile."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(os.fspath(path)).encode() + b"\n")
            process.stdin.flush()
            answer = self._answer(process)
        except BrokenPipeError:
            answer = b""
        if answer:
            return json.loads(answer)
        return {"code": "unreadable", "why": self._epitaph(process)}

    def _answer(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        end = time.monotonic() + self._patience
        while not select.select([process.stdout], [], [], LOOK)[0]:
            if self._called_off():
                self.close()
                raise Given
            if time.monotonic() > end:
                process.kill()
        line = process.stdout.readline()
        return line if line.endswith(b"\n") else b""

    def _epitaph(self, process: subprocess.Popen[bytes]) -> str:
        why = epitaph(process)
        self.close()
        return why

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = start("examine", self._task)
        return self._process

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()

    def __enter__(self) -> "Examiner":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
