"""Checkpoints of a training: the best and the last three, each whole or not there."""

import io
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from store import files

LAST = 3


def save(folder: Path, state: dict[str, Any], step: int, best: bool) -> Path:
    """Write ``state`` (tensors, numbers, strings) as the checkpoint of ``step``. Raises Busy: disk full."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    path = folder / f"step-{step:08d}.pt"
    # The best first: after a kill in between, its steps are done again and make the same file.
    if best:
        files.atomic(folder / "best.pt", buffer.getvalue())
    files.atomic(path, buffer.getvalue())
    for old in sorted(folder.glob("step-*.pt"))[:-LAST]:
        old.unlink()
    return path


def last(folder: Path) -> dict[str, Any] | None:
    """The newest checkpoint that can be read, or None."""
    for path in sorted(folder.glob("step-*.pt"), reverse=True):
        state = _read(path)
        if state is not None:
            return state
    return None


def best(folder: Path) -> dict[str, Any] | None:
    return _read(folder / "best.pt")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except (OSError, RuntimeError, UnpicklingError, EOFError, KeyError):
        return None
