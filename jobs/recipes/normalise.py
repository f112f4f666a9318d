"""Bring sounds to one loudness: 24-bit WAV, a log of every sound, and a second measurement that proves it.

A sound whose true peak would pass the ceiling is turned up less, never limited or clipped. What has no
loudness (silence) is copied as it is, and the log says so.
"""

from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.recipes.loudness import measured
from jobs.recipes.material import Material, material
from jobs.recipes.outside import folder_in, folder_of_ours, give_json, given, open_to_others
from jobs.recipes.verify import LEFT, LOG, TOLERANCE_LU, level_of, measure_again
from jobs.sound.reader import Unreadable, reading
from jobs.sound.write import Writer
from jobs.specs import Normalise
from store import files
from store.clock import now
from store.errors import BadInput
from store.files import disk

MARGIN_DB = 0.01
"""Below the ceiling: 24 bits round."""


def run(spec: Normalise, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (no sound can be used), Busy."""
    out = folder_of_ours(spec.out, LOG)
    sounds = material(spec.sounds, desk)
    before = measured(sounds, desk)
    if all("error" in row for row in before):
        raise BadInput(f"{before[0]['name']}: {before[0]['error']}")
    earlier = _earlier(out, spec)
    entries = [
        _normalised(one, row, target, out, earlier, spec, desk)
        for one, row, target in zip(sounds, before, _targets(sounds), strict=True)
    ]
    log = {"woodshed": 1, "created": now(), "target_lufs": spec.target, "ceiling_dbtp": spec.peak,
           "tolerance_lu": TOLERANCE_LU, "files": entries}  # fmt: skip
    summary = measure_again(log, desk)
    give_json(out / LOG, log)
    give_json(desk.folder / LEFT, entries)
    return {"summary": {"path": str(out), "log": str(out / LOG), **summary, "left": LEFT}}


def _targets(sounds: list[Material]) -> list[Path]:
    """A WAV below the folder for each, with the folders it had; names that meet are told apart."""
    found: list[Path] = []
    for one in sounds:
        path, number = Path(one.name).with_suffix(".wav"), 2
        while path in found:
            path, number = path.with_name(f"{Path(one.name).stem}-{number}.wav"), number + 1
        found.append(path)
    return found


def _earlier(out: Path, spec: Normalise) -> dict[str, dict[str, Any]]:
    """What an earlier run with the same target made, by file."""
    log = given(out / LOG)
    if not isinstance(log, dict) or (log.get("target_lufs"), log.get("ceiling_dbtp")) != (
        spec.target,
        spec.peak,
    ):
        return {}
    return {
        entry["file"]: entry for entry in log.get("files", []) if isinstance(entry, dict) and "path" in entry
    }


def _normalised(
    one: Material, row: dict[str, Any], target: Path, out: Path, earlier: dict[str, dict[str, Any]],
    spec: Normalise, desk: Desk,
) -> dict[str, Any]:  # fmt: skip
    desk.check()
    entry: dict[str, Any] = {"file": one.file, "name": one.name}
    if "error" in row:
        return {**entry, "error": row["error"]}
    entry["sha256"] = files.sha256(one.file)
    gain, reasons = _gain(row, spec)
    path = out / target
    entry |= {
        "path": str(path),
        "before": {"lufs": level_of(row), "true_peak_dbtp": row["true_peak_dbtp"]},
        "measured_by": row["measured_by"],
        "gain_db": round(gain, 3),
    }
    if reasons:
        entry["reason"] = "; ".join(reasons)
    known = earlier.get(one.file, {})
    same = known.get("sha256") == entry["sha256"] and known.get("path") == entry["path"]
    if same and path.is_file() and files.sha256(path) == known.get("made_sha256"):
        return {**entry, "made_sha256": known["made_sha256"]}
    folder_in(out, target.parent)
    try:
        _write(one.file, path, gain)
    except Unreadable as error:
        return {"file": one.file, "name": one.name, "error": error.why}
    open_to_others(path)
    return {**entry, "made_sha256": files.sha256(path)}


def _gain(row: dict[str, Any], spec: Normalise) -> tuple[float, list[str]]:
    """dB, and why the target is not reached or reached in another way."""
    level = level_of(row)
    if level is None:
        return 0.0, ["silent: it has no loudness, and was copied as it is"]
    reasons = []
    if row["measured_by"] == "momentary":
        reasons.append("shorter than 0.4 s: levelled by its highest momentary loudness")
    wanted, most = spec.target - level, spec.peak - MARGIN_DB - row["true_peak_dbtp"]
    if wanted > most:
        reached = f"it reaches {level + most:.2f} LUFS"
        reasons.append(f"its true peak allows {most:+.2f} dB instead of {wanted:+.2f}: {reached}")
    return min(wanted, most), reasons


def _write(source: str, path: Path, gain: float) -> None:
    factor = np.float32(10 ** (gain / 20))
    with reading(source) as reader, disk(path):
        info = reader.info
        with Writer(path, info.rate, info.channels, "wav", "24") as writer:
            for block in reader:
                writer.add(block * factor)
            writer.close()
