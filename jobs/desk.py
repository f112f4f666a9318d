"""What a recipe has in front of it while it works: folders, a voice, and word of when to stop."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from store import stream
from store.errors import BadInput

PROGRESS_EVERY = 0.2
"""Seconds between two progress rows."""


class Stopped(Exception):
    """Somebody asked the job to stop, and it has done so at a point it can go on from."""


def never() -> bool:
    return False


class Desk:
    """The desk of one attempt at a job.

    ``folder`` is the run, ``attempt_folder`` fresh for this attempt, ``checkpoint`` a folder that outlives
    attempts: what is written there by temp file, fsync and rename is found again by the next attempt.
    """

    def __init__(self, job: str, folder: Path, attempt: int = 1, stop: Callable[[], bool] = never) -> None:
        self.job = job
        self.attempt = attempt
        self.folder = Path(folder)
        self.attempt_folder = self.folder / f"attempt-{attempt}"
        self.checkpoint = self.folder / "checkpoint"
        self._stop = stop
        self._began = 0.0
        self._unit = ""
        """Of what is counted now."""
        self._first = 0.0
        self._said = 0.0
        shutil.rmtree(self.attempt_folder, ignore_errors=True)
        self._still_there()
        for path in (self.attempt_folder, self.checkpoint):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def say(self, kind: str, /, **row: Any) -> None:
        """One line to the stream that the studio follows. Raises Busy when the disk is full."""
        try:
            self.tell(self.folder, kind, **row)
        except FileNotFoundError:
            self._still_there()
            raise

    @staticmethod
    def tell(folder: Path, kind: str, /, **row: Any) -> None:
        """``say`` for those who have no desk."""
        stream.say(folder / "events.jsonl", kind=kind, **row)

    def row(self, **numbers: Any) -> None:
        """Numbers of a training: epoch, step, loss ..."""
        self.say("row", **numbers)

    def progress(self, done: float, total: float, unit: str = "") -> None:
        """``done`` of ``total``, with the rate (per second) and the seconds left; at most 5 a second.

        The rate is that of what has the same unit: what came before took its own time. A total may change on
        the way.
        """
        now = time.monotonic()
        if not self._began or self._unit != unit or done < self._first:
            self._began, self._first, self._unit = now, done, unit
        if now - self._said < PROGRESS_EVERY and done < total:
            return
        self._said = now
        passed, moved = now - self._began, done - self._first
        rate = moved / passed if passed > 0 and moved > 0 else None
        eta = (total - done) / rate if rate else None
        self.say("progress", done=done, total=total, unit=unit, rate=rate, eta=eta)

    def note(self, text: str) -> None:
        self.say("note", text=text)

    def stopped(self) -> bool:
        """Whether to stop; cheap enough for every step."""
        return self._stop()

    def check(self) -> None:
        """Raises Stopped when somebody asked the job to stop."""
        if self._stop():
            raise Stopped(self.job)

    def _still_there(self) -> None:
        if not self.folder.is_dir():
            raise BadInput(f"the folder of the run is gone: {self.folder}; submit the job again")
