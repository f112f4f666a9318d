"""What both fronts say of records on their shelf: presets with their model, and what a purge would lose."""

from collections.abc import Mapping
from typing import Any

from studio.house import library, shelf
from studio.report import part
from studio.text import count, size

TABLES = {
    "takes": "take",
    "models": "model",
    "datasets": "dataset",
    "presets": "preset",
    "diagnosers": "diagnosis model",
    "corrections": "correction",
    "repairers": "repairer",
}
"""Table -> the word for one of its records."""


def shelved(preset: Mapping[str, Any]) -> dict[str, Any]:
    """A preset with the name of its model, which a filter may ask for."""
    model = library().models.get(str(preset.get("model", ""))) or {}
    return {**preset, "model_name": str(model.get("name", ""))}


def of_take(take: Mapping[str, Any]) -> dict[str, Any]:
    """``sliders``, ``seed`` and ``model`` of a take, as a preset keeps them; no model where it is gone."""
    model = library().models.get(str(take.get("model", ""))) or {}
    return {
        "sliders": dict(part(take, "sliders")),
        "seed": take.get("seed", 0),
        "model": "" if not model or model.get("trashed") else model["id"],
    }


def in_trash() -> list[dict[str, Any]]:
    """Everything that was deleted, the newest first: ``{"table", "size", "record"}``, ``size`` in bytes."""
    found = [
        {"table": table, "size": shelf(table).bytes_of(record), "record": record}
        for table in TABLES
        for record in shelf(table).all(trashed=True)
    ]
    return sorted(found, key=lambda entry: str(entry["record"].get("trashed", "")), reverse=True)


def lost(entry: Mapping[str, Any]) -> str:
    """What is gone for good when an entry of the trash is purged, and what stays."""
    table, record = entry["table"], entry["record"]
    files = f"{size(entry['size'])} of files" if entry["size"] else "no files"
    if table == "takes":
        return f"{files}: its sound and pictures; what you exported stays"
    if table == "presets":
        return count(len(part(record, "sliders")), "slider")
    if table == "corrections":
        return "its equaliser and dynamics; files that it was applied to stay"
    if table in ("diagnosers", "repairers"):
        return f"{files}; the sounds that it learned from stay"
    if table == "datasets":
        sounds = "the copies of its sounds" if record.get("copied") else "not the sounds themselves"
        return f"{files}, {sounds}; models that learned it stay"
    takes = sum(take.get("model") == record["id"] for take in library().takes.all())
    return f"{files}: its weights; {count(takes, 'take')} of it stay, but can't be made again"
