"""Learn a diagnosis model: per instrument blind and against a reference, tested by source, shipped as ONNX.

The folder of a model holds ``diagnoser.json`` (its record) and a file ``<mode>-<instrument>.onnx`` for each
part. Every part is what a person may export, and what `diagnose` itself runs.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jobs.commit import record_id
from jobs.desk import Desk
from jobs.nets import forest
from jobs.nets.diagnoser import EVERY, NONE, UNSURE, Diagnoser
from jobs.nets.forest import Table, Tested
from jobs.nets.portable import joined, parity
from jobs.recipes import trial
from jobs.recipes.examples import LONGEST, Example, against_reference, blind, examples, table_of
from jobs.sound.damage import OCTAVES, TARGETS
from jobs.sound.io import Unreadable, beginning
from jobs.sound.labels import INSTRUMENTS
from jobs.sound.profile import Profile, mean, profile
from jobs.sound.slots import NAMES, SCHEMA
from jobs.specs import TrainDiagnosis
from store import paths
from store.clock import now
from store.errors import BadInput
from store.files import atomic, sha256
from store.library import Library
from store.names import checked_name

RECORD = "diagnoser.json"
PARITY = 1e-4
PROFILED = 200
"""Gold sounds of an instrument that its template is the mean of, at most."""


def run(spec: TrainDiagnosis, desk: Desk) -> dict:
    """Raises NotFound, BadInput (nothing to learn from, too few sources). Raises Stopped."""
    found = examples(spec.sounds, desk)
    profiles = _profiles(found, desk)
    templates = _templates(found, profiles)
    parts = {key: table for key, table in _tables(found, spec.seed, desk) if table is not None}
    if not parts:
        raise BadInput(
            f"{spec.sounds[0]}: too few sources; at least {forest.FEWEST} sounds of an instrument with flaws"
        )
    id = record_id(desk.job, "diagnosers", 0)
    folder = desk.attempt_folder / "diagnoser"
    folder.mkdir(mode=0o700)
    tested = {}
    rows, every = 0, sum(len(table) for table in parts.values())
    for (mode, instrument), table in parts.items():
        how = "against a reference" if mode == "reference" else "blind"
        desk.note(f"learning {instrument} {how}: {len(table)} rows")
        flaws, corrections = _learned(table, spec.seed, rows, every, desk)
        rows += len(table)
        tested[mode, instrument] = (table, flaws, corrections)
    report = _report(tested, found, profiles, spec, desk)
    for (mode, instrument), three in tested.items():
        known = {name: kept for name, kept in templates.items() if instrument in (EVERY, name)}
        _write(folder / f"{mode}-{instrument}.onnx", mode, instrument, three, known, report["ships"])
    record = {
        "id": id,
        "name": Library().diagnosers.fresh_name(_name(spec)),
        "created": now(),
        "job": desk.job,
        "path": str(paths.data() / "diagnosers" / id),
        "schema": SCHEMA,
        "instruments": [
            name for name in INSTRUMENTS if ("blind", name) in parts or ("reference", name) in parts
        ],
        "parts": [f"{mode}-{instrument}" for mode, instrument in parts],
        "gold": {
            name: {"mean": kept["fingerprint"], "spread": kept["spread"]} for name, kept in templates.items()
        },
        "sounds": len(found),
        "sources": len({one.source for one in found}),
        "report": report,
        "spec": {"sounds": list(spec.sounds), "seed": spec.seed},
    }
    record["files"] = {path.name: sha256(path) for path in sorted(folder.glob("*.onnx"))}
    atomic(folder / RECORD, json.dumps(record, indent=1, allow_nan=False))
    return {
        "records": [{"table": "diagnosers", "record": record}],
        "files": [{"from": folder.relative_to(desk.folder).as_posix(), "to": f"diagnosers/{id}"}],
        "summary": {key: record[key] for key in ("name", "instruments", "sounds", "sources")},
    }


def _name(spec: TrainDiagnosis) -> str:
    if spec.name:
        return checked_name(spec.name)
    first = Path(spec.sounds[0])
    return first.name[:100] if first.is_absolute() and first.name else "diagnosis"


def _tables(found: list[Example], seed: int, desk: Desk) -> Iterator[tuple[tuple[str, str], Table | None]]:
    """What each part learns from, by mode and instrument."""
    present = [name for name in INSTRUMENTS if any(one.instrument == name for one in found)]
    every = []
    for name in present:
        rows = against_reference(found, name, seed, desk)
        every += rows
        yield ("reference", name), table_of(rows)
    if len(present) > 1:
        yield ("reference", EVERY), table_of(every)
    for name in present:
        yield ("blind", name), table_of(blind(found, name))


def _learned(table: Table, seed: int, before: int, every: int, desk: Desk) -> tuple[Tested, Tested]:
    """The two models of a part; ``before`` of ``every`` row have been learned from already."""
    won = []
    for which, steps in enumerate((forest.best_classifier(table, seed), forest.best_regressor(table, seed))):
        for step in steps:
            desk.check()
            if isinstance(step, Tested):
                won.append(step)
            else:
                desk.progress(round(before + len(table) * (which + step) / 2), every, "rows")
    return won[0], won[1]


def _profiles(found: list[Example], desk: Desk) -> dict[str, dict[str, Profile]]:
    """Instrument -> file -> profile of its gold sounds."""
    profiles: dict[str, dict[str, Profile]] = {}
    for instrument in INSTRUMENTS:
        own = _gold(found, instrument)[:PROFILED]
        for count, one in enumerate(own):
            desk.check()
            desk.progress(count + 1, len(own), f"gold {instrument}")
            if (made := _profile(one.file)) is not None:
                profiles.setdefault(instrument, {})[one.file] = made
    return profiles


def _gold(found: list[Example], instrument: str) -> list[Example]:
    return [one for one in found if not one.flaws and one.instrument == instrument]


def _templates(found: list[Example], profiles: dict[str, dict[str, Profile]]) -> dict[str, dict[str, Any]]:
    """Instrument -> mean ``profile``, mean ``fingerprint`` and ``spread`` of its gold sounds."""
    templates = {}
    for instrument, own in profiles.items():
        values = np.array([one.values for one in _gold(found, instrument)])
        templates[instrument] = {
            "profile": mean(list(own.values())).record(), "sounds": len(values),
            "fingerprint": [round(float(value), 6) for value in values.mean(axis=0)],
            "spread": [round(float(value), 6) for value in values.std(axis=0)],
        }  # fmt: skip
    return templates


def _profile(file: str) -> Profile | None:
    try:
        sound = beginning(file, LONGEST)
    except (Unreadable, OSError):
        return None
    return profile(sound.audio, sound.rate)


def _write(
    path: Path, mode: str, instrument: str, tested: tuple[Table, Tested, Tested],
    templates: dict[str, dict[str, Any]], ships: dict[str, Any],
) -> None:  # fmt: skip
    """One part as ONNX, proven to say what the models say. Raises RuntimeError when it does not."""
    table, flaws, corrections = tested
    told = {
        "schema": SCHEMA,
        "features": list(NAMES),
        "mode": mode,
        "instrument": instrument,
        "classes": [str(name) for name in flaws.model.classes_],
        "targets": list(TARGETS),
        "calibration": forest.calibration(table.flaws, flaws.out_of_fold, flaws.classes),
        "templates": templates,
        "ships": {name: ships[name] for name in templates if name in ships},
        "kinds": {"flaws": flaws.name, "correction": corrections.name},
    }
    atomic(path, joined(flaws.model, corrections.model, len(NAMES), told))
    off = parity(flaws.model, corrections.model, table.features, Diagnoser(path).run)
    if off > PARITY * max(1.0, float(np.abs(table.targets).max())):
        raise RuntimeError(f"{path.name}: differs from the model by {off:.2g}")


# --- the report --------------------------------------------------------------------------------------


def _report(
    tested: dict[tuple[str, str], tuple[Table, Tested, Tested]], found: list[Example],
    profiles: dict[str, dict[str, Profile]], spec: TrainDiagnosis, desk: Desk,
) -> dict[str, Any]:  # fmt: skip
    parts = {f"{mode}-{name}": _scores(*three) for (mode, name), three in tested.items()}
    picked = trial.chosen(found, spec.tried, spec.seed)
    said = _said(tested, picked)
    results = trial.trials(found, picked, profiles, said, desk)
    worth = {name: trial.worth([one for one in results if one["instrument"] == name]) for name in INSTRUMENTS}
    worth = {name: one for name, one in worth.items() if one} | (
        {EVERY: trial.worth(results)} if results else {}
    )
    return {"parts": parts, "worth": worth, "ships": {name: _ships(one) for name, one in worth.items()}}


def _scores(table: Table, flaws: Tested, corrections: Tested) -> dict[str, Any]:
    """What a part is worth on sources that it had not seen."""

    def measure(rows: np.ndarray) -> float:
        return forest.macro_f1(table.flaws[rows], flaws.out_of_fold[rows], flaws.classes)

    sure = forest.confidence(table, flaws.out_of_fold, flaws.classes) >= UNSURE
    right = np.array(flaws.classes)[flaws.out_of_fold.argmax(axis=1)] == table.flaws
    return {
        "rows": len(table), "sources": len(set(table.sources)), "kind": flaws.name,
        "candidates": {name: round(score, 4) for name, score in flaws.scores.items()},
        "macro_f1": round(flaws.scores[flaws.name], 4),
        "interval": forest.interval(measure, table.sources),
        "per_flaw": forest.per_flaw(table.flaws, flaws.out_of_fold, flaws.classes),
        "sure": round(float(sure.mean()), 4),
        "right_when_sure": round(float(right[sure].mean()), 4) if sure.any() else None,
        "correction_kind": corrections.name, **_errors(table, corrections),
    }  # fmt: skip


def _errors(table: Table, corrections: Tested) -> dict[str, float | None]:
    """Of corrections; None where nobody knows what would have been right."""
    known = table.known & (table.flaws != NONE)
    if not known.any():
        return dict.fromkeys(("eq_mae_db", "eq_mae_noop_db", "eq_r2", "dynamics_mae_db"))
    targets, off = table.targets[known], (corrections.out_of_fold - table.targets)[known]
    eq = slice(0, len(OCTAVES))
    spread = float(np.square(targets[:, eq] - targets[:, eq].mean(axis=0)).sum())
    return {
        "eq_mae_db": round(float(np.abs(off[:, eq]).mean()), 3),
        "eq_mae_noop_db": round(float(np.abs(targets[:, eq]).mean()), 3),
        "eq_r2": round(float(1 - np.square(off[:, eq]).sum() / max(spread, 1e-9)), 4),
        "dynamics_mae_db": round(float(np.abs(off[:, TARGETS.index("dynamics_db")]).mean()), 3),
    }


def _said(
    tested: dict[tuple[str, str], tuple[Table, Tested, Tested]], picked: list[int]
) -> dict[int, dict[str, np.ndarray]]:
    """What the models say of the sounds that are tried, out of fold: place -> mode -> the 15 numbers."""
    wanted = set(picked)
    said: dict[int, dict[str, np.ndarray]] = {}
    for (mode, instrument), (table, _, corrections) in tested.items():
        if instrument == EVERY or corrections.model is None:
            continue
        for place, values in zip(table.places, corrections.out_of_fold, strict=True):
            if int(place) in wanted:
                said.setdefault(int(place), {})[mode] = values
    return said


def _ships(worth: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Mode -> the ``way`` that corrects best, the share that moved ``closer``, its ``lead`` over the other
    way, and the share that ``match`` moved closer."""
    modes = {"reference": ("reference match", "reference model"), "gold": ("gold match", "blind model")}
    found: dict[str, dict[str, Any]] = {}
    for mode, ways in modes.items():
        known = [way for way in ways if way in worth]
        if known:
            best = max(known, key=lambda way: (worth[way]["closer"], -worth[way]["change_db"]))
            others = [worth[way]["closer"] for way in known if way != best]
            lead = round(worth[best]["closer"] - others[0], 4) if others else None
            match = worth[ways[0]]["closer"] if ways[0] in worth else None
            closer = worth[best]["closer"]
            found[mode] = {"way": best.split()[1], "closer": closer, "lead": lead}
            found[mode]["match"] = match
    return found
