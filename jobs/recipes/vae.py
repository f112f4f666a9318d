"""Dataset -> tape and versions -> autoencoder -> bank and sliders -> a model in the library."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs import commit
from jobs.desk import Desk
from jobs.nets import excerpts, quality, saved
from jobs.nets.alone import alone
from jobs.nets.analysis import analyse
from jobs.nets.excerpts import Drawing, Split
from jobs.nets.fit import Plan
from jobs.nets.instrument import Instrument
from jobs.nets.losses import Statistics
from jobs.nets.vae import Shape, Vae
from jobs.nets.voice import Part
from jobs.recipes import axes, lesson, tapes
from jobs.recipes.lesson import Lesson, Past
from jobs.recipes.session import Session
from jobs.sound.augment import Changes
from jobs.sound.spectrum import RATE
from jobs.sound.write import write
from jobs.specs import TrainVae
from store import clock, files, paths
from store.errors import BadInput, Usage
from store.library import Library


@dataclass(frozen=True)
class Preset:
    """How hard to learn. ``steps`` caps the epochs: what a small set can teach is learned by then."""

    epochs: int
    steps: int
    learning_rate: float
    weight_decay: float
    dropout: float


LOOKED_AT = 8
"""Excerpts in a batch from which the principal components are taken, and batches at most."""
LOOKS = 40

PRESETS = {
    "conservative": Preset(100, 700, 2e-3, 0.05, 0.1),
    "balanced": Preset(200, 1600, 2e-3, 0.01, 0.05),
    "aggressive": Preset(500, 5000, 2e-3, 0.001, 0.0),
}


LEVELS_OF = 20_000
"""Frames that levels are normalised by: hours of features need not be in memory for it."""


def preset_for(name: str, count: int) -> str:
    """The preset's name; ``auto`` goes by the number of files."""
    if name != "auto":
        return name
    return "conservative" if count < 50 else "balanced" if count < 200 else "aggressive"


@dataclass(frozen=True)
class Begun:
    """A training that is ready to go on, and what it is of; ``previous`` the model it goes on from."""

    session: Session
    learned: Lesson
    dataset: dict
    previous: dict | None


def run(spec: TrainVae, desk: Desk) -> dict:
    begun = begin(spec, desk)
    for epoch in begun.session.epochs():
        _preview(begun.session, epoch)
    return model_of(begun)


def begin(spec: TrainVae, desk: Desk) -> Begun:
    """Everything up to the first step, or to the one after the last checkpoint.

    Raises Usage, NotFound, BadInput for a request that can't be fulfilled, and Stopped.
    """
    if not spec.magnitude_weight and not spec.frequency_weight:
        raise Usage("magnitude_weight: 0 leaves nothing to judge a training by; nearest: 1")
    if spec.add and not spec.continue_from:
        raise Usage("add: needs the model to add to; set continue_from to its name")
    library = Library()
    dataset = library.datasets.find(spec.dataset)
    device = device_for(spec.device)
    record = library.models.find(spec.continue_from) if spec.continue_from else None
    previous = _loaded(record) if record else None
    known = _past(record, previous) if record and previous else None
    if known and spec.add:
        learned = lesson.of_both(known, dataset, spec.seed, spec.old_share, desk)
    else:
        learned = lesson.of_dataset(dataset, spec.seed, known, desk)
    drawing = _drawing(spec, learned, desk)
    part = previous.voice.parts[0] if previous else None
    return Begun(_session(spec, desk, learned, drawing, part, device), learned, dataset, record)


