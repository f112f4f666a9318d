"""The library and the ledger of this process."""

from pathlib import Path
from typing import Any

from jobs.ledger import Ledger
from jobs.specs import nearest
from store import paths
from store.errors import Usage
from store.library import Library

READ, KEEP, WRITE = 0.1, 1.0, 3.0
"""Seconds that a person at the studio waits for other processes: for the ledger at each look, for what is
remembered at the end, and for a change of the library, which goes on beside the keys."""

_open: dict[Path, tuple[Library, Ledger]] = {}


def _house() -> tuple[Library, Ledger]:
    # By folder and not once for all: WOODSHED_HOME may change under a test or an embedding program.
    folder = paths.tables()
    if folder not in _open:
        _open[folder] = (Library(folder), Ledger(paths.ledger()))
    return _open[folder]


def library() -> Library:
    """The library of this process."""
    return _house()[0]


def ledger() -> Ledger:
    """The ledger of this process."""
    return _house()[1]


def shelf(table: str) -> Any:
    """A table of the library by name: datasets, models, presets or takes. Raises Usage."""
    tables = ("datasets", "models", "presets", "takes", "diagnosers", "corrections", "repairers")
    if table not in tables:
        raise Usage(f"no table {table!r}{nearest(table, tables)}; tables: {', '.join(tables)}")
    return getattr(library(), table)


def hurry() -> None:
    """Wait no longer than a person would, from here on; the ledger so in this thread alone."""
    open_library, open_ledger = _house()
    for journal in open_library.journals():
        journal.patience = WRITE
    open_library.settings.documents.journal.patience = KEEP
    open_ledger.hurry(READ)
