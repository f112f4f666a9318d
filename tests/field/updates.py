"""Real update packages, repairers and feedback, small enough to be made in an instant."""

from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from onnx import helper, numpy_helper

from jobs.field import directives
from jobs.field.feedback import Feedback, append
from jobs.field.package import pack
from jobs.field.results import directives_for
from jobs.field.trust import own_key
from store import paths
from store.files import sha256
from store.library import Library
from tests.field.test_directives import results
from tests.field.test_feedback import session
from tests.studio import repairs

MODEL = "brass-1"


def weights(path: Path, scale: float = 1.0) -> Path:
    """Of a net with two tensors, one of which is ``scale`` as large as usual."""
    values = {"first.weight": np.arange(1, 25, dtype=np.float32).reshape(6, 4) * np.float32(scale),
              "first.bias": np.ones(6, np.float32)}  # fmt: skip
    graph = helper.make_graph(
        [],
        "net",
        [],
        [],
        initializer=[numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


def package(
    out: Path, version: int = 1, key: Ed25519PrivateKey | None = None, model: str = MODEL,
    net: bool = True, scale: float = 1.0, runner: int = 1, told_model: str = "",
) -> Path:  # fmt: skip
    """Made by this house, unless another ``key`` signs it."""
    folder = out.parent / f"{out.stem}-files"
    folder.mkdir()
    found = results(model=told_model or model, net="net.onnx" if net else None)
    directives.write(directives_for(found), folder / directives.NAME)
    if net:
        weights(folder / "net.onnx", scale)
    pack(folder, out, key or own_key(), version, model, runner)
    return out


def packed(out: Path, contents: dict[str, bytes], version: int = 1) -> Path:
    """A package of any ``contents``, signed by this house."""
    folder = out.parent / f"{out.stem}-files"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    pack(folder, out, own_key(), version, MODEL)
    return out


def repairer(name: str = "Brass", id: str = MODEL, scale: float = 1.0) -> dict[str, Any]:
    """A repairer of this house, with its folder."""
    folder = paths.data() / "repairers" / id
    folder.mkdir(parents=True)
    net = weights(folder / "net.onnx", scale)
    record = {**repairs.repairer(), "name": name, "path": str(folder), "files": {net.name: sha256(net)}}
    return Library().repairers.add(record, id=id)


def feedback(path: Path, *sessions: Feedback, **changes: Any) -> Path:
    """A feedback file with ``sessions``, or one with some ``changes``."""
    for one in sessions or (session(**changes),):
        append(path, one)
    return path
