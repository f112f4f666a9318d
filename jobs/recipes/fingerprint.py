"""Reduce sounds to 64 numbers each: a table as CSV and Parquet, with what its columns mean beside it.

What was measured lies in the cache by the content of the file, so an attempt goes on where the last one
ended, and a second table costs reading the files.
"""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.recipes.examined import each_examined
from jobs.recipes.material import Material, material
from jobs.recipes.outside import give, give_json, given
from jobs.sound import slots
from jobs.sound.slots import NAMES, SCHEMA, SLOTS
from jobs.specs import Fingerprint
from store import files, paths
from store.errors import BadInput, NotFound, Usage
from store.files import atomic

LEFT = "fingerprints.json"
"""In the folder of the run: a row for each sound."""
HEADER = ("file", "subset", "instrument", "flaw", *NAMES)
METADATA = "feature_metadata.json"
ENDINGS = (".csv", ".parquet")
UNKNOWN = "unknown"


def run(spec: Fingerprint, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (no sound can be used, a file that is not ours is in the way)."""
    table = _table(spec.out) if spec.out else None
    sounds = material(spec.sounds, desk)
    rows = fingerprints(sounds, desk)
    good = [row for row in rows if "error" not in row]
    if not good:
        raise BadInput(f"{rows[0]['name']}: {rows[0]['error']}" if rows else "no sounds")
    give_json(desk.folder / LEFT, [_named(row) for row in rows])
    give_json(desk.folder / METADATA, metadata())
    summary = {"count": len(good), "failed": len(rows) - len(good), "schema": SCHEMA, "left": LEFT}
    if table:
        summary |= write_table(table, good)
        desk.note(f"{len(good)} fingerprints in {table}")
    return {"summary": summary}


def fingerprints(sounds: list[Material], desk: Desk) -> list[dict[str, Any]]:
    """A row for each sound: ``file``, ``name``, ``subset``, ``instrument``, ``flaw``, ``sha256`` and
    ``fingerprint`` (64 numbers), or an ``error``. Raises Stopped."""
    rows: list[dict[str, Any]] = [{"file": one.file, "name": one.name, **_label(one)} for one in sounds]
    missing = []
    for index, row in enumerate(rows):
        try:
            row["sha256"] = files.sha256(row["file"])
        except OSError as error:
            row["error"] = (error.strerror or str(error)).lower()
            continue
        known = _known(row["sha256"])
        if known is None:
            missing.append(index)
        else:
            row["fingerprint"] = known
        desk.check()
    for index, answer in _measured([rows[index]["file"] for index in missing], desk):
        row = rows[missing[index]]
        if "fingerprint" in answer:
            # Of what was measured: the file may be another one than it was before.
            row |= {"fingerprint": answer["fingerprint"], "sha256": answer["sha256"]}
            _keep(row["sha256"], answer["fingerprint"])
        else:
            row["error"] = answer["why"]
    return rows


def _measured(missing: list[str], desk: Desk) -> Iterator[tuple[int, dict[str, Any]]]:
    for count, found in enumerate(each_examined(missing, desk, "fingerprint")):
        yield found
        if len(missing) > 1:
            desk.progress(count + 1, len(missing), "files")


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """With ``features``, name -> value, instead of bare numbers; ``levelled``: what differs at -18 LUFS."""
    if "fingerprint" not in row:
        return row
    plain = {key: value for key, value in row.items() if key != "fingerprint"}
    values = row["fingerprint"]
    level = slots.levelled(np.array(values))
    moved = {
        name: float(value) for name, was, value in zip(NAMES, values, level, strict=True) if value != was
    }
    return {**plain, "schema": SCHEMA, "features": dict(zip(NAMES, values, strict=True)), "levelled": moved}


def _label(one: Material) -> dict[str, str]:
    told = one.label
    return {
        "subset": told.subset or UNKNOWN,
        "instrument": told.instrument or UNKNOWN,
        "flaw": told.flaw or UNKNOWN,
    }


def _kept(sha256: str) -> Path:
    return paths.cache() / "fingerprints" / str(SCHEMA) / sha256[:2] / f"{sha256[2:34]}.json"


def _known(sha256: str) -> list[float] | None:
    try:
        values = json.loads(_kept(sha256).read_bytes())
        fits = len(values) == len(NAMES) and bool(np.isfinite(np.array(values, float)).all())
    except (OSError, ValueError, TypeError):
        return None
    return values if fits else None


def _keep(sha256: str, values: list[float]) -> None:
    atomic(_kept(sha256), json.dumps(values, allow_nan=False))


# --- the table ---------------------------------------------------------------------------------------


def _table(out: str) -> Path:
    """The file of one's own. Raises Usage, NotFound, BadInput where it is not a table of ours."""
    path = Path(out)
    if path.suffix.lower() not in ENDINGS:
        raise Usage(f"out: {path.name} has no ending of a table; nearest: {path.with_suffix('.csv').name}")
    if not path.parent.is_dir():
        raise NotFound(f"out: {path.parent}: no such folder; make it first")
    for file in (path.with_suffix(ending) for ending in ENDINGS):
        if file.exists() and not _ours(file):
            raise BadInput(f"out: {file} exists already and is no table of fingerprints; choose another name")
    told = path.with_name(METADATA)
    if told.exists() and not _is_metadata(given(told)):
        raise BadInput(f"out: {told} exists already and is not ours; choose another folder")
    return path


def _is_metadata(told: Any) -> bool:
    return isinstance(told, dict) and {"schema", "features"} <= told.keys()


def _ours(file: Path) -> bool:
    """Whether it is a table of ours, or what was left of one: it may be written again."""
    if file.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        try:
            return file.stat().st_size == 0 or pq.read_schema(file).names == list(HEADER)
        except (OSError, ValueError):
            return False
    header = ",".join(HEADER).encode()
    with open(file, "rb") as opened:
        begin = opened.read(len(header))
    return header.startswith(begin)


def write_table(path: Path, rows: list[dict[str, Any]]) -> dict[str, str]:
    """CSV and Parquet beside each other, and the metadata; the paths of all three."""
    table, parquet, told = path.with_suffix(".csv"), path.with_suffix(".parquet"), path.with_name(METADATA)
    give(table, _csv(rows))
    give(parquet, _parquet(rows))
    give_json(told, metadata())
    return {"path": str(path), "csv": str(table), "parquet": str(parquet), "metadata": str(told)}


def metadata() -> dict[str, Any]:
    """Schema version, and unit, meaning and source of each column."""
    columns = [{"name": slot.name, "index": at, "unit": slot.unit, "meaning": slot.meaning,
                "source": slot.source} for at, slot in enumerate(SLOTS)]  # fmt: skip
    return {
        "schema": SCHEMA, "rate": slots.RATE, "frame": slots.FRAME, "hop": slots.HOP,
        "features": columns,
    }  # fmt: skip


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows:
        values = [f"{np.float32(value):.9g}" for value in row["fingerprint"]]
        writer.writerow([_plain(row["name"]), row["subset"], row["instrument"], row["flaw"], *values])
    return out.getvalue()


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa  # what a look at one sound need not load
    import pyarrow.parquet as pq

    values = np.array([row["fingerprint"] for row in rows], np.float32)
    columns: dict[str, Any] = {"file": [row["name"] for row in rows]}
    columns |= {key: [row[key] for row in rows] for key in ("subset", "instrument", "flaw")}
    columns |= {name: values[:, at] for at, name in enumerate(NAMES)}
    out = io.BytesIO()
    told = {b"schema": str(SCHEMA).encode(), b"metadata": json.dumps(metadata()).encode()}
    pq.write_table(pa.table(columns).replace_schema_metadata(told), out)
    return out.getvalue()
