"""The tables can be lost: what lies beside the files brings the records back."""

import json
import shutil
from pathlib import Path

import pytest

from store.library import Library

DATASET = {
    "count": 1, "seconds": 1.0, "bytes": 9, "rates": [48000], "channels": [1], "subtypes": ["PCM_16"],
    "problems": [],
}  # fmt: skip
MODEL = {
    "dataset": "datasets1", "dataset_name": "my datasets", "files": 1, "seconds": 1.0, "minutes": 0.1,
    "axes": [], "sha256": "0", "path": "",
}  # fmt: skip
TAKE = {
    "model": "models2", "model_name": "my models", "seed": 0, "sliders": {}, "seconds": 1.0, "rate": 48000,
    "bits": "24", "channels": 1, "format": "wav",
}  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data" / "tables")
    root = library.root
    for number, kind, file in ((1, "datasets", "dataset.json"), (2, "models", "model.json")):
        folder = root / kind / f"{kind}{number}"
        folder.mkdir(parents=True)
        record = {"id": folder.name, "name": f"my {kind}", "created": f"2025-01-0{number}T00:00:00.000Z"}
        record |= DATASET if kind == "datasets" else MODEL
        record["folder" if kind == "datasets" else "path"] = str(folder)
        (folder / file).write_text(json.dumps(record))
        library.shelves[kind].add(record)
    takes = root / "takes"
    takes.mkdir()
    for name in ("a", "b"):
        files = {"path": f"{name}.wav", "wave": f"{name}.wave", "heat": f"{name}.heat"}
        for file in files.values():
            (takes / file).write_text("x")
        places = {field: str(takes / file) for field, file in files.items()}
        record = {
            "id": name,
            "name": name,
            "created": f"2025-02-0{ord(name) % 9}T00:00:00.000Z",
            **TAKE,
            **places,
        }
        record["sidecar"] = str(takes / f"{name}.json")
        (takes / f"{name}.json").write_text(json.dumps(record))
        library.takes.add(record)
    return library


def listed(library: Library) -> dict[str, list[dict]]:
    return {table: shelf.all() for table, shelf in library.shelves.items()}


def test_lost_tables_come_back_the_same(library: Library) -> None:
    before = listed(library)
    shutil.rmtree(library.folder)
    again = Library(library.folder)
    assert again.rebuild() == {
        "datasets": 1,
        "models": 1,
        "takes": 2,
        "diagnosers": 0,
        "repairers": 0,
        "moved": 0,
        "unreadable": [],
    }
    assert listed(again) == before
    assert again.rebuild() == {
        "datasets": 0,
        "models": 0,
        "takes": 0,
        "diagnosers": 0,
        "repairers": 0,
        "moved": 0,
        "unreadable": [],
    }


@pytest.mark.parametrize("tables", ["kept", "lost"])
def test_a_library_that_was_moved_finds_its_files(library: Library, tmp_path: Path, tables: str) -> None:
    if tables == "lost":
        shutil.rmtree(library.folder)
    old = library.root / "datasets" / "datasets1"
    listed = [{"file": f"{old}/sounds/a.wav"}, {"file": "/elsewhere/b.wav"}]
    (old / "sounds.json").write_text(json.dumps(listed))
    moved = tmp_path / "elsewhere"
    library.root.rename(moved)
    again = Library(moved / "tables")
    found = again.rebuild()
    assert (found["moved"], found["takes"]) == ((4, 0) if tables == "kept" else (0, 2))
    assert again.rebuild()["moved"] == 0
    for take in again.takes.all():
        for field in ("path", "sidecar", "wave", "heat"):
            assert Path(take[field]).is_file() and take[field].startswith(str(moved))
    assert again.models.find("my models")["path"] == str(moved / "models" / "models2")
    folder = moved / "datasets" / "datasets1"
    assert again.datasets.find("my datasets")["folder"] == str(folder)
    files = [sound["file"] for sound in json.loads((folder / "sounds.json").read_text())]
    assert files == [f"{folder}/sounds/a.wav", "/elsewhere/b.wav"]


def test_what_is_in_the_trash_stays_there_and_what_was_purged_stays_away(library: Library) -> None:
    library.takes.trash("a")
    library.takes.trash("b")
    library.takes.purge("b")
    assert library.rebuild()["takes"] == 0
    assert [take["id"] for take in library.takes.all(trashed=True)] == ["a"]


def test_unreadable_descriptions_are_told_one_line_each(library: Library) -> None:
    shutil.rmtree(library.folder)
    root = library.root
    (root / "takes" / "b.wav").unlink()
    (root / "takes" / "c.json").write_text('{"id": "../../x", "name": "x"}')
    (root / "takes" / "d.json").write_bytes(b"\xff")
    (root / "models" / "models2" / "model.json").write_text(
        json.dumps({"id": "datasets1", "name": "x", "created": "", **MODEL})
    )
    found = Library(library.folder).rebuild()
    assert (found["datasets"], found["models"], found["takes"]) == (1, 0, 1)
    assert len(found["unreadable"]) == 4
    assert all(line.isprintable() for line in found["unreadable"])


def test_a_description_without_name_and_time_gets_them_from_its_folder(library: Library) -> None:
    folder = library.root / "models" / "bare"
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps(MODEL))
    library.rebuild()
    record = library.models.find("bare")
    assert record["id"] == "bare" and record["created"].endswith("Z")
