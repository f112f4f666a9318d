"""What is wrong with a sound and what would fix it: against a reference, its instrument's gold, or blind.

What ships in each mode is what the model's own test found to be better: the closed form (match) or what was
learned. Without a model a reference is enough for a correction; only the flaw then has no name.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.nets.diagnoser import EVERY, NONE, Diagnoser, Finding, Unusable
from jobs.recipes.fingerprint import fingerprints
from jobs.recipes.material import Material, material
from jobs.recipes.outside import give_json, open_to_others
from jobs.sound import correction as corrections
from jobs.sound.correction import Correction, advice
from jobs.sound.formats import Unwritable, check, format_of
from jobs.sound.io import Sound, Unreadable, load, resample
from jobs.sound.labels import Label, label
from jobs.sound.nearness import alike, distance
from jobs.sound.profile import HERTZ, Profile, profile
from jobs.sound.slots import levelled
from jobs.sound.write import write
from jobs.specs import Diagnose
from store.errors import BadInput, NotFound, Usage
from store.files import disk
from store.library import Library
from store.names import checked_name, file_stem

LEFT = "diagnosis.json"
LONGEST = 600.0
SHORTEST = 0.01
HARMS = 0.5
"""Share of sounds moved closer up to which a correction is no advice."""
CORRECTED = "corrected.wav"
NO_MODEL = "no diagnosis model yet: woodshed diagnosis train FOLDER; or give --reference FILE"
BEGUN = "begun"
"""In the checkpoint: the files to write were free when the job began."""


@dataclass(frozen=True)
class Models:
    """Parts of a diagnosis model by mode and instrument."""

    parts: dict[tuple[str, str], Path]
    name: str

    def part(self, mode: str, instrument: str) -> Diagnoser | None:
        """The one for that instrument, else the one for all. Raises BadInput."""
        path = self.parts.get((mode, instrument)) or self.parts.get((mode, EVERY))
        return _opened(path) if path else None

    def templates(self) -> Diagnoser | None:
        """Any part that has the templates of all instruments, or of as many as there are."""
        key = ("reference", EVERY) if ("reference", EVERY) in self.parts else next(iter(self.parts), None)
        return self.part(*key) if key else None


def _opened(path: Path) -> Diagnoser:
    """A part, read once however many sounds there are, and again when it is another one. Raises BadInput."""
    try:
        told = path.stat()
    except OSError as error:
        raise BadInput(f"model: {path}: {(error.strerror or str(error)).lower()}") from None
    return _read(path, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int, _bytes: int) -> Diagnoser:
    try:
        return Diagnoser(path)
    except Unusable as error:
        raise BadInput(f"model: {error}") from None


@dataclass(frozen=True)
class Heard:
    """A sound that is held against others."""

    sound: Sound
    values: np.ndarray
    profile: Profile
    instrument: str


def run(spec: Diagnose, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (a sound, reference or model that can't be used), Busy."""
    sounds = material(spec.sounds, desk)
    if spec.save and len(sounds) > 1:
        raise Usage("save: one sound has one correction; diagnose one sound")
    targets = _targets(spec, sounds, desk)
    library = Library()
    models = _models(spec, library)
    saved = _saved(spec, library) if spec.correction else None
    if models is None and saved is None and not spec.reference:
        raise NotFound(NO_MODEL)
    reference_too = [Material(spec.reference, Path(spec.reference).name, Label())] if spec.reference else []
    # In processes with limits: what was read there once may be decoded here, where it is corrected.
    known = {row["file"]: row for row in fingerprints([*sounds, *reference_too], desk)}
    reference = _heard(known[spec.reference], "reference", "") if spec.reference else None
    rows = []
    for count, (one, target) in enumerate(zip(sounds, targets, strict=True)):
        desk.check()
        try:
            rows.append(_diagnosed(one, known[one.file], target, reference, models, saved, spec, desk))
        except (BadInput, NotFound) as error:
            if len(sounds) == 1:
                raise
            rows.append({"file": one.file, "name": one.name, "error": str(error)})
        if len(sounds) > 1:
            desk.progress(count + 1, len(sounds), "sounds")
    records = _kept(spec, rows, library)
    give_json(desk.folder / LEFT, rows)
    failed = sum("error" in row for row in rows)
    return {"records": records, "summary": {"count": len(rows) - failed, "failed": failed, "left": LEFT}}


