"""Gold and flawed sounds as rows to learn from: levelled fingerprints, flaws, corrections, sources."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jobs.desk import Desk
from jobs.nets.diagnoser import NONE
from jobs.nets.forest import FEWEST, Table
from jobs.recipes.fingerprint import fingerprints
from jobs.recipes.flaws import TRUTH
from jobs.recipes.material import Material, material
from jobs.recipes.outside import given
from jobs.sound.damage import TARGETS, barely
from jobs.sound.fingerprint import fingerprint
from jobs.sound.io import Unreadable, beginning
from jobs.sound.labels import GOLD, INSTRUMENTS
from jobs.sound.reader import reading
from jobs.sound.slots import NAMES, SILENT_LUFS, levelled
from store.errors import BadInput

NONE_PER_INSTRUMENT = 40
"""Clean sounds that are changed as little as nobody minds, so that a difference is known that is no flaw."""
LONGEST = 30.0


@dataclass(frozen=True)
class Example:
    """A sound: ``file``, ``instrument``, ``flaws`` (none of gold), ``source`` (what it was made from),
    levelled ``values (64,)``, those of its ``clean`` take (gold: its own) as far as flawed versions go; of
    flawed ones the ``clean_file``, and ``targets`` where known."""

    file: str
    instrument: str
    flaws: tuple[str, ...]
    source: str
    values: np.ndarray
    clean_file: str = ""
    clean: np.ndarray | None = None
    targets: np.ndarray | None = None


def examples(words: tuple[str, ...], desk: Desk) -> list[Example]:
    """Of all sounds of known instruments. Raises BadInput where there is nothing to learn from."""
    sounds = [one for one in material(words, desk) if not one.label.problem]
    rows = [row for row in fingerprints(sounds, desk) if "error" not in row and not _silent(row)]
    by_file = {one.file: one for one in sounds}
    values = {row["file"]: levelled(np.array(row["fingerprint"])) for row in rows}
    by_sum = {row["sha256"]: row["file"] for row in rows if by_file[row["file"]].label.subset == GOLD}
    beginnings = {row["file"]: _as_far(row["file"], values[row["file"]]) for row in rows
                  if by_file[row["file"]].label.subset == GOLD}  # fmt: skip
    truth = _truth(words)
    found = []
    for row in rows:
        one = by_file[row["file"]]
        if one.label.subset == GOLD:
            own = values[one.file], "", beginnings[one.file]
            found.append(Example(one.file, one.label.instrument, (), row["sha256"], *own))
        else:
            told = truth.get(str(Path(one.file).resolve()), {})
            clean = by_sum.get(str(told.get("source_sha256")), "")
            found.append(_flawed(one, told, values[one.file], clean, beginnings.get(clean)))
    if not any(one.flaws for one in found):
        raise BadInput(
            f"{words[0]}: no flawed sound in it; woodshed flaws {words[0]} --out {words[0]} makes some"
        )
    return found


def _flawed(
    one: Material, told: dict[str, Any], values: np.ndarray, clean_file: str, clean: np.ndarray | None
) -> Example:
    known = told.get("correction")
    targets = np.array([float(known[name]) for name in TARGETS]) if isinstance(known, dict) else None
    # Made elsewhere: nobody knows from what, so it counts as a source of its own.
    source = str(told.get("source_sha256") or one.file)
    return Example(
        one.file,
        one.label.instrument,
        one.label.flaws,
        source,
        values,
        clean_file,
        clean,
        targets,
    )


def _silent(row: dict[str, Any]) -> bool:
    """A sound in which nothing is heard can't be gold, and has no flaw."""
    return bool(row["fingerprint"][NAMES.index("integrated_lufs")] <= SILENT_LUFS)


def _as_far(clean: str, values: np.ndarray) -> np.ndarray:
    """The values of a clean take as far as its flawed versions go: they end after ``LONGEST`` seconds."""
    try:
        with reading(clean) as reader:
            if reader.info.frames <= LONGEST * reader.info.rate:
                return values
        sound = beginning(clean, LONGEST)
    except (Unreadable, OSError):
        return values
    return levelled(fingerprint(sound.audio, sound.rate))


def _truth(words: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Absolute path of a flawed sound -> what ``flaws.json`` says of it."""
    found = {}
    for word in map(Path, words):
        for root in (word, word.parent):
            told = given(root / TRUTH) if root.is_dir() else None
            for entry in told.get("files", []) if isinstance(told, dict) else []:
                if isinstance(entry, dict) and isinstance(entry.get("file"), str) and _whole(entry):
                    found[str((root / entry["file"]).resolve())] = entry
    return found


def _whole(entry: dict[str, Any]) -> bool:
    known = entry.get("correction")
    return isinstance(known, dict) and all(isinstance(known.get(name), int | float) for name in TARGETS)


class Row(NamedTuple):
    """``targets`` is None where nobody knows them; ``place`` is that of the example it is, -1 of none."""

    values: np.ndarray
    flaw: str
    targets: np.ndarray | None
    source: str
    place: int = -1


def blind(found: list[Example], instrument: str) -> list[Row]:
    """Gold and single flaws of an instrument, each by itself."""
    nothing = np.zeros(len(TARGETS))
    rows = []
    for place, one in enumerate(found):
        if one.instrument == instrument and len(one.flaws) <= 1:
            flaw, targets = (one.flaws[0], one.targets) if one.flaws else (NONE, nothing)
            rows.append(Row(one.values, flaw, targets, one.source, place))
    return rows


def against_reference(found: list[Example], instrument: str, seed: int, desk: Desk) -> list[Row]:
    """Differences to the clean take, of single flaws and of clean sounds that were hardly changed."""
    rows = [
        Row(one.values - one.clean, one.flaws[0], one.targets, one.source, place)
        for place, one in enumerate(found)
        if one.instrument == instrument and len(one.flaws) == 1 and one.clean is not None
    ]
    gold = [one for one in found if one.instrument == instrument and not one.flaws] if rows else []
    rng = np.random.default_rng([seed, INSTRUMENTS.index(instrument)])
    for at in rng.permutation(len(gold))[:NONE_PER_INSTRUMENT]:
        desk.check()
        one = gold[int(at)]
        if (changed := _hardly(one, rng)) is not None and one.clean is not None:
            rows.append(Row(changed - one.clean, NONE, np.zeros(len(TARGETS)), one.source))
    return rows


def _hardly(one: Example, rng: np.random.Generator) -> np.ndarray | None:
    """The values of a sound after a change that is no flaw."""
    try:
        sound = beginning(one.file, LONGEST)
    except (Unreadable, OSError):
        return None
    return levelled(fingerprint(barely(sound.audio, sound.rate, rng), sound.rate))


def table_of(rows: list[Row]) -> Table | None:
    """None where there is nothing to tell apart, or too few sources to test it on.

    What is known from one source alone can't be tested on another one: it is left out.
    """
    sources: dict[str, set[str]] = {}
    for row in rows:
        sources.setdefault(row.flaw, set()).add(row.source)
    rows = [row for row in rows if len(sources[row.flaw]) > 1]
    if len({row.flaw for row in rows}) < 2 or len({row.source for row in rows}) < FEWEST:
        return None
    nothing = np.zeros(len(TARGETS))
    return Table(
        np.array([row.values for row in rows], np.float32),
        np.array([row.flaw for row in rows]),
        np.array([nothing if row.targets is None else row.targets for row in rows]),
        np.array([row.targets is not None for row in rows]),
        np.array([row.source for row in rows]),
        np.array([row.place for row in rows]),
    )
