"""Measure sounds that were normalised once more: each is at the target, or its log says why not."""

from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.recipes.loudness import measured
from jobs.recipes.material import Material
from jobs.recipes.outside import give_json, given
from jobs.sound.gather import gather
from jobs.sound.labels import Label
from jobs.specs import Verify
from store.errors import BadInput

LOG = "normalization_log.json"
LEFT = "verified.json"
TOLERANCE_LU = 0.1
PEAK_TOLERANCE_DB = 0.05


def run(spec: Verify, desk: Desk) -> dict:
    """Raises BadInput where the folder has no log of a normalisation."""
    folder = Path(spec.folder)
    log = given(folder / LOG)
    if not isinstance(log, dict) or not isinstance(log.get("files"), list):
        raise BadInput(f"{folder}: no {LOG} in it; woodshed normalise FOLDER --out {folder} makes it")
    levels = [log.get("target_lufs"), log.get("ceiling_dbtp")]
    if not all(map(is_entry, log["files"])) or not all(isinstance(one, int | float) for one in levels):
        raise BadInput(f"{folder / LOG}: damaged; normalise the sounds again")
    if any("path" in entry and "gain_db" not in entry for entry in log["files"]):
        raise BadInput(f"{folder / LOG}: its run was stopped before its end; normalise the sounds again")
    summary = measure_again(folder, log, desk)
    known = {str((folder / entry["path"]).resolve()) for entry in log["files"] if "path" in entry}
    strange = [file for file in gather([str(folder)]).files if str(Path(file).resolve()) not in known]
    give_json(desk.folder / LEFT, [in_folder(entry, folder) for entry in log["files"]])
    return {"summary": {"path": str(folder), **summary, "not_in_log": strange, "left": LEFT}}


def is_entry(entry: Any) -> bool:
    """Whether it is what a log has of a file: paths lie below its folder, so that a moved one is whole."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return False
    before = entry.get("before", {"lufs": None})
    levels = [entry.get("gain_db", 0.0), before.get("lufs", "") if isinstance(before, dict) else ""]
    return isinstance(entry.get("path", ""), str) and all(
        isinstance(one, int | float | None) for one in levels
    )


def in_folder(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    """As it is told to a person: with the whole path."""
    return entry | {"path": str(folder / entry["path"])} if "path" in entry else entry


def measure_again(folder: Path, log: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """Add to each entry that has a ``path`` what it measures ``after``, and what is ``wrong`` with it.

    Gives ``{"count", "failed", "with_reason", "wrong"}``: files that were made, could not be, have a
    reason to miss the target, and miss it without one.
    """
    made = [entry for entry in log["files"] if "path" in entry]
    sounds = [Material(str(folder / entry["path"]), entry["name"], Label()) for entry in made]
    for entry, row in zip(made, measured(sounds, desk), strict=True):
        entry.pop("wrong", None)
        entry |= _judged(entry, row, log)
    return {
        "count": len(made),
        "failed": len(log["files"]) - len(made),
        "with_reason": sum("reason" in entry for entry in made),
        "wrong": sum("wrong" in entry for entry in made),
    }


def _judged(entry: dict[str, Any], row: dict[str, Any], log: dict[str, Any]) -> dict[str, Any]:
    if "error" in row:
        return {"wrong": row["error"]}
    level = level_of(row)
    found: dict[str, Any] = {"after": {"lufs": level, "true_peak_dbtp": row["true_peak_dbtp"]}}
    before = entry["before"]["lufs"]
    expected = (
        log["target_lufs"] if "reason" not in entry else None if before is None else before + entry["gain_db"]
    )
    if (level is None) != (expected is None):
        return {**found, "wrong": "has another loudness than the log says"}
    if level is not None and expected is not None and abs(level - expected) > TOLERANCE_LU:
        return {**found, "wrong": f"{level:.2f} LUFS; {expected:.2f} are expected"}
    if row["true_peak_dbtp"] > log["ceiling_dbtp"] + PEAK_TOLERANCE_DB:
        peak, ceiling = row["true_peak_dbtp"], log["ceiling_dbtp"]
        return {**found, "wrong": f"true peak of {peak:.2f} dBTP; {ceiling:g} at most"}
    return found


def level_of(row: dict[str, Any]) -> float | None:
    """What a sound is levelled by: integrated, or of a shorter one its momentary maximum; None of silence."""
    if row["measured_by"] == "nothing":
        return None
    return row["integrated_lufs"] if row["integrated_lufs"] is not None else row["momentary_max_lufs"]
