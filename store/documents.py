"""The documents of one table, folded from its journal: document id -> plain dict.

A document id is never given twice, unless the table is emptied.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.draft import Draft
from store.journal import Journal
from store.lines import Change

SPARE_LINES = 1000
"""Superfluous lines a journal may have, besides as many as there are documents, before it is compacted."""


class Documents:
    """All that is in a journal, kept up to date; several threads may use it.

    The dicts it gives are the store's own and shared: they are replaced by a change, never altered, and
    nobody else may alter them.
    """

    def __init__(self, path: Path | str) -> None:
        self.journal = Journal(path)
        self.version = 0
        """Grows with every change that was seen."""
        self._all: dict[int, dict] = {}
        self._places: dict[str, int] = {}
        self._next = 1
        self._draft: Draft | None = None
        # Two locks: whoever only reads must not wait for a writer that waits for another process.
        self._writers = threading.RLock()
        self._state = threading.RLock()

    def __len__(self) -> int:
        self.refresh()
        return len(self._all)

    def get(self, doc_id: int) -> dict | None:
        self.refresh()
        return self._all.get(doc_id)

    def items(self) -> list[tuple[int, dict]]:
        """(document id, document) of all, in the order in which they came."""
        with self._state:
            self.refresh()
            return list(self._all.items())

    def place(self, record_id: str) -> int | None:
        """The document id of the newest document whose field ``id`` is ``record_id``."""
        self.refresh()
        return self._places.get(record_id)

    def refresh(self) -> None:
        """Take in what others have written since."""
        with self._state, self._whole():
            anew, changes = self.journal.follow()
            if anew:
                self._apply(Change(clear=True))
            for change in changes:
                self._apply(change)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Whatever ends the block halfway (ctrl+c), memory must not stay behind the file: ids would clash."""
        try:
            yield
        except BaseException:
            self.journal.forget()
            raise

    @contextmanager
    def changing(self) -> Iterator[Draft]:
        """A draft of the documents under the lock, written as one line at the end; nested calls share it.

        When the block raises, nothing is written.
        """
        with self._writers:
            if self._draft is not None:
                yield self._draft
                return
            with self.journal.changing():
                self.refresh()
                self._draft = draft = Draft(self._all, self._next)
                try:
                    yield draft
                finally:
                    self._draft = None
                self._commit(draft.change())

    def compact(self) -> None:
        """Write the journal anew with one line per document."""
        with self._writers, self.journal.changing():
            self.refresh()
            self._compact()

    def _commit(self, change: Change) -> None:
        if not change:
            return
        line = change.line()
        with self._state, self._whole():
            for seen in self.journal.append(line):
                self._apply(seen)
            if self.journal.lines > 2 * len(self._all) + SPARE_LINES:
                self._compact()

    def _compact(self) -> None:
        with self._state:
            documents = [Change({doc_id: document}) for doc_id, document in self._all.items()]
            self.journal.compact([Change(next=self._next), *documents])

    def _apply(self, change: Change) -> None:
        self.version += 1
        if change.clear:
            # New dicts: a draft or a loop over the old ones may still be under way.
            self._all, self._places, self._next = {}, {}, 1
        for doc_id in change.gone:
            self._leave(doc_id)
        for doc_id, document in change.put.items():
            self._leave_place(doc_id)
            self._all[doc_id] = document
            self._next = max(self._next, doc_id + 1)
            record_id = document.get("id")
            if isinstance(record_id, str):
                self._places[record_id] = doc_id
        self._next = max(self._next, change.next)

    def _leave(self, doc_id: int) -> None:
        self._leave_place(doc_id)
        self._all.pop(doc_id, None)

    def _leave_place(self, doc_id: int) -> None:
        record_id = self._all.get(doc_id, {}).get("id")
        if isinstance(record_id, str) and self._places.get(record_id) == doc_id:
            del self._places[record_id]
