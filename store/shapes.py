"""What a record from elsewhere must look like, so that every screen and command may rely on its fields."""

import math
from typing import Any

from store import names
from store.errors import BadInput

NUMBER, WHOLE, TEXT = "a number", "a whole number", "text"
LIST, TABLE, YES = "a list", "an object", "true or false"
SERIES, WORDS = "a list of numbers", "a list of texts"
SIZE, RANGE = "a list of two whole numbers", "a list of two numbers of 0-100, the lower first"
NUMBERS, FACTS = "an object of numbers", "an object of numbers, texts or nulls"
COMMON = {"id": TEXT, "name": TEXT, "created": TEXT, "trashed": TEXT, "job": TEXT}
FIELDS: dict[str, dict[str, str]] = {
    "datasets": {
        "count": WHOLE, "seconds": NUMBER, "bytes": WHOLE, "rates": SERIES, "channels": SERIES,
        "subtypes": WORDS, "folder": TEXT, "problems": LIST, "copied": YES,
    },
    "models": {
        "dataset": TEXT, "dataset_name": TEXT, "path": TEXT, "files": WHOLE, "seconds": NUMBER,
        "epochs": NUMBER, "steps": WHOLE, "minutes": NUMBER, "validation": NUMBER, "preset": TEXT,
        "device": TEXT, "bytes": WHOLE, "axes": LIST, "spec": TABLE, "sha256": TEXT,
        "quality": TABLE,
    },
    "presets": {
        "folder": TEXT, "model": TEXT, "sliders": NUMBERS, "seed": WHOLE, "modified": TEXT,
        "description": TEXT,
    },
    "takes": {
        "model": TEXT, "model_name": TEXT, "seed": WHOLE, "sliders": NUMBERS, "preset": TEXT,
        "seconds": NUMBER, "rate": WHOLE, "bits": TEXT, "channels": WHOLE, "format": TEXT,
        "path": TEXT, "sidecar": TEXT,
        "bytes": WHOLE, "render": TEXT, "quality": FACTS, "preview": YES, "wave": TEXT,
        "reached": NUMBERS, "spec": TABLE, "wave_columns": WHOLE, "heat": TEXT, "heat_size": SIZE,
        "blind": TABLE,
    },
    "diagnosers": {
        "path": TEXT, "schema": WHOLE, "instruments": WORDS, "parts": WORDS, "sounds": WHOLE,
        "sources": WHOLE, "report": TABLE, "spec": TABLE, "files": TABLE, "gold": TABLE,
    },
    "repairers": {
        "path": TEXT, "net": TEXT, "rate": WHOLE, "sounds": WHOLE, "verdict": TEXT, "report": TABLE,
        "spec": TABLE, "files": TABLE, "feedback": TABLE,
    },
    "corrections": {"eq": SERIES, "levels": SERIES, "gains": SERIES, "of": TEXT, "text": WORDS},
}  # fmt: skip
REQUIRED: dict[str, tuple[str, ...]] = {
    "datasets": ("count", "seconds", "bytes", "rates", "channels", "subtypes", "folder", "problems"),
    "models": ("dataset", "dataset_name", "path", "files", "seconds", "minutes", "axes", "sha256"),
    "presets": ("sliders",),
    "diagnosers": ("path", "schema", "instruments", "parts", "report"),
    "corrections": ("eq", "levels", "gains"),
    "repairers": ("path", "net", "rate", "verdict", "report"),
    "takes": (
        "model",
        "model_name",
        "seed",
        "sliders",
        "seconds",
        "rate",
        "bits",
        "channels",
        "format",
        "path",
    ),
}
"""Besides id, name and created: what screens, commands and recipes take for granted."""
NULLABLE = ("trashed", "validation")
PARTS: dict[tuple[str, str], dict[str, str]] = {
    ("datasets", "problems"): {"level": TEXT, "code": TEXT, "file": TEXT, "message": TEXT},
    ("models", "axes"): {
        "name": TEXT, "unit": TEXT, "help": TEXT, "low_word": TEXT, "high_word": TEXT, "values": SERIES,
        "safe": RANGE, "warning": RANGE, "reach": RANGE, "available": YES, "kind": TEXT, "why": TEXT,
    },
}  # fmt: skip
"""Fields that are lists of objects: what those have."""
PART_REQUIRED = {"problems": ("level", "message"), "axes": ("name",)}
PICTURED = ("wave", "heat", "heat_size")
"""Fields of a take that lead to its pictures."""
LONGEST = 4096
"""Characters of a text field; a longer one is no name, path or description."""
DEEPEST = 12
ITEMS = {SERIES: NUMBER, WORDS: TEXT}


