"""What a record from elsewhere must look like, so that every screen and command may rely on its fields."""

import math
from typing import Any

from store import names
from store.errors import BadInput

NUMBER, WHOLE, TEXT = "a number", "a whole number", "text"
LIST, TABLE, YES = "a list", "an object", "true or false"
COMMON = {"id": TEXT, "name": TEXT, "created": TEXT, "trashed": TEXT, "job": TEXT}
FIELDS: dict[str, dict[str, str]] = {
    "datasets": {
        "count": WHOLE, "seconds": NUMBER, "bytes": WHOLE, "rates": LIST, "channels": LIST, "subtypes": LIST,
        "folder": TEXT, "problems": LIST, "copied": YES,
    },
    "models": {
        "dataset": TEXT, "dataset_name": TEXT, "path": TEXT, "files": WHOLE, "seconds": NUMBER,
        "epochs": WHOLE, "steps": WHOLE, "minutes": NUMBER, "validation": NUMBER, "preset": TEXT,
        "device": TEXT, "bytes": WHOLE, "axes": LIST, "spec": TABLE, "sha256": TEXT,
    },
    "presets": {
        "folder": TEXT, "model": TEXT, "sliders": TABLE, "seed": WHOLE, "modified": TEXT, "description": TEXT,
    },
    "takes": {
        "model": TEXT, "model_name": TEXT, "seed": WHOLE, "sliders": TABLE, "preset": TEXT, "seconds": NUMBER,
        "rate": WHOLE, "bits": TEXT, "channels": WHOLE, "format": TEXT, "path": TEXT, "sidecar": TEXT,
        "bytes": WHOLE, "render": TEXT, "quality": TABLE, "preview": YES,
    },
    "settings": {},
}  # fmt: skip
LONGEST = 4096
"""Characters of a text field; a longer one is no name, path or description."""
DEEPEST = 12


def _is(value: Any, kind: str) -> bool:
    if kind == TEXT:
        return isinstance(value, str) and len(value) <= LONGEST
    if kind == YES:
        return isinstance(value, bool)
    if kind == WHOLE:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if kind == NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return isinstance(value, list if kind == LIST else dict)


def check(table: str, record: Any, where: str) -> dict:
    """``record`` itself when it may stand in ``table``; BadInput, one line that begins with ``where``."""
    if not isinstance(record, dict):
        raise BadInput(f"{where}: a record is an object, not {_told(record)}")
    if table == "settings":
        return _checked_setting(record, where)
    _check_id(record.get("id"), where)
    for field in ("name", "created"):
        if field not in record:
            raise BadInput(f"{where}: '{field}' is missing")
    for field, kind in (COMMON | FIELDS[table]).items():
        if field in record and record[field] is not None and not _is(record[field], kind):
            raise BadInput(f"{where}: '{field}' is {_told(record[field])}; {kind} is needed")
    for axis, value in (record.get("sliders") or {}).items():
        if not _is(value, NUMBER):
            raise BadInput(f"{where}: slider '{names.shown(axis)}' is {_told(value)}; {NUMBER} is needed")
    check_plain(record, where)
    return record


def _checked_setting(record: dict, where: str) -> dict:
    if not _is(record.get("id"), TEXT) or "value" not in record:
        raise BadInput(f"{where}: a setting needs 'id' and 'value'")
    check_plain(record, where)
    return record


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
