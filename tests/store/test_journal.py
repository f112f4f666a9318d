"""A journal survives torn tails, replacement, full disks and hands that edit it."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from store import documents as folding
from store.documents import Documents
from store.errors import BadInput, Busy
from store.journal import Journal


def put(documents: Documents, **fields: object) -> int:
    with documents.changing() as draft:
        doc_id = draft.next_id()
        draft[doc_id] = fields
    return doc_id


def contents(path: Path) -> dict[int, dict]:
    return dict(Documents(path).items())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "things.jsonl"


def test_one_readable_line_per_change(path: Path) -> None:
    documents = Documents(path)
    put(documents, name="é")
    with documents.changing() as draft:
        draft[1]["name"] = "b"
        del draft[1]
        draft[draft.next_id()] = {"name": "c"}
    lines = path.read_text().splitlines()
    assert [json.loads(line).keys() for line in lines] == [{"journal"}, {"set"}, {"del", "set"}]
    assert '"é"' in lines[1]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_block_that_raises_writes_nothing(path: Path) -> None:
    documents = Documents(path)
    put(documents, a=1)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), documents.changing() as draft:
        draft[1]["a"] = 2
        raise ZeroDivisionError
    assert path.read_bytes() == before and contents(path) == {1: {"a": 1}}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_is_no_finite_json_is_refused(path: Path, bad: object) -> None:
    documents = Documents(path)
    with pytest.raises(BadInput, match="can be stored"):
        put(documents, a=bad)
    assert contents(path) == {} and put(documents, a=1) == 1


def test_nested_too_deeply_is_refused(path: Path) -> None:
    deep: dict = {}
    for _ in range(100_000):
        deep = {"d": deep}
    with pytest.raises(BadInput):
        put(Documents(path), a=deep)


def test_ids_are_never_given_twice(path: Path) -> None:
    documents = Documents(path)
    put(documents)
    put(documents)
    with documents.changing() as draft:
        del draft[2]
    assert put(Documents(path)) == 3
    documents.compact()
    with documents.changing() as draft:
        del draft[3]
    documents.compact()
    assert put(Documents(path)) == 4


def test_others_see_a_change_at_once(path: Path) -> None:
    writer, reader = Documents(path), Documents(path)
    assert reader.get(1) is None
    for number in range(1, 20):
        put(writer, n=number)
        assert reader.get(number) == {"n": number}
        if number % 7 == 0:
            writer.compact()


def test_a_reader_notices_a_compacted_file_with_the_same_inode(path: Path) -> None:
    writer, reader = Documents(path), Documents(path)
    for number in range(50):
        put(writer, n=number)
    assert len(reader) == 50
    with writer.changing() as draft:
        for doc_id in range(1, 50):
            del draft[doc_id]
    writer.compact()
    # Systems give inodes again; here the old one certainly keeps its number.
    new = path.read_bytes()
    path.unlink()
    path.write_bytes(new)
    for _ in range(60):
        put(writer, n="new")
    assert reader.items() == writer.items() == Documents(path).items()
    assert len(reader) == 61


def test_compaction_comes_by_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "SPARE_LINES", 20)
    documents, reader = Documents(path), Documents(path)
    put(documents, n=0)
    for number in range(100):
        with documents.changing() as draft:
            draft[1]["n"] = number
        assert reader.get(1) == {"n": number}
    assert len(path.read_text().splitlines()) <= 24
    assert not path.with_suffix(".new").exists()


def test_damaged_lines_are_passed_over_and_kept_aside(path: Path) -> None:
    documents = Documents(path)
    put(documents, n=1)
    with path.open("ab") as file:
        file.write(b'\x00\x00\x00\n{"set": {"x": {}}}\n{"set": {"5": 7}}\n[1]\nnull\n{"del": 3}\n')
    put(documents, n=2)
    assert contents(path) == {1: {"n": 1}, 2: {"n": 2}}
    assert len(documents.journal.damaged) == 6
    documents.compact()
    assert contents(path) == {1: {"n": 1}, 2: {"n": 2}}
    assert path.with_suffix(".damaged").read_bytes().startswith(b"\x00\x00\x00\n")


def test_a_line_added_by_hand_without_line_break_is_kept(path: Path) -> None:
    documents = Documents(path)
    put(documents, n=1)
    with path.open("a") as file:
        file.write('{"set": {"2": {"n": "by hand"}}}')
    assert put(documents, n=3) == 3
    assert contents(path) == {1: {"n": 1}, 2: {"n": "by hand"}, 3: {"n": 3}}


def test_a_file_that_vanishes_is_an_empty_table(path: Path) -> None:
    documents = Documents(path)
    put(documents, n=1)
    path.unlink()
    assert len(documents) == 0
    assert put(documents, n=2) == 1
    assert contents(path) == {1: {"n": 2}}


def test_a_full_disk_adds_nothing_and_it_works_again_later(path: Path) -> None:
    documents = Documents(path)
    put(documents, n=1)
    code = f"""
