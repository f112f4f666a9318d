"""Records from outside as frozen dataclasses: each field says what it may be, everything else is refused.

A field is declared as ``packet: Annotated[int, whole(16, 65_536)]``. A check takes a value and where it was
found, and gives the value or raises Refused: one line with the file, the field, what is there and what is
needed, with the nearest valid value where there is one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self, get_type_hints

from jobs.fields import nearest
from store import names

Check = Callable[[Any, str], Any]
MOST = 2**53
"""Of any count: whole numbers up to it survive every reader of JSON."""


class Refused(ValueError):
    """What came from outside is not used; one line."""


@dataclass(frozen=True)
class Record:
    """A dataclass whose fields are annotated with a check, or are Records themselves."""

    def record(self) -> dict[str, Any]:
        """As plain JSON, which ``parse`` takes back."""
        return asdict(self)

    @classmethod
    def parse(cls, record: Any, where: str) -> Self:
        """Raises Refused for a field that is missing, unknown, or not what it must be."""
        if not isinstance(record, dict):
            raise Refused(f"{where} is {told(record)}; an object is needed")
        checks = _checks(cls)  # type: ignore[arg-type]
        if "format" in record and "format" in checks:
            # First of all: what a later format has besides is unknown here.
            checks["format"](record["format"], f"{where}: format")
        for name in record:
            if name not in checks:
                raise Refused(f"{where}: {names.shown(str(name), 40)} is not known{nearest(name, checks)}")
        for one in fields(cls):
            if one.name not in record and one.default is MISSING:
                raise Refused(f"{where}: {one.name} is missing")
        return cls(**{name: checks[name](value, f"{where}: {name}") for name, value in record.items()})


@cache
def _checks(kind: type) -> dict[str, Check]:
    hints = get_type_hints(kind, include_extras=True).items()
    return {
        name: hint.__metadata__[0] if hasattr(hint, "__metadata__") else hint.parse for name, hint in hints
    }


def whole(low: int, high: int = MOST) -> Check:
    def check(value: Any, where: str) -> int:
        if type(value) is not int:
            raise Refused(f"{where} is {told(value)}; a whole number of {low} to {high} is needed")
        return _within(value, low, high, where)

    return check


def number(low: float, high: float) -> Check:
    def check(value: Any, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise Refused(f"{where} is {told(value)}; a number of {low:g} to {high:g} is needed")
        return float(_within(value, low, high, where))

    return check


def _within(value: Any, low: float, high: float, where: str) -> Any:
    if not low <= value <= high:
        edge = low if value < low else high
        if low == high:
            raise Refused(f"{where} is {told(value)}; this program reads {low}")
        raise Refused(f"{where} is {told(value)}; {low} to {high} is possible, nearest: {edge}")
    return value


def text(needed: str, like: str, longest: int) -> Check:
    """Text, all of which is ``like`` a pattern and which is ``needed`` in words."""
    pattern = re.compile(like, re.ASCII)

    def check(value: Any, where: str) -> str:
        if not isinstance(value, str) or len(value) > longest or not pattern.fullmatch(value):
            raise Refused(f"{where} is {told(value)}; {needed} is needed")
        return value

    return check


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= names.LONGEST or not value.isprintable():
        raise Refused(
            f"{where} is {told(value)}; printable text of 1 to {names.LONGEST} characters is needed"
        )
    return value


def optional(inner: Check) -> Check:
    """``inner``, or null."""
    return lambda value, where: None if value is None else inner(value, where)


def several(inner: Check, least: int, most: int) -> Check:
    """A list, as a tuple."""

    def check(value: Any, where: str) -> tuple:
        if not isinstance(value, list | tuple):
            raise Refused(f"{where} is {told(value)}; a list is needed")
        if not least <= len(value) <= most:
            raise Refused(f"{where} has {len(value)} entries; {least} to {most} are possible")
        return tuple(inner(item, f"{where}[{index}]") for index, item in enumerate(value))

    return check


def table(key: Check, inner: Check, most: int) -> Check:
    """An object of ``most`` entries at most."""

    def check(value: Any, where: str) -> dict:
        if not isinstance(value, dict):
            raise Refused(f"{where} is {told(value)}; an object is needed")
        if len(value) > most:
            raise Refused(f"{where} has {len(value)} entries; {most} at most")
        return {key(name, where): inner(item, f"{where}: {told(name)}") for name, item in value.items()}

    return check


MODEL = text("a model's id (letters, digits and _ . : -)", names.ID.pattern, 128)
FILE = text(
    "the plain name of a file (letters, digits and _ . -)", "[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", 100
)
MOMENT = text("a moment such as 2026-01-31T12:00:00.000Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", 40)
Model = Annotated[str, MODEL]
Name = Annotated[str, _name]
File = Annotated[str, FILE]
"""A file that stays in its folder, on every system."""
Moment = Annotated[str, MOMENT]
Count = Annotated[int, whole(0)]
Version = Annotated[int, whole(1, 2**31 - 1)]


def told(value: Any) -> str:
    """A value in a message."""
    return names.shown(repr(value), 40)


def check_size(path: Path, most: int) -> int:
    """Bytes of a regular file. Raises Refused when there is none, or it has more than ``most``."""
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is no plain file" if path.exists() else ""
        said = f"{found}; name a file" if found else "no such file"
        raise Refused(f"{names.shown(str(path), 300)}: {said}")
    size = path.stat().st_size
    if size > most:
        raise Refused(f"{path.name}: {size} bytes; {most} at most")
    return size


def content_of(path: Path | str, most: int) -> bytes:
    """The bytes of a regular file of ``most`` bytes at most. Raises Refused."""
    path = Path(path)
    size = check_size(path, most)
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise Refused(f"{path.name}: can't be read ({error.strerror})") from None


def plain(content: bytes, where: str) -> Any:
    """The JSON in ``content``. Raises Refused, also for NaN and what is nested too deeply."""
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        raise Refused(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise Refused(f"{where}: not JSON ({names.shown(str(error))})") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no finite number")