def _is(value: Any, kind: str) -> bool:
    if kind == TEXT:
        return isinstance(value, str) and len(value) <= LONGEST
    if kind == YES:
        return isinstance(value, bool)
    if kind == WHOLE:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if kind == NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    if kind in ITEMS:
        return isinstance(value, list) and all(_is(item, ITEMS[kind]) for item in value)
    if kind == SIZE:
        return isinstance(value, list) and len(value) == 2 and all(_is(n, WHOLE) and n >= 0 for n in value)
    if kind == RANGE:
        return _is(value, SERIES) and len(value) == 2 and 0 <= value[0] <= value[1] <= 100
    if kind in (NUMBERS, FACTS):
        also = kind == FACTS
        return isinstance(value, dict) and all(
            _is(item, NUMBER) or (also and (item is None or _is(item, TEXT))) for item in value.values()
        )
    return isinstance(value, list if kind == LIST else dict)


def check(table: str, record: Any, where: str) -> dict:
    """``record`` itself when it may stand in ``table``; BadInput, one line that begins with ``where``."""
    if not isinstance(record, dict):
        raise BadInput(f"{where}: a record is an object, not {_told(record)}")
    _check_id(record.get("id"), where)
    _check_fields(record, COMMON | FIELDS[table], ("name", "created", *REQUIRED[table]), where)
    for (owner, field), parts in PARTS.items():
        for number, part in enumerate((record.get(field) or []) if owner == table else []):
            if not isinstance(part, dict):
                raise BadInput(f"{where}: {field}[{number}] is {_told(part)}; {TABLE} is needed")
            _check_fields(part, parts, PART_REQUIRED[field], f"{where}: {field}[{number}]")
    check_plain(record, where)
    return record


def fits(table: str, record: dict) -> bool:
    """Whether a record that is in ``table`` has what is taken for granted, and of the kinds it should be.

    Less than ``check`` asks for: what screens show only where it can be shown may be anything.
    """
    needed = ("name", "created", *REQUIRED[table])
    fields = {field: (COMMON | FIELDS[table])[field] for field in needed}
    fields |= {field: FIELDS[table][field] for field in PICTURED if record.get(field) and table == "takes"}
    if not all(_is(record.get(field), kind) for field, kind in fields.items()):
        return False
    parts = (part for owner, field in PARTS if owner == table for part in record[field])
    return all(isinstance(part, dict) for part in parts)


def _check_fields(record: dict, fields: dict[str, str], required: tuple[str, ...], where: str) -> None:
    for field in required:
        if record.get(field) is None:
            raise BadInput(f"{where}: '{field}' is missing; {fields[field]} is needed")
    for field, kind in fields.items():
        if field not in record or (record[field] is None and field in NULLABLE):
            continue
        if not _is(record[field], kind):
            raise BadInput(f"{where}: '{field}' is {_told(record[field])}; {kind} is needed")


def _check_id(record_id: Any, where: str) -> None:
    if not isinstance(record_id, str) or not names.ID.fullmatch(record_id):
        raise BadInput(f"{where}: 'id' is {_told(record_id)}; letters, digits and _ . : - are needed")


def check_plain(value: Any, where: str, depth: int = 0) -> None:
    """Refuses what is nested deeper than anything of ours and numbers that are not finite."""
    if depth > DEEPEST:
        raise BadInput(f"{where}: nested deeper than {DEEPEST} levels")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"{where}: a number is not finite")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            check_plain(item, where, depth + 1)


def _told(value: Any) -> str:
    if value is None:
        return "missing"
    return f"'{names.shown(value, 40)}'" if isinstance(value, str) else names.shown(repr(value), 40)
