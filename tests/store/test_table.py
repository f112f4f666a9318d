"""The same behaviour from our table and from TinyDB's own, one test for both."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import Query, TinyDB, where
from tinydb.operations import delete, increment
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from store.errors import BadInput, Usage
from store.table import Database

THREE = [{"int": 1, "char": "a"}, {"int": 1, "char": "b"}, {"int": 1, "char": "c"}]


@pytest.fixture(params=["tinydb", "ours", "ours, seen by another"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A database with three documents; the last one is read and written through two owners in turns."""
    if request.param == "tinydb":
        database: Any = TinyDB(storage=MemoryStorage)
    elif request.param == "ours":
        database = Database(tmp_path)
    else:
        database = Turns(Database(tmp_path), Database(tmp_path))
    database.insert_multiple(THREE)
    yield database
    database.close()


class Turns:
    """Every other call goes to another owner of the same files."""

    def __init__(self, *owners: Database) -> None:
        self.owners = list(owners)

    def __getattr__(self, name: str) -> Any:
        self.owners.reverse()
        return getattr(self.owners[0], name)

    def __len__(self) -> int:
        self.owners.reverse()
        return len(self.owners[0])

    def __iter__(self) -> Iterator[Document]:
        self.owners.reverse()
        return iter(self.owners[0])


def test_insert_gives_growing_ids(db: Any) -> None:
    assert db.insert({"int": 2}) == 4
    assert db.insert_multiple([{}, {}]) == [5, 6]
    assert [document.doc_id for document in db] == [1, 2, 3, 4, 5, 6]
    assert len(db) == 6 and db.count(where("int") == 1) == 3


def test_insert_with_an_id_of_ones_own(db: Any) -> None:
    assert db.insert(Document({"x": 1}, doc_id=77)) == 77
    assert db.get(doc_id=77) == {"x": 1}
    assert db.insert({}) == 78
    with pytest.raises(ValueError, match="already exists"):
        db.insert(Document({}, doc_id=77))
    with pytest.raises(ValueError, match="already exists"):
        db.insert_multiple([{"y": 1}, Document({}, doc_id=1)])
    assert not db.contains(where("y") == 1) or type(db) is TinyDB


@pytest.mark.parametrize("bad", [[1], "text", 3])
def test_only_mappings_are_documents(db: Any, bad: Any) -> None:
    with pytest.raises(ValueError, match="Mapping"):
        db.insert(bad)
    with pytest.raises(ValueError, match="Mapping"):
        db.insert_multiple([bad])
    assert len(db) == 3


def test_get_and_contains(db: Any) -> None:
    assert db.get(where("char") == "b") == {"int": 1, "char": "b"}
    assert db.get(where("char") == "b").doc_id == 2
    assert db.get(doc_id=3)["char"] == "c" and db.get(doc_id=99) is None
    assert db.get(where("char") == "z") is None
    assert [document["char"] for document in db.get(doc_ids=[1, 3, 99])] == ["a", "c"]
    assert db.contains(doc_id=1) and not db.contains(doc_id=9) and db.contains(where("int") == 1)
    with pytest.raises(RuntimeError):
        db.get()
    with pytest.raises(RuntimeError):
        db.contains()


def test_search_sees_what_was_just_written(db: Any) -> None:
    query = where("int") == 1
    assert db.count(query) == 3
    db.insert({"int": 1, "char": "d"})
    assert [document.doc_id for document in db.search(query)] == [1, 2, 3, 4]
    db.update({"int": 2}, where("char") == "a")
    assert [document.doc_id for document in db.search(query)] == [2, 3, 4]
    db.remove(query)
    assert db.search(query) == [] and db.all() == [{"int": 2, "char": "a"}]


def test_the_query_language(db: Any) -> None:
    it = Query()
    db.insert({"name": "Kick 808", "deep": {"tags": ["low", "short"], "n": 5}})
    for query, found in [
        (it.name.matches("Kick.*"), 1),
        (it.name.search("808$"), 1),
        (it.deep.tags.any(["low", "high"]), 1),
        (it.deep.tags.all(["low", "high"]), 0),
        (it.deep.n > 4, 1),
        (it.deep.n.one_of([1, 5]), 1),
        (it.deep.n.test(lambda n: n % 2), 1),
        ((it.int == 1) & ~(it.char == "a"), 2),
        ((it.char == "a") | it.name.exists(), 2),
        (it.fragment({"int": 1}), 3),
    ]:
        assert db.count(query) == found


def test_update(db: Any) -> None:
    assert db.update({"int": 5}, where("char") == "b") == [2]
    assert db.update({"int": 6}, doc_ids=[3, 99]) == [3]
    assert db.update(increment("int"), where("char") == "b") == [2]
    assert db.update(delete("int"), doc_ids=[1]) == [1]
    assert db.all() == [{"char": "a"}, {"int": 6, "char": "b"}, {"int": 6, "char": "c"}]
    assert db.update({"all": True}) == [1, 2, 3]
    assert db.count(where("all") == True) == 3  # noqa: E712


