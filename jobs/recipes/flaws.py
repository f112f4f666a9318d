"""Clean sounds -> flawed versions of them, laid out as a set, with the exact parameters of each.

``flaws.json`` says of every flawed sound which clean one it was made from and how. The clean ones are
copied beside them, unless the set is the one they lie in.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jobs.desk import Desk
from jobs.recipes.copies import copy_checked
from jobs.recipes.examined import examined
from jobs.recipes.material import MANIFEST, RAW, Material, material
from jobs.recipes.outside import folder_in, folder_of_ours, give_json, given, open_to_others
from jobs.sound import damage
from jobs.sound.io import Unreadable, beginning
from jobs.sound.labels import FLAWED, FLAWS, GOLD, INSTRUMENTS
from jobs.sound.write import write
from jobs.specs import MakeFlaws
from store import files, names
from store.errors import BadInput

TRUTH = "flaws.json"
LONGEST = 30.0
"""Seconds of a flawed version: the beginning tells the flaw."""
SHORTEST = 0.05
SILENT = 10 ** (-70 / 20)
"""Highest sample of what is silence."""


class Task(NamedTuple):
    """A version to make of a clean ``sound``: its ``flaws`` in order, its ``number`` and ``seed``."""

    sound: Material
    instrument: str
    flaws: list[str]
    number: int
    seed: list[int]


def run(spec: MakeFlaws, desk: Desk) -> dict:
    """Raises NotFound, BadInput (no clean sound of a known instrument), Usage, Busy."""
    clean, wrong = _readable(_clean(spec, desk), desk)
    out = _folder(spec.out)
    truth = given(out / TRUTH)
    entries = truth.get("files") if isinstance(truth, dict) else None
    known = [entry for entry in entries if _is_entry(entry)] if isinstance(entries, list) else []
    plan = _named([task for name in INSTRUMENTS if name in clean for task in _plan(name, clean[name], spec)],
                  out, {entry["file"] for entry in known})  # fmt: skip
    told = {"woodshed": 1, "seed": spec.seed}
    kept = [entry for entry in known if entry["file"] not in plan]
    # What is going to be written is this run's, whether or not it comes to its end.
    give_json(out / TRUTH, {**told, "files": kept + [{"file": file} for file in plan]})
    made = []
    for count, (file, task) in enumerate(plan.items()):
        desk.check()
        try:
            made.append(_made(task, out, file))
        except Unreadable as error:
            wrong.append({"file": task.sound.file, "name": task.sound.name, "problem": error.why})
        desk.progress(count + 1, len(plan), "sounds")
    if not made:
        raise BadInput(f"{wrong[0]['name']}: {wrong[0]['problem']}")
    _beside(clean, out)
    give_json(out / TRUTH, {**told, "files": kept + made})
    problems = list({one["file"]: one for one in wrong}.values())
    return {"summary": {"path": str(out), "truth": str(out / TRUTH), "count": len(made), "failed": len(wrong),
                        "sources": sum(map(len, clean.values())), "problems": problems,
                        "instruments": {name: sum(entry["instrument"] == name for entry in made)
                                        for name in INSTRUMENTS if name in clean}}}  # fmt: skip


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("file"), str)


def _named(plan: list[Task], out: Path, known: set[str]) -> dict[str, Task]:
    """Path below the set -> what is made there: one of an earlier run, or a free one."""
    found: dict[str, Task] = {}
    for task in plan:
        stem, number = f"{names.file_stem(task.sound.label.sub)}_flawed_{'+'.join(task.flaws)}", task.number
        while True:
            file = Path(RAW, FLAWED, task.instrument, f"{stem}_{number:03d}.wav").as_posix()
            if file not in found and (file in known or not (out / file).exists()):
                break
            number += 1
        found[file] = task
    return found


def _folder(out: str) -> Path:
    """An empty folder, one of flaws made before, or an organised set."""
    return folder_of_ours(out, MANIFEST if (Path(out) / MANIFEST).exists() else TRUTH)


def _clean(spec: MakeFlaws, desk: Desk) -> dict[str, list[Material]]:
    """Instrument -> its clean sounds."""
    found: dict[str, list[Material]] = {}
    unknown = []
    for one in material(spec.sounds, desk):
        if one.label.subset == FLAWED:
            continue
        instrument = spec.instrument if spec.instrument != "auto" else one.label.instrument
        if instrument:
            found.setdefault(instrument, []).append(one)
        else:
            unknown.append(one)
    if not found:
        name = unknown[0].name if unknown else "no clean sound"
        raise BadInput(
            f"{name}: no instrument in its folders or name; choose one of {', '.join(INSTRUMENTS)}"
        )
    if unknown:
        desk.note(f"left out: {len(unknown)} sounds of no known instrument, {unknown[0].name} the first")
    return found


def _readable(
    clean: dict[str, list[Material]], desk: Desk
) -> tuple[dict[str, list[Material]], list[dict[str, str]]]:
    """Those that could be read in a process with limits, and what is wrong with the others."""
    every = [one for sounds in clean.values() for one in sounds]
    wrong = {
        one.file: str(answer["why"])
        for one, answer in zip(every, examined([one.file for one in every], desk), strict=True)
        if "why" in answer
    }
    problems = [{"file": one.file, "name": one.name, "problem": wrong[one.file]} for one in every
                if one.file in wrong]  # fmt: skip
    kept = {name: [one for one in sounds if one.file not in wrong] for name, sounds in clean.items()}
    return {name: sounds for name, sounds in kept.items() if sounds}, problems


def _plan(instrument: str, sounds: list[Material], spec: MakeFlaws) -> list[Task]:
    """Each version to make; sounds are taken in turn."""
    known = FLAWS[instrument]
    rng = np.random.default_rng([spec.seed, INSTRUMENTS.index(instrument)])
    plan = []
    for at, flaw in enumerate(known):
        turn = [sounds[int(index)] for index in rng.permutation(len(sounds))]
        for number in range(spec.per_flaw):
            others = [other for other in known if other != flaw]
            more = [str(other) for other in rng.permutation(others)[: spec.several - 1]]
            flaws = [str(one) for one in rng.permutation([flaw, *more])]
            seed = [spec.seed, INSTRUMENTS.index(instrument), at, number]
            plan.append(Task(turn[number % len(turn)], instrument, flaws, number + 1, seed))
    return plan


def _made(task: Task, out: Path, file: str) -> dict[str, Any]:
    """Write one flawed sound; its entry in ``flaws.json``. Raises Unreadable."""
    one, instrument, flaws, _, seed = task
    sound = beginning(one.file, LONGEST)
    audio = sound.audio
    if audio.shape[1] < SHORTEST * sound.rate:
        raise Unreadable(
            one.file, f"only {audio.shape[1] / sound.rate:.3f} s long; {SHORTEST:g} s are needed"
        )
    if np.abs(audio).max() < SILENT:
        raise Unreadable(one.file, "silent: there is nothing to make worse")
    steps = damage.draw(flaws, np.random.default_rng(seed))
    flawed, steps = damage.damage(audio, sound.rate, steps)
    folder_in(out, Path(file).parent)
    write(out / file, flawed, sound.rate)
    open_to_others(out / file)
    return {
        "file": file, "source": one.file, "source_name": one.name,
        "source_sha256": files.sha256(one.file), "instrument": instrument, "flaws": flaws, "seed": seed,
        "steps": [step.record() for step in steps],
        "correction": damage.correction(audio, flawed, sound.rate, steps),
    }  # fmt: skip


def _beside(clean: dict[str, list[Material]], out: Path) -> None:
    """The clean sounds in the set, where they are not in it yet."""
    for instrument, sounds in clean.items():
        folder = folder_in(out, Path(RAW, GOLD, instrument))
        for one in sounds:
            if Path(one.file).is_relative_to(out):
                continue
            sha256, stem, number = files.sha256(one.file), names.file_stem(Path(one.file).stem), 1
            while True:
                numbered = f"{stem}_{number:03d}" if number > 1 else stem
                target = folder / f"{numbered}{Path(one.file).suffix.lower()}"
                if not target.exists() or files.sha256(target) == sha256:
                    break
                number += 1
            if not target.exists():
                copy_checked(one.file, target, sha256, one.name)
                open_to_others(target)
