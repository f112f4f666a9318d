"""What a repairer costs: memory, time and parity of each of its sizes, and what other kinds of net would
cost."""

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from jobs.desk import Desk
from jobs.field.costs import UNIT, measured
from jobs.nets import gap_net
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import Plan, Training, fit
from jobs.recipes.gap_sizes import examples_of, sizes
from jobs.recipes.opened import refusing
from jobs.recipes.outside import give_json
from jobs.recipes.repairer import SHAPE
from jobs.specs import ProfileRepairer
from store.library import Library

LEFT = "profile.json"
STEPS = 5
BUDGET_MS = 0.5
"""What a block may take in the field."""


def run(spec: ProfileRepairer, desk: Desk) -> dict:
    """Raises NotFound, BadInput. Raises Stopped."""
    record = Library().repairers.find(spec.model)
    held = examples_of(record)
    with refusing(), tempfile.TemporaryDirectory() as folder:
        rows = sizes(record, Path(folder), desk)
        desk.note("each is timed on one thread, in a process of its own")
        made = [{**row, **_inference(Path(folder) / row["file"], desk)} for row in rows]
        found = {
            "repairer": record["id"], "name": record["name"], "net": record["net"], **made[0],
            "sizes": made,
            "step_ms": _step_ms(record["net"], held),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6,
            "threads": torch.get_num_threads(),
            "architectures": [_architecture(name, held, Path(folder), desk) for name in gap_net.NETS],
        }  # fmt: skip
    give_json(desk.folder / LEFT, found)
    return {"summary": {**found, "left": LEFT}}


def _inference(path: Path, desk: Desk) -> dict[str, Any]:
    """``real_time_score`` is 1 within the budget of a block."""
    desk.check()
    costs = measured(path)
    return {
        "inference_p50_ms": costs.p50_ms,
        "inference_p99_ms": costs.p99_ms,
        "real_time_score": min(1.0, BUDGET_MS / costs.p99_ms),
        "process_mb": costs.process_mb,
    }


def _step_ms(name: str, held: Examples) -> float:
    """A step of training, the first left out."""
    steps = fit(Training(gap_net.new(name, SHAPE, 0), Plan(batch=min(64, len(held)))), held)
    next(steps)
    began = time.perf_counter()
    for _ in range(STEPS):
        next(steps)
    return 1000 * (time.perf_counter() - began) / STEPS


def _architecture(name: str, held: Examples, folder: Path, desk: Desk) -> dict[str, Any]:
    """An untrained net of a kind: what it would cost."""
    net = gap_net.new(name, SHAPE, 0)
    path = folder / f"{name}.onnx"
    path.write_bytes(gap_net.exported(net, SHAPE))
    return {
        "net": name,
        "parameters": sum(one.numel() for one in net.parameters()),
        "bytes": path.stat().st_size,
        **_inference(path, desk),
        "step_ms": _step_ms(name, held),
    }
