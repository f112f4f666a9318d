"""Show how the numbers of a set's sounds are distributed: by feature and instrument, gold against flawed."""

from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.recipes.fingerprint import METADATA, UNKNOWN, fingerprints, metadata
from jobs.recipes.material import material
from jobs.recipes.outside import give, give_json, tried, writing
from jobs.sound.labels import GOLD, INSTRUMENTS
from jobs.sound.slots import NAMES, SCHEMA, levelled
from jobs.sound.spread import apart, percentiles
from jobs.specs import Analyse
from store.errors import BadInput, NotFound, Usage

LEFT = "analysis.json"
"""In the folder of the run: what is told of each instrument."""
ENDING = ".png"
OTHERS = "not labelled"
"""Group of the sounds whose paths don't tell whether they are gold or flawed."""


def run(spec: Analyse, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (no sound can be used, another file is in the way)."""
    picture = _picture(spec.out) if spec.out else None
    rows = fingerprints(material(spec.sounds, desk), desk)
    good = [row for row in rows if "error" not in row]
    if not good:
        raise BadInput(f"{rows[0]['name']}: {rows[0]['error']}" if rows else "no sounds")
    told = analysis(good)
    give_json(desk.folder / LEFT, told)
    give_json(desk.folder / METADATA, metadata())
    summary: dict[str, Any] = {"count": len(good), "failed": len(rows) - len(good), "schema": SCHEMA}
    if picture:
        from jobs.recipes import analysis_picture  # matplotlib, which only a picture needs

        give(picture, analysis_picture.drawn(told))
        summary["path"] = str(picture)
    return {"summary": {**summary, "left": LEFT}}


def analysis(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each instrument ``groups``, gold first: ``name``, ``count``, by feature five ``percentiles`` and,
    where there is gold beside it, how far it stands ``apart`` from that.

    Sounds are compared at one loudness: a flaw is not a level.
    """
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    for row in rows:
        groups = found.setdefault(row["instrument"], {})
        groups.setdefault(_group(row), []).append(levelled(np.array(row["fingerprint"])))
    order = [*INSTRUMENTS, UNKNOWN]
    return [
        {"instrument": instrument, "groups": _groups(found[instrument])}
        for instrument in sorted(found, key=order.index)
    ]


def _group(row: dict[str, Any]) -> str:
    if row["subset"] == UNKNOWN:
        return OTHERS
    return GOLD if row["subset"] == GOLD else str(row["flaw"])


def _groups(found: dict[str, list[np.ndarray]]) -> list[dict[str, Any]]:
    gold = np.array(found[GOLD]) if GOLD in found else None
    groups = []
    for name in sorted(found, key=lambda name: (name != GOLD, name)):
        values = np.array(found[name])
        group = {"name": name, "count": len(values), "percentiles": _named(percentiles(values).T)}
        if gold is not None and name != GOLD:
            group["apart"] = _named(apart(values, gold))
        groups.append(group)
    return groups


def _named(values: np.ndarray) -> dict[str, Any]:
    return dict(zip(NAMES, values.tolist(), strict=True))


def _picture(out: str) -> Path:
    """The file of one's own. Raises Usage, NotFound, BadInput where there is another file."""
    path = Path(out)
    if path.suffix.lower() != ENDING:
        raise Usage(f"out: {path.name} is no name of a picture; nearest: {path.with_suffix(ENDING).name}")
    with writing(path, "out"):
        if not path.parent.is_dir():
            raise NotFound(f"out: {path.parent}: no such folder; make it first")
        if path.exists() and not _ours(path):
            raise BadInput(
                f"out: {path} exists already and is no picture of an analysis; choose another name"
            )
        if not path.exists():
            tried(path)
    return path


def _ours(path: Path) -> bool:
    """Whether it was drawn here: then it may be drawn again."""
    from jobs.recipes.analysis_picture import SOFTWARE

    with open(path, "rb") as file:
        return SOFTWARE.encode() in file.read(4096)