def test_update_multiple(db: Any) -> None:
    ids = db.update_multiple([({"int": 8}, where("char") == "a"), (increment("int"), where("int") == 8)])
    assert ids == [1, 1]
    assert [document["int"] for document in db] == [9, 1, 1]


def test_upsert(db: Any) -> None:
    assert db.upsert({"int": 7, "char": "a"}, where("char") == "a") == [1]
    assert db.upsert({"int": 7, "char": "z"}, where("char") == "z") == [4]
    assert db.upsert(Document({"new": 1}, doc_id=4)) == [4]
    assert db.upsert(Document({"new": 1}, doc_id=9)) == [9]
    assert db.get(doc_id=4) == {"int": 7, "char": "z", "new": 1}
    with pytest.raises(ValueError, match="doc_id"):
        db.upsert({"a": 1})


def test_remove_and_truncate(db: Any) -> None:
    assert db.remove(where("char") == "b") == [2]
    assert db.remove(doc_ids=[3, 99]) == [3]
    with pytest.raises(RuntimeError):
        db.remove()
    assert db.all() == [THREE[0]]
    db.truncate()
    assert len(db) == 0 and db.all() == []
    assert db.insert({}) == 1


def test_an_update_that_raises_changes_nothing(db: Any) -> None:
    def fails(document: dict) -> None:
        if document["char"] == "c":
            raise KeyError("c")
        document["int"] = 100

    with pytest.raises(KeyError):
        db.update(fails)
    if type(db) is not TinyDB:  # TinyDB's memory keeps the half
        assert db.count(where("int") == 100) == 0


def test_tables_are_apart(db: Any) -> None:
    db.table("other").insert({"n": 1})
    assert db.tables() == {"_default", "other"}
    assert len(db.table("other")) == 1 and len(db) == 3
    db.drop_table("other")
    assert len(db.table("other")) == 0 and len(db) == 3
    db.drop_tables()
    assert len(db) == 0


def test_what_is_handed_out_is_ones_own(tmp_path: Path) -> None:
    db = Database(tmp_path)
    db.insert({"deep": [1]})
    for give in (lambda: db.get(doc_id=1), lambda: db.all()[0], lambda: db.search(where("deep").exists())[0]):
        give()["deep"].append(2)
    db.update({"x": 1})
    assert Database(tmp_path).all() == [{"deep": [1], "x": 1}]


def test_a_failed_insert_of_many_adds_none(tmp_path: Path) -> None:
    db = Database(tmp_path)
    with pytest.raises(BadInput):
        db.insert_multiple([{"a": 1}, {"a": float("nan")}])
    assert len(db) == 0


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 65])
def test_a_table_name_never_leads_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(Usage):
        Database(tmp_path / "inner").table(name)


VALUES = st.integers(0, 4)
CALLS = st.one_of(
    st.tuples(st.just("insert"), VALUES),
    st.tuples(st.just("insert_multiple"), st.lists(VALUES, max_size=3)),
    st.tuples(st.just("update"), VALUES, VALUES),
    st.tuples(st.just("update_ids"), VALUES, st.lists(st.integers(1, 8), max_size=3)),
    st.tuples(st.just("upsert"), VALUES),
    st.tuples(st.just("remove"), VALUES),
    st.tuples(st.just("remove_ids"), st.lists(st.integers(1, 8), max_size=3, unique=True)),
    st.tuples(st.just("truncate")),
)
DO: dict[str, Callable[..., Any]] = {
    "insert": lambda db, value: db.insert({"v": value}),
    "insert_multiple": lambda db, values: db.insert_multiple([{"v": value} for value in values]),
    "update": lambda db, old, new: db.update({"v": new, "w": old}, where("v") == old),
    "update_ids": lambda db, new, ids: db.update({"v": new}, doc_ids=ids),
    "upsert": lambda db, value: db.upsert({"v": value, "u": 1}, where("v") == value),
    "remove": lambda db, value: db.remove(where("v") == value),
    "remove_ids": lambda db, ids: db.remove(doc_ids=ids),
    "truncate": lambda db: db.truncate(),
}


@settings(max_examples=80, deadline=None)
@given(st.lists(CALLS, max_size=15))
def test_any_calls_give_what_tinydb_gives(tmp_path_factory: pytest.TempPathFactory, calls: list) -> None:
    theirs: Any = TinyDB(storage=MemoryStorage)
    folder = tmp_path_factory.mktemp("db")
    ours: Any = Turns(Database(folder), Database(folder))
    for name, *values in calls:
        assert DO[name](ours, *values) == DO[name](theirs, *values), name
        assert {document.doc_id: document for document in ours} == {
            document.doc_id: document for document in theirs
        }
        assert ours.all() == theirs.all()
