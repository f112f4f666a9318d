"""Sounds to learn repair from: read, resampled, of a kind each, and split by their sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.desk import Desk
from jobs.nets.gap_examples import possible
from jobs.recipes.gap_pairs import pairs_in, thinned, told_apart
from jobs.recipes.material import Material, material
from jobs.sound.io import Unreadable, beginning, resample
from store.errors import BadInput

SPEECH = "speech"
KINDS = {"drums": "drums", "vocals": SPEECH}
"""Instrument, as a path tells it -> kind of sound by which repair is judged; others are music."""
OTHER = "music"
MOST_SECONDS, LEAST_SECONDS = 30.0, 0.15
FEWEST = 15
"""Sources from which on whole sounds are held out; of fewer the end of each is, since an interval over one or
two held-out sounds says nothing. Pairs are never cut."""
FEWEST_PAIRS = 3
"""To learn from, to judge by while it learns, and at the end."""
HELD = 0.2
"""Share that validation has, and as much again the test."""
SILENT = 1e-5


@dataclass(frozen=True)
class Source:
    """A sound: ``wave (samples,)`` float32, and where its gaps begin if that is known: of a pair."""

    wave: np.ndarray
    name: str
    kind: str
    starts: np.ndarray | None = None


@dataclass(frozen=True)
class Heard:
    """Sources at one rate, and the kind of each by number."""

    sources: list[Source]
    known: tuple[str, ...]
    """Kinds in order of their numbers."""

    @property
    def waves(self) -> list[np.ndarray]:
        return [one.wave for one in self.sources]

    @property
    def starts(self) -> list[np.ndarray | None]:
        return [one.starts for one in self.sources]

    @property
    def kinds(self) -> list[int]:
        return [self.known.index(one.kind) for one in self.sources]

    @property
    def pairs(self) -> int:
        return sum(one.starts is not None for one in self.sources)

    def gaps(self, rate: int) -> int:
        """How many there may be."""
        return sum(
            possible(len(one.wave) / rate) if one.starts is None else len(one.starts) for one in self.sources
        )

    def some(self, which: list[int]) -> "Heard":
        return Heard([self.sources[one] for one in which], self.known)


def heard(words: tuple[str, ...], rate: int, desk: Desk) -> Heard:
    """Mono, at ``rate`` Hz, the first 30 s of each; of folders of pairs the truths. Raises NotFound, and
    BadInput where nothing can be used."""
    paired, others = told_apart(material(words, desk), words)
    sources = [*_of_pairs(paired, rate, desk), *_of_sounds(others, rate, desk)]
    if not sources:
        raise BadInput(f"{Path(words[0]).name}: no sound in it that repair can be learned from")
    return Heard(sources, tuple(sorted({one.kind for one in sources})))


def _of_pairs(folders: Mapping[Path, Sequence[Material]], rate: int, desk: Desk) -> Iterator[Source]:
    for one in pairs_in(folders, rate, desk):
        # A view would keep all of it in memory.
        wave = one.wave[: round(MOST_SECONDS * rate)].copy()
        if _useful(wave, one.of, rate, desk):
            yield Source(wave, one.of.name, _kind(one.of), one.starts)


def _of_sounds(sounds: Sequence[Material], rate: int, desk: Desk) -> Iterator[Source]:
    found = thinned(sounds, "sounds", desk)
    for count, one in enumerate(found):
        desk.check()
        try:
            wave = _begun(one.file, rate, desk)
        except Unreadable as error:
            desk.note(f"left out: {error}")
            continue
        if _useful(wave, one, rate, desk):
            yield Source(wave, one.name, _kind(one))
        desk.progress(count + 1, len(found), "sounds")


def _begun(file: str, rate: int, desk: Desk) -> np.ndarray:
    """Raises Unreadable."""
    sound = beginning(file, MOST_SECONDS, desk.check)
    mono = sound.audio.mean(axis=0, keepdims=True)
    return (mono if sound.rate == rate else resample(mono, sound.rate, rate))[0]


def _useful(wave: np.ndarray, of: Material, rate: int, desk: Desk) -> bool:
    short = len(wave) < LEAST_SECONDS * rate
    if short or np.abs(wave).max() < SILENT:
        desk.note(f"left out: {of.name}: {'too short' if short else 'silent'}")
        return False
    return True


def _kind(one: Material) -> str:
    return KINDS.get(one.label.instrument, OTHER)


def split(sounds: Heard, seed: int) -> dict[str, Heard]:
    """``train``, ``validation`` and ``test``: of many sounds whole ones, of each kind; of few the end of
    each. Pairs are only held out whole. Raises BadInput where there are too few of them."""
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    if sounds.pairs and len(sounds.sources) < FEWEST_PAIRS:
        found = f"{sounds.pairs} {'pair' if sounds.pairs == 1 else 'pairs'}"
        raise BadInput(f"{found}: {FEWEST_PAIRS} are needed, since what is learned judges nothing; give more")
    if len(sounds.sources) < FEWEST and not sounds.pairs:
        spans = (0, 1 - 2 * HELD), (1 - 2 * HELD, 1 - HELD), (1 - HELD, 1)
        return {name: _cut(sounds, *span) for name, span in zip(parts, spans, strict=True)}
    rng = np.random.default_rng([seed, 6])
    for group in _groups(sounds.kinds):
        members = rng.permutation(group)
        held = max(1, round(HELD * len(members))) if len(members) > 2 else 0
        parts["test"] += members[:held].tolist()
        parts["validation"] += members[held : 2 * held].tolist()
        parts["train"] += members[2 * held :].tolist()
    return {name: sounds.some(sorted(which)) for name, which in parts.items()}


def _groups(kinds: Sequence[int]) -> list[list[int]]:
    """Places of each kind; all together where none has enough to hold one out."""
    groups = [[at for at, one in enumerate(kinds) if one == kind] for kind in sorted(set(kinds))]
    return groups if any(len(group) > 2 for group in groups) else [list(range(len(kinds)))]


def _cut(sounds: Heard, start: float, end: float) -> Heard:
    cut = [
        Source(one.wave[round(start * len(one.wave)) : round(end * len(one.wave))], one.name, one.kind)
        for one in sounds.sources
    ]
    return Heard(cut, sounds.known)
