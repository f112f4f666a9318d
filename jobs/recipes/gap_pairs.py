"""Pairs to learn repair from: the truth of each, and where packets of its input were lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from jobs.desk import Desk
from jobs.recipes.material import Material, material
from jobs.sound.differences import NoLosses, lost_runs
from jobs.sound.gather import TooMany
from jobs.sound.io import Unreadable, resample
from jobs.sound.pairs import INPUTS, TRUTHS, Mismatch, Pair, pair_up, read_pair, without_partner
from store.errors import BadInput

MOST = 400
"""Pairs, and other sounds, that are learned from."""
One = TypeVar("One")


@dataclass(frozen=True)
class Holed:
    """A truth ``wave (samples,)`` float32, and at which samples of it gaps begin, ``starts (gaps,)``."""

    wave: np.ndarray
    starts: np.ndarray
    of: Material


def holds_pairs(word: str) -> bool:
    """Whether a word names a folder with both halves of pairs."""
    return Path(word).is_absolute() and all((Path(word) / half).is_dir() for half in (INPUTS, TRUTHS))


def pairs_in(folder: str, rate: int, desk: Desk) -> list[Holed]:
    """Mono at ``rate`` Hz, in order of name. A lag or a turned polarity is corrected, and said; so is every
    pair that can't be used. Raises BadInput where none can."""
    refused: list[str] = []
    found = list(_usable(folder, rate, desk, refused))
    if not found:
        raise BadInput(f"{Path(folder).name}: no pair that can be learned from: {refused[0]}")
    return found


def thinned(found: Sequence[One], what: str, desk: Desk) -> Sequence[One]:
    """At most `MOST`, evenly taken; ``what`` they are is told."""
    step = -(-len(found) // MOST)
    if step > 1:
        desk.note(f"{len(found)} {what}: every {step}. of them is learned")
    return found[::step] if step > 1 else found


def _usable(folder: str, rate: int, desk: Desk, refused: list[str]) -> Iterator[Holed]:
    try:
        pairs, alone = pair_up(folder), without_partner(folder)
    except (Mismatch, TooMany) as error:
        raise BadInput(str(error)) from None
    for line in alone:
        desk.note(f"left out: {line}")
    pairs = list(thinned(pairs, "pairs", desk))
    for count, pair in enumerate(pairs):
        desk.check()
        try:
            one = _holed(pair, rate, desk)
        except (Mismatch, Unreadable) as error:
            refused.append(str(error))
            desk.note(f"left out: {error}")
        else:
            yield one
        desk.progress(count + 1, len(pairs), "pairs")


def _holed(pair: Pair, rate: int, desk: Desk) -> Holed:
    """Raises Mismatch, Unreadable."""
    both = read_pair(pair, align=True)
    if both.told:
        desk.note(both.told)
    try:
        lost = lost_runs(both.degraded, both.truth, both.rate)
    except NoLosses as error:
        raise Mismatch(f"{INPUTS}/{pair.name} against {TRUTHS}/{pair.name}: {error}") from None
    mono = both.truth.mean(axis=0, keepdims=True)
    wave = mono if both.rate == rate else resample(mono, both.rate, rate)
    starts = np.array([round(run.start * rate / both.rate) for run in lost])
    return Holed(wave[0], starts, material((pair.truth,), desk)[0])
