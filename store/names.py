"""Names and ids: what may be one, how one is found by what a person typed, how one is shown in a message."""

import re
from collections.abc import Iterable, Sequence

from store.errors import NotFound, Usage

LONGEST = 120
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
"""An id names a folder or a file, so it can't hold a slash or begin with a dot."""
SHORTEST_PREFIX = 3
"""Fewer would let a slip of a letter or two mean whatever record happens to begin with it."""
NAMED_AT_MOST = 3


def shown(text: str, longest: int = 80) -> str:
    """``text`` for a message of one line: control and other unprintable characters as escapes, cut."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def checked_name(name: str) -> str:
    """A name a person gives, without the space around it; Usage when it can't be one."""
    name = name.strip()
    if not name:
        raise Usage("name: it is empty; use 1 to 120 characters")
    if len(name) > LONGEST:
        raise Usage(f"name: {len(name)} characters; {LONGEST} at most")
    if not name.isprintable():
        raise Usage(f"name '{shown(name)}': control and invisible characters can't be part of a name")
    return name


def file_stem(name: str, otherwise: str = "sound") -> str:
    """A name as that of a file, which stays in its folder and has no ending yet."""
    plain = "".join("-" if c in "/\\:\0" or not c.isprintable() else c for c in name).lstrip(".").strip()
    return plain.encode("utf-8", "replace")[:LONGEST].decode("utf-8", "ignore") or otherwise


def fresh(base: str, taken: Iterable[str]) -> str:
    """``base``, or ``base-2``, ``base-3`` ... when it is taken; never longer than a name may be."""
    used = set(taken)
    base = base[:LONGEST]
    name, number = base, 2
    while name in used:
        ending = f"-{number}"
        name = base[: LONGEST - len(ending)] + ending
        number += 1
    return name


def chosen(key: str, records: list[dict], kind: str) -> dict:
    """The record of ``records`` (oldest first) that ``key`` means: an id, a name, the beginning of an id.

    The newest wins when several have the name. Raises NotFound with the nearest names, Usage when the
    beginning fits several ids.
    """
    by_name = None
    beginnings = []
    for record in records:
        if record["id"] == key:
            return record
        if record.get("name") == key:
            by_name = record
        if key and record["id"].startswith(key):
            beginnings.append(record)
    if by_name is not None:
        return by_name
    if beginnings and len(key) < SHORTEST_PREFIX:
        raise NotFound(f"no {kind} '{shown(key)}'{too_short([_told(one) for one in beginnings])}")
    if len(beginnings) == 1:
        return beginnings[0]
    if beginnings:
        some = ", ".join(map(_told, beginnings[:NAMED_AT_MOST]))
        raise Usage(f"{kind} '{shown(key)}' begins {len(beginnings)} ids: {some}; type more of it")
    raise NotFound(f"no {kind} '{shown(key)}'{_nearest(key, records, kind)}")


def too_short(ids: Sequence[str]) -> str:
    """What is said of a key that is only too short to mean one of these."""
    some = ", ".join(ids[:NAMED_AT_MOST]) + (" ..." if len(ids) > NAMED_AT_MOST else "")
    return f"; of an id at least {SHORTEST_PREFIX} characters are needed: {some}"


def _told(record: dict) -> str:
    return f"{record['id']} ({shown(str(record.get('name', '')), 40)})"


def _nearest(key: str, records: list[dict], kind: str) -> str:
    import difflib  # 3 ms that only a mistake has to pay

    names = [str(record["name"]) for record in reversed(records) if record.get("name")]
    folded = {name.casefold(): name for name in reversed(names)}
    near = difflib.get_close_matches(key.casefold(), folded, n=NAMED_AT_MOST, cutoff=0.5)
    if near:
        return "; nearest: " + ", ".join(f"'{shown(folded[name])}'" for name in near)
    if not records:
        return f"; there are no {kind}s yet"
    return f"; the newest is '{shown(names[0])}'" if names else ""
