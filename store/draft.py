"""A table as a change in progress sees it: writes stay in the draft until they become one line."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from store.lines import Change


def copied(value: Any) -> Any:
    """A deep copy of plain JSON (several times faster than ``copy.deepcopy``)."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


class Draft(MutableMapping[int, dict]):
    """Document id -> document; ``[]`` gives a copy that may be altered and will be written."""

    def __init__(self, documents: Mapping[int, dict], next_id: int) -> None:
        self._documents = documents
        self._next = next_id
        self._put: dict[int, dict] = {}
        self._gone: dict[int, None] = {}
        self._cleared = False

    def next_id(self) -> int:
        """A document id that was never given before."""
        given = self._next
        self._next += 1
        return given

    def look(self, doc_id: int) -> dict | None:
        """The document as it is in the draft, not to be altered."""
        if doc_id in self._put:
            return self._put[doc_id]
        return self._documents.get(doc_id) if self._kept(doc_id) else None

    def change(self) -> Change:
        """All of the draft as one line."""
        gone = [] if self._cleared else [doc_id for doc_id in self._gone if doc_id in self._documents]
        return Change(self._put, gone, self._cleared)

    def _kept(self, doc_id: int) -> bool:
        return not self._cleared and doc_id not in self._gone

    def __contains__(self, doc_id: object) -> bool:
        return isinstance(doc_id, int) and self.look(doc_id) is not None

    def __getitem__(self, doc_id: int) -> dict:
        if doc_id not in self._put:
            document = self.look(doc_id)
            if document is None:
                raise KeyError(doc_id)
            self._put[doc_id] = copied(document)
        return self._put[doc_id]

    def __setitem__(self, doc_id: int, document: dict) -> None:
        self._put[doc_id] = document
        self._next = max(self._next, doc_id + 1)

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._put.pop(doc_id, None)
        self._gone[doc_id] = None

    def __iter__(self) -> Iterator[int]:
        old = [doc_id for doc_id in self._documents if self._kept(doc_id)]
        known = set(old)
        return iter(old + [doc_id for doc_id in self._put if doc_id not in known])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Remove all; ids begin at 1 again, as a truncated table of TinyDB does."""
        self._put, self._gone, self._cleared, self._next = {}, {}, True, 1
