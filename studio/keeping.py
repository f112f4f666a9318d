"""What is kept: datasets, models, presets and takes, their names and their trash."""

from collections.abc import Iterable, Mapping
from typing import Any

from jobs import specs
from jobs.job import utc
from jobs.sliders import axes_of, check
from store.errors import Usage
from store.names import checked_name, shown
from store.shapes import LONGEST
from studio.house import library, shelf
from studio.whole import whole

FOLDER_AT_MOST = 120
"""Characters."""


def datasets() -> list[dict]:
    """Oldest first."""
    return whole("datasets", library().datasets.all())


def models() -> list[dict]:
    """Oldest first."""
    return whole("models", library().models.all())


def presets() -> list[dict]:
    """Oldest first."""
    return whole("presets", library().presets.all())


def takes() -> list[dict]:
    """Oldest first."""
    return whole("takes", library().takes.all())


def rename(table: str, key: str, name: str) -> dict:
    """A record under a new name."""
    return shelf(table).rename(key, name)


def trash(table: str, key: str) -> dict:
    """Out of sight, until ``undo`` or ``restore``; its files stay where they are."""
    return shelf(table).trash(key)


def trash_all(table: str, keys: Iterable[str]) -> list[dict]:
    """Several at once, which one ``undo`` takes back. Raises before any is moved when a key is no record."""
    ids = list(dict.fromkeys(shelf(table).find(key)["id"] for key in keys))
    with library().together():
        return [shelf(table).trash(id) for id in ids]


def trashed(table: str) -> list[dict]:
    """What is in the trash, oldest first."""
    return shelf(table).all(trashed=True)


def restore(table: str, key: str) -> dict:
    """Back from the trash."""
    return shelf(table).restore(key)


def purge(table: str, key: str) -> dict:
    """Remove for good what is in the trash, with its files inside the library; the record as it was."""
    record = next((one for one in trashed(table) if key in (one["id"], one.get("name"))), None)
    shelf(table).purge(record["id"] if record else key)
    return record or {"id": key}


def undo() -> dict | None:
    """Revert the last trash, rename or change; the record, or None when there was none."""
    return library().undo()


def undo_all() -> list[dict]:
    """The same; every record that it had changed."""
    return library().undo_all()


def compare(take_a: str, take_b: str) -> dict:
    """What differs between two takes, how to play them as loud, which was preferred blind.

    ``{"a", "b", "differences": {field: [a, b]}, "loudness": {"by", "gain_db": [a, b]},
    "blind": {"votes": [a, b], "p", "verdict"}}``; ``p`` is that of the two-sided sign test.
    """
    from studio.pairing import matched, verdict, votes
    from studio.report import differences

    a, b = library().takes.find(take_a), library().takes.find(take_b)
    sides = [{key: take[key] for key in ("id", "name", "path")} for take in (a, b)]
    match, counts = matched(a, b), votes(a, b)
    return {
        "a": sides[0],
        "b": sides[1],
        "differences": differences(a, b),
        "loudness": {"by": match.by, "gain_db": [round(match.a, 2), round(match.b, 2)]},
        "blind": {"votes": list(counts), "p": round(counts.chance, 6), "verdict": verdict(counts)},
    }


def move_preset(key: str, folder: str) -> dict:
    """A preset into another folder, or out of all with an empty one."""
    record = library().presets.find(key)
    return library().presets.update(record["id"], folder=checked_folder(folder), modified=utc())


def checked_folder(folder: str) -> str:
    """A folder that presets are listed under: a name, or several with ``/`` between. Raises Usage."""
    parts = [part.strip() for part in folder.split("/")]
    folder = "/".join(part for part in parts if part)
    if len(folder) > FOLDER_AT_MOST:
        raise Usage(f"folder: {len(folder)} characters; {FOLDER_AT_MOST} at most")
    if not folder.isprintable():
        raise Usage(f"folder '{shown(folder)}': control and invisible characters can't be part of it")
    return folder


def save_preset(
    name: str,
    model_key: str,
    sliders: Mapping[str, float],
    seed: int | str = 0,
    folder: str = "",
    description: str = "",
    overwrite: bool = False,
) -> dict:
    """Keep slider positions under a name; without a model the axes are not checked.

    A name that is taken is refused, or its preset changed when ``overwrite``.
    """
    checked_name(name)
    folder, description = checked_folder(folder), description.strip()
    if len(description) > LONGEST or not description.isprintable():
        raise Usage(f"description: plain text of one line, {LONGEST} characters at most")
    values: dict[str, Any] = {
        "folder": folder,
        "model": "",
        "sliders": specs.parse(specs.Generate, "sliders", sliders),
        "seed": specs.parse(specs.Generate, "seed", seed),
        "modified": utc(),
        "description": description,
    }
    if model_key:
        model = library().models.find(model_key)
        check(values["sliders"], axes_of([model]))
        values["model"] = model["id"]
    taken = next((one for one in presets() if one["name"] == name), None)
    if taken and not overwrite:
        raise Usage(f"name: preset '{name}' exists; nearest: '{library().presets.fresh_name(name)}'")
    if taken:
        return library().presets.update(taken["id"], **values)
    return library().presets.add({"name": name, **values})
