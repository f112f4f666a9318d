"""Where a take may be written to: over nothing that is not an export of it. Light."""

import json
from pathlib import Path

from store.errors import NotFound, Usage


def may_write(path: Path, take: str) -> None:
    """Raises Usage or NotFound.

    Only an export of the same take is ever replaced: a repeated attempt must succeed.
    """
    sidecar = Path(f"{path}.json")
    if not path.is_absolute():
        raise Usage(f"path: {path} is not absolute")
    if not path.parent.is_dir():
        raise NotFound(f"{path.parent}: no such folder; make it first")
    if not path.exists() and not sidecar.exists():
        return
    if _exported(sidecar) != take:
        there = path if path.exists() else sidecar
        raise Usage(f"path: {there} exists already; nearest: {_free(path)}")


def _exported(sidecar: Path) -> str:
    """The take that a sidecar of ours belongs to, or nothing."""
    try:
        content = json.loads(sidecar.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(content.get("id", "")) if isinstance(content, dict) and "exported" in content else ""


def _free(path: Path) -> Path:
    number = 2
    while (other := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return other
