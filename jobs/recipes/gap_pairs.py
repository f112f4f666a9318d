"""Pairs to learn repair from: the truth of each, and where packets of its input were lost."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from jobs.desk import Desk
from jobs.recipes.material import Material
from jobs.sound.differences import NoLosses, lost_runs
from jobs.sound.io import Unreadable, resample
from jobs.sound.pairs import INPUTS, TRUTHS, Mismatch, Pair, pair_up, read_pair, without_partner
from store.errors import BadInput

HALVES = (INPUTS, TRUTHS)
MOST = 400
"""Pairs, and other sounds, that are learned from."""
One = TypeVar("One")


@dataclass(frozen=True)
class Holed:
    """A truth ``wave (samples,)`` float32, and at which samples of it gaps begin, ``starts (gaps,)``."""

    wave: np.ndarray
    starts: np.ndarray
    of: Material


@dataclass(frozen=True)
class _Couple:
    """A pair of ``top``, and the sounds that are its two halves."""

    top: Path
    pair: Pair
    degraded: Material
    truth: Material


def told_apart(
    found: Sequence[Material], words: Sequence[str]
) -> tuple[dict[Path, list[Material]], list[Material]]:
    """Folder of pairs -> sounds of either half in it; and the sounds that are in none.

    It is one wherever it lies: both halves were found, or one was and both are below a folder that was named.
    An input and its truth are one sound: apart, one could judge what was learned from the other.
    """
    halves: dict[Path, set[str]] = defaultdict(set)
    for one in found:
        for top, half in _tops(one):
            halves[top].add(half)
    paired = {top for top, there in halves.items() if len(there) > 1 or _named(top, words)}
    folders: dict[Path, list[Material]] = defaultdict(list)
    others: list[Material] = []
    for one in found:
        nearest = next((folder for folder, _ in _tops(one) if folder in paired), None)
        (others if nearest is None else folders[nearest]).append(one)
    return folders, others


def _tops(one: Material) -> Iterator[tuple[Path, str]]:
    """Folders of pairs that a sound may be of, by its path, from the nearest on; and its half of them."""
    for folder in one.path.parents:
        if folder.name in HALVES:
            yield folder.parent, folder.name


def _named(top: Path, words: Sequence[str]) -> bool:
    return any(top.is_relative_to(word) for word in words) and all((top / half).is_dir() for half in HALVES)


def pairs_in(folders: Mapping[Path, Sequence[Material]], rate: int, desk: Desk) -> Iterator[Holed]:
    """Mono at ``rate`` Hz, one after the other. A lag or a turned polarity is corrected, and said; so is
    every pair that can't be used. Raises BadInput where there are folders and none can."""
    refused: list[str] = []
    couples = [one for top, sounds in folders.items() for one in _couples(top, sounds, desk, refused)]
    couples = list(thinned(couples, "pairs", desk))
    used = 0
    for count, one in enumerate(couples):
        desk.check()
        try:
            holed = _holed(one, rate, desk)
        except (Mismatch, Unreadable) as error:
            refused.append(f"{one.top.name}: no pair that can be learned from: {error}")
            desk.note(f"left out: {error}")
        else:
            used += 1
            yield holed
        desk.progress(count + 1, len(couples), "pairs")
    if folders and not used:
        raise BadInput(refused[0])


def thinned(found: Sequence[One], what: str, desk: Desk) -> Sequence[One]:
    """At most `MOST`, evenly taken; ``what`` they are is told."""
    step = -(-len(found) // MOST)
    if step > 1:
        desk.note(f"{len(found)} {what}: every {step}. of them is learned")
    return found[::step] if step > 1 else found


def _couples(top: Path, sounds: Sequence[Material], desk: Desk, refused: list[str]) -> Iterator[_Couple]:
    found = {str(one.path): one for one in sounds}
    for line in without_partner(top, found):
        desk.note(f"left out: {line}")
    try:
        pairs = pair_up(top, found)
    except Mismatch as error:
        refused.append(str(error))
        return
    for pair in pairs:
        yield _Couple(top, pair, found[pair.degraded], found[pair.truth])


def _holed(one: _Couple, rate: int, desk: Desk) -> Holed:
    """Raises Mismatch, Unreadable."""
    degraded, truth = (half.path.relative_to(one.top).as_posix() for half in (one.degraded, one.truth))
    both = read_pair(Pair(one.pair.name, one.degraded.file, one.truth.file), True, (degraded, truth))
    if both.told:
        desk.note(both.told)
    try:
        lost = lost_runs(both.degraded, both.truth, both.rate)
    except NoLosses as error:
        raise Mismatch(f"{degraded} against {truth}: {error}") from None
    mono = both.truth.mean(axis=0, keepdims=True)
    wave = mono if both.rate == rate else resample(mono, both.rate, rate)
    starts = np.array([round(run.start * rate / both.rate) for run in lost])
    return Holed(wave[0], starts, one.truth)
