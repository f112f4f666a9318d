"""What nobody will ask for again makes room: old previews, and attempts whose result is in the library."""

import logging
import shutil
import time
from contextlib import suppress
from sqlite3 import Error as SqliteError

from jobs.job import utc
from jobs.ledger import Ledger
from store import paths
from store.errors import Refusal

OLD = 3600.0
"""Seconds after its end from which a preview may go."""

KEPT = 50
"""Previews that stay whatever their age: the newest."""

log = logging.getLogger("woodshed.prune")


class Pruner:
    """Prunes the runs of one home; a second time only what has ended since."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._since = ""

    def prune(self, now: float | None = None) -> None:
        """One round; what can't be removed now is left to the next."""
        now = time.time() if now is None else now
        try:
            for id in self._ledger.old_previews(utc(now - OLD), KEPT):
                _remove_run(id)
                self._ledger.forget(id)
            for id in self._ledger.kept_in_library(self._since):
                _remove_attempts(id)
        except (Refusal, OSError, SqliteError) as error:
            log.warning("old runs stay for now: %s", error)
            return
        # Published may be later than ended: look back as far as that could be.
        self._since = utc(now - OLD)


def _remove_run(id: str) -> None:
    folder = paths.state() / "runs" / id
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    paths.log(id).unlink(missing_ok=True)


def _remove_attempts(id: str) -> None:
    for attempt in (paths.state() / "runs" / id).glob("attempt-*"):
        shutil.rmtree(attempt, ignore_errors=True)
