"""Records made again from what lies beside the files they are about."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from store import shapes
from store.clock import iso
from store.errors import BadInput
from store.exchange import plain
from store.files import inside

if TYPE_CHECKING:
    from store.shelf import Shelf

LARGEST = 64 * 2**20
"""Bytes of one description."""


def rebuild(shelves: dict[str, "Shelf"], root: Path) -> dict:
    """Add the records of datasets, models and takes under ``root`` that no table knows."""
    found: dict[str, list[dict]] = {"datasets": [], "models": [], "takes": []}
    unreadable = []
    for table, path in descriptions(root):
        try:
            found[table].append(described(table, path, root))
        except BadInput as error:
            unreadable.append(str(error))
    for records in found.values():
        records.sort(key=lambda record: record["created"])
    added = {table: shelves[table].merge(records) for table, records in found.items()}
    return {**added, "unreadable": unreadable}


def descriptions(root: Path) -> Iterator[tuple[str, Path]]:
    """(table, file) of every description of a record."""
    for path in sorted(root.glob("datasets/*/dataset.json")):
        yield "datasets", path
    for path in sorted(root.glob("models/*/model.json")):
        yield "models", path
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
    record["folder" if table == "datasets" else "path"] = str(path.parent)
    return record


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
