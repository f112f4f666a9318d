"""TinyDB over journals: its tables, documents and queries, with other processes changing the same files.

TinyDB's own storage rewrites the whole file, and its table remembers the next id and the results of queries:
two processes corrupt it. Here a table reads, changes and writes under one lock and remembers nothing that
another process could make untrue.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document
from tinydb.table import Table as TinyTable

from store.documents import Documents
from store.draft import copied
from store.errors import Usage

ENDING = ".jsonl"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")


class Journals(Storage):
    """A folder with one journal per table."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._documents: dict[str, Documents] = {}

    def documents(self, name: str) -> Documents:
        if name not in self._documents:
            if not NAME.fullmatch(name):
                raise Usage(f"table {name!r}: use letters, digits, _ and -, 64 at most")
            self._documents[name] = Documents(self.folder / f"{name}{ENDING}")
        return self._documents[name]

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob(f"*{ENDING}") if NAME.fullmatch(path.stem))

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables as TinyDB has them: ``{name: {"doc id": document}}``; None when there are none."""
        tables = {
            name: {str(doc_id): copied(document) for doc_id, document in self.documents(name).items()}
            for name in self.names()
        }
        return tables or None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace all tables; each at once; one that is not in ``data`` is emptied."""
        for name in {*self.names(), *data}:
            with self.documents(name).changing() as draft:
                draft.clear()
                draft.update({int(doc_id): document for doc_id, document in data.get(name, {}).items()})


class Table(TinyTable):
    """A TinyDB table whose every method sees the file as it is now."""

    def __init__(
        self, storage: Journals, name: str, cache_size: int = 0, persist_empty: bool = False
    ) -> None:
        self.documents = storage.documents(name)
        super().__init__(storage, name, cache_size=0, persist_empty=persist_empty)

    def insert(self, document: Mapping) -> int:
        with self.documents.changing():
            return super().insert(document)

    def insert_multiple(self, documents: Iterable[Mapping]) -> list[int]:
        with self.documents.changing():
            return super().insert_multiple(documents)

    def update(
        self,
        fields: Mapping | Callable[[Any], None],
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        with self.documents.changing():
            return super().update(fields, doc_ids=self._chosen(cond, doc_ids))

    def update_multiple(
        self, updates: Iterable[tuple[Mapping | Callable[[Any], None], QueryLike]]
    ) -> list[int]:
        with self.documents.changing():
            return super().update_multiple(list(updates))

    def upsert(self, document: Mapping, cond: QueryLike | None = None) -> list[int]:
        with self.documents.changing():
            return super().upsert(document, cond)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self.documents.changing():
            return super().remove(doc_ids=self._chosen(cond, doc_ids))

    def get(
        self, cond: QueryLike | None = None, doc_id: int | None = None, doc_ids: Iterable[int] | None = None
    ) -> Any:
        """One document or None by id or query; a list of those that exist by ``doc_ids``."""
        if doc_id is not None:
            found = self.documents.get(doc_id)
            return None if found is None else self._handed_out(doc_id, found)
        if doc_ids is not None:
            wanted = set(doc_ids)
            return [self._handed_out(*pair) for pair in self.documents.items() if pair[0] in wanted]
        if cond is None:
            raise RuntimeError("You have to pass either cond or doc_id or doc_ids")
        for pair in self.documents.items():
            if cond(pair[1]):
                return self._handed_out(*pair)
        return None

    def search(self, cond: QueryLike) -> list[Document]:
        return [self._handed_out(*pair) for pair in self.documents.items() if cond(pair[1])]

    def __iter__(self) -> Iterator[Document]:
        return (self._handed_out(*pair) for pair in self.documents.items())

    def __len__(self) -> int:
        return len(self.documents)

    def _handed_out(self, doc_id: int, document: dict) -> Document:
        return self.document_class(copied(document), self.document_id_class(doc_id))

    def _chosen(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> list[int]:
        """The ids TinyDB would choose; by id, so that it copies only the documents that will change."""
        with self.documents.changing() as draft:
            if doc_ids is not None:
                return list(doc_ids)
            return [doc_id for doc_id in draft if cond is None or cond(draft.look(doc_id) or {})]

    def _get_next_id(self) -> int:
        with self.documents.changing() as draft:
            return draft.next_id()

    def _read_table(self) -> dict[str, Mapping]:
        return {str(doc_id): copied(document) for doc_id, document in self.documents.items()}

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self.documents.changing() as draft:
            updater(draft)


class Database(TinyDB):
    """``Database(folder)``: a TinyDB whose tables are journals in ``folder``."""

    table_class: Any = Table
    default_storage_class: Any = Journals
