"""Undo, settings, and what opening the library costs."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from store import paths
from store.library import Library
from store.undo import KEPT


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "tables")


def reopened(library: Library) -> Library:
    return Library(library.folder)


def test_the_persons_own_library_is_where_paths_say(home: Path) -> None:
    Library().takes.add({"name": "a"})
    assert (paths.tables() / "takes.jsonl").is_file()
    assert Library(paths.tables()).takes.find("a")


def test_undo_goes_back_step_by_step_after_a_restart(library: Library) -> None:
    take = library.takes.add({"name": "a", "stars": 1})
    library.takes.rename("a", "b")
    library.takes.update(take["id"], stars=5, note="new")
    library.takes.trash("b")
    model = library.models.add({"name": "m"})
    library.models.trash("m")
    assert reopened(library).undo() == model
    assert library.undo() == {**take, "name": "b", "stars": 5, "note": "new"}
    assert reopened(library).undo() == {**take, "name": "b"}
    assert library.undo() == take
    assert library.undo() is None


def test_undo_is_not_for_programs(library: Library) -> None:
    model = library.models.add({"name": "m"})
    library.models.amend(model["id"], epochs=3)
    library.set("screen", "play")
    assert library.undo() is None


def test_undo_gives_a_free_name(library: Library) -> None:
    library.takes.add({"name": "a"}, id="first")
    library.takes.trash("a")
    library.takes.add({"name": "a"}, id="second")
    assert (library.undo() or {})["name"] == "a-2"
    library.takes.rename("second", "b")
    library.takes.add({"name": "a"}, id="third")
    assert (library.undo() or {})["name"] == "a-3"


def test_undo_passes_over_what_was_overwritten_or_is_gone(library: Library) -> None:
    library.takes.add({"name": "a", "stars": 1}, id="a")
    library.takes.add({"name": "b"}, id="b")
    library.takes.update("a", stars=2)
    library.takes.trash("b")
    library.takes.purge("b")
    library.takes.update("a", stars=3)
    library.takes.amend("a", stars=4)
    assert library.undo() is None
    assert (library.takes.get("a") or {})["stars"] == 4


def test_undo_forgets_the_oldest(library: Library) -> None:
    library.takes.add({"name": "a", "n": -1}, id="a")
    for number in range(210):
        library.takes.update("a", n=number)
    steps = 0
    while library.undo():
        steps += 1
    assert steps == 200 and (library.takes.get("a") or {})["n"] == 9


def test_settings(library: Library) -> None:
    assert library.setting("studio/screen", "data") == "data"
    library.set("studio/screen", {"name": "play", "ab": [1, None]})
    assert reopened(library).setting("studio/screen") == {"name": "play", "ab": [1, None]}
    library.set("studio/screen", None)
    assert library.setting("studio/screen", "x") is None


def test_health_counts_damage(library: Library) -> None:
    library.takes.add({"name": "a"})
    with (library.folder / "takes.jsonl").open("a") as file:
        file.write("garbage\n")
    assert library.health()["takes"] == {"records": 1, "damaged": 1}
    assert library.health()["models"] == {"records": 0, "damaged": 0}


def test_opening_reads_nothing_and_imports_little(tmp_path: Path) -> None:
    code = """
import sys, time
from store.library import Library
heavy = {"tinydb", "numpy", "torch", "huey", "sqlite3", "hashlib", "platformdirs"} & set(sys.modules)
assert not heavy, heavy
begin = time.process_time()
library = Library(sys.argv[1])
spent = time.process_time() - begin
assert spent < 0.002, spent
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "tables")], check=True)
    assert list(tmp_path.iterdir()) == []


def test_what_was_done_together_is_undone_together(library: Library) -> None:
    for name in "abcd":
        library.takes.add({"name": name}, id=name)
    library.takes.trash("a")
    with library.together():
        library.takes.trash("b")
        library.takes.trash("c")
    library.takes.trash("d")
    assert [one["id"] for one in library.undo_all()] == ["d"]
    assert [one["id"] for one in reopened(library).undo_all()] == ["c", "b"]
    assert [one["id"] for one in library.undo_all()] == ["a"]
    assert library.undo_all() == []


def test_what_another_thread_does_meanwhile_is_no_part_of_an_act(library: Library) -> None:
    for name in "abc":
        library.takes.add({"name": name}, id=name)
    with library.together():
        library.takes.trash("a")
        other = threading.Thread(target=lambda: library.takes.rename("c", "elsewhere"))
        other.start()
        other.join()
        library.takes.trash("b")
    assert [one["id"] for one in library.undo_all()] == ["b", "a"]
    assert library.takes.find("c")["name"] == "elsewhere"
    assert [one["id"] for one in library.undo_all()] == ["c"]


def test_a_large_act_is_remembered_whole(library: Library) -> None:
    for number in range(KEPT + 5):
        library.takes.add({"name": f"n{number}"}, id=f"t{number}")
    with library.together():
        for number in range(KEPT + 5):
            library.takes.trash(f"t{number}")
    assert len(library.undo_all()) == KEPT + 5
    assert len(library.takes.all()) == KEPT + 5
