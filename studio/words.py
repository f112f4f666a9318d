"""What a person means by a word that names sounds: a file, a folder, a dataset or a take."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobs.specs import METHODS, NETWORKS, nearest
from store.errors import BadInput, NotFound, Usage
from store.library import Library
from store.names import shown
from studio.looking import beside, exists


def sounds(library: Library, words: Iterable[str], field: str = "sounds") -> list[str]:
    """Absolute paths of files and folders, and ids of datasets. Raises Usage, NotFound with the nearest."""
    return [_sound(library, str(word), field) for word in words]


def _sound(library: Library, word: str, field: str) -> str:
    if not word:
        # As a path it would be the folder one stands in.
        raise Usage(f"{field}: one of the names is empty; name files, folders or datasets")
    path = Path(word).expanduser()
    if exists(path):
        return str(path.absolute())
    for shelf in (library.datasets, library.takes):
        try:
            record = shelf.find(word)
        except NotFound:
            continue
        return str(record["id"]) if shelf is library.datasets else str(record["path"])
    raise NotFound(
        f"{field}: {shown(word)}: no such file, folder or dataset{nearest(path.name, _near(library, path))}"
    )


def _near(library: Library, path: Path) -> list[str]:
    return [*(str(record["name"]) for record in library.datasets.all()), *beside(path.absolute())]


def folder(word: str, field: str) -> str:
    """A folder that is there, absolute. Raises NotFound."""
    path = Path(word).expanduser().absolute()
    if not exists(path):
        raise NotFound(f"{field}: {shown(word)}: no such folder{nearest(path.name, beside(path, True))}")
    if not path.is_dir():
        raise NotFound(f"{field}: {shown(word)}: is a file; a folder is needed")
    return str(path)


def trace(word: str, field: str) -> str:
    """The absolute path of a file of packets, or a network's name as it stands. Raises NotFound."""
    path = Path(word).expanduser().absolute()
    if word in NETWORKS and not path.is_file():
        return word
    if exists(path):
        return str(path)
    near = nearest(path.name, [*NETWORKS, *beside(path)])
    raise NotFound(f"{field}: {shown(word)}: no such file{near}; a network is one of {', '.join(NETWORKS)}")


def there(word: str, field: str) -> str:
    """A file or folder that is there, absolute. Raises NotFound."""
    path = Path(word).expanduser().absolute()
    if not exists(path):
        raise NotFound(f"{field}: {shown(word)}: no such file or folder{nearest(path.name, beside(path))}")
    return str(path)


def net(library: Library, word: str, field: str) -> str:
    """The absolute path of a file of weights, or the id of a repairer.

    Raises NotFound, and BadInput for a folder.
    """
    path = Path(word).expanduser()
    there = exists(path)
    if there and not path.is_dir():
        return str(path.absolute())
    try:
        return str(library.repairers.find(word)["id"])
    except NotFound as error:
        if there:
            raise BadInput(f"{field}: {shown(word)}: is a folder; name a file or a repairer") from None
        raise NotFound(
            f"{field}: {shown(word)}: no such file{nearest(path.name, _near(library, path))}, {error}"
        ) from None


def diagnosis(library: Library, values: Mapping[str, Any]) -> dict[str, str]:
    """Model and saved correction of a diagnosis as absolute paths and ids. Raises NotFound."""
    found = {}
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


def repairer(library: Library, word: str) -> str:
    """The id of a repairer. Raises NotFound, with the nearest of them and of the ways that need none."""
    try:
        return str(library.repairers.find(word)["id"])
    except NotFound as error:
        known = [*METHODS, *(str(record["name"]) for record in library.repairers.all())]
        near = nearest(word, known)
        what = f"no repairer or method '{shown(word)}'{near}" if near else str(error)
        raise NotFound(f"model: {what}; without a model: {', '.join(METHODS)}") from None
