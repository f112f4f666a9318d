"""Learn a repairer: gaps of real sounds, a net on top of prediction, a verdict on sounds that were not
learned.

The folder of a repairer holds ``repairer.json`` (its record), ``weights.safetensors`` and ``net.onnx``, which
is what repairs: torch is needed to learn, and for nothing else.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from jobs.commit import record_id
from jobs.desk import Desk
from jobs.nets import gap_net, gap_verdict
from jobs.nets.gap_examples import Examples, examples
from jobs.nets.gap_fit import Plan, Training, made
from jobs.nets.gap_shape import Shape
from jobs.recipes import feedback, gap_material
from jobs.recipes.gap_session import Session
from jobs.recipes.gap_spoken import spoken
from jobs.recipes.outside import give_json
from jobs.recipes.repairer_files import EXAMPLES, NET, RECORD, WEIGHTS
from jobs.run import cores
from jobs.sound.guesses import NAMES
from jobs.specs import TrainRepairer
from jobs.worth import is_better
from store import paths
from store.clock import now
from store.errors import BadInput
from store.files import atomic, sha256
from store.library import Library
from store.names import checked_name

LENGTHS = "lengths.json"
"""Of the run: how long gaps are in the field, as it was known when the training began."""
KEPT_GAPS = 192
"""Tested gaps that a repairer keeps: int8 is calibrated and measured on them, and so is its profile."""
SHAPE = Shape(candidates=len(NAMES))
PARTS = {"train": 0.7, "validation": 0.15, "test": 0.15}
"""Share of the gaps that each has."""
LEAST = 8
"""Gaps of each part."""


def run(spec: TrainRepairer, desk: Desk) -> dict:
    """Raises NotFound, BadInput (nothing to learn from). Raises Stopped."""
    lengths = _lengths(spec, desk)
    sounds = gap_material.heard(spec.sounds, SHAPE.rate, desk)
    held = gap_material.split(sounds, spec.seed)
    parts = _examples(sounds, held, spec, desk)
    speech = spoken(held["validation"], SHAPE, min(cores(), 4))
    net = gap_net.new(spec.net, SHAPE, spec.seed)
    session = Session(
        spec, desk, Training(net, _plan(spec, lengths)), parts["train"], parts["validation"], speech
    )
    session.train()
    report = _report(session, parts["test"], sounds.known)
    return _kept(spec, desk, session, report | {"lengths": lengths}, sounds, parts["test"])


def _lengths(spec: TrainRepairer, desk: Desk) -> dict[str, float]:
    """Milliseconds of gaps -> their share in the field, the same when the training is taken up again."""
    kept = desk.folder / LENGTHS
    if not kept.exists():
        give_json(kept, feedback.lengths(spec.feedback) if spec.feedback else {})
    return dict(json.loads(kept.read_text()))


def _plan(spec: TrainRepairer, lengths: dict[str, float]) -> Plan:
    weights = {name: getattr(spec, f"{name}_weight") for name in gap_net.LOSSES}
    return Plan(
        spec.seed, spec.batch, spec.learning_rate, restart=spec.restart, weights=weights, turned=spec.augment,
        lengths={float(length): share for length, share in lengths.items()},
    )  # fmt: skip


def _examples(
    sounds: gap_material.Heard, held: dict[str, gap_material.Heard], spec: TrainRepairer, desk: Desk
) -> dict[str, Examples]:
    desk.note(_material(sounds, spec))
    made_so_far = 0

    most = min(spec.gaps, sounds.gaps(SHAPE.rate))

    def told(done: int, of: int) -> None:
        desk.check()
        desk.progress(made_so_far + done, max(most, made_so_far + done), "gaps")

    found = {}
    for number, (name, part) in enumerate(held.items()):
        count = round(PARTS[name] * spec.gaps)
        found[name] = examples(
            part.waves, part.kinds, SHAPE, count, spec.seed + number, told, min(cores(), 4), part.starts
        )
        made_so_far += len(found[name])
        if len(found[name]) < LEAST:
            use = "learn from" if name == "train" else "judge by"
            raise BadInput(
                f"{Path(spec.sounds[0]).name}: {len(found[name])} gaps to {use}; at least {LEAST} are needed:"
                f" give more {'pairs' if sounds.pairs else 'sounds'}, or longer ones"
            )
    return found


def _material(sounds: gap_material.Heard, spec: TrainRepairer) -> str:
    """What is learned from, in words."""
    others = len(sounds.sources) - sounds.pairs
    told = f"{others} sounds: up to {spec.gaps} gaps are cut" if others else ""
    if sounds.pairs:
        lost = sum(len(starts) for starts in sounds.starts if starts is not None)
        told += f"{' and ' if told else ''}{sounds.pairs} pairs: their inputs lost {lost} gaps"
    return f"{told}; linear prediction is heard on each gap"


def _report(session: Session, test: Examples, kinds: tuple[str, ...]) -> dict[str, Any]:
    """On sounds that nothing was chosen by."""
    output, rate = made(session.best_net(), test), SHAPE.rate
    score = gap_verdict.mastery(output, test, rate)
    over = {
        "ar-512": gap_verdict.overall(output, test, test.baseline, rate),
        "ar": gap_verdict.overall(output, test, test.guesses[:, 0], rate),
    }
    told = {
        name: dict(zip(("gain_db", "low", "high"), figures, strict=True)) for name, figures in over.items()
    }
    verdict = gap_verdict.verdict(score, told["ar-512"], told["ar"])
    return {
        "verdict": verdict,
        "ships": "net" if is_better(told["ar-512"], told["ar"]) else "ar",
        "ended_by": session.ending,
        "composite": score.composite,
        "measures": score.measures,
        "failing": score.failing,
        "over": told,
        "by_gap": gap_verdict.gains(output, test, test.baseline, kinds, rate),
        "over_prediction_by_gap": gap_verdict.gains(output, test, test.guesses[:, 0], kinds, rate),
        "prediction_by_gap": gap_verdict.gains(test.guesses[:, 0], test, test.baseline, kinds, rate),
        "steps": session.training.step,
        "best_step": session.best_step,
        "minutes": session.seconds / 60,
        "gaps": len(test),
        "sources": len(np.unique(test.source)),
    }


def _kept(
    spec: TrainRepairer,
    desk: Desk,
    session: Session,
    report: dict[str, Any],
    sounds: gap_material.Heard,
    test: Examples,
) -> dict:
    id = record_id(desk.job, "repairers", 0)
    folder = desk.attempt_folder / "repairer"
    folder.mkdir(mode=0o700)
    net = session.best_net()
    gap_net.save(net, folder / WEIGHTS)
    (folder / NET).write_bytes(gap_net.exported(net, SHAPE))
    some = test.some(np.random.default_rng([spec.seed, 7]).permutation(len(test))[:KEPT_GAPS])
    save_file({name: np.ascontiguousarray(part) for name, part in vars(some).items()}, folder / EXAMPLES)
    record = {
        "id": id,
        "name": Library().repairers.fresh_name(_name(spec)),
        "created": now(),
        "job": desk.job,
        "path": str(paths.data() / "repairers" / id),
        "net": spec.net,
        "rate": SHAPE.rate,
        "shape": asdict(SHAPE),
        "sounds": len(sounds.waves),
        "kinds": list(sounds.known),
        "verdict": report["verdict"],
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
        "report": report,
        "spec": asdict(spec),
        "files": {name: sha256(folder / name) for name in (WEIGHTS, NET, EXAMPLES)},
    }
    atomic(folder / RECORD, json.dumps(record, indent=1, allow_nan=False))
    return {
        "records": [{"table": "repairers", "record": record}],
        "files": [{"from": str(folder.relative_to(desk.folder)), "to": f"repairers/{id}"}],
        "summary": {"repairer": id, "name": record["name"], "verdict": report["verdict"],
                    "ships": report["ships"]},
    }  # fmt: skip


def _name(spec: TrainRepairer) -> str:
    if spec.name:
        return checked_name(spec.name)
    first = Path(spec.sounds[0])
    return first.name[:100] if first.is_absolute() and first.name else "repairer"
