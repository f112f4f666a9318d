"""The library and the ledger of this process."""

from pathlib import Path
from typing import Any

from jobs.ledger import Ledger
from jobs.specs import nearest
from store import paths
from store.errors import Usage
from store.library import Library

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
    tables = ("datasets", "models", "presets", "takes")
    if table not in tables:
        raise Usage(f"no table {table!r}{nearest(table, tables)}; tables: {', '.join(tables)}")
    return getattr(library(), table)
