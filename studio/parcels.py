"""Models and presets as files to hand on. What comes in is checked before anything of it is kept."""

import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from store import exchange, files, names, paths, shapes
from store.errors import BadInput, NotFound, Usage
from studio import actions

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

FILES_AT_MOST = 2000
BYTES_AT_MOST = 8 * 2**30
DESCRIPTION_AT_MOST = 64 * 2**20
ENDINGS = (".json", ".jsonl", ".safetensors", ".flac", ".wav", ".onnx", ".bin", ".png", ".txt", ".md")
"""What a model may consist of; nothing that is executed when it is read."""


def target(file: str, force: bool) -> Path:
    """The absolute file to write. Raises NotFound without its folder, Usage when it is there already."""
    path = Path(file).expanduser().absolute()
    if not path.parent.is_dir():
        raise NotFound(f"{path.parent}: no such folder; make it first")
    if path.is_dir() or (path.exists() and not force):
        raise Usage(f"{path}: is there already; choose another name or add --force")
    return path


# --- models ----------------------------------------------------------------------------------------


def export_model(key: str, file: str, force: bool = False) -> dict[str, Any]:
    """Write a model as a zip file: ``{"id", "name", "path", "bytes"}``. It carries no path of ours."""
    import zipfile

    model = actions.library().models.find(key)
    path, folder = target(file, force), Path(model["path"])
    if not (folder / "manifest.json").is_file():
        raise BadInput(f"{folder}: the model's files are gone; train it again")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with files.disk(path):
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as parcel:
                parcel.writestr("model.json", json.dumps({**model, "path": ""}, indent=1))
                for name in ("manifest.json", *files.manifest(folder)):
                    parcel.write(folder / name, name)
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return {"id": model["id"], "name": model["name"], "path": str(path), "bytes": path.stat().st_size}


def import_model(file: str) -> dict[str, Any]:
    """The record of a model from a zip file. Raises BadInput, and then nothing is kept."""
    path = Path(file).expanduser().absolute()
    if not path.is_file():
        raise NotFound(f"{file}: no such file")
    with tempfile.TemporaryDirectory(prefix=".import-", dir=paths.data()) as room:
        folder = Path(room) / "model"
        folder.mkdir(mode=0o700)
        with _opened(path) as parcel:
            _unpack(parcel, folder, path.name)
        record = _described(folder, path.name)
        known = actions.library().models.get(record["id"])
        if known:
            return _known(known, record, path.name)
        record["name"] = actions.library().models.fresh_name(record["name"])
        home = paths.model(record["id"])
        record["path"] = str(home)
        files.atomic(folder / "model.json", json.dumps(record, indent=1))
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.exists():
            # Files without a record: left by a library that was lost, and no way to tell whose they are.
            raise BadInput(f"{path.name}: {home} is there already; woodshed library rebuild takes it in")
        folder.rename(home)
    return actions.library().models.add(record, id=record["id"])


def _known(known: dict, record: dict, name: str) -> dict[str, Any]:
    """A model that is here already comes back from the trash; another one of its id is refused."""
    if known.get("sha256") != record.get("sha256"):
        raise BadInput(f"{name}: another model has its id {record['id']}; remove that one for good first")
    return actions.restore("models", known["id"]) if known.get("trashed") else known


@contextmanager
def _opened(path: Path) -> "Iterator[ZipFile]":
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as parcel:
            yield parcel
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise BadInput(f"{path.name}: is not a whole zip file ({names.shown(str(error))})") from error


def _unpack(parcel: "ZipFile", folder: Path, name: str) -> None:
    """Every entry into ``folder``; nothing else is touched, however the archive was made."""
    entries = parcel.infolist()
    if len(entries) > FILES_AT_MOST:
        raise BadInput(f"{name}: {len(entries)} files; a model has {FILES_AT_MOST} at most")
    left = min(BYTES_AT_MOST, files.free_bytes(folder) - 2**20)
    seen: set[str] = set()
    for entry in entries:
        place = _place(entry, name)
        if place.casefold() in seen:
            raise BadInput(f"{name}: {names.shown(place)!r} is in it twice")
        seen.add(place.casefold())
        into = folder / place
        into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with parcel.open(entry) as source, open(into, "xb") as copy:
            left -= _copy(source, copy, left, f"{name}: {names.shown(place)!r}")


