"""One kind of record in the library: found by id or name, renamed, put in the trash and taken out again."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from store import names
from store.clock import now
from store.documents import Documents
from store.draft import copied
from store.errors import NotFound, Usage
from store.journal import Stamp
from store.purge import bytes_of, remove_files
from store.undo import History

if TYPE_CHECKING:
    from tinydb.queries import QueryLike


class Listing(NamedTuple):
    """Copies of all records as of one version of the documents, made anew only for those that changed."""

    version: int
    pairs: dict[int, tuple[dict, dict]]
    """Document id -> (the store's own document, its copy)."""
    live: list[dict]
    trash: list[dict]


class Shelf:
    """Records of one kind. Those with a field ``trashed`` (when it happened) are in the trash."""

    def __init__(self, documents: Documents, kind: str, root: Path, history: History) -> None:
        self.documents = documents
        self.kind = kind
        """The word for one of them, for messages: ``dataset``, ``model`` ..."""
        self._root = root
        self._history = history
        self._listing = Listing(-1, {}, [], [])

    def stamp(self) -> Stamp:
        """Changes whenever the shelf may have changed; costs one ``stat``."""
        return self.documents.journal.stamp()

    def all(self, trashed: bool = False) -> list[dict]:
        """Records on the shelf, or those in the trash; oldest first.

        The dicts are shared by all who ask; what is done to them is never stored.
        """
        listing = self._listed()
        return list(listing.trash if trashed else listing.live)

    def get(self, record_id: str) -> dict | None:
        """A copy of the record of that id, also when it is in the trash."""
        doc_id = self.documents.place(record_id)
        found = None if doc_id is None else self.documents.get(doc_id)
        return None if found is None else copied(found)

    def find(self, key: str) -> dict:
        """By id, exact name (the newest of that name) or the beginning of an id; never one in the trash.

        Raises NotFound with the nearest names, Usage when the beginning fits several.
        """
        return copied(names.chosen(key, self._listed().live, self.kind))

    def search(self, query: "QueryLike") -> list[dict]:
        """Records on the shelf that fit a TinyDB query."""
        return [copied(record) for record in self.all() if query(record)]

    def add(self, record: dict, id: str | None = None) -> dict:
        """Put a record on the shelf; ``id`` and ``created`` are set when it has none.

        With an id that is there already nothing changes, and the record that is there is returned: a job
        may add its records again. Raises BadInput for what is no finite JSON, Usage for an impossible id.
        """
        record_id = id or record.get("id") or os.urandom(6).hex()
        if not isinstance(record_id, str) or not names.ID.fullmatch(record_id):
            raise Usage(f"id {record_id!r}: use letters, digits and _ . : -")
        with self.documents.changing() as draft:
            if self.documents.place(record_id) is None:
                draft[draft.next_id()] = {"id": record_id, "created": now()} | record | {"id": record_id}
        return self._known(record_id)

    def keep(self, record_id: str, **fields: Any) -> None:
        """Add a record or change its fields, for programs whose ids never name a file."""
        with self.documents.changing() as draft:
            doc_id = self.documents.place(record_id)
            if doc_id is None:
                draft[draft.next_id()] = {"id": record_id, "created": now(), **fields}
            else:
                draft[doc_id].update(fields)

    def merge(self, records: list[dict]) -> int:
        """Add, as one change, those records whose id is not here yet; how many there were."""
        with self.documents.changing() as draft:
            new = {record["id"]: record for record in records if self.documents.place(record["id"]) is None}
            for record in new.values():
                draft[draft.next_id()] = record
        return len(new)

    def update(self, id: str, **changes: Any) -> dict:
        """Change fields; a person can undo it. Raises NotFound, BadInput."""
        with self._history.noting(self, "update", id, changes):
            return self.amend(id, **changes)

    def amend(self, id: str, **changes: Any) -> dict:
        """Change fields by a program: not to be undone by a person. Raises NotFound, BadInput."""
        with self.documents.changing() as draft:
            doc_id = self.documents.place(id)
            if doc_id is None:
                raise NotFound(f"no {self.kind} '{names.shown(id)}'")
            draft[doc_id].update(changes)
        return self._known(id)

    def rename(self, key: str, name: str) -> dict:
        """Raises Usage when ``name`` is empty, longer than 120, unprintable or another one's."""
        name = names.checked_name(name)
        with self._history.documents.changing():  # one person after the other
            record = self.find(key)
            if any(other["name"] == name for other in self._named() if other["id"] != record["id"]):
                free = names.shown(self.fresh_name(name))
                raise Usage(f"name: {self.kind} '{names.shown(name)}' exists; nearest free: '{free}'")
            with self._history.noting(self, "rename", record["id"], {"name": name}):
                return self.amend(record["id"], name=name)

    def trash(self, key: str) -> dict:
        """Out of sight until ``undo`` or ``restore``; its files stay where they are."""
        record_id, moment = self.find(key)["id"], now()
        with self._history.noting(self, "trash", record_id, {"trashed": moment}):
            return self.amend(record_id, trashed=moment)

    def restore(self, key: str) -> dict:
        """Back from the trash, under a fresh name when another one took its name meanwhile."""
        record = self._in_trash(key)
        with self.documents.changing() as draft:
            doc_id = self.documents.place(record["id"])
            if doc_id is not None:
                document = draft[doc_id]
                document.pop("trashed", None)
                if isinstance(document.get("name"), str):
                    document["name"] = self.fresh_name(document["name"])
        return self._known(record["id"])

    def purge(self, key: str) -> None:
        """Remove a record that is in the trash, and its files inside the library, for good."""
        record = self._in_trash(key)
        # Files first: a folder without a record would come back at the next rebuild.
        remove_files(self._root, self.kind, record)
        with self.documents.changing() as draft:
            doc_id = self.documents.place(record["id"])
            if doc_id is not None:
                del draft[doc_id]

    def bytes_of(self, record: dict) -> int:
        """How much of the disk ``purge`` would free; looks at the files."""
        return bytes_of(self._root, self.kind, record)

    def fresh_name(self, base: str) -> str:
        """``base``, or ``base-2``, ``base-3`` ... when a record on the shelf has it."""
        return names.fresh(base, (record["name"] for record in self._named()))

    def _known(self, record_id: str) -> dict:
        record = self.get(record_id)
        if record is None:
            raise NotFound(f"no {self.kind} '{names.shown(record_id)}'")
        return record

    def _in_trash(self, key: str) -> dict:
        try:
            return names.chosen(key, self.all(trashed=True), self.kind)
        except NotFound:
            raise NotFound(f"no {self.kind} '{names.shown(key)}' in the trash") from None

    def _named(self) -> list[dict]:
        return [record for record in self.all() if isinstance(record.get("name"), str)]

    def _listed(self) -> Listing:
        self.documents.refresh()
        old, version = self._listing, self.documents.version
        if old.version == version:
            return old
        pairs = {}
        for doc_id, document in self.documents.items():
            if isinstance(document.get("id"), str):
                pair = old.pairs.get(doc_id)
                pairs[doc_id] = pair if pair and pair[0] is document else (document, copied(document))
        # What was rebuilt or imported comes last into the file, and is old all the same.
        records = sorted((copy for _, copy in pairs.values()), key=_age)
        trash = [record for record in records if record.get("trashed")]
        live = [record for record in records if not record.get("trashed")] if trash else records
        self._listing = Listing(version, pairs, live, trash)
        return self._listing


def _age(record: dict) -> str:
    return str(record.get("created", ""))
