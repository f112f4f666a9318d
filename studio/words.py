"""What a person means by a word that names sounds: a file, a folder, a dataset or a take."""

from collections.abc import Iterable
from pathlib import Path

from jobs.specs import nearest
from store.errors import NotFound
from store.library import Library


def sounds(library: Library, words: Iterable[str], field: str = "sounds") -> list[str]:
    """Absolute paths of files and folders, and ids of datasets. Raises NotFound with the nearest name."""
    return [_sound(library, str(word), field) for word in words]


def _sound(library: Library, word: str, field: str) -> str:
    path = Path(word).expanduser()
    try:
        if path.exists():
            return str(path.absolute())
    except (OSError, ValueError):
        # No file can have that name.
        pass
    for shelf in (library.datasets, library.takes):
        try:
            record = shelf.find(word)
        except NotFound:
            continue
        return str(record["id"]) if shelf is library.datasets else str(record["path"])
    raise NotFound(f"{field}: {word}: no such file, folder or dataset{nearest(word, _near(library, path))}")


def _near(library: Library, path: Path) -> list[str]:
    known = [str(record["name"]) for record in library.datasets.all()]
    try:
        return [*known, *(other.name for other in path.absolute().parent.iterdir())]
    except (OSError, ValueError):
        return known


def folder(word: str, field: str) -> str:
    """A folder that is there, absolute. Raises NotFound."""
    path = Path(word).expanduser().absolute()
    if not path.is_dir():
        there = (
            [other.name for other in path.parent.iterdir() if other.is_dir()] if path.parent.is_dir() else []
        )
        raise NotFound(f"{field}: {word}: no such folder{nearest(path.name, there)}")
    return str(path)
