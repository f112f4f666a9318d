"""Records made again from what lies beside the files they are about, and led to where those lie now."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store import shapes
from store.clock import iso
from store.errors import BadInput
from store.exchange import plain
from store.files import atomic, inside

if TYPE_CHECKING:
    from store.shelf import Shelf

LARGEST = 64 * 2**20
"""Bytes of one description."""
PLACES = {
    "datasets": ("folder",),
    "models": ("path",),
    "takes": ("path", "sidecar", "wave", "heat"),
    "diagnosers": ("path",),
    "repairers": ("path",),
}
"""Fields that name a file or folder of the library."""


def rebuild(shelves: dict[str, "Shelf"], root: Path) -> dict:
    """Add the records of datasets, models and takes under ``root`` that no table knows.

    Known ones whose files are gone from where they were, but lie here, are led here: ``moved``.
    """
    found: dict[str, list[dict]] = {table: [] for table in PLACES}
    unreadable = []
    for table, path in descriptions(root):
        try:
            found[table].append(described(table, path, root))
        except BadInput as error:
            unreadable.append(str(error))
    for records in found.values():
        records.sort(key=lambda record: record["created"])
    added = {table: shelves[table].merge(records) for table, records in found.items()}
    moved = sum(_led_here(shelves[table], PLACES[table], records) for table, records in found.items())
    return {**added, "moved": moved, "unreadable": unreadable}


def _led_here(shelf: "Shelf", places: tuple[str, ...], records: list[dict]) -> int:
    """How many records had at least one place that is gone and is now where their description lies."""
    moved = 0
    with shelf.documents.changing():  # one change, however many there are
        for record in records:
            known = shelf.get(record["id"]) or {}
            new = {place: record[place] for place in places if _gone(known.get(place), record.get(place))}
            if new:
                shelf.amend(record["id"], **new)
                moved += 1
    return moved


def _gone(old: Any, new: Any) -> bool:
    """Whether nothing is at the place ``old`` any more, and something at ``new``."""
    return isinstance(old, str) and isinstance(new, str) and not Path(old).exists() and Path(new).exists()


def descriptions(root: Path) -> Iterator[tuple[str, Path]]:
    """(table, file) of every description of a record."""
    for path in sorted(root.glob("datasets/*/dataset.json")):
        yield "datasets", path
    for path in sorted(root.glob("models/*/model.json")):
        yield "models", path
    for path in sorted(root.glob("diagnosers/*/diagnoser.json")):
        yield "diagnosers", path
    for path in sorted(root.glob("repairers/*/repairer.json")):
        yield "repairers", path
    for path in sorted(root.glob("takes/**/*.json")):
        yield "takes", path


def described(table: str, path: Path, root: Path) -> dict:
    """The record in a description, with the paths of where it lies now. Raises BadInput."""
    where = str(path.relative_to(root))
    content = plain(path, LARGEST)
    record = content.get("record", content) if isinstance(content, dict) else content
    if isinstance(record, dict):
        record = {**_from_path(table, path), **record}
        record.pop("trashed", None)
    shapes.check(table, record, where)
    if table == "takes":
        return _take(record, path, where)
    if record["id"] != path.parent.name:
        raise BadInput(f"{where}: its id is '{record['id']}', its folder another one's")
    if table == "datasets" and record["folder"] != str(path.parent):
        _lead_sounds(path.parent, record["folder"])
    record["folder" if table == "datasets" else "path"] = str(path.parent)
    return record


def _lead_sounds(folder: Path, old: str) -> None:
    """Copied sounds lie inside their dataset's folder and are named with it. Raises BadInput, Busy."""
    listing = folder / "sounds.json"
    sounds = plain(listing, LARGEST) if listing.is_file() else []
    inner = [one for one in sounds if isinstance(one, dict) and str(one.get("file")).startswith(f"{old}/")]
    for sound in inner:
        sound["file"] = str(folder) + sound["file"][len(old) :]
    if inner:
        atomic(listing, json.dumps(sounds, indent=1))


def _from_path(table: str, path: Path) -> dict:
    """What a description without them is called: by its folder (a take: by its file), of the file's age."""
    name = path.stem if table == "takes" else path.parent.name
    known = {"name": name, "created": iso(path.stat().st_mtime_ns // 1_000_000)}
    return known if table == "takes" else {"id": name, **known}


def _take(record: dict, path: Path, where: str) -> dict:
    """The audio and pictures of a take lie beside its sidecar, under the names they had."""
    record["sidecar"] = str(path)
    for field in ("path", "wave", "heat"):
        name = record.get(field)
        if not isinstance(name, str) or not name:
            continue
        beside = inside(path.parent, Path(name).name) or path
        if beside.is_file() and beside != path:
            record[field] = str(beside)
        elif field == "path":
            raise BadInput(f"{where}: its audio '{Path(name).name}' is not there")
    return record