import resource, signal
from store.documents import Documents
from store.errors import Busy
documents = Documents({str(path)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    with documents.changing() as draft:
        draft[draft.next_id()] = {{"n": "x" * 50_000}}
except Busy as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with documents.changing() as draft:
    draft[draft.next_id()] = {{"n": 2}}
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith(str(path)) and said.count("\n") == 1
    assert documents.items() == [(1, {"n": 1}), (2, {"n": 2})]
    assert documents.journal.damaged == []


def test_a_lock_held_too_long_is_busy(path: Path) -> None:
    with Journal(path).changing(), pytest.raises(Busy, match="held by another process"):
        impatient = Documents(path)
        impatient.journal.patience = 0.05
        put(impatient)


def test_readers_need_no_lock(path: Path) -> None:
    put(Documents(path), n=1)
    with Journal(path).changing():
        assert contents(path) == {1: {"n": 1}}


def test_threads_share_one_object(path: Path) -> None:
    documents = Documents(path)

    def work() -> None:
        for _ in range(50):
            put(documents, n=1)
            sum(document["n"] for _, document in documents.items())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(documents) == len(contents(path)) == 200


def test_memory_follows_the_file_when_an_append_is_interrupted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = Documents(path)
    put(documents, n=1)
    with monkeypatch.context() as patch:
        patch.setattr(documents, "_apply", lambda change: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            put(documents, n=2)
    assert put(documents, n=3) == 3
    assert documents.items() == [(1, {"n": 1}), (2, {"n": 2}), (3, {"n": 3})]


@settings(max_examples=150, deadline=None)
@given(
    cut=st.integers(0, 4000),
    tail=st.one_of(st.just(b""), st.binary(max_size=70).filter(lambda tail: b"\n" not in tail)),
)
def test_any_torn_tail_costs_at_most_the_last_change(tmp_path_factory, cut: int, tail: bytes) -> None:
    """Cut the file anywhere, put anything behind it: whole lines stay, the next writer goes on."""
    path = tmp_path_factory.mktemp("torn") / "things.jsonl"
    documents = Documents(path)
    for number in range(8):
        put(documents, n=number, text="é" * number)
    whole = path.read_bytes()
    torn = whole[: min(cut, len(whole))]
    path.write_bytes(torn + tail)
    kept = max(0, torn.count(b"\n") - 1)
    expected = [{"n": number, "text": "é" * number} for number in range(kept)]
    assert list(contents(path).values()) == expected
    again = Documents(path)
    put(again, n="after")
    final = list(contents(path).values())
    assert final[: len(expected)] == expected and final[-1] == {"n": "after"}
    # A line that lacked nothing but its line break may come back: nobody was told that it failed.
    assert len(final) - len(expected) in (1, 2)
    assert [document for _, document in documents.items()] == final
    put(documents, n="and on")
    assert contents(path) == dict(again.items())


class Interleaving(RuleBasedStateMachine):
    """Three owners of one file do anything in any order; each always sees what a plain dict says."""

    @initialize()
    def begin(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "things.jsonl"
        self.owners = [Documents(self.path) for _ in range(3)]
        self.model: dict[int, dict] = {}
        self.next = 1

    @rule(who=st.integers(0, 2), values=st.lists(st.integers(), min_size=1, max_size=3))
    def insert(self, who: int, values: list[int]) -> None:
        with self.owners[who].changing() as draft:
            for value in values:
                doc_id = draft.next_id()
                assert doc_id == self.next
                draft[doc_id] = self.model[doc_id] = {"id": f"r{doc_id}", "v": value}
                self.next += 1

    @rule(who=st.integers(0, 2), which=st.integers(0, 9), value=st.text(max_size=5))
    def change(self, who: int, which: int, value: str) -> None:
        if self.model:
            doc_id = list(self.model)[which % len(self.model)]
            with self.owners[who].changing() as draft:
                draft[doc_id]["v"] = value
            self.model[doc_id] = {**self.model[doc_id], "v": value}

    @rule(who=st.integers(0, 2), which=st.integers(0, 9), again=st.booleans())
    def remove(self, who: int, which: int, again: bool) -> None:
        if self.model:
            doc_id = list(self.model)[which % len(self.model)]
            with self.owners[who].changing() as draft:
                document = draft.pop(doc_id)
                assert doc_id not in draft
                self.model.pop(doc_id)
                if again:
                    draft[doc_id] = self.model[doc_id] = document

    @rule(who=st.integers(0, 2), value=st.integers())
    def empty(self, who: int, value: int) -> None:
        with self.owners[who].changing() as draft:
            draft.clear()
            assert list(draft) == []
            draft[draft.next_id()] = {"v": value}
        self.model, self.next = {1: {"v": value}}, 2

    @rule(who=st.integers(0, 2))
    def compact(self, who: int) -> None:
        self.owners[who].compact()

    @rule(who=st.integers(0, 2))
    def fail(self, who: int) -> None:
        with pytest.raises(BadInput), self.owners[who].changing() as draft:
            draft[draft.next_id()] = {"v": float("nan")}

    @rule(tail=st.sampled_from([b"{", b'{"set": {"99": {"v": 1', b"\0\0", "é".encode()[:1]]))
    def killed_writer(self, tail: bytes) -> None:
        if self.path.exists():
            with self.path.open("ab") as file:
                file.write(tail)

    @rule(who=st.integers(0, 2))
    def restart(self, who: int) -> None:
        self.owners[who] = Documents(self.path)

    @rule(who=st.integers(0, 2))
    def look(self, who: int) -> None:
        owner = self.owners[who]
        assert owner.items() == list(self.model.items())
        for doc_id, document in self.model.items():
            if "id" in document:
                assert owner.place(document["id"]) == doc_id

    @invariant()
    def file_is_true(self) -> None:
        if hasattr(self, "path"):
            assert contents(self.path) == self.model

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()


Interleaving.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyInterleaving = Interleaving.TestCase


def test_a_stamp_is_a_change_token(path: Path) -> None:
    documents = Documents(path)
    assert documents.journal.stamp() == (0, 0, 0)
    put(documents, n=1)
    first = documents.journal.stamp()
    assert documents.journal.stamp() == first
    put(documents, n=2)
    assert documents.journal.stamp() != first


def test_lone_surrogates_come_back(path: Path) -> None:
    """File names that are not UTF-8 are text with lone surrogates in Python."""
    name = os.fsdecode(b"kick\xff.wav")
    put(Documents(path), name=name)
    assert contents(path) == {1: {"name": name}}
