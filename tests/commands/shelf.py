"""A model and takes that look real to the library, made without training."""

import json
from pathlib import Path
from typing import Any

from store import files, paths
from studio import actions, demo_sounds

AXIS = {"name": "brightness", "unit": "Hz", "help": "where the spectrum lies", "low_word": "dark",
        "high_word": "bright", "values": [float(n) for n in range(101)], "safe": [10, 90],
        "warning": [5, 95], "available": True}  # fmt: skip
AXES = [AXIS, {**AXIS, "name": "warmth", "reach": [20, 60]},
        {**AXIS, "name": "density", "available": False, "kind": "engine", "why": "not in these sounds"},
        {**AXIS, "name": "width", "kind": "engine"},
        {**AXIS, "name": "explore1", "kind": "explore"}]  # fmt: skip


def model(name: str = "drums") -> dict[str, Any]:
    """A registered model with a folder and a true manifest."""
    record = actions.library().models.add(
        {"name": name, "dataset": "", "dataset_name": "kit", "job": "", "files": 12, "seconds": 20.0,
         "epochs": 3.0, "steps": 12, "minutes": 0.5, "validation": 1.1, "preset": "conservative",
         "device": "cpu", "bytes": 9, "axes": AXES, "spec": {}}
    )  # fmt: skip
    folder = paths.model(record["id"])
    files.atomic(folder / "weights.safetensors", b"\0" * 4096)
    files.atomic(folder / "extra/bank.flac", b"fLaC" * 9)
    files.atomic(folder / "manifest.json", json.dumps(files.manifest(folder)))
    facts = {"path": str(folder), "sha256": files.sha256(folder / "manifest.json")}
    record = actions.library().models.amend(record["id"], **facts)
    files.atomic(folder / "model.json", json.dumps(record))
    return record


def take(name: str, seed: int = 0, brightness: float = 50.0, **more: Any) -> dict[str, Any]:
    """A registered take whose audio is a demo sound; ``more`` are other fields of its record."""
    path = paths.takes() / f"{name}.wav"
    files.atomic(path, demo_sounds.render("cymbal"))
    return actions.library().takes.add(
        {"name": name, "model": "m" * 12, "model_name": "drums", "job": "", "seed": seed,
         "sliders": {"brightness": brightness}, "preset": "", "seconds": 0.8, "rate": 48000, "bits": "16",
         "channels": 1, "format": "wav", "path": str(path), "sidecar": "", "bytes": path.stat().st_size,
         "render": "carrier", "quality": {"peak_dbfs": -9.1}, "preview": False, **more}
    )  # fmt: skip


def unpacked(record: dict[str, Any]) -> dict[str, bytes]:
    """Relative name -> bytes of a model's folder."""
    folder = Path(record["path"])
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
