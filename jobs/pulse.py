"""The beat of a claim: says again and again that its process lives, until that process writes the end."""

import os
import sys
import threading
import time
from collections.abc import Callable
from sqlite3 import Error as SqliteError
from typing import TypeVar

from jobs.claims import GONE
from jobs.job import Claim
from jobs.ledger import Ledger
from store import paths
from store.errors import Busy, Refusal

BEAT = 5.0
PATIENCE = 20
"""Seconds for which the end of a job is tried to be written."""

T = TypeVar("T")


class Pulse:
    """Renews a claim now and then; a process that no longer has its job ends on the spot."""

    def __init__(self, ledger: Ledger, claim: Claim) -> None:
        self._ledger = ledger
        self._claim = claim
        self._over = threading.Event()
        self._folder = paths.state() / "runs" / claim.id

    def __enter__(self) -> "Pulse":
        threading.Thread(target=self._beat, name="pulse", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def end(self, write: Callable[[], T]) -> T:
        """Write the end of the claim, even when the disk is full for a while: a training may hang on it.

        From here on a claim that can't be renewed is one that we ended ourselves.
        """
        self._over.set()
        for _ in range(PATIENCE):
            try:
                return write()
            except Busy as error:
                print(error, file=sys.stderr)
                time.sleep(1.0)
        return write()

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            try:
                if not self._kept() and not self._over.is_set():
                    os._exit(1)
            except (Refusal, SqliteError) as error:
                # A ledger that can't be read now says nothing about whose job it is.
                print(error, file=sys.stderr)

    def _kept(self) -> bool:
        if not self._folder.is_dir():
            self._ledger.finish(self._claim, "failed", error={"message": GONE, "code": 4})
        return self._ledger.renew(self._claim)
