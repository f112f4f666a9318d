"""What is to be learned: sounds on a tape, what of them is held out, and how often each is drawn.

A model keeps its lesson, so that what was held out stays unheard when it is trained further.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.desk import Desk
from jobs.nets import excerpts
from jobs.nets.bank import Bank
from jobs.nets.excerpts import Spans, Split
from jobs.recipes import tapes
from jobs.recipes.listed import sounds_of
from jobs.sound.tape import SLOT, Place, Tape
from store.errors import BadInput

FILE = "lesson.json"
GENERATED_WEIGHT = 0.5
"""How often a sound that a model made is drawn, beside one from elsewhere of the same length."""


@dataclass(frozen=True)
class Lesson:
    """``weights (sounds,)`` of the drawing; ``groups`` held-out spans to be told apart; ``generated`` the
    indices of sounds that a model made: nothing of them is held out."""

    tape: Tape
    split: Split
    weights: tuple[float, ...]
    generated: tuple[int, ...]
    groups: Mapping[str, Spans]

    def write(self, folder: Path) -> None:
        told = {"blocks": self.split.blocks, "files": self.split.files, "generated": self.generated}
        (folder / FILE).write_text(json.dumps(told))


@dataclass(frozen=True)
class Past:
    """A model that is trained further: its sounds, what of them it never heard, which were generated."""

    bank: Bank
    digest: str
    blocks: Spans
    files: Spans
    generated: tuple[int, ...]


def past(folder: Path, bank: Bank, digest: str, seed: int) -> Past:
    """Of the model in ``folder``. Where it does not tell its lesson, it is drawn from its seed again."""
    blocks, files = excerpts.choose(bank.places, seed)
    generated: tuple[int, ...] = ()
    try:
        told = json.loads((folder / FILE).read_text())
        found = [
            tuple((int(start), int(frames)) for start, frames in told[name]) for name in ("blocks", "files")
        ]
        made = tuple(int(i) for i in told["generated"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Past(bank, digest, blocks, files, generated)
    if all(_inside(bank.places, span) for spans in found for span in spans) and _indices(bank.places, made):
        (blocks, files), generated = found, made
    return Past(bank, digest, blocks, files, generated)


def _inside(places: Sequence[Place], span: tuple[int, int]) -> bool:
    end = places[-1].start + places[-1].slots * SLOT
    return span[0] >= 0 and span[1] >= SLOT and sum(span) <= end


def _indices(places: Sequence[Place], made: Sequence[int]) -> bool:
    return all(0 <= i < len(places) for i in made)


def of_dataset(dataset: dict, seed: int, before: Past | None, desk: Desk) -> Lesson:
    """Everything in a dataset. Sounds that ``before`` learned are held out as they were then."""
    sounds = sounds_of(dataset)
    tape = tapes.tape_of(dataset, desk)
    generated = _generated(tape.places, sounds)
    known, blocks, files = _as_then(before, tape.places) if before else (set(), (), ())
    more_blocks, more_files = excerpts.choose(tape.places, seed, known | set(generated))
    split = excerpts.around(tape.places, blocks + more_blocks, files + more_files)
    if not len(split.train):
        raise BadInput(
            f"dataset {dataset['name']}: the model to continue from holds all of it out; add other sounds"
        )
    return Lesson(tape, split, _weights(len(tape.places), generated), generated, {})


def _as_then(before: Past, places: Sequence[Place]) -> tuple[set[int], Spans, Spans]:
    """Which of ``places`` were learned before, and what of them was held out, on this tape."""
    then = {place.digest.rpartition("/")[2]: place for place in before.bank.places}
    known: set[int] = set()
    found: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for i, place in enumerate(places):
        old = then.get(place.digest)
        if old is None or old.slots != place.slots:
            continue
        known.add(i)
        for spans, kept in zip((before.blocks, before.files), found, strict=True):
            inside = (span for span in spans if old.start <= span[0] < old.start + old.slots * SLOT)
            kept += [(start - old.start + place.start, frames) for start, frames in inside]
    return known, tuple(found[0]), tuple(found[1])


def of_both(before: Past, dataset: dict, seed: int, old_share: float, desk: Desk) -> Lesson:
    """A model's own sounds and those of a dataset it does not know, the old for ``old_share`` of the time."""
    sounds = sounds_of(dataset, least=1)
    tape = tapes.grown(before.bank, before.digest, sounds, desk)
    count = len(before.bank.places)
    new = tape.places[count:]
    generated = before.generated + tuple(count + i for i in _generated(new, sounds))
    blocks, files = excerpts.choose(new, seed, [i - count for i in generated])
    split = excerpts.around(tape.places, before.blocks + blocks, before.files + files)
    weights = np.array(_weights(len(tape.places), generated))
    frames = _frames(tape.places, split)
    for part, share in ((slice(0, count), old_share), (slice(count, None), 1 - old_share)):
        weights[part] *= share / max(float((weights[part] * frames[part]).sum()), 1.0)
    groups = {"old": before.files + before.blocks, "new": files + blocks}
    return Lesson(tape, split, tuple(weights.tolist()), generated, groups)


def _generated(places: Sequence[Place], sounds: list[dict]) -> tuple[int, ...]:
    made = {sound["sha256"] for sound in sounds if sound.get("generated") is True}
    return tuple(i for i, place in enumerate(places) if place.digest in made)


def _weights(count: int, generated: Sequence[int]) -> tuple[float, ...]:
    made = set(generated)
    return tuple(GENERATED_WEIGHT if i in made else 1.0 for i in range(count))


def _frames(places: Sequence[Place], split: Split) -> np.ndarray:
    """How many frames of each sound are trained on."""
    starts = np.array([place.start for place in places])
    return np.bincount(np.searchsorted(starts, split.train, side="right") - 1, minlength=len(places))