# --- what is asked for -------------------------------------------------------------------------------


def _targets(spec: Diagnose, sounds: list[Material], desk: Desk) -> list[Path | None]:
    """Where each corrected sound goes. Raises Usage, NotFound, BadInput where a file is in the way.

    An attempt before this one may have got so far that files of its own are there.
    """
    if not spec.apply:
        return [None] * len(sounds)
    out = Path(spec.apply)
    if not out.parent.is_dir():
        raise NotFound(f"apply: {out.parent}: no such folder; make it first")
    several = len(sounds) > 1 or out.is_dir() or any(Path(word).is_dir() for word in spec.sounds)
    found = [out / path for path in _below(sounds)] if several else [out]
    begun = desk.folder / BEGUN
    for path, one in zip(found, sounds, strict=True):
        try:
            format_of(path)
        except Unwritable as error:
            raise Usage(f"apply: {error}") from None
        if (path.exists() and not begun.exists()) or path == Path(one.file):
            raise BadInput(
                f"apply: {path} exists already; the original is never written over, choose another name"
            )
    begun.touch()
    return list(found)


def _below(sounds: list[Material]) -> list[Path]:
    """A file below the folder for each, with the folders it had; names that meet are told apart."""
    found: dict[Path, None] = {}
    for one in sounds:
        folders = [file_stem(part) for part in Path(one.name).parts[:-1]]
        stem, number = file_stem(Path(one.name).stem), 1
        while (path := Path(*folders, f"{stem}{f'-{number}' if number > 1 else ''}_corrected.wav")) in found:
            number += 1
        found[path] = None
    return list(found)


def _models(spec: Diagnose, library: Library) -> Models | None:
    if spec.model.endswith(".onnx"):
        one = _opened(Path(spec.model))
        return Models({(one.mode, one.instrument): one.path}, one.path.name)
    if spec.model:
        record = library.diagnosers.find(spec.model)
    elif not (every := library.diagnosers.all()):
        return None
    else:
        record = every[-1]
    folder = Path(record["path"])
    names = [(name, *name.split("-", 1)) for name in record["parts"]]
    parts = {(mode, instrument): folder / f"{name}.onnx" for name, mode, instrument in names}
    return Models(parts, record["name"])


def _saved(spec: Diagnose, library: Library) -> Correction:
    record = library.corrections.find(spec.correction)
    try:
        return Correction.of(record)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"correction {record['name']}: damaged ({error})") from None


def _heard(row: dict[str, Any], field: str, instrument: str) -> Heard:
    """A sound by its row of `fingerprints`. Raises BadInput."""
    file = row["file"]
    if "error" in row:
        raise BadInput(f"{field}: {row['name']}: {row['error']}")
    try:
        sound = load(file, max_seconds=LONGEST)
    except Unreadable as error:
        raise BadInput(f"{field}: {error}") from None
    name = Path(file).name
    if sound.audio.shape[1] < SHORTEST * sound.rate:
        raise BadInput(f"{field}: {name} is shorter than {SHORTEST * 1000:g} ms; choose a longer sound")
    own = profile(sound.audio, sound.rate)
    if own.loudness is None:
        raise BadInput(f"{field}: {name} is silent: there is nothing to diagnose; choose another sound")
    told = instrument or label(str(Path(*Path(file).parts[-3:]))).instrument
    return Heard(sound, levelled(np.array(row["fingerprint"])), own, told)


# --- a diagnosis -------------------------------------------------------------------------------------


