"""What the field counted, added up by repairer, kept with those that are here, and what it asks for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.field.checked import Refused
from jobs.field.feedback import NAME, TRAINED_MS, Feedback, summary
from jobs.field.gathered import files_of, gather, read_all
from jobs.field.histogram import GAP_MS
from jobs.field.suggestions import FEW
from jobs.locks import grab
from jobs.recipes.opened import refusing, repairer_of
from jobs.recipes.outside import give_json
from jobs.specs import ReadFeedback
from store import paths
from store.clock import now
from store.errors import BadInput, Busy
from store.files import inside
from store.library import Library

LEFT = "feedback.json"
LOCK, PATIENCE = "feedback.lock", 10.0
"""Seconds that another reading of feedback of the same repairer may take."""


def run(spec: ReadFeedback, desk: Desk) -> dict:
    """Raises BadInput (no feedback, none of that repairer), Busy."""
    path = Path(spec.feedback)
    with refusing():
        files = files_of(path)
        sessions, passed_over = read_all(files)
        models = [_of_model(one, sessions) for one in _models(sessions, spec.model, path.name)]
    found = {"files": [str(file) for file in files], "sessions": len(sessions), "passed_over": passed_over,
             "models": models}  # fmt: skip
    give_json(desk.folder / LEFT, found)
    names = [one["name"] for one in models if one["kept"]]
    return {"summary": {"path": str(path), "sessions": len(sessions), "passed_over": passed_over,
                        "repairers": names, "left": LEFT}}  # fmt: skip


def _models(sessions: list[Feedback], wanted: str, where: str) -> list[str]:
    """Ids of models that the sessions are of, or the ``wanted`` one. Raises Refused."""
    told = list(dict.fromkeys(one.model for one in sessions))
    if not wanted:
        return told
    if wanted not in told:
        others = ", ".join(told[:3])
        raise Refused(f"{where}: model: none of its {len(sessions)} sessions is of {wanted}, but of {others}")
    return [wanted]


def _of_model(model: str, sessions: list[Feedback]) -> dict[str, Any]:
    """Totals of one model: of all that is kept with its repairer, or of what was read where there is none."""
    read = [one for one in sessions if one.model == model]
    record = repairer_of(model)
    folder = inside(paths.data() / "repairers", model)
    if record is None or folder is None or not folder.is_dir():
        return {"model": model, "name": None, "kept": False, "new": len(read), **summary(read)}
    with _alone(folder):
        every, new = gather(folder / NAME, read)
        totals = summary(every, longest(record))
        Library().repairers.amend(model, feedback={**totals, "read": now()})
    return {"model": model, "name": record["name"], "kept": True, "new": new, **totals}


def longest(record: dict[str, Any]) -> float:
    """Milliseconds of the longest gap that a repairer was judged on, as its report has it."""
    rows = record["report"].get("by_gap")
    told = [row.get("gap_ms") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return max((float(one) for one in told if isinstance(one, int | float)), default=TRAINED_MS)


def lengths(repairer: str) -> dict[float, float]:
    """Milliseconds of gaps -> their share, as the field counted them. Raises NotFound, and BadInput where it
    counted too few."""
    record = Library().repairers.find(repairer)
    counted = record.get("feedback", {}).get("train_on", [])
    if not counted:
        raise BadInput(
            f"{record['name']}: feedback: fewer than {FEW} gaps of up to {GAP_MS[-1]:g} ms came from the "
            "field, too few to say how long they are; read more of it: woodshed repair feedback FILE"
        )
    return {float(one["gap_ms"]): float(one["share"]) for one in counted}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = grab(folder / LOCK, PATIENCE)
    if handle is None:
        raise Busy(f"{folder.name}: other feedback of it is being read; try again when that is done")
    try:
        yield
    finally:
        os.close(handle)
