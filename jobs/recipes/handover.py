"""Hand a repairer to the field: its net in the size that keeps what it learned, directives, one signed
package."""

import tempfile
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.field import directives as field
from jobs.field.checked import Refused
from jobs.field.net import Net
from jobs.field.package import pack
from jobs.field.results import MEASURED, directives_for, is_used
from jobs.field.trust import own_key, public_place
from jobs.nets import gap_verdict
from jobs.nets.gap_coreml import Missing, core_ml
from jobs.nets.gap_parity import answers
from jobs.recipes.gap_sizes import examples_of, sizes, trained
from jobs.recipes.measured_levels import levels
from jobs.recipes.outside import new_file, open_to_others, writing
from jobs.recipes.repairer import SHAPE
from jobs.recipes.repairer_files import NET
from jobs.specs import ExportRepairer
from jobs.worth import honest
from store.errors import BadInput, NotFound, Usage
from store.library import Library

CORE_ML = "net.mlmodel"
PREDICTED = "ar"
"""All predictions of the office together, which a net is put on top of."""


def run(spec: ExportRepairer, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (the repairer is damaged, a file is in the way), Busy."""
    record = honest(Library().repairers.find(spec.model))
    if Path(spec.out).suffix.lower() != ".zip":
        raise Usage(f"out: {Path(spec.out).name} does not end in .zip; nearest: {Path(spec.out).stem}.zip")
    out = new_file(spec.out, desk, "out")
    with tempfile.TemporaryDirectory() as folder:
        try:
            parity, told = prepared(record, Path(folder), spec.coreml, desk)
            runner = Net(Path(folder) / told.net).runner if told.net else 1
            with writing(out, "out"):
                manifest = pack(Path(folder), out, own_key(), spec.version, record["id"], runner)
        except Refused as error:
            raise BadInput(str(error)) from None
    open_to_others(out)
    return {"summary": {
        "path": str(out), "repairer": record["id"], "name": record["name"], "version": manifest.version,
        "bytes": out.stat().st_size, "files": [entry.name for entry in manifest.files],
        "net": told.net, "parity": parity, "fallbacks": list(told.fallbacks),
        "public_key": str(public_place()),
    }}  # fmt: skip


def prepared(
    record: dict[str, Any], folder: Path, coreml: bool, desk: Desk
) -> tuple[list[dict[str, Any]], field.Directives]:
    """Fill ``folder`` with what goes into a package: parity of each smaller size, and the directives."""
    parity: list[dict[str, Any]] = []
    chosen = None
    report = record["report"]
    gains = [_gain(row) for row in report["over_prediction_by_gap"]] if report["ships"] == "net" else []
    if is_used(gains):
        if coreml:
            (folder / CORE_ML).write_bytes(_core_ml(record))
        _, *parity = sizes(record, folder, desk)
        chosen = next((one["file"] for one in parity if one["kept"]), NET)
        for one in parity:
            if not one["kept"]:
                desk.note(f"{one['file']} is not used: {one['loss_db']:.2f} dB of gap SDR lost, SQNR "
                          f"{min(one['sqnr_db'], one['gap_sqnr_db']):.1f} dB")  # fmt: skip
    else:
        if gains:
            desk.note("no length of gap has a gain that is sure: linear prediction ships alone")
        if coreml:
            desk.note("linear prediction ships alone: there is no net for Core ML")
    told = directives_for(_results(record, chosen, gains, folder))
    field.write(told, folder / field.NAME)
    return parity, told


def _core_ml(record: dict[str, Any]) -> bytes:
    net = trained(record)
    if net is None:
        raise BadInput(f"coreml: {record['name']} is of another version's net; train it again")
    try:
        return core_ml(net, SHAPE)
    except Missing as error:
        raise NotFound(f"coreml: {error}") from None


def _results(
    record: dict[str, Any], net: str | None, gains: list[dict[str, Any]], folder: Path
) -> dict[str, Any]:
    """What `jobs.field.results.Results` has, of the size ``net`` in ``folder``; None: of prediction alone."""
    held = examples_of(record)
    outputs = {PREDICTED: held.guesses[:, 0], MEASURED: held.baseline}
    if net:
        outputs = {field.NET: answers((folder / net).read_bytes(), held), **outputs}
    return {
        "model": record["id"],
        "name": record["name"],
        "created": record["created"],
        "rates": [SHAPE.rate],
        "packet": round(gap_verdict.JUDGED * SHAPE.rate / 1000),
        "horizon": SHAPE.horizon,
        "net": net,
        "gains": gains if net else [],
        "measured": levels(outputs, held, record["kinds"], SHAPE.rate),
    }


def _gain(row: dict[str, Any]) -> dict[str, Any]:
    low, high = row["interval_db"]
    return {"kind": row["kind"], "gap_ms": row["gap_ms"], "gaps": row["gaps"], "mean_db": row["gain_db"],
            "low_db": low, "high_db": high}  # fmt: skip
