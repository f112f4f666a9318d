"""Hand a repairer to the field: its net in the size that keeps what it learned, directives, one signed
package."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from jobs.desk import Desk
from jobs.field import directives as field
from jobs.field.checked import Refused
from jobs.field.keys import make_key, private_key
from jobs.field.net import Net
from jobs.field.package import pack
from jobs.nets import gap_shrink, gap_verdict
from jobs.nets.gap_examples import Examples
from jobs.recipes.outside import new_file, open_to_others
from jobs.recipes.repairer import EXAMPLES, NET, SHAPE
from jobs.sound.forecast import LEVINSON_512
from jobs.specs import ExportRepairer
from store import paths
from store.errors import BadInput, Usage
from store.files import sha256
from store.library import Library

SIZES = {"net.int8.onnx": "int8", "net.fp16.onnx": "fp16"}
LEAST_SQNR_DB, MOST_LOSS_DB = 30.0, 0.1
"""What int8 must keep: noise so far below the net's answer, and gap SDR."""
KEY = "field.pem"


def run(spec: ExportRepairer, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (the repairer is damaged, a file is in the way), Busy."""
    record = Library().repairers.find(spec.model)
    if Path(spec.out).suffix.lower() != ".zip":
        raise Usage(f"out: {Path(spec.out).name} does not end in .zip; nearest: {Path(spec.out).stem}.zip")
    out = new_file(spec.out, desk, "out")
    with tempfile.TemporaryDirectory() as folder:
        try:
            parity, told = prepared(record, Path(folder), desk)
            manifest = pack(Path(folder), out, _key(), spec.version, record["id"])
        except Refused as error:
            raise BadInput(str(error)) from None
    open_to_others(out)
    return {"summary": {
        "path": str(out), "repairer": record["id"], "name": record["name"], "version": manifest.version,
        "bytes": out.stat().st_size, "files": [entry.name for entry in manifest.files],
        "net": told.net, "parity": parity, "fallbacks": list(told.fallbacks),
        "public_key": str(_place().with_name(f"{KEY}.pub")),
    }}  # fmt: skip


def _place() -> Path:
    return paths.data() / KEY


def _key() -> Any:
    """The house's own key, made when it is first needed."""
    if not _place().exists():
        make_key(_place())
    return private_key(_place())


def whole(record: dict[str, Any], name: str) -> Path:
    """A file of a repairer, if it is the one that was trained. Raises BadInput."""
    path = Path(record["path"]) / name
    if not path.is_file() or sha256(path) != record["files"].get(name):
        raise BadInput(f"repairer {record['name']}: {name} is gone or changed; train it again")
    return path


def examples_of(record: dict[str, Any]) -> Examples:
    """The gaps that a repairer was tested on, as many as it keeps."""
    return Examples(**load_file(whole(record, EXAMPLES)))


def prepared(
    record: dict[str, Any], folder: Path, desk: Desk
) -> tuple[list[dict[str, Any]], field.Directives]:
    """Fill ``folder`` with what goes into a package: parity of each size, and the directives."""
    ships = record["report"]["ships"] == "net"
    parity: list[dict[str, Any]] = []
    chosen = None
    if ships:
        model, held = whole(record, NET).read_bytes(), examples_of(record)
        (folder / NET).write_bytes(model)
        desk.note("int8 and half floats are made, and held against the net")
        # Scales are measured on one half of the gaps, parity on the other.
        first = np.arange(len(held)) % 2 == 0
        known = held.some(first)
        (folder / "net.int8.onnx").write_bytes(gap_shrink.int8(model, known.past, known.guesses))
        (folder / "net.fp16.onnx").write_bytes(gap_shrink.fp16(model))
        parity = compared(folder, held.some(~first))
        chosen = next((one["file"] for one in parity if one["kept"]), NET)
        for one in parity:
            if not one["kept"] and one["file"] == "net.int8.onnx":
                desk.note(
                    f"int8 loses {one['loss_db']:.2f} dB at {one['sqnr_db']:.1f} dB SQNR: float32 is used"
                )
    told = field.directives_for(_results(record, chosen))
    field.write(told, folder / field.NAME)
    return parity, told


def compared(folder: Path, held: Examples) -> list[dict[str, Any]]:
    """Each smaller net against that of float32: bytes, SQNR and gap SDR at 10 ms."""
    reference = answers(Net(folder / NET), held)
    full = gap_verdict.pooled(reference, held, gap_verdict.JUDGED, SHAPE.rate)
    rows = []
    for name in SIZES:
        made = answers(Net(folder / name), held)
        sqnr = gap_shrink.sqnr_db(reference, made)
        loss = full - gap_verdict.pooled(made, held, gap_verdict.JUDGED, SHAPE.rate)
        rows.append({
            "file": name, "bytes": (folder / name).stat().st_size, "sqnr_db": sqnr, "loss_db": loss,
            "kept": sqnr >= LEAST_SQNR_DB and loss <= MOST_LOSS_DB,
        })  # fmt: skip
    return rows


def answers(net: Net, held: Examples) -> np.ndarray:
    """``(N, T)``: what a net makes of each gap."""
    return np.stack([net.run(*one) for one in zip(held.past, held.guesses, strict=True)])


def _results(record: dict[str, Any], net: str | None) -> dict[str, Any]:
    report, order = record["report"], LEVINSON_512
    every = [row for row in report["by_gap"] if row["kind"] == gap_verdict.EVERY]
    return {
        "model": record["id"],
        "name": record["name"],
        "created": record["created"],
        "rates": [SHAPE.rate],
        "packet": round(gap_verdict.JUDGED * SHAPE.rate / 1000),
        "horizon": SHAPE.horizon,
        "prediction": {"order": order.order, "context_ms": 1000 * order.seconds},
        "net": net,
        "gains": [_gain(row) for row in report["over_prediction_by_gap"]] if net else [],
        "measured": [
            {"kind": row["kind"], "gap_ms": row["gap_ms"], "method": method, "gaps": row["gaps"],
             **_level(row[key])}
            for row in every
            for method, key in ((field.NET if net else "ar", "gap_sdr_db"), ("ar-512", "baseline_gap_sdr_db"))
        ],
    }  # fmt: skip


def _gain(row: dict[str, Any]) -> dict[str, Any]:
    low, high = row["interval_db"]
    return {"kind": row["kind"], "gap_ms": row["gap_ms"], "gaps": row["gaps"], "mean_db": row["gain_db"],
            "low_db": low, "high_db": high}  # fmt: skip


def _level(sdr: float) -> dict[str, float]:
    return {"mean_db": sdr, "low_db": sdr, "high_db": sdr}
