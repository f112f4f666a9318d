"""The files of a record, removed for good; only those that lie where the library puts such files.

A record may come from someone else's file, and its paths may then point anywhere.
"""

from contextlib import suppress
from pathlib import Path

from store.files import inside

FOLDERS = {
    "dataset": "datasets",
    "model": "models",
    "diagnosis model": "diagnosers",
    "repairer": "repairers",
}
TAKE_FILES = ("path", "sidecar", "wave", "heat")


def remove_files(root: Path, kind: str, record: dict) -> None:
    """Remove what ``record`` has under ``root``: its own folder, or a take's files; the rest stays."""
    for path in _own(root, kind, record):
        if path.is_dir():
            import shutil  # with its archive formats 3 ms, for something rare

            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def bytes_of(root: Path, kind: str, record: dict) -> int:
    """How much of the disk ``remove_files`` would free."""
    total = 0
    for path in _own(root, kind, record):
        for file in path.rglob("*") if path.is_dir() else (path,):
            with suppress(OSError):
                total += file.lstat().st_size if not file.is_dir() else 0
    return total


def _own(root: Path, kind: str, record: dict) -> list[Path]:
    """The folder or the files under ``root`` that are the record's alone."""
    if kind in FOLDERS:
        folder = inside(root / FOLDERS[kind], record["id"])
        return [folder] if folder is not None and folder.name == record["id"] and folder.is_dir() else []
    found = []
    for field in TAKE_FILES if kind == "take" else ():
        name = record.get(field)
        path = inside(root / "takes", name) if isinstance(name, str) and name else None
        if path is not None and path.is_file():
            found.append(path)
    return found
