"""Sounds to look at closely: what a person means by a word, and the sounds of a dataset by name."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import specs
from jobs.job import Job
from jobs.specs import nearest
from store.errors import NotFound
from store.names import shown
from studio.asking import submit
from studio.house import library

BEYOND = 1e15
"""No figure of a sound is as large as that."""


@dataclass(frozen=True)
class Subject:
    """``path`` of a sound, what it is called, and the dataset (an id, or nothing) it belongs to."""

    path: str
    name: str
    dataset: str = ""


def sounds(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The sounds of a dataset, each with its folder and its place in the peaks; empty when unreadable."""
    path = Path(record.get("folder", "")) / "sounds.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(found, list):
        return []
    return [{"id": at, **_whole(one), "at": at, "folder": str(path.parent)} for at, one in enumerate(found)]


def _whole(sound: Any) -> dict[str, Any]:
    """A sound of which everything can be shown, whoever edited the file it was read from."""
    if not isinstance(sound, dict):
        return {
            "usable": False,
            "reasons": ["its line in sounds.json can't be read"],
            "file": "",
            "name": "?",
        }
    numbers = {
        key: sound.get(key) for key in ("seconds", "rate", "channels", "bytes", "peak_dbfs", "rms_dbfs")
    }
    reasons = sound.get("reasons")
    return {
        **sound,
        # Neither what is no number nor an integer of a thousand digits can be written as one.
        **{
            key: value if isinstance(value, int | float) and abs(value) < BEYOND else None
            for key, value in numbers.items()
        },
        "name": str(sound.get("name", "?")),
        "file": str(sound.get("file", "")),
        "reasons": [str(why) for why in reasons] if isinstance(reasons, list) else [],
    }


def subject(word: str) -> Subject:
    """A file, a take by name or id, or ``DATASET/SOUND``. Raises NotFound."""
    file = Path(word).expanduser().absolute()
    there = exists(file)
    if there and file.is_file():
        return of_file(str(file))
    try:
        return of_take(library().takes.find(word))
    except NotFound:
        pass
    owner, slash, name = word.partition("/")
    known = [record["name"] for record in library().datasets.all()]
    if slash and (owner in known or any(one["id"].startswith(owner) for one in library().datasets.all())):
        return _of_dataset(library().datasets.find(owner), name)
    if there:
        raise NotFound(f"{shown(word)}: is {'a folder' if file.is_dir() else 'no plain file'}; name a file")
    near = [*(str(take["name"]) for take in library().takes.all()), *beside(file)]
    raise NotFound(
        f"{shown(word)}: no file, no take and no DATASET/SOUND of that name{nearest(file.name, near)}"
    )


def exists(path: Path) -> bool:
    """Whether there is such a file; there is none of a name that no file can have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def beside(path: Path, folders: bool = False) -> list[str]:
    """Names of files, or of folders alone, where this one should be."""
    try:
        return [other.name for other in path.parent.iterdir() if not folders or other.is_dir()]
    except (OSError, ValueError):
        return []


def of_file(path: str) -> Subject:
    """A file; the dataset is the one that has it, if any has."""
    for record in reversed(library().datasets.all()):
        if any(one.get("file") == path for one in sounds(record)):
            return Subject(path, Path(path).name, record["id"])
    return Subject(path, Path(path).name)


def of_take(take: dict[str, Any]) -> Subject:
    """A take; the dataset is the one that its model learned."""
    model = library().models.get(str(take.get("model", ""))) or {}
    return Subject(str(take["path"]), str(take["name"]), str(model.get("dataset", "")))


def _of_dataset(record: dict[str, Any], name: str) -> Subject:
    found = sounds(record)
    one = next((sound for sound in found if name in (sound.get("name"), sound.get("id"))), None)
    if one is None or not one["file"]:
        names = [str(sound.get("name")) for sound in found]
        raise NotFound(f"{record['name']}: no sound {name!r}{nearest(name, names)}")
    return Subject(one["file"], one["name"], record["id"])


def against(word: str) -> str:
    """The id of a dataset, or of the one that a model of that name learned. Raises NotFound."""
    try:
        return library().datasets.find(word)["id"]
    except NotFound:
        try:
            return str(library().models.find(word).get("dataset", ""))
        except NotFound:
            names = [one["name"] for one in (*library().datasets.all(), *library().models.all())]
            raise NotFound(f"{word}: no dataset and no model of that name{nearest(word, names)}") from None


def look(what: Subject, group: str = "") -> Job:
    """A job that looks at it. In a ``group`` the newest wins."""
    known = library().datasets.get(what.dataset) if what.dataset else None
    return submit(specs.Look, group, path=what.path, dataset=what.dataset if known else "")


def standing(axis: dict[str, Any], dataset: str) -> str:
    """Where a sound lies among others, in words: ``brighter than 8 of 10 sounds of drums``."""
    if "sounds" not in axis:
        return ""
    number, below = axis["sounds"], axis["below"]
    if not axis["least"] <= axis["value"] <= axis["most"]:
        return f"{'above' if axis['value'] > axis['most'] else 'below'} all {number} of {dataset}"
    if number > 1 and axis["least"] == axis["most"]:
        return f"like all of {dataset}"
    return f"above {below} of {number} of {dataset}"
