"""Write a part of a diagnosis model to a file of the person's own: one ONNX that says what it is."""

from pathlib import Path

from jobs.desk import Desk
from jobs.nets.diagnoser import EVERY, Diagnoser, Unusable
from jobs.recipes.outside import give
from jobs.specs import ExportDiagnosis
from store.errors import BadInput, NotFound, Usage
from store.files import sha256
from store.library import Library


def run(spec: ExportDiagnosis, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (the model is damaged, a file is in the way), Busy."""
    record = Library().diagnosers.find(spec.model)
    path = Path(spec.path)
    if path.suffix.lower() != ".onnx":
        raise Usage(f"path: {path.name} does not end in .onnx; nearest: {path.with_suffix('.onnx').name}")
    if not path.parent.is_dir():
        raise NotFound(f"path: {path.parent}: no such folder; make it first")
    part = _part(spec, record["parts"])
    source = Path(record["path"]) / f"{part}.onnx"
    if not source.is_file() or sha256(source) != record["files"].get(source.name):
        raise BadInput(f"diagnosis model {record['name']}: {source.name} is gone or changed; train it again")
    if path.exists() and sha256(path) != sha256(source):
        raise BadInput(f"path: {path} exists already; choose another name")
    give(path, source.read_bytes())
    try:
        told = Diagnoser(path).told
    except Unusable as error:
        raise BadInput(str(error)) from None
    return {"summary": {"path": str(path), "part": part, "model": record["id"], "name": record["name"],
                        "schema": told["schema"], "mode": told["mode"], "instrument": told["instrument"],
                        "classes": told["classes"], "bytes": path.stat().st_size}}  # fmt: skip


def _part(spec: ExportDiagnosis, parts: list[str]) -> str:
    there = [name.split("-", 1)[1] for name in parts if name.startswith(f"{spec.mode}-")]
    if not there:
        raise NotFound(f"mode: there is no {spec.mode} part; nearest: {parts[0].split('-', 1)[0]}")
    wanted = spec.instrument if spec.instrument != "auto" else EVERY if EVERY in there else there[0]
    if wanted == EVERY and EVERY not in there and len(there) == 1:
        wanted = there[0]
    if wanted not in there:
        raise NotFound(f"instrument: no {spec.mode} part for {wanted}; there are {', '.join(there)}")
    if spec.instrument == "auto" and EVERY not in there and len(there) > 1:
        raise Usage(f"instrument: choose one of {', '.join(there)}")
    return f"{spec.mode}-{wanted}"
