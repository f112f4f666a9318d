"""The library as one file, also one that somebody else made."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import shapes
from store.errors import BadInput
from store.library import Library

PRESET = {
    "id": "p1", "name": "warm", "created": "2025-01-01T00:00:00.000Z", "folder": "pads", "model": "",
    "sliders": {"warmth": 80}, "seed": 3, "modified": "2025-01-01T00:00:00.000Z", "description": "",
}  # fmt: skip

DATASET = {
    "id": "d1", "name": "kit", "created": "", "count": 3, "seconds": 1.5, "bytes": 9, "rates": [48000],
    "channels": [1], "subtypes": ["PCM_16"], "folder": "/d", "problems": [],
}  # fmt: skip
MODEL = {
    "id": "m1", "name": "old", "created": "", "dataset": "d1", "dataset_name": "kit", "path": "/m",
    "files": 3, "seconds": 1.5, "minutes": 0.1, "validation": None,
    "axes": [{"name": "warmth"}], "sha256": "0",
}  # fmt: skip
TAKE = {
    "id": "t1", "name": "one", "created": "", "model": "m1", "model_name": "old", "seed": 0, "sliders": {},
    "seconds": 1.0, "rate": 48000, "bits": "24", "channels": 1, "format": "wav", "path": "/t.wav",
}  # fmt: skip
DIAGNOSER = {
    "id": "d1", "name": "mine", "created": "2026-01-01T00:00:00Z", "path": "/d", "schema": 1,
    "instruments": ["drums"], "parts": ["blind-drums"], "report": {},
}  # fmt: skip
CORRECTION = {
    "id": "c1", "name": "darker", "created": "2026-01-01T00:00:00Z", "eq": [0.0], "levels": [0.0],
    "gains": [0.0],
}  # fmt: skip
REPAIRER = {
    "id": "r1", "name": "mine", "created": "2026-01-01T00:00:00Z", "path": "/r", "net": "gates",
    "rate": 48_000, "verdict": "mastered", "report": {},
}  # fmt: skip
WHOLE = {
    "datasets": DATASET, "models": MODEL, "presets": PRESET, "takes": TAKE, "diagnosers": DIAGNOSER,
    "corrections": CORRECTION, "repairers": REPAIRER,
}  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "tables")


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "library.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def tables(library: Library) -> dict[str, list[dict]]:
    return {name: shelf.all() + shelf.all(trashed=True) for name, shelf in library.shelves.items()}


def test_a_round_trip_gives_the_same_library(library: Library, tmp_path: Path) -> None:
    library.presets.add(PRESET)
    problems = [{"level": "warning", "message": "quiet"}]
    library.datasets.add({**DATASET, "name": "kick[/]\x1b.wav é", "problems": problems})
    library.models.add(MODEL)
    library.models.trash("old")
    library.set("screen", "play")
    facts = library.export(tmp_path / "out" / "library.json")
    assert facts["presets"] == facts["models"] == 1
    json.loads(Path(facts["path"]).read_text())
    other = Library(tmp_path / "other" / "tables")
    added = other.load(facts["path"])["added"]
    nothing = {"takes": 0, "diagnosers": 0, "corrections": 0, "repairers": 0}
    assert added == {"datasets": 1, "models": 1, "presets": 1, **nothing}
    assert other.setting("screen") is None, "settings belong to a person's screens, not to the library"
    assert tables(other) == {**tables(library), "settings": []}
    again = other.load(facts["path"])
    assert set(again["added"].values()) == {0} and again["kept"] == added


def test_what_is_here_stays_as_it_is(library: Library, tmp_path: Path) -> None:
    library.presets.add({**PRESET, "name": "mine"})
    path = written(tmp_path, {"woodshed": 1, "tables": {"presets": [PRESET, {**PRESET, "id": "p2"}]}})
    assert library.load(path)["added"] == {"presets": 1}
    assert [preset["name"] for preset in library.presets.all()] == ["mine", "warm"]


BAD = {
    "text": b"hello",
    "empty": b"",
    "bytes": b"\xff\xfe\x00",
    "number": 7,
    "no tables": {"woodshed": 1},
    "tables as list": {"woodshed": 1, "tables": []},
    "another format": {"woodshed": 99, "tables": {}},
    "unknown table": {"woodshed": 1, "tables": {"../x": []}},
    "table as text": {"woodshed": 1, "tables": {"presets": "x"}},
    "record as list": {"woodshed": 1, "tables": {"presets": [[1]]}},
    "nan": b'{"woodshed": 1, "tables": {"presets": [{"id": "a", "name": "x", "created": "", "seed": NaN}]}}',
    "inf": b'{"woodshed": 1, "tables": {"presets": [{"id": "a", "name": "x", "created": "", "z": 1e999}]}}',
    "digits": b'{"woodshed": 1, "tables": {"presets": [{"seed": ' + b"9" * 5000 + b"}]}}",
    "deep": b'{"woodshed": 1, "tables": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
FIELDS: list[tuple[str, Any]] = [
    ("id", "../../etc"), ("id", ""), ("id", None), ("id", ["a"]), ("name", 5), ("name", "x" * 5000),
    ("created", {}), ("sliders", [1]), ("sliders", {"warmth": "80"}), ("sliders", {"warmth": True}),
    ("seed", 1.5), ("seed", True), ("seed", 2**70), ("folder", 3), ("trashed", 1),
    ("extra", [[[[[[[[[[[[[[1]]]]]]]]]]]]]]),
]  # fmt: skip


def refused(library: Library, path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        library.load(path)
    message = str(caught.value)
    assert message.isprintable() and len(message) < 300
    assert not any(tables(library).values())
    return message


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_hostile_files_are_refused_in_one_line(library: Library, tmp_path: Path, content: Any) -> None:
    refused(library, written(tmp_path, content))


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_hostile_fields_are_refused_and_nothing_is_added(
    library: Library, tmp_path: Path, field: str, value: Any
) -> None:
    records = [PRESET, {**PRESET, "id": "p2", field: value}]
    message = refused(library, written(tmp_path, {"woodshed": 1, "tables": {"presets": records}}))
    assert message.startswith("library.json: presets[1]")


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("models", "axes", ["brightness"]),
        ("models", "axes", [{"name": 3}]),
        ("models", "axes", [{"name": "b", "safe": [1, 2, 3]}]),
        ("models", "axes", [{"name": "b", "safe": [90, 10]}]),
        ("models", "axes", [{"name": "b", "values": ["low"]}]),
        ("models", "axes", None),
        ("datasets", "rates", ["48000"]),
        ("datasets", "problems", [{"level": "warning"}]),
        ("takes", "sliders", {"warmth": None}),
        ("models", "axes", [{"name": "b", "warning": ["0", 1]}]),
        ("models", "axes", {"name": "b"}),
        ("datasets", "problems", [{"level": 1}]),
        ("takes", "quality", {"centroid_hz": [900]}),
        ("takes", "reached", {"warmth": "high"}),
        ("takes", "spec", []),
        ("takes", "heat_size", [10]),
        ("takes", "path", ["/etc"]),
    ],
)
def test_what_screens_draw_is_checked(
    library: Library, tmp_path: Path, table: str, field: str, value: Any
) -> None:
    record = {**WHOLE[table], field: value}
    refused(library, written(tmp_path, {"woodshed": 1, "tables": {table: [record]}}))


@pytest.mark.parametrize(
    ("table", "field"), [(t, f) for t, needed in shapes.REQUIRED.items() for f in needed]
)
def test_what_screens_and_commands_take_for_granted_is_required(
    library: Library, tmp_path: Path, table: str, field: str
) -> None:
    record = {name: value for name, value in WHOLE[table].items() if name != field}
    message = refused(library, written(tmp_path, {"woodshed": 1, "tables": {table: [record]}}))
    assert f"'{field}' is missing" in message
    assert (
        library.load(written(tmp_path, {"woodshed": 1, "tables": {table: [WHOLE[table]]}}))["added"][table]
        == 1
    )


def test_a_missing_file_and_a_folder(library: Library, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.json", tmp_path):
        assert "no such file" in refused(library, path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from([*PRESET, "axes", "problems", "trashed", "path", "value"])
RECORDS = st.dictionaries(KEYS, JSON, max_size=6).map(lambda fields: {**PRESET, **fields}) | JSON


@settings(max_examples=200, deadline=None)
@given(
    table=st.sampled_from(["datasets", "models", "presets", "takes", "settings", "x"]),
    records=st.lists(RECORDS, max_size=3) | JSON,
)
def test_any_json_is_taken_or_refused_whole(
    tmp_path_factory: pytest.TempPathFactory, table: str, records: Any
) -> None:
    """Whatever is let in can be listed, found, exported and loaded again."""
    folder = tmp_path_factory.mktemp("hostile")
    library = Library(folder / "tables")
    try:
        library.load(written(folder, {"woodshed": 1, "tables": {table: records}}))
    except BadInput as error:
        assert str(error).isprintable()
        assert not any(tables(library).values())
        return
    for shelf in library.shelves.values():
        for record in shelf.all():
            assert shelf.find(record["id"])["id"] == record["id"]
    facts = library.export(folder / "again.json")
    other = Library(folder / "other" / "tables")
    other.load(facts["path"])
    assert tables(other) == tables(library)
