"""What changed between the weights of two nets: of repairers, of packages, or in files."""

from collections import Counter
from pathlib import Path

from jobs.desk import Desk
from jobs.field.checked import Refused
from jobs.field.difference import difference
from jobs.field.trust import trusted
from jobs.recipes.opened import opened, refusing
from jobs.recipes.outside import give_json
from jobs.recipes.repairer_files import NET, whole
from jobs.specs import CompareNets
from store.library import Library

LEFT = "difference.json"


def run(spec: CompareNets, desk: Desk) -> dict:
    """Raises NotFound, BadInput (no weights that can be read, a package that is refused), Busy."""
    with refusing():
        old, new = (_weights(word, spec.key, desk.attempt_folder / side)
                    for side, word in (("old", spec.old), ("new", spec.new)))  # fmt: skip
        changes = difference(old, new)
    counts = Counter(one.what for one in changes)
    told = {"old": _told(spec.old, old), "new": _told(spec.new, new), "tensors": len(changes)}
    give_json(
        desk.folder / LEFT,
        {**told, "counts": dict(counts), "changes": [one.record() for one in changes]},
    )
    return {"summary": {**told, "same": counts["same"], "left": LEFT}}


def _weights(word: str, key: str, folder: Path) -> Path:
    """The file with the weights of a repairer (its id), of a package, or that one itself."""
    path = Path(word)
    if not path.is_absolute():
        return whole(Library().repairers.find(word), NET)
    return _unpacked(path, key, folder) if path.suffix.lower() == ".zip" else path


def _unpacked(path: Path, key: str, folder: Path) -> Path:
    """The net of a package: in float32 where it has that, whatever size of it the field uses."""
    package, told = opened(path, trusted(key))
    name = NET if NET in package.contents else told.net
    if name is None:
        raise Refused(f"{path.name}: has no net, linear prediction is shipped alone; name another package")
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / name).write_bytes(package.contents[name])
    return folder / name


def _told(word: str, path: Path) -> str:
    """What was named, and the file of it that was read."""
    if not Path(word).is_absolute():
        return str(Library().repairers.find(word)["name"])
    return word if Path(word) == path else f"{word}: {path.name}"
