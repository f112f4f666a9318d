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
from jobs.recipes.outside import check_folder, folder_in, folder_of_ours, give_json, given, open_to_others
from jobs.recipes.verify import LEFT, LOG, TOLERANCE_LU, in_folder, is_entry, level_of, measure_again
from jobs.sound.reader import Unreadable, reading
from jobs.sound.write import Writer
from jobs.specs import Normalise
from store import files
from store.clock import now
from store.errors import BadInput, Usage
from store.files import disk

MARGIN_DB = 0.01
"""Below the ceiling: 24 bits round."""


def run(spec: Normalise, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (no sound can be used), Busy."""
    out = check_folder(spec.out, LOG)
    for word in map(Path, spec.sounds):
        if word.is_absolute() and word.is_dir() and out.resolve().is_relative_to(word.resolve()):
            raise Usage(f"out: {out} lies in {word}, whose sounds are read; choose another place")
    sounds = material(spec.sounds, desk)
    for one in sounds:
        if Path(one.file).resolve().is_relative_to(out.resolve()):
            raise Usage(f"out: {one.name} lies in {out}, where sounds are written; choose another place")
    before = measured(sounds, desk)
    if all("error" in row for row in before):
        raise BadInput(f"{before[0]['name']}: {before[0]['error']}")
    folder_of_ours(spec.out, LOG)
    log = given(out / LOG)
    earlier = _earlier(log)
    targets = _targets(sounds, out, earlier)
    head = {"woodshed": 1, "created": now(), "target_lufs": spec.target, "ceiling_dbtp": spec.peak,
            "tolerance_lu": TOLERANCE_LU}  # fmt: skip
    same = (log.get("target_lufs"), log.get("ceiling_dbtp")) == (spec.target, spec.peak)
    known = earlier if same else {}
    asked = {one.file for one in sounds}
    others = [entry for file, entry in known.items() if file not in asked and (out / entry["path"]).is_file()]
    # What is going to be written belongs to this run, whether or not it comes to its end.
    begun = [known.get(one.file, {}) | {"file": one.file, "name": one.name, "path": str(target)}
             for one, target in zip(sounds, targets, strict=True)]  # fmt: skip
    give_json(out / LOG, {**head, "files": others + begun})
    entries = [
        _normalised(one, row, target, out, known.get(one.file, {}), spec, desk)
        for one, row, target in zip(sounds, before, targets, strict=True)
    ]
    summary = measure_again(out, {**head, "files": entries}, desk)
    give_json(out / LOG, {**head, "files": others + entries})
    give_json(desk.folder / LEFT, [in_folder(entry, out) for entry in entries])
    return {"summary": {"path": str(out), "log": str(out / LOG), **summary, "left": LEFT}}


def _targets(sounds: list[Material], out: Path, earlier: dict[str, dict[str, Any]]) -> list[Path]:
    """A WAV below the folder for each, with the folders it had: the one of an earlier run, or a free one."""
    taken = {Path(entry["path"]) for entry in earlier.values()}
    found: list[Path] = []
    for one in sounds:
        if one.file in earlier:
            found.append(Path(earlier[one.file]["path"]))
            continue
        path, number = Path(one.name).with_suffix(".wav"), 2
        while path in taken or (out / path).exists():
            path, number = path.with_name(f"{Path(one.name).stem}-{number}.wav"), number + 1
        taken.add(path)
        found.append(path)
    return found


def _earlier(log: Any) -> dict[str, dict[str, Any]]:
    """What earlier runs made, or were about to, by the file it was made of."""
    entries = log.get("files") if isinstance(log, dict) else None
    return {
        entry["file"]: entry
        for entry in (entries if isinstance(entries, list) else [])
        if is_entry(entry) and isinstance(entry.get("file"), str) and "path" in entry
    }


def _normalised(
    one: Material, row: dict[str, Any], target: Path, out: Path, known: dict[str, Any],
    spec: Normalise, desk: Desk,
) -> dict[str, Any]:  # fmt: skip
    desk.check()
    entry: dict[str, Any] = {"file": one.file, "name": one.name}
    if "error" in row:
        return {**entry, "error": row["error"]}
    try:
        entry["sha256"] = files.sha256(one.file)
    except OSError as error:
        return {**entry, "error": (error.strerror or str(error)).lower()}
    gain, reasons = _gain(row, spec)
    path = out / target
    entry |= {
        "path": str(target),
        "before": {"lufs": level_of(row), "true_peak_dbtp": row["true_peak_dbtp"]},
        "measured_by": row["measured_by"],
        "gain_db": round(gain, 3),
    }
    if reasons:
        entry["reason"] = "; ".join(reasons)
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
