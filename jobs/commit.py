"""From what a job made to what the library has: every step may be repeated, none is done twice.

The result is in the ledger before anything is moved, so whoever comes after a crash can go on: a file
that is no longer in the run is in its place already, a record is added under an id made from the job's.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from jobs.job import Job
from jobs.ledger import Ledger
from store import paths
from store.errors import BadInput, Busy
from store.files import disk, sync_folder

TABLES = ("datasets", "models", "presets", "takes", "diagnosers", "corrections", "repairers")


def record_id(job: str, table: str, index: int = 0) -> str:
    """The id of the ``index``-th record of ``table`` that a job makes, the same at every attempt."""
    return hashlib.sha256(f"{job}/{table}/{index}".encode()).hexdigest()[:12]


def secure(job: str, result: Mapping[str, Any]) -> None:
    """Before the job is done: what it made is whole, on disk, and has somewhere to go.

    Raises ValueError for a result no recipe should return, Busy when a file of that name exists already
    or the disk is full.
    """
    for entry in result.get("records", ()):
        if entry.get("table") not in TABLES or not isinstance(entry.get("record"), dict):
            raise ValueError(f"not a record of the library: {str(entry)[:80]}")
    _finite(result)
    for source, target in _moves(job, result):
        if not source.exists():
            raise ValueError(f"the recipe did not make {source.name}")
        if target.exists():
            raise Busy(f"{target}: exists already; rename or remove it, then resume job {job}")
        with disk(target):
            _sync(source)


def _finite(result: Mapping[str, Any]) -> None:
    """Raises ValueError for a result that the ledger could not keep as JSON."""
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the result can't be kept: {error} (only JSON with finite numbers can)") from None


def publish(ledger: Ledger, job: Job) -> None:
    """Move the files of a done job into their places, add its records, and say so in the ledger."""
    result = job.result or {}
    for source, target in _moves(job.id, result):
        with disk(target):
            _move(source, target, job.id)
    if result.get("records"):
        # The library costs an import that a job without records need not pay.
        from store.library import Library

        library = Library()
        counts: dict[str, int] = {}
        for entry in result["records"]:
            table, record = entry["table"], entry["record"]
            index = counts[table] = counts.get(table, -1) + 1
            getattr(library, table).add(record, id=record.get("id") or record_id(job.id, table, index))
    ledger.published(job.id)


def _moves(job: str, result: Mapping[str, Any]) -> Iterator[tuple[Path, Path]]:
    for entry in result.get("files", ()):
        yield _under(paths.run(job), entry["from"]), _under(paths.data(), entry["to"])


def _under(root: Path, name: str) -> Path:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        raise ValueError(f"not a path inside {root}: {name!r}")
    return root / relative


def _sync(path: Path) -> None:
    """fsync a file, or a folder and everything in it."""
    for file in [path, *path.rglob("*")] if path.is_dir() else [path]:
        if file.is_symlink():
            raise ValueError(f"a link can't be published: {file.name}")
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _move(source: Path, target: Path, job: str) -> None:
    for folder in reversed(target.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not source.exists():
        if not target.exists():
            raise BadInput(f"{target}: was moved away or removed before it could be recorded")
        return
    if source.stat().st_dev == target.parent.stat().st_dev:
        source.rename(target)
    else:
        _carry(source, target, job)
    sync_folder(target.parent)


def _carry(source: Path, target: Path, job: str) -> None:
    """Move to another disk: a copy beside the target becomes it by a rename; only then the source goes."""
    draft = target.with_name(f".{job}.{target.name[:100]}.tmp")
    if not target.exists():
        shutil.rmtree(draft, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, draft)
        else:
            shutil.copy2(source, draft)
        _sync(draft)
        draft.rename(target)
        sync_folder(target.parent)
    if source.is_dir():
        shutil.rmtree(source)
    else:
        source.unlink()
