"""What a repairer costs: its size, its memory, its time, and what the other kinds of net would cost."""

import resource
import time
from typing import Any

import numpy as np
import torch

from jobs.desk import Desk
from jobs.field.net import Net
from jobs.nets import gap_net
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import Plan, Training, fit
from jobs.recipes.handover import examples_of, whole
from jobs.recipes.outside import give_json
from jobs.recipes.repairer import NET, SHAPE
from jobs.specs import ProfileRepairer
from store.library import Library

LEFT = "profile.json"
RUNS, STEPS = 200, 5
BUDGET_MS = 0.5
"""What a block may take in the field."""


def run(spec: ProfileRepairer, desk: Desk) -> dict:
    """Raises NotFound, BadInput."""
    record = Library().repairers.find(spec.model)
    held = examples_of(record)
    path = whole(record, NET)
    found = {
        "repairer": record["id"], "name": record["name"], "net": record["net"],
        "parameters": record["parameters"], "bytes": path.stat().st_size,
        **_inference(Net(path), held),
        "step_ms": _step_ms(record["net"], held),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "threads": torch.get_num_threads(),
    }  # fmt: skip
    found["architectures"] = [_architecture(name, held, desk) for name in gap_net.NETS]
    give_json(desk.folder / LEFT, found)
    return {"summary": {**found, "left": LEFT}}


def _inference(net: Net, held: Examples) -> dict[str, Any]:
    """Milliseconds of one gap on one thread; ``real_time_score`` is 1 within the budget of a block."""
    times = []
    for number in range(RUNS):
        one = number % len(held)
        began = time.perf_counter()
        net.run(held.past[one], held.guesses[one])
        times.append(1000 * (time.perf_counter() - began))
    p50, p99 = np.percentile(times, (50, 99))
    return {"inference_p50_ms": float(p50), "inference_p99_ms": float(p99),
            "real_time_score": float(min(1.0, BUDGET_MS / p99))}  # fmt: skip


def _step_ms(name: str, held: Examples) -> float:
    """A step of training, the first left out."""
    steps = fit(Training(gap_net.new(name, SHAPE, 0), Plan(batch=min(64, len(held)))), held)
    next(steps)
    began = time.perf_counter()
    for _ in range(STEPS):
        next(steps)
    return 1000 * (time.perf_counter() - began) / STEPS


def _architecture(name: str, held: Examples, desk: Desk) -> dict[str, Any]:
    """An untrained net of a kind: what it would cost."""
    desk.check()
    net = gap_net.new(name, SHAPE, 0)
    path = desk.attempt_folder / f"{name}.onnx"
    path.write_bytes(gap_net.exported(net, SHAPE))
    return {
        "net": name,
        "parameters": sum(one.numel() for one in net.parameters()),
        "bytes": path.stat().st_size,
        **_inference(Net(path), held),
        "step_ms": _step_ms(name, held),
    }
