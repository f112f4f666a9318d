"""The tape of a dataset and versions of its sounds: made once, kept in the cache, found by what they hold."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from jobs.desk import Desk
from jobs.nets.bank import Bank
from jobs.nets.excerpts import Split
from jobs.recipes.listed import sounds_of
from jobs.sound import augment, tape
from jobs.sound.augment import Changes, Versions
from jobs.sound.io import MAX_VALUES, Unreadable, read
from jobs.sound.spectrum import RATE
from jobs.sound.tape import Tape
from store import files, paths
from store.errors import BadInput

Made = TypeVar("Made")
KEPT = 6
"""Of each kind that stay in the cache; the one used longest ago goes first."""
ABANDONED_SECONDS = 24 * 3600
"""Age of a half-made tape whose maker was killed."""


def tape_of(dataset: dict, desk: Desk) -> Tape:
    """The tape of a dataset, from the cache where it is there. Raises BadInput, Stopped."""
    sounds = sounds_of(dataset)
    names = [(sound["name"], sound["sha256"]) for sound in sounds]
    return _tape(names, lambda i: _audio(sounds[i]), desk)


def grown(bank: Bank, model: str, sounds: list[dict], desk: Desk) -> Tape:
    """A tape of a model's own sounds followed by those of ``sounds`` that are not among them.

    ``model`` is the SHA-256 of the model: its sounds went through its own files, so they are not
    the originals to the last bit. Raises BadInput, Stopped.
    """
    digests = [place.digest.rpartition("/")[2] for place in bank.places]
    new = [sound for sound in sounds if sound["sha256"] not in set(digests)]
    if not new:
        raise BadInput("add: the model knows all of these sounds already; continue it without add")
    names = [
        (place.name, f"{model[:16]}/{digest}") for place, digest in zip(bank.places, digests, strict=True)
    ]
    names += [(sound["name"], sound["sha256"]) for sound in new]

    def read_one(i: int) -> np.ndarray:
        if i < len(bank.places):
            return tape.sound_at(bank.places[i], bank.wave, bank.side)
        return _audio(new[i - len(bank.places)])

    return _tape(names, read_one, desk)


def versions_of(sounds: Tape, split: Split, changes: Changes, desk: Desk) -> Versions:
    """Versions of what ``split`` trains on, from the cache where they are there. Raises Stopped."""
    names = [(place.name, place.digest) for place in sounds.places]
    key = augment.key(tape.key(names), split.spans, changes)
    return _cached(
        paths.cache() / "versions" / key,
        lambda folder: augment.load(folder, key),
        lambda draft: augment.build(draft, sounds.wave, split.spans, changes, key),
        desk,
        "versions",
    )


def _tape(names: list[tuple[str, str]], read_one: Callable[[int], np.ndarray], desk: Desk) -> Tape:
    return _cached(
        paths.cache() / "tapes" / tape.key(names),
        lambda folder: tape.load(folder, names),
        lambda draft: tape.build(draft, names, read_one),
        desk,
        "features",
    )


def _cached(
    folder: Path,
    load: Callable[[Path], Made | None],
    build: Callable[[Path], Iterator[tuple[int, int]]],
    desk: Desk,
    unit: str,
) -> Made:
    found = load(folder)
    if found is None:
        draft = folder.with_name(f"{folder.name}.{desk.job}")
        shutil.rmtree(draft, ignore_errors=True)
        try:
            with files.disk(folder):
                for done, total in build(draft):
                    desk.progress(done, total, unit)
                    desk.check()
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        found = load(folder)
    if found is None:
        raise BadInput(f"{folder}: the cache can't be read back; run `woodshed doctor`")
    folder.touch()
    _make_room(folder.parent)
    return found


def _audio(sound: dict) -> np.ndarray:
    """A sound of a dataset, ``(channels, samples)`` at 48 kHz, if it is still the one that was imported.

    One too long to hold with all its channels is read as mono.
    """
    path = Path(sound["file"])
    if not path.is_file():
        raise BadInput(f"{sound['name']}: the file is gone ({path}); put it back or import the rest anew")
    if files.sha256(path) != sound["sha256"]:
        raise BadInput(f"{sound['name']}: the file has changed since it was imported; import it anew")
    values = sound["channels"] * (sound["seconds"] + 1) * max(RATE, sound["rate"])
    try:
        return read(path, rate=RATE, mono=values > MAX_VALUES)[0]
    except Unreadable as error:
        raise BadInput(f"{error}; remove it and import the rest anew") from None


def _make_room(folder: Path) -> None:
    for draft in folder.glob("*.*"):
        if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)
    tapes = [path for path in folder.iterdir() if path.is_dir() and "." not in path.name]
    for path in sorted(tapes, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
