"""A folder of sounds into a set for diagnosis: raw/{gold,flawed}/{drums,vocals,bass,guitar,keys}/.

Sounds are copied, never moved; the whole plan is made and checked before the first copy. What can't be
placed is told with the reason and stays where it is.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.recipes.copies import copy_checked
from jobs.recipes.material import MANIFEST, RAW, Material, material
from jobs.recipes.outside import check_folder, folder_in, folder_of_ours, give_json, given, open_to_others
from jobs.recipes.prompts import prompts
from jobs.sound.labels import FLAWED, FLAWS, GOLD, INSTRUMENTS, SUBSETS, Label
from jobs.specs import Organise
from store import files, names
from store.clock import now
from store.errors import BadInput, Usage

LEFT = "plan.json"
REPORT, PROMPTS = "validation_report.json", "prompts.json"
GOLD_GOAL, FLAW_GOAL = 100, 20
"""Sounds per instrument, and per flaw of an instrument, of a whole set."""


def run(spec: Organise, desk: Desk) -> dict:
    """Raises NotFound, BadInput (nothing can be placed), Usage, Busy."""
    source, out = Path(spec.folder), Path(spec.out)
    if not source.is_dir():
        raise BadInput(f"folder: {source} is not a folder; give the one with the sounds in it")
    if out == source or out.is_relative_to(source):
        raise Usage(f"out: {out} lies in the folder that is organised; choose another place")
    check_folder(spec.out, MANIFEST)
    plan = _plan(material((spec.folder,), desk), out, desk)
    give_json(desk.folder / LEFT, plan)
    placed = [entry for entry in plan if "to" in entry]
    left = [entry for entry in plan if "problem" in entry and "to" not in entry]
    summary = {"path": str(out), "dry_run": spec.dry_run, "count": len(placed), "left_out": len(left),
               "problems": sum("problem" in entry for entry in plan), "left": LEFT,
               "table": _table(placed)}  # fmt: skip
    if not placed:
        raise BadInput(f"{source}: no sound of it can be placed; {left[0]['name']}: {left[0]['problem']}")
    if not spec.dry_run:
        folder_of_ours(spec.out, MANIFEST)
        _carry_out(placed, out, desk)
        give_json(out / MANIFEST, _manifest(out, placed, given(out / MANIFEST)))
        give_json(
            out / REPORT, {"created": now(), "problems": [entry for entry in plan if "problem" in entry]}
        )
        give_json(out / PROMPTS, prompts(FLAW_GOAL))
    return {"summary": summary}


def _plan(sounds: list[Material], out: Path, desk: Desk) -> list[dict[str, Any]]:
    """An entry for each sound: ``file``, ``name``, ``sha256`` and where ``to``, or the ``problem``."""
    taken: dict[Path, str] = {}
    plan = []
    for count, one in enumerate(sounds):
        desk.check()
        entry: dict[str, Any] = {"file": one.file, "name": one.name}
        plan.append(entry)
        told = one.label
        if told.problem:
            entry["problem"] = told.problem
            continue
        try:
            entry["sha256"] = files.sha256(one.file)
        except OSError as error:
            entry["problem"] = (error.strerror or str(error)).lower()
            continue
        entry |= {"subset": told.subset, "instrument": told.instrument, "flaw": told.flaw}
        place = _place(one, told, entry["sha256"], out, taken)
        if place is None:
            entry["problem"] = "the same sound as one that is there already"
        else:
            entry["to"] = str(place)
        desk.progress(count + 1, len(sounds), "files")
    return plan


def _place(one: Material, told: Label, sha256: str, out: Path, taken: dict[Path, str]) -> Path | None:
    """A free path of the set; None where it has that very sound under that name."""
    folder = out / RAW / told.subset / told.instrument
    ending = Path(one.file).suffix.lower()
    stem = (
        names.file_stem(told.sub)
        if told.subset == GOLD
        else f"{names.file_stem(told.sub)}_flawed_{told.flaw}"
    )
    number = 1
    while True:
        numbered = f"_{number:03d}" if told.subset == FLAWED or number > 1 else ""
        path = folder / f"{stem}{numbered}{ending}"
        there = taken.get(path) or (files.sha256(path) if path.is_file() else "")
        if not there or there == sha256:
            again = path in taken
            taken[path] = sha256
            return None if again else path
        number += 1


def _carry_out(placed: list[dict[str, Any]], out: Path, desk: Desk) -> None:
    for subset in SUBSETS:
        for instrument in INSTRUMENTS:
            folder_in(out, Path(RAW, subset, instrument))
    for count, entry in enumerate(placed):
        desk.check()
        target = Path(entry["to"])
        if not target.is_file():
            copy_checked(entry["file"], target, entry["sha256"], entry["name"])
            open_to_others(target)
        desk.progress(count + 1, len(placed), "copied")


def _table(placed: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Instrument -> ``gold`` and each flaw -> how many."""
    counts = Counter((entry["instrument"], entry["flaw"]) for entry in placed)
    return {
        instrument: {GOLD: counts[instrument, "none"]}
        | {
            flaw: count
            for (owner, flaw), count in sorted(counts.items())
            if owner == instrument and flaw != "none"
        }
        for instrument in INSTRUMENTS
    }


def _manifest(out: Path, placed: list[dict[str, Any]], before: Any) -> dict[str, Any]:
    """Counts of all that lies in the set now, how far it is from a whole one, and where everything came from,
    what was placed ``before`` too."""
    entries = before.get("files") if isinstance(before, dict) else None
    known = {entry["to"]: entry for entry in entries or () if isinstance(entry, dict) and "to" in entry}
    known |= {entry["to"]: entry for entry in placed}
    instruments: dict[str, dict[str, Any]] = {}
    for instrument in INSTRUMENTS:
        gold = _sounds(out / RAW / GOLD / instrument)
        flawed = _sounds(out / RAW / FLAWED / instrument)
        flaws = {flaw: sum(f"_flawed_{flaw}_" in name for name in flawed) for flaw in FLAWS[instrument]}
        goals = [min(1.0, len(gold) / GOLD_GOAL), *(min(1.0, count / FLAW_GOAL) for count in flaws.values())]
        instruments[instrument] = {
            "gold": len(gold), "flawed": len(flawed), "flaws": flaws, "gold_goal": GOLD_GOAL,
            "flaw_goal": FLAW_GOAL, "completion": round(sum(goals) / len(goals), 4),
        }  # fmt: skip
    whole = [one["completion"] for one in instruments.values()]
    return {"woodshed": 1, "created": now(), "instruments": instruments,
            "completion": round(sum(whole) / len(whole), 4), "files": list(known.values())}  # fmt: skip


def _sounds(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