def _place(entry: "ZipInfo", name: str) -> str:
    """Where an entry may lie. Raises BadInput for everything that is not a plain file inside."""
    shown = f"{name}: {names.shown(entry.filename)!r}"
    place = PurePosixPath(entry.filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.is_dir():
        raise BadInput(f"{shown} is no plain file; a model has neither links nor folders of their own")
    bad = place.is_absolute() or ".." in place.parts or "\\" in entry.filename or ":" in entry.filename
    if bad or not place.parts or not entry.filename.isprintable() or len(entry.filename) > 200:
        raise BadInput(f"{shown} lies outside the archive")
    if entry.flag_bits & 1:
        raise BadInput(f"{shown} is encrypted; export it without a password")
    if place.suffix.lower() not in ENDINGS or place.name.startswith("."):
        raise BadInput(f"{shown} does not belong to a model; it has {', '.join(ENDINGS)}")
    return place.as_posix()


def _copy(source: IO[bytes], copy: IO[bytes], most: int, shown: str) -> int:
    """Bytes copied. The size in the header is not believed: what comes out is counted."""
    total = 0
    while block := source.read(1 << 20):
        total += len(block)
        if total > most:
            raise BadInput(f"{shown} is larger than what is left of {BYTES_AT_MOST >> 30} GiB and the disk")
        copy.write(block)
    copy.flush()
    os.fsync(copy.fileno())
    return total


def _described(folder: Path, name: str) -> dict[str, Any]:
    """The record of an unpacked model whose every file is the one in its manifest."""
    for part in files.DESCRIPTIONS:
        if not (folder / part).is_file():
            raise BadInput(f"{name}: has no {part}; `woodshed models export` makes such a file")
    record = dict(shapes.check("models", exchange.plain(folder / "model.json", DESCRIPTION_AT_MOST), name))
    record.pop("trashed", None)
    record["name"] = _nameable(record["name"], name)
    sums = exchange.plain(folder / "manifest.json", DESCRIPTION_AT_MOST)
    if not isinstance(sums, dict) or not all(isinstance(digest, str) for digest in sums.values()):
        raise BadInput(f"{name}: manifest.json is no list of sums")
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for place in sorted(here - set(sums) - set(files.DESCRIPTIONS)):
        raise BadInput(f"{name}: {names.shown(place)!r} is not in its manifest")
    for complaint in files.verify(folder, sums):
        raise BadInput(f"{name}: {complaint}")
    if record.get("sha256") and record["sha256"] != files.sha256(folder / "manifest.json"):
        raise BadInput(f"{name}: its manifest is not the one that model.json names")
    return record


def _nameable(name: str, where: str) -> str:
    try:
        return names.checked_name(name)
    except Usage as error:
        raise BadInput(f"{where}: {error}") from None


# --- presets ---------------------------------------------------------------------------------------

PRESET_FIELDS = ("id", "name", "folder", "model", "sliders", "seed", "created", "modified", "description")


def export_presets(file: str, keys: Iterable[str] = (), force: bool = False) -> dict[str, Any]:
    """Write presets as JSON, all of them or those of ``keys``: ``{"path", "count"}``."""
    path = target(file, force)
    chosen = [actions.library().presets.find(key) for key in keys] or actions.presets()
    kept = [{field: one[field] for field in PRESET_FIELDS if field in one} for one in chosen]
    content = {"woodshed": exchange.FORMAT, "tables": {"presets": kept}}
    files.atomic(path, json.dumps(content, indent=1) + "\n")
    return {"path": str(path), "count": len(kept)}


def import_presets(file: str) -> list[dict[str, Any]]:
    """The presets that a file had, as they are here now. Raises BadInput, and then none is kept."""
    return [_kept(record) for record in read_presets(file)]


def read_presets(file: str) -> list[dict[str, Any]]:
    """The presets of a file, each checked; nothing is kept. Raises NotFound, BadInput."""
    path = Path(file).expanduser().absolute()
    if not path.is_file():
        raise NotFound(f"{file}: no such file")
    found = exchange.read(path).get("presets")
    if not isinstance(found, list):
        raise BadInput(f"{path.name}: has no presets; `woodshed presets export` makes such a file")
    return [_preset(record, f"{path.name}: presets[{index}]") for index, record in enumerate(found)]


def _preset(record: Any, where: str) -> dict[str, Any]:
    record = shapes.check("presets", record, where)
    for axis, position in (record.get("sliders") or {}).items():
        if not 0 <= position <= 100:
            raise BadInput(f"{where}: slider {names.shown(axis)!r} is {position:g}; 0-100 is needed")
    plain = {field: record[field] for field in PRESET_FIELDS if record.get(field) is not None}
    plain["name"] = _nameable(record["name"], where)
    empty = {"folder": "", "model": "", "sliders": {}, "seed": 0, "description": ""}
    return {**empty, "modified": record["created"], **plain}


def _kept(record: dict[str, Any]) -> dict[str, Any]:
    presets = actions.library().presets
    here = presets.get(record["id"])
    if here:
        return presets.restore(here["id"]) if here.get("trashed") else here
    return presets.add({**record, "name": presets.fresh_name(record["name"])}, id=record["id"])