def device_for(name: str) -> str:
    """``auto`` is the fastest there is. Raises BadInput for a device this machine lacks."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if there[device])
    if not there[name]:
        raise BadInput(f"device: no {name} on this machine; nearest: cpu")
    return name


def _loaded(record: dict) -> Instrument:
    try:
        return saved.load(Path(record["path"]))
    except saved.Unusable as error:
        raise BadInput(str(error)) from None


def _past(record: dict, previous: Instrument) -> Past:
    seed = record.get("spec", {}).get("seed", 0)
    return lesson.past(Path(record["path"]), previous.bank, record["sha256"], seed)


def _drawing(spec: TrainVae, learned: Lesson, desk: Desk) -> Drawing:
    if not spec.augment or not spec.augment_share:
        return Drawing(learned.tape, learned.split, weights=learned.weights)
    changes = Changes(
        versions=spec.versions,
        semitones=(-spec.pitch, spec.pitch),
        stretch=(1 - spec.stretch, 1 + spec.stretch),
        noise_db=(spec.noise_db, max(40.0, spec.noise_db)),
        seed=spec.seed,
    )
    versions = tapes.versions_of(learned.tape, learned.split, changes, desk)
    return Drawing(learned.tape, learned.split, versions, spec.augment_share, learned.weights)


def _session(
    spec: TrainVae, desk: Desk, learned: Lesson, drawing: Drawing, previous: Part | None, device: str
) -> Session:
    """From the weights and the statistics of ``previous``, where there is one."""
    preset = PRESETS[preset_for(spec.preset, len(learned.tape.places))]
    train = learned.split.train
    looked_at = train[:: max(1, len(train) // LEVELS_OF)]
    statistics = previous.statistics if previous else Statistics.of(learned.tape.features[:, :, looked_at])
    torch.manual_seed(spec.seed)
    dropout = preset.dropout if spec.dropout < 0 else spec.dropout
    net = Vae(replace(previous.net.shape if previous else Shape(latent=spec.latent), dropout=dropout))
    if previous:
        if previous.net.shape.latent != spec.latent:
            raise BadInput(
                f"latent: {spec.latent} differs from the model to continue from; nearest: "
                f"{previous.net.shape.latent}"
            )
        net.load_state_dict(previous.net.state_dict())
    else:
        net.begin(_first_look(drawing, statistics, spec), spec.seed)
    plan = _plan(spec, preset, learned.split)
    return Session(spec, desk, drawing, statistics, net.to(device), plan, learned.groups)


def _first_look(drawing: Drawing, statistics: Statistics, spec: TrainVae) -> Iterator[torch.Tensor]:
    """Batches of training sounds and their versions, about twice as much as there is."""
    frames = 2 * len(drawing.split.train)
    for number in range(min(LOOKS, max(4, -(-frames // (LOOKED_AT * excerpts.LENGTH))))):
        random = np.random.default_rng([spec.seed, 9, number])
        yield statistics.normalise(drawing.batch(LOOKED_AT, random)[0])


def _plan(spec: TrainVae, preset: Preset, split: Split) -> Plan:
    epoch = excerpts.steps_in_epoch(split, spec.batch)
    epochs = spec.epochs or max(1, min(preset.epochs, round(preset.steps / epoch)))
    return Plan(
        steps=epochs * epoch,
        epoch=epoch,
        seed=spec.seed,
        batch=spec.batch,
        learning_rate=spec.learning_rate or preset.learning_rate,
        weight_decay=preset.weight_decay if spec.weight_decay < 0 else spec.weight_decay,
        weights={
            "magnitude": spec.magnitude_weight,
            "frequency": spec.frequency_weight,
            "stft": spec.stft_weight,
            "kl": spec.kl_weight,
        },
        kl_warmup=spec.kl_warmup * epoch,
        kl_floor=spec.kl_floor,
    )


def model_of(begun: Begun) -> dict:
    """The best checkpoint as an instrument, in a folder ready for the library."""
    session, learned = begun.session, begun.learned
    desk = session.desk
    instrument = analyse(session.net(), session.statistics, learned.tape)
    if session.validation.get("memorising"):
        desk.note(
            "memorising: what the net makes lies nearer to the training sounds than unheard sounds do; "
            "more sounds, augment, or fewer epochs help"
        )
    folder = desk.attempt_folder / "model"
    folder.mkdir(mode=0o700)
    with files.disk(folder):
        saved.save(instrument, folder)
        learned.write(folder)
    sums = files.manifest(folder)
    manifest = files.atomic(folder / "manifest.json", json.dumps(sums, indent=1, sort_keys=True))
    record = _record(begun, instrument, folder) | {"sha256": files.sha256(manifest)}
    files.atomic(folder / "model.json", json.dumps(record, indent=1, allow_nan=False))
    return {
        "records": [{"table": "models", "record": record}],
        "files": [{"from": str(folder.relative_to(desk.folder)), "to": f"models/{record['id']}"}],
        "summary": {
            "model": record["id"],
            "name": record["name"],
            "ended_by": session.ending,
            "epochs": record["epochs"],
            "verdict": record["quality"]["verdict"],
            **session.validation,
        },
    }


def _record(begun: Begun, instrument: Instrument, folder: Path) -> dict[str, Any]:
    session, learned, dataset = begun.session, begun.learned, begun.dataset
    spec, plan, step = session.spec, session.plan, session.training.step
    id = commit.record_id(session.desk.job, "models")
    errors = session.validation | session.before
    told: dict[str, Any] = {name: round(errors[name], 4) for name in ERRORS if name in errors}
    told["overfitting"] = session.overfitting()
    training = told | {"epochs": step / plan.epoch}
    return {
        "id": id,
        "created": clock.now(),
        "name": Library().models.fresh_name(spec.name or dataset["name"]),
        "dataset": dataset["id"],
        "dataset_name": dataset["name"],
        "continued_from": begun.previous["id"] if begun.previous else "",
        "job": session.desk.job,
        "path": str(paths.model(id)),
        "files": len(learned.tape.places),
        "generated": len(learned.generated),
        "seconds": round(learned.tape.seconds, 3),
        "epochs": round(step / plan.epoch, 2),
        "steps": step,
        "best_epoch": session.best_epoch,
        "minutes": round(session.seconds / 60, 3),
        "ended_by": session.ending,
        "validation": errors.get("validation", errors.get("validation_files")),
        "quality": quality.report(instrument, learned.tape, learned.split, training) | told,
        "held_out": list(learned.split.held_out),
        "preset": preset_for(spec.preset, len(learned.tape.places)),
        "device": next(session.training.net.parameters()).device.type,
        "precision": plan.precision,
        "bytes": sum(path.stat().st_size for path in folder.iterdir()),
        "axes": axes.told(instrument),
        "spec": asdict(spec),
    }


ERRORS = ("files_db", "train_db", "old_db", "old_db_before", "new_db", "new_db_before")
"""Mean magnitude errors in the record: of held-out files, of training material, and of what was known
before and what was added, each also as it was before."""


def _preview(session: Session, epoch: int) -> None:
    """What the net alone makes of one excerpt: it tells what was learned, unlike a carrier."""
    if not session.spec.preview_every or epoch % session.spec.preview_every:
        return
    tape, start = session.drawing.tape, int(session.drawing.split.train[0])
    excerpt = tape.excerpt(slice(start, start + 2 * excerpts.LENGTH))
    wave = alone(session.training.average, session.statistics, excerpt)
    folder = session.desk.folder / "previews"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"epoch-{epoch:05d}.wav"
    write(path, wave[None], RATE, "wav", "16")
    session.desk.say("preview", epoch=epoch, path=str(path))
