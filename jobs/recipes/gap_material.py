"""Sounds to learn repair from: read, resampled, of a kind each, and split by their sources."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.desk import Desk
from jobs.recipes.material import Material, material
from jobs.sound.io import Unreadable, load
from store.errors import BadInput

KINDS = {"drums": "drums", "vocals": "speech"}
"""Instrument, as a path tells it -> kind of sound by which repair is judged; others are music."""
OTHER = "music"
MOST_SOUNDS, MOST_SECONDS, LEAST_SECONDS = 400, 30.0, 0.15
FEWEST = 6
"""Sources from which on whole sounds are held out; of fewer the end of each is."""
HELD = 0.2
"""Share that validation has, and as much again the test."""
SILENT = 1e-5


@dataclass(frozen=True)
class Heard:
    """Sounds (samples,) float32 at one rate, the name and the kind (by number) of each."""

    waves: list[np.ndarray]
    names: list[str]
    kinds: list[int]
    known: tuple[str, ...]
    """Kinds in order of their numbers."""

    def some(self, which: list[int]) -> "Heard":
        return Heard(
            [self.waves[one] for one in which],
            [self.names[one] for one in which],
            [self.kinds[one] for one in which],
            self.known,
        )


def heard(words: tuple[str, ...], rate: int, desk: Desk) -> Heard:
    """Mono, at ``rate`` Hz, the first 30 s of each. Raises NotFound, BadInput where nothing can be used."""
    found = material(words, desk)
    if len(found) > MOST_SOUNDS:
        desk.note(f"{len(found)} sounds: every {-(-len(found) // MOST_SOUNDS)}. of them is learned")
        found = found[:: -(-len(found) // MOST_SOUNDS)]
    waves, used = [], []
    for count, one in enumerate(found):
        desk.check()
        try:
            wave = load(one.file, rate, mono=True).audio[0][: round(MOST_SECONDS * rate)]
        except Unreadable as error:
            desk.note(f"left out: {error}")
            continue
        if len(wave) < LEAST_SECONDS * rate or np.abs(wave).max() < SILENT:
            desk.note(
                f"left out: {one.name}: {'silent' if len(wave) >= LEAST_SECONDS * rate else 'too short'}"
            )
            continue
        waves.append(wave)
        used.append(one)
        desk.progress(count + 1, len(found), "sounds")
    if not waves:
        raise BadInput(f"{Path(words[0]).name}: no sound in it that repair can be learned from")
    kinds = [_kind(one) for one in used]
    known = tuple(dict.fromkeys(sorted(kinds)))
    return Heard(waves, [one.name for one in used], [known.index(kind) for kind in kinds], known)


def _kind(one: Material) -> str:
    return KINDS.get(one.label.instrument, OTHER)


def split(sounds: Heard, seed: int) -> dict[str, Heard]:
    """``train``, ``validation`` and ``test``: of many sounds whole ones, of each kind; of few the end of
    each."""
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    if len(sounds.waves) < FEWEST:
        spans = (0, 1 - 2 * HELD), (1 - 2 * HELD, 1 - HELD), (1 - HELD, 1)
        return {name: _cut(sounds, *span) for name, span in zip(parts, spans, strict=True)}
    rng = np.random.default_rng([seed, 6])
    for kind in range(len(sounds.known)):
        members = rng.permutation([at for at, one in enumerate(sounds.kinds) if one == kind])
        held = max(1, round(HELD * len(members))) if len(members) > 2 else 0
        parts["test"] += members[:held].tolist()
        parts["validation"] += members[held : 2 * held].tolist()
        parts["train"] += members[2 * held :].tolist()
    return {name: sounds.some(sorted(which)) for name, which in parts.items()}


def _cut(sounds: Heard, start: float, end: float) -> Heard:
    waves = [wave[round(start * len(wave)) : round(end * len(wave))] for wave in sounds.waves]
    return Heard(waves, sounds.names, sounds.kinds, sounds.known)
