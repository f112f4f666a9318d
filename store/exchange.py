"""All tables as one file of plain JSON, to keep or to take elsewhere."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from store import shapes
from store.errors import BadInput
from store.files import atomic

if TYPE_CHECKING:
    from store.shelf import Shelf

FORMAT = 1
LARGEST = 512 * 2**20
"""Bytes of a file to import; 100,000 records have about a tenth."""


def export(shelves: dict[str, "Shelf"], path: Path | str) -> dict:
    """Write ``{"woodshed": 1, "tables": {table: [records]}}``, with what is in the trash."""
    path = Path(path).expanduser().absolute()
    tables = {table: shelf.all() + shelf.all(trashed=True) for table, shelf in shelves.items()}
    text = json.dumps({"woodshed": FORMAT, "tables": tables}, ensure_ascii=False, allow_nan=False, indent=1)
    atomic(path, text.encode("utf-8", "backslashreplace") + b"\n")
    return {"path": str(path), **{table: len(records) for table, records in tables.items()}}


def load(shelves: dict[str, "Shelf"], path: Path | str) -> dict:
    """Add the records of an exported file whose ids are not here yet; all of them are checked first.

    Settings are left out: they say how one person's screens look on one machine.
    """
    path = Path(path).expanduser().absolute()
    tables = {table: records for table, records in read(path).items() if table != "settings"}
    for table in tables:
        if table not in shelves:
            raise BadInput(f"{path.name}: there is no table {table[:40]!r}; tables: {', '.join(shelves)}")
    for table, records in tables.items():
        if not isinstance(records, list):
            raise BadInput(f"{path.name}: '{table}' is not a list of records")
        for number, record in enumerate(records):
            shapes.check(table, record, f"{path.name}: {table}[{number}]")
    added = {table: shelves[table].merge(records) for table, records in tables.items()}
    kept = {table: len(records) - added[table] for table, records in tables.items()}
    return {"path": str(path), "added": added, "kept": kept}


def read(path: Path) -> dict[str, Any]:
    """The tables in an exported file, not yet checked. Raises BadInput."""
    content = plain(path, LARGEST)
    if not isinstance(content, dict) or not isinstance(content.get("tables"), dict):
        raise BadInput(f"{path.name}: no library; `woodshed library export FILE` makes such a file")
    if content.get("woodshed") != FORMAT:
        raise BadInput(f"{path.name}: its format is not {FORMAT}; it comes from another version of woodshed")
    return content["tables"]


def plain(path: Path, largest: int) -> Any:
    """The JSON of a file that someone else may have made. Raises BadInput, one line."""
    try:
        if not path.is_file():
            raise BadInput(f"{path}: no such file")
        size = path.stat().st_size
        if size > largest:
            raise BadInput(f"{path.name}: {size} bytes; {largest} at most")
        return json.loads(path.read_bytes().decode("utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise BadInput(f"{path.name}: nested too deeply") from None
    except ValueError as error:
        raise BadInput(f"{path.name}: not JSON ({error})") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no finite number")
