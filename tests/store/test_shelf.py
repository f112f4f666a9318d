"""Records on a shelf: found, renamed, trashed, brought back, purged."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tinydb import Query, where

from store.errors import BadInput, NotFound, Usage
from store.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "tables")


def test_add_sets_id_and_time(library: Library) -> None:
    record = library.models.add({"name": "drums", "epochs": 3})
    assert re.fullmatch(r"[0-9a-f]{12}", record["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["created"])
    assert library.models.get(record["id"]) == record
    assert library.models.get("nothing") is None


def test_adding_again_by_id_changes_nothing(library: Library) -> None:
    """A job that publishes twice adds its records once."""
    first = library.takes.add({"name": "a"}, id="job1-takes-0")
    library.takes.rename("a", "mine")
    again = library.takes.add({"name": "a"}, id="job1-takes-0")
    assert again == {**first, "name": "mine"} and len(library.takes.all()) == 1
    assert library.takes.add({"id": "own", "name": "b"})["id"] == "own"


@pytest.mark.parametrize("bad", ["../x", "a/b", ".x", "", "é", "x" * 200, 7])
def test_an_id_never_leads_elsewhere(library: Library, bad: object) -> None:
    with pytest.raises(Usage):
        library.models.add({"id": bad or ".", "name": "x"})


@pytest.mark.parametrize("bad", [float("nan"), float("-inf"), b"bytes", {1}])
def test_only_finite_json_is_kept(library: Library, bad: object) -> None:
    with pytest.raises(BadInput):
        library.models.add({"name": "x", "axes": [{"values": [bad]}]})
    record = library.models.add({"name": "x"})
    with pytest.raises(BadInput):
        library.models.update(record["id"], loss=bad)
    assert library.models.all() == [record]
    assert library.undo() is None


def test_find_by_id_name_and_beginning(library: Library) -> None:
    models = library.models
    old = models.add({"name": "drums"}, id="aaa111")
    new = models.add({"name": "drums"}, id="aaa222")
    odd = models.add({"name": "aaa2"}, id="bbb333")
    assert models.find("aaa111") == old
    assert models.find("drums") == new, "the newest of that name"
    assert models.find("aaa2") == odd, "a name wins over the beginning of an id"
    assert models.find("aaa22") == new
    with pytest.raises(Usage, match=r"'aaa' begins 2 ids: aaa111 \(drums\), aaa222"):
        models.find("aaa")
    needed = r"no model 'bb'; of an id at least 3 characters are needed: bbb333 \(aaa2\)"
    with pytest.raises(NotFound, match=needed):
        models.find("bb")
    with pytest.raises(NotFound, match="no model ''; the newest is 'aaa2'"):
        models.find("")
    for slip in ("drumz", "DRUMS"):
        with pytest.raises(NotFound, match=f"no model '{slip}'; nearest: 'drums'"):
            models.find(slip)
    with pytest.raises(NotFound, match="there are no datasets yet"):
        library.datasets.find("x")


def test_messages_are_one_clean_line(library: Library) -> None:
    library.takes.add({"name": "kick\x1b[31m\nred"})
    with pytest.raises(NotFound) as caught:
        library.takes.find("kick\x1b[31m red")
    assert str(caught.value).isprintable() and "\\x1b" in str(caught.value)


def test_rename(library: Library) -> None:
    presets = library.presets
    record = presets.add({"name": "a"})
    presets.add({"name": "b"})
    assert presets.rename("a", "  ä new  ")["name"] == "ä new"
    assert presets.rename(record["id"], "ä new")["name"] == "ä new", "its own name is free"
    for bad, why in [
        ("", "empty"),
        (" ", "empty"),
        ("x" * 121, "121"),
        ("a\x1b[0m", "control"),
        ("\u202ex", "invisible"),
    ]:
        with pytest.raises(Usage, match=why):
            presets.rename("b", bad)
    with pytest.raises(Usage, match="'b' exists; nearest free: 'b-2'"):
        presets.rename("ä new", "b")
    with pytest.raises(NotFound):
        presets.rename("nobody", "x")


def test_names_from_outside_are_kept_as_they_are(library: Library) -> None:
    for name in ("kick[/].wav", "a\x1b[2J", "\u202e", "x" * 500):
        assert library.datasets.find(library.datasets.add({"name": name})["id"])["name"] == name


def test_fresh_name(library: Library) -> None:
    takes = library.takes
    assert takes.fresh_name("a") == "a"
    takes.add({"name": "a"})
    takes.add({"name": "a-2"})
    assert takes.fresh_name("a") == "a-3"
    takes.trash("a-2")
    assert takes.fresh_name("a") == "a-2"
    takes.add({"name": "x" * 120})
    assert takes.fresh_name("x" * 150) == "x" * 118 + "-2"


def test_trash_and_restore(library: Library) -> None:
    record = library.takes.add({"name": "a"})
    trashed = library.takes.trash("a")
    assert trashed["trashed"] and library.takes.all() == []
    assert library.takes.all(trashed=True) == [trashed]
    with pytest.raises(NotFound):
        library.takes.find(record["id"])
    assert library.takes.get(record["id"]) == trashed
    library.takes.add({"name": "a"})
    assert library.takes.restore(record["id"])["name"] == "a-2"
    with pytest.raises(NotFound, match="in the trash"):
        library.takes.restore(record["id"])


def test_search_takes_tinydb_queries(library: Library) -> None:
    library.takes.add({"name": "a", "quality": {"centroid_hz": 900}})
    bright = library.takes.add({"name": "b", "quality": {"centroid_hz": 3000}})
    assert library.takes.search(Query().quality.centroid_hz > 1000) == [bright]
    library.takes.trash("b")
    assert library.takes.search(where("name") == "b") == []
    assert library.database().table("takes").count(where("name") == "b") == 1


def test_all_is_oldest_first_and_safe_to_alter(library: Library) -> None:
    library.takes.add({"name": "new", "sliders": {}})
    library.takes.add({"name": "old", "created": "2020-01-01T00:00:00.000Z"})
    listed = library.takes.all()
    assert [take["name"] for take in listed] == ["old", "new"]
    listed[1]["sliders"]["x"] = 1
    library.takes.update(listed[1]["id"], seed=1)
    assert library.takes.find("new")["sliders"] == {}


def test_another_process_is_seen_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    reader = Library(folder).takes
    assert reader.all() == []
    code = f"from store.library import Library; Library({str(folder)!r}).takes.add({{'name': 'there'}})"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert [take["name"] for take in reader.all()] == ["there"]


def test_asking_again_costs_microseconds(library: Library) -> None:
    library.takes.merge([{"id": f"{n:012x}", "name": f"{n}", "created": ""} for n in range(1000)])
    library.takes.all()

    def cheapest(call) -> float:
        times = []
        for _ in range(50):
            begin = time.perf_counter()
            call()
            times.append(time.perf_counter() - begin)
        return min(times)

    assert cheapest(library.takes.all) < 100e-6
    assert cheapest(library.takes.stamp) < 50e-6
    assert cheapest(lambda: library.takes.get("000000000007")) < 1e-3


def test_purge_removes_what_is_the_librarys(library: Library) -> None:
    root = library.root
    for kind in ("datasets", "models"):
        (root / kind / "abc").mkdir(parents=True)
        (root / kind / "abc" / "file").write_text("x")
    (root / "takes").mkdir()
    take = {field: str(root / "takes" / f"t.{field}") for field in ("path", "sidecar", "wave", "heat")}
    for name in take.values():
        Path(name).write_text("x")
    library.datasets.add({"name": "d"}, id="abc")
    library.models.add({"name": "m"}, id="abc")
    library.takes.add({"name": "t", **take}, id="abc")
    for shelf, size in ((library.datasets, 1), (library.models, 1), (library.takes, 4)):
        with pytest.raises(NotFound, match="in the trash"):
            shelf.purge("abc")
        assert shelf.bytes_of(shelf.find("abc")) == size
        shelf.trash("abc")
        shelf.purge("abc")
        assert shelf.get("abc") is None
    assert [path for path in root.rglob("*") if path.is_file() and path.parent.name != "tables"] == []


def test_purge_never_touches_what_is_elsewhere(library: Library, tmp_path: Path) -> None:
    """A record from someone else's file may name any path."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "song.wav").write_text("precious")
    (library.root / "models").mkdir(parents=True)
    (library.root / "models" / "linked").symlink_to(mine)
    library.takes.add({"name": "t", "path": str(mine / "song.wav"), "sidecar": "../../mine/song.wav"}, id="t")
    library.datasets.add({"name": "d", "folder": str(mine)}, id="d")
    library.models.add({"name": "m", "path": str(mine)}, id="linked")
    for shelf, key in ((library.takes, "t"), (library.datasets, "d"), (library.models, "linked")):
        shelf.trash(key)
        assert shelf.bytes_of(shelf.get(key) or {}) == 0
        shelf.purge(key)
    assert (mine / "song.wav").read_text() == "precious"
