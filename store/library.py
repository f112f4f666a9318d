"""The library: everything a person has made, in tables that several processes change at once."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store import exchange, paths, rebuild
from store.documents import Documents
from store.journal import Journal
from store.shelf import Shelf
from store.undo import History

if TYPE_CHECKING:
    from store.table import Database

KINDS = {
    "datasets": "dataset",
    "models": "model",
    "presets": "preset",
    "takes": "take",
    "diagnosers": "diagnosis model",
    "corrections": "correction",
    "repairers": "repairer",
    "settings": "setting",
}
"""Table -> the word for one of its records."""


class Library:
    """``Library()`` is the person's own; ``Library(folder)`` one whose tables are in ``folder``.

    Nothing is read until it is asked for. Datasets, models and takes lie beside the folder of the tables.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else paths.tables()
        self.root = self.folder.parent
        self._history = History(Documents(self.folder / "undo.jsonl"))
        self.shelves = {table: self._shelf(table, kind) for table, kind in KINDS.items()}
        self.datasets = self.shelves["datasets"]
        self.models = self.shelves["models"]
        self.presets = self.shelves["presets"]
        self.takes = self.shelves["takes"]
        self.diagnosers = self.shelves["diagnosers"]
        self.corrections = self.shelves["corrections"]
        self.repairers = self.shelves["repairers"]
        self.settings = self.shelves["settings"]

    def _shelf(self, table: str, kind: str) -> Shelf:
        return Shelf(Documents(self.folder / f"{table}.jsonl"), kind, self.root, self._history)

    def setting(self, key: str, default: Any = None) -> Any:
        """The value kept under ``key``."""
        record = self.settings.get(key)
        return default if record is None else record.get("value", default)

    def set(self, key: str, value: Any) -> None:
        """Keep a value of plain JSON. Raises BadInput when it is not."""
        self.settings.keep(key, name=key, value=value)

    def journals(self) -> list[Journal]:
        """The files of all tables and of what can be undone."""
        return [
            *(shelf.documents.journal for shelf in self.shelves.values()),
            self._history.documents.journal,
        ]

    def undo(self) -> dict | None:
        """Revert the last trash, rename or update by a person, also one before a restart.

        Gives the record as it is then, or None when there is nothing left to revert.
        """
        return next(iter(self.undo_all()), None)

    def undo_all(self) -> list[dict]:
        """The same; gives every record that the reverted act had changed, the newest change first."""
        return self._history.revert({shelf.kind: shelf for shelf in self.shelves.values()})

    def together(self) -> AbstractContextManager[None]:
        """What is trashed, renamed or updated inside is one act: ``undo`` reverts it as one."""
        return self._history.together()

    def database(self) -> "Database":
        """The same tables as a TinyDB, for queries and for who knows its API."""
        from store.table import Database  # TinyDB is only imported when someone asks for it

        return Database(self.folder)

    def export(self, path: Path | str) -> dict:
        """Write all tables as one file of plain JSON; gives ``{"path", table: count ...}``."""
        return exchange.export(self.shelves, path)

    def load(self, path: Path | str) -> dict:
        """Add the records of such a file but no settings; those whose id is here already stay as they are.

        Gives ``{"path", "added": {table: n}, "kept": {table: n}}``. Raises BadInput, and then adds nothing.
        """
        return exchange.load(self.shelves, path)

    def rebuild(self) -> dict:
        """Add the records that are missing, from what lies beside models, datasets and takes.

        After the folder was moved, known records are led to where their files lie now. Gives
        ``{"datasets": n, "models": n, "takes": n, "moved": n, "unreadable": [one line each]}``.
        """
        return rebuild.rebuild(self.shelves, self.root)

    def health(self) -> dict:
        """Per table: how many records, how many lines that could not be read. Reads all tables."""
        facts = {}
        for table, shelf in self.shelves.items():
            facts[table] = {"records": len(shelf.documents), "damaged": len(shelf.documents.journal.damaged)}
        return facts
