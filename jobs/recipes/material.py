"""Sounds by the words that a request names them with: files, folders with all below them, datasets."""

from dataclasses import dataclass, replace
from pathlib import Path

from jobs.desk import Desk
from jobs.recipes.listed import sounds_of
from jobs.sound.formats import NAMES
from jobs.sound.gather import TooMany, gather
from jobs.sound.labels import Label, label
from jobs.sound.roll import spoken
from store.errors import BadInput, NotFound
from store.library import Library

RAW, MANIFEST = "raw", "manifest.json"
"""By which an organised set is known."""
NEAR = 3
"""Parts of a path that tell what a single file is: subset, instrument, name."""


@dataclass(frozen=True)
class Material:
    """A sound: its ``file``, its ``name`` (below the folder that was named) and what its path tells.

    ``origin`` is the file that was imported, where ``file`` is a copy of it.
    """

    file: str
    name: str
    label: Label
    origin: str = ""

    @property
    def path(self) -> Path:
        """Where it was found."""
        return Path(self.origin or self.file)


def material(words: tuple[str, ...], desk: Desk) -> list[Material]:
    """In order of the words, of a folder in order of name; each file once.

    A word is an absolute path or the id of a dataset. Raises NotFound, BadInput.
    """
    found: dict[str, Material] = {}
    for word in words:
        folder = Path(word).name if len(words) > 1 and Path(word).is_dir() else ""
        for one in _of_path(Path(word), desk) if Path(word).is_absolute() else _of_dataset(word):
            # Of several folders a name says which one it is in.
            name = f"{spoken(folder)}/{one.name}" if folder else one.name
            found.setdefault(one.file, replace(one, name=name))
    return list(found.values())


def _of_path(path: Path, desk: Desk) -> list[Material]:
    if not path.exists() and not path.is_symlink():
        raise NotFound(f"{path}: no such file or folder")
    if not path.is_dir():
        return [_file(str(path))]
    raw = path / RAW
    # Of an organised set what was put in; what was made from it, normalised, is the same once more.
    inside = raw if raw.is_dir() and (path / MANIFEST).exists() else path
    try:
        found = gather([str(inside)], desk.check)
    except TooMany as error:
        raise BadInput(f"{path}: {error}") from None
    if not found.files:
        passed = found.passed_over() or "it is empty"
        raise BadInput(f"{path}: no {NAMES} file in it ({passed})")
    if found.passed_over():
        desk.note(f"passed over: {found.passed_over()}")
    return [_below(path, Path(file)) for file in found.files]


def _below(folder: Path, file: Path) -> Material:
    try:
        relative = file.relative_to(folder)
    except ValueError:
        # A link led elsewhere.
        relative = Path(file.name)
    # The folder's own name may be what tells the instrument.
    return Material(str(file), spoken(relative.as_posix()), label(spoken(str(folder.name / relative))))


def _file(file: str) -> Material:
    near = Path(*Path(file).parts[-NEAR:])
    return Material(file, spoken(near.name), label(spoken(str(near))))


def _of_dataset(key: str) -> list[Material]:
    dataset = Library().datasets.find(key)
    listed = sounds_of(dataset, least=1)
    origins = [_file(str(sound.get("original") or sound["file"])) for sound in listed]
    return [
        Material(str(sound["file"]), str(sound["name"]), origin.label, origin.file)
        for sound, origin in zip(listed, origins, strict=True)
    ]
