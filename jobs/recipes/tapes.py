"""The tape of a dataset: made once, kept in the cache, found again by what it holds."""

import json
import shutil
import time
from pathlib import Path

import numpy as np

from jobs.desk import Desk
from jobs.sound import tape
from jobs.sound.io import MAX_VALUES, Unreadable, read
from jobs.sound.spectrum import RATE
from jobs.sound.tape import Tape
from store import files, paths
from store.errors import BadInput

KEPT = 6
"""Tapes that stay in the cache; the one used longest ago goes first."""
MOST_SECONDS = 3 * 3600.0
ABANDONED_SECONDS = 24 * 3600
"""Age of a half-made tape whose maker was killed."""


def sounds_of(dataset: dict) -> list[dict]:
    """The usable sounds of a dataset record. Raises BadInput when there are none to learn from."""
    try:
        listed = json.loads((Path(dataset["folder"]) / "sounds.json").read_text())
    except (OSError, ValueError):
        raise BadInput(
            f"dataset {dataset['name']}: its list of sounds is gone or damaged; import it again"
        ) from None
    sounds = [sound for sound in listed if sound["usable"]]
    seconds = sum(sound["seconds"] for sound in sounds)
    if len(sounds) < 2:
        raise BadInput(
            f"dataset {dataset['name']}: {len(sounds)} usable sounds; "
            "at least 2 are needed, 5 or more are better"
        )
    if seconds > MOST_SECONDS:
        raise BadInput(
            f"dataset {dataset['name']}: {seconds / 3600:.1f} h of sound; "
            f"at most {MOST_SECONDS / 3600:.0f} h are learned at once; split it"
        )
    return sounds


def tape_of(dataset: dict, desk: Desk) -> Tape:
    """The tape of a dataset, from the cache where it is there. Raises BadInput, Stopped."""
    sounds = sounds_of(dataset)
    names = [(sound["name"], sound["sha256"]) for sound in sounds]
    folder = paths.cache() / "tapes" / tape.key(names)
    found = tape.load(folder, names)
    if found is None:
        found = _make(folder, sounds, names, desk)
    folder.touch()
    _make_room(folder.parent)
    return found


def _make(folder: Path, sounds: list[dict], names: list[tuple[str, str]], desk: Desk) -> Tape:
    draft = folder.with_name(f"{folder.name}.{desk.job}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with files.disk(folder):
            for done, total in tape.build(draft, names, lambda i: _audio(sounds[i])):
                desk.progress(done, total, "features")
                desk.check()
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    found = tape.load(folder, names)
    if found is None:
        raise BadInput(f"{folder}: the cache can't be read back; run `woodshed doctor`")
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
