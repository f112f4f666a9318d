"""What people did to records, so that it can be reverted, also after a restart.

An entry is ``{"table", "record", "action", "before": {field: value}, "after": {field: value}}``; a field that
was not there is absent from ``before``. Entries with the same ``batch`` were one act and are reverted as one.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from store.documents import Documents
from store.draft import copied

if TYPE_CHECKING:
    from store.shelf import Shelf

KEPT = 200
"""Entries that are remembered; older ones are forgotten."""


class History:
    """A stack of entries in a table of its own."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        # What another thread does meanwhile is no part of an act.
        self._act = threading.local()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever is noted inside is one act."""
        self._act.batch = os.urandom(6).hex()
        try:
            yield
        finally:
            self._act.batch = ""

    @contextmanager
    def noting(self, shelf: "Shelf", action: str, record_id: str, after: dict[str, Any]) -> Iterator[None]:
        """Note what a change of fields replaces; the note is written after the change that it is about.

        Held over both, so that nobody undoes in between; a crash in between costs the undo, not the record.
        """
        with self.documents.changing() as draft:
            record = shelf.get(record_id) or {}
            before = {field: record[field] for field in after if field in record}
            yield
            entry = {"table": shelf.kind, "record": record_id, "action": action, "before": before}
            batch = getattr(self._act, "batch", "")
            if batch:
                entry["batch"] = batch
            draft[draft.next_id()] = entry | {"after": copied(after)}
            for doc_id in list(draft)[:-KEPT]:
                if not batch or (draft.look(doc_id) or {}).get("batch") != batch:
                    del draft[doc_id]

    def revert(self, shelves: dict[str, "Shelf"]) -> list[dict]:
        """Revert the newest act of which something still stands; the records as they are then.

        A change that was overwritten since, or whose record is gone, is passed over.
        """
        found: list[dict] = []
        batch = None
        with self.documents.changing() as draft:
            for doc_id in sorted(draft, reverse=True):
                entry = copied(draft.look(doc_id))
                if found and batch is None:
                    break
                if found and entry.get("batch") != batch:
                    continue
                del draft[doc_id]
                shelf = shelves.get(entry.get("table"))
                record = _reverted(shelf, entry) if shelf is not None else None
                if record is not None:
                    batch = entry.get("batch")
                    found.append(record)
        return found


def _reverted(shelf: "Shelf", entry: dict) -> dict | None:
    with shelf.documents.changing() as draft:
        doc_id = shelf.documents.place(entry["record"])
        if doc_id is None:
            return None
        record = draft.look(doc_id) or {}
        before, after = entry["before"], entry["after"]
        standing = [field for field in after if field in record and record[field] == after[field]]
        if not standing:
            return None
        document = draft[doc_id]
        for field in standing:
            document.pop(field)
            if field in before:
                document[field] = before[field]
        # Meanwhile another one may have taken the name.
        if (entry["action"] == "trash" or "name" in standing) and isinstance(document.get("name"), str):
            document["name"] = shelf.fresh_name(document["name"])
    return shelf.get(entry["record"])
