"""The files of a record, removed for good; only those that lie where the library puts such files.

A record may come from someone else's file, and its paths may then point anywhere.
"""

from pathlib import Path

from store.files import inside

FOLDERS = {"dataset": "datasets", "model": "models"}
TAKE_FILES = ("path", "sidecar", "wave", "heat")


def remove_files(root: Path, kind: str, record: dict) -> None:
    """Remove what ``record`` has under ``root``: its own folder, or a take's files; the rest stays."""
    if kind in FOLDERS:
        folder = inside(root / FOLDERS[kind], record["id"])
        if folder is not None and folder.name == record["id"] and folder.is_dir():
            import shutil  # with its archive formats 3 ms, for something rare

            shutil.rmtree(folder)
    elif kind == "take":
        for field in TAKE_FILES:
            name = record.get(field)
            path = inside(root / "takes", name) if isinstance(name, str) and name else None
            if path is not None and path.is_file():
                path.unlink(missing_ok=True)
