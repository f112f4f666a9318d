"""What is inside a dataset, as its import wrote it down, and whether it is still so."""

import json
from pathlib import Path
from typing import Any

from store import files
from store.errors import BadInput
from studio import actions


def sounds(dataset: dict[str, Any]) -> list[dict[str, Any]]:
    """The sounds of a dataset in order. Raises BadInput when its list can't be read."""
    path = Path(dataset["folder"]) / "sounds.json"
    try:
        listed = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: {error}; import the sounds again: woodshed data add") from error
    if not isinstance(listed, list):
        raise BadInput(f"{path}: is not a list of sounds; import them again: woodshed data add")
    return listed


def check(key: str) -> dict[str, Any]:
    """Read every sound again: ``{"id", "name", "count", "usable", "ok", "problems"}``.

    ``problems`` are those of the import and those found now; ``ok`` when every usable sound is
    what it was and there is at least one.
    """
    dataset = actions.library().datasets.find(key)
    listed = sounds(dataset)
    found = [problem for sound in listed if (problem := _changed(sound))]
    gone = {problem["file"] for problem in found}
    usable = sum(sound["usable"] and sound["file"] not in gone for sound in listed)
    return {
        "id": dataset["id"],
        "name": dataset["name"],
        "path": dataset["folder"],
        "count": len(listed),
        "usable": usable,
        "ok": usable > 0 and not found,
        "problems": [*dataset["problems"], *found],
    }


def _changed(sound: dict[str, Any]) -> dict[str, str] | None:
    """The problem of a usable sound that is no longer what was imported."""
    if not sound["usable"]:
        return None
    try:
        same = files.sha256(sound["file"]) == sound["sha256"]
    except OSError as error:
        return _problem(sound, "missing", f"can't be read ({error.strerror}); put it back or import again")
    return None if same else _problem(sound, "changed", "is not the file that was imported; import again")


def _problem(sound: dict[str, Any], code: str, message: str) -> dict[str, str]:
    return {"level": "error", "code": code, "file": sound["file"], "message": message}