def _diagnosed(
    one: Material, row: dict[str, Any], target: Path | None, reference: Heard | None,
    models: Models | None, saved: Correction | None, spec: Diagnose, desk: Desk,
) -> dict[str, Any]:  # fmt: skip
    asked = spec.gold if spec.gold not in ("auto", "none") else ""
    heard = _heard(row, "sound", asked or one.label.instrument)
    told: dict[str, Any] = {"file": one.file, "name": one.name, "warnings": []}
    if saved is not None:
        correction, told["mode"] = saved, "saved"
    elif reference is not None:
        correction = _by_reference(heard, reference, models, told)
    else:
        correction = _by_gold(heard, models, spec, told)
    part = "" if spec.only == "both" else spec.only
    told |= {
        "model": models.name if models else None,
        "advice": advice(correction.scaled(1.0, part)),
        "correction": correction.record(),
        "strength": spec.strength,
        "only": spec.only,
    }
    used = correction.scaled(spec.strength / 100, part)
    made, held = corrections.apply(heard.sound.audio, heard.sound.rate, used)
    told |= {"spectra": _spectra(heard, reference, made), "held_db": round(held, 2)}
    if reference is not None and told.get("alike"):
        rate = heard.sound.rate
        clean = _at(reference.sound, rate)
        told["distance_db"] = {"before": round(distance(heard.sound.audio, clean, rate), 2),
                               "after": round(distance(made, clean, rate), 2)}  # fmt: skip
    if spec.save and not told["advice"]:
        raise BadInput(f"save: there is nothing to correct in {one.name}, so there is nothing to keep")
    # What was heard is what is kept: as strong, and of the part that was chosen.
    told["applied"] = used.record()
    if target is not None:
        told["path"] = str(_written(target, made, heard.sound.rate))
    if spec.preview:
        told["corrected"] = str(desk.attempt_folder / CORRECTED)
        write(told["corrected"], made, heard.sound.rate)
    return told


def _by_reference(heard: Heard, reference: Heard, models: Models | None, told: dict[str, Any]) -> Correction:
    rate = heard.sound.rate
    same = alike(heard.sound.audio, _at(reference.sound, rate), rate)
    told |= {"mode": "reference", "reference": reference.sound.info.path, "alike": same,
             "instrument": heard.instrument or None}  # fmt: skip
    _warn_of_instrument(heard, reference, models, told)
    part = models.part("reference", heard.instrument) if models else None
    if part is None:
        told["flaws"] = {}
        told["warnings"].append(
            "no diagnosis model: what is wrong has no name; woodshed diagnosis train FOLDER"
        )
    else:
        finding = part.find(heard.values - reference.values)
        # It has learned what tells a sound from its own clean take, and nothing of other sounds.
        _name(finding if same else replace(finding, confidence=0.0, abstains=True), told)
        ships = part.worth(heard.instrument, "reference").get("way")
        if same and ships == "model" and finding.correction is not None:
            told["way"] = "model"
            return corrections.of_targets(list(finding.correction), heard.profile.levels)
    told["way"] = "match"
    smooth = corrections.FINE if same else corrections.BROAD
    return corrections.match(heard.sound.audio, rate, reference.profile, smooth)


def _warn_of_instrument(heard: Heard, reference: Heard, models: Models | None, told: dict[str, Any]) -> None:
    guessed = reference.instrument or _nearest(reference, models)
    if heard.instrument and guessed and guessed != heard.instrument:
        told["warnings"].append(
            f"the reference seems to be {guessed}, the sound {heard.instrument}: they may differ by that"
        )


