"""Records that have what every screen takes for granted: tables are files, and anybody may edit those."""

from typing import Any

from store import shapes

_known: dict[str, dict[int, tuple[dict[str, Any], bool]]] = {}
"""Table -> id() of a record -> the record, held so that its id() stays its own, and whether it is whole."""
_broken: dict[str, int] = {}
"""Table -> how many records of it are not whole: counted once, since it is asked for every second."""


def whole(table: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of ``records`` that are whole; each is looked at once, until it is another dict."""
    before = _known.get(table, {})
    now = {}
    for record in records:
        held = before.get(id(record))
        now[id(record)] = held if held and held[0] is record else (record, shapes.fits(table, record))
    _known[table] = now
    kept = [record for record, fits in now.values() if fits]
    _broken[table] = len(now) - len(kept)
    return kept


def broken(table: str) -> int:
    """How many records of a table were left out last time."""
    return _broken.get(table, 0)
