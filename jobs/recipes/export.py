"""Write a take to a file of the person's own, with a sidecar of everything it was made from."""

import json
import os
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.sound.formats import Unwritable, check, format_of
from jobs.sound.io import load
from jobs.sound.reader import Unreadable
from jobs.sound.tags import tags
from jobs.sound.write import write
from jobs.specs import ExportTake
from store.errors import BadInput, Busy, NotFound, Usage
from store.files import atomic
from store.library import Library

OPEN_MODE = 0o666


def run(spec: ExportTake, desk: Desk) -> dict:
    """Raises NotFound, Usage (what the format can't hold, a file that is there), BadInput, Busy."""
    take = Library().takes.get(spec.take)
    if take is None:
        raise NotFound(f"no take {spec.take!r}")
    path, sidecar = Path(spec.path), Path(f"{spec.path}.json")
    format = _format(spec, int(take.get("channels") or 1))
    _may_write(path, sidecar, spec.take)
    audio = _audio(take, spec.rate)
    desk.check()
    facts = _written(path, sidecar, take, audio, spec, format)
    if facts["clipped"]:
        desk.note(f"{facts['clipped']} samples were above full scale and are clipped; 32f keeps them")
    desk.progress(1, 1, "files")
    return {"summary": {"path": str(path), "sidecar": str(sidecar), "take": spec.take, **facts}}


def _format(spec: ExportTake, channels: int) -> str:
    try:
        format = format_of(spec.path)
        check(spec.rate, channels, format, spec.bits)
    except Unwritable as error:
        raise Usage(f"path: {error}") from None
    return format


def _may_write(path: Path, sidecar: Path, take: str) -> None:
    """Only an export of the same take is ever replaced: a repeated attempt must succeed."""
    if not path.is_absolute():
        raise Usage(f"path: {path} is not absolute")
    if not path.parent.is_dir():
        raise NotFound(f"{path.parent}: no such folder; make it first")
    if not path.exists() and not sidecar.exists():
        return
    if _exported(sidecar) != take:
        there = path if path.exists() else sidecar
        raise Usage(f"path: {there} exists already; nearest: {_free(path)}")


def _exported(sidecar: Path) -> str:
    """The take that a sidecar of ours belongs to, or nothing."""
    try:
        content = json.loads(sidecar.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(content.get("id", "")) if isinstance(content, dict) and "exported" in content else ""


def _free(path: Path) -> Path:
    number = 2
    while (other := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return other


def _audio(take: dict[str, Any], rate: int) -> Any:
    try:
        return load(take["path"], rate).audio
    except Unreadable as error:
        hint = "; generate it again from its seed" if error.code == "missing" else ""
        raise BadInput(f"take {take.get('name')}: {error}{hint}") from None


def _written(
    path: Path, sidecar: Path, take: dict[str, Any], audio: Any, spec: ExportTake, format: str
) -> dict[str, Any]:
    exported = {"rate": spec.rate, "bits": spec.bits, "format": format, "path": str(path)}
    had_one = sidecar.exists()
    # The sidecar first: it is what tells the next attempt that the file is ours.
    _guarded(
        lambda: atomic(sidecar, json.dumps({**take, "exported": exported}, indent=1, allow_nan=False)), path
    )
    try:
        facts = _guarded(lambda: write(path, audio, spec.rate, format, spec.bits, tags(take)), path)
    except BaseException:
        if not had_one:
            sidecar.unlink(missing_ok=True)
        raise
    for file in (path, sidecar):
        _open_to_others(file)
    return facts


def _guarded(work: Any, path: Path) -> Any:
    """What the disk refuses, as one line."""
    try:
        return work()
    except Unwritable as error:
        raise BadInput(str(error)) from None
    except OSError as error:
        raise Busy(str(error.strerror or error)) from None


def _open_to_others(path: Path) -> None:
    """A file outside the library has the rights that the person's other files get."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(OPEN_MODE & ~mask)
