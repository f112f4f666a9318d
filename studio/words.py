"""What a person means by a word that names sounds: a file, a folder, a dataset or a take."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobs.specs import nearest
from store.errors import NotFound
from store.library import Library
from studio.looking import subject


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
    raise NotFound(
        f"{field}: {word}: no such file, folder or dataset{nearest(path.name, _near(library, path))}"
    )


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


def diagnosis(library: Library, values: Mapping[str, Any]) -> dict[str, str]:
    """Reference, model and saved correction of a diagnosis as absolute paths and ids. Raises NotFound."""
    found = {}
    if values.get("reference"):
        found["reference"] = subject(str(values["reference"])).path
    model = str(values.get("model") or "")
    if model.endswith(".onnx"):
        path = Path(model).expanduser().absolute()
        if not path.is_file():
            raise NotFound(f"model: {model}: no such file{nearest(path.name, _near(library, path))}")
        found["model"] = str(path)
    elif model:
        found["model"] = library.diagnosers.find(model)["id"]
    if values.get("correction"):
        found["correction"] = library.corrections.find(str(values["correction"]))["id"]
    return found