def _by_gold(heard: Heard, models: Models | None, spec: Diagnose, told: dict[str, Any]) -> Correction:
    if models is None:
        raise NotFound(NO_MODEL)
    guessed = not heard.instrument
    instrument = heard.instrument or _nearest(heard, models)
    part = models.part("blind", instrument) or models.part("reference", instrument)
    template = part.template(instrument) if part else None
    if part is None or template is None:
        there = sorted({name for _, name in models.parts if name != EVERY})
        raise NotFound(
            f"gold: {models.name} knows no {instrument or 'instrument'}; it knows {', '.join(there)}"
        )
    mode = "blind" if guessed or spec.gold == "none" else "gold"
    told |= {"mode": mode, "instrument": instrument}
    if guessed:
        told["warnings"].append(
            f"nothing tells the instrument: taken for {instrument}, whose gold is nearest"
        )
    finding = part.find(heard.values if part.mode == "blind" else heard.values - template[1])
    if part.mode == "reference":
        finding = replace(finding, confidence=0.0, abstains=True)
        told["warnings"].append(
            "the model compares a sound with its clean take: without --reference it can't be sure"
        )
    _name(finding, told)
    worth = part.worth(instrument, "gold")
    learned = worth.get("way") == "model" and part.mode == "blind" and finding.correction is not None
    told["moved_closer"] = worth.get("closer" if learned else "match")
    if learned and finding.correction is not None:
        told["way"] = "model"
        correction = corrections.of_targets(list(finding.correction), heard.profile.levels)
    else:
        told["way"] = "match"
        correction = corrections.match(heard.sound.audio, heard.sound.rate, template[0], corrections.TEMPLATE)
    closer = told["moved_closer"]
    if closer is None or closer > HARMS:
        return correction
    told["warnings"].append(
        f"in its test such corrections of {instrument} moved {closer:.0%} of sounds closer to clean"
    )
    # Who names the gold wants to come near to it; who does not gets nothing that mostly harms.
    return correction if spec.gold not in ("auto", "none") else correction.scaled(0.0)


def _nearest(heard: Heard, models: Models | None) -> str:
    """The instrument whose gold is nearest; nothing without a model."""
    known = models.templates() if models else None
    return known.nearest(heard.values) if known else ""


def _name(finding: Finding, told: dict[str, Any]) -> None:
    ordered = sorted(finding.shares().items(), key=lambda one: -one[1])
    told |= {
        "flaws": {flaw: round(share, 4) for flaw, share in ordered},
        "flaw": None if finding.abstains or finding.flaw == NONE else finding.flaw,
        "confidence": round(finding.confidence, 4),
        "abstains": finding.abstains,
    }


def _at(sound: Sound, rate: int) -> np.ndarray:
    return sound.audio if sound.rate == rate else resample(sound.audio, sound.rate, rate)


# --- what is shown and written -----------------------------------------------------------------------


def _spectra(heard: Heard, reference: Heard | None, made: np.ndarray) -> dict[str, Any]:
    """``hz`` and dB of ``before``, ``after`` and ``reference``, each relative to its loudness."""
    shown = {"before": heard.profile, "after": profile(made, heard.sound.rate)}
    if reference is not None:
        shown["reference"] = reference.profile
    hertz = [round(float(at), 2) for at in HERTZ]
    return {"hz": hertz} | {name: one.record()["spectrum"] for name, one in shown.items()}


def _written(target: Path, audio: np.ndarray, rate: int) -> Path:
    format = format_of(target)
    try:
        check(rate, len(audio), format, "24")
    except Unwritable as error:
        raise Usage(f"apply: {error}") from None
    with disk(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target, audio, rate, format, "24")
    open_to_others(target)
    return target


def _kept(spec: Diagnose, rows: list[dict[str, Any]], library: Library) -> list[dict[str, Any]]:
    """The record of a correction that shall be kept."""
    if not spec.save:
        return []
    row = rows[0]
    name = row["saved"] = library.corrections.fresh_name(checked_name(spec.save))
    text = [one["text"] for one in advice(Correction.of(row["applied"]))]
    return [
        {
            "table": "corrections",
            "record": {"name": name, "of": row["name"], "text": text, **row["applied"]},
        }
    ]
