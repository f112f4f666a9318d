"""Make a dataset: find the sounds, examine each in a process with limits, say what is wrong with them.

The folder of a dataset holds ``dataset.json`` (its record), ``sounds.json`` (what is known of each sound),
``peaks.bin`` (256 pairs of int8 min, max per sound, in the same order) and, when copied, the sounds.
"""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

from jobs.commit import record_id
from jobs.desk import Desk
from jobs.recipes.copies import copy_in
from jobs.recipes.examined import examined
from jobs.sound.formats import NAMES
from jobs.sound.gather import Found, TooMany, gather
from jobs.sound.roll import Roll, call, problem, spoken
from jobs.specs import ImportSounds
from store import paths
from store.errors import BadInput, NotFound, Usage
from store.files import atomic
from store.library import Library
from store.names import LONGEST, checked_name
from store.shelf import now

MOST_PROBLEMS = 200
"""In the record, which every list of datasets reads."""


def run(spec: ImportSounds, desk: Desk) -> dict:
    """Raises BadInput when no sound can be used, NotFound when a path does not exist."""
    found = _found(spec, desk)
    roll = call(found.files, examined(found.files, desk))
    roll.problems += [problem("warning", "unreadable", "may not be opened", path) for path in found.closed]
    if not roll.usable:
        raise BadInput(_useless(spec, found, roll))
    copied = roll.usable if spec.copy else []
    return keep(roll, copied, {"name": _name(spec), "copied": spec.copy}, desk)


def _found(spec: ImportSounds, desk: Desk) -> Found:
    for path in map(Path, spec.paths):
        if not path.is_absolute():
            raise Usage(f"paths: {path} is not absolute")
        if not path.exists() and not path.is_symlink():
            raise NotFound(f"{path}: no such file or folder")
    try:
        found = gather(spec.paths, desk.check)
    except TooMany as error:
        raise BadInput(f"{_place(spec)}: {error}") from None
    if not found.files:
        passed = found.passed_over() or "it is empty"
        closed = f", {len(found.closed)} folders may not be opened" if found.closed else ""
        raise BadInput(f"{_place(spec)}: no {NAMES} file in it ({passed}{closed})")
    if found.passed_over():
        desk.note(f"passed over: {found.passed_over()}")
    return found


def _useless(spec: ImportSounds, found: Found, roll: Roll) -> str:
    first = roll.problems[0]
    reason = f"{Path(first['file']).name}: {first['message']}"
    if len(found.files) == 1:
        return reason
    return f"{_place(spec)}: none of {len(found.files)} sounds can be used; {reason}"


def keep(roll: Roll, copied: list[dict[str, Any]], told: dict[str, Any], desk: Desk) -> dict:
    """Make a dataset of ``roll``, those in ``copied`` copied in; its record also has what is ``told``."""
    try:
        return _kept(roll, copied, told, desk)
    except BaseException:
        # Half a copy must not keep the disk full.
        shutil.rmtree(desk.attempt_folder, ignore_errors=True)
        raise


def _kept(roll: Roll, copied: list[dict[str, Any]], told: dict[str, Any], desk: Desk) -> dict:
    """Write the dataset's folder into the attempt; the commit moves it to its place."""
    dataset = record_id(desk.job, "datasets", 0)
    folder, place = desk.attempt_folder / "dataset", paths.dataset(dataset)
    folder.mkdir(mode=0o700)
    if copied:
        copy_in(copied, folder, place, desk)
    usable = roll.usable
    record = told | {
        "id": dataset,
        "name": Library().datasets.fresh_name(told["name"]),
        "created": now(),
        "count": len(usable),
        "seconds": sum(sound["seconds"] for sound in usable),
        "bytes": sum(sound["bytes"] for sound in usable),
        "rates": sorted({sound["rate"] for sound in usable}),
        "channels": sorted({sound["channels"] for sound in usable}),
        "subtypes": sorted({sound["subtype"] for sound in usable}),
        "folder": str(place),
        "problems": _fitting(roll.problems),
        "job": desk.job,
    }
    atomic(folder / "sounds.json", json.dumps(roll.sounds, indent=1))
    atomic(folder / "peaks.bin", b"".join(map(base64.b64decode, roll.pictures)))
    atomic(folder / "dataset.json", json.dumps(record, indent=1))
    source = folder.relative_to(desk.folder).as_posix()
    return {
        "records": [{"table": "datasets", "record": record}],
        "files": [{"from": source, "to": f"datasets/{dataset}"}],
        "summary": {key: record[key] for key in ("name", "count", "seconds")}
        | {"examined": len(roll.sounds), "problems": len(roll.problems)},
    }


def _fitting(problems: list[dict[str, str]]) -> list[dict[str, str]]:
    """Errors first; what does not fit into a record is counted."""
    ordered = sorted(problems, key=lambda one: one["level"] != "error")
    if len(ordered) <= MOST_PROBLEMS:
        return ordered
    rest = len(ordered) - MOST_PROBLEMS + 1
    return [*ordered[: MOST_PROBLEMS - 1], problem("warning", "more", f"{rest} more problems of this kind")]


def _name(spec: ImportSounds) -> str:
    """The name asked for, or one made of the first folder's or file's. Raises Usage."""
    if spec.name:
        return checked_name(spec.name)
    first = Path(spec.paths[0])
    several = len(spec.paths) > 1 and not first.is_dir()
    base = first.parent.name if several else first.name if first.is_dir() else first.stem
    plain = "".join(c if c.isprintable() else "_" for c in spoken(base)).strip()
    return plain[: LONGEST - 10].strip() or "sounds"


def _place(spec: ImportSounds) -> str:
    """What was to be imported, in a few words for a message."""
    first = spoken(Path(spec.paths[0]).name or spec.paths[0]) if spec.paths else "nothing"
    return first if len(spec.paths) < 2 else f"{first} and {len(spec.paths) - 1} more"
