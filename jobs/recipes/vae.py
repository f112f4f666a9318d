"""Dataset -> tape -> autoencoder -> bank and sliders -> a model in the library."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs import commit
from jobs.desk import Desk, Stopped
from jobs.nets import bank, excerpts, saved
from jobs.nets.fit import Plan, Training, fit, validate
from jobs.nets.instrument import Instrument, Scale, resynthesise, scales
from jobs.nets.losses import Statistics
from jobs.nets.vae import Shape, Vae
from jobs.recipes import checkpoints, tapes
from jobs.sound.descriptors import AXES, Axis
from jobs.sound.spectrum import RATE
from jobs.sound.tape import Tape
from jobs.sound.write import write
from jobs.specs import TrainVae
from store import clock, files, paths
from store.errors import BadInput, Refusal, Usage
from store.library import Library

CHECKPOINT_SECONDS = 10.0
ROW_SECONDS = 1.0
JUDGE_STEPS = 10
"""Steps at least between two validations, in whole epochs: a small set's epochs are over in a second."""
SAFE = (10, 90)
WARNING = (0, 100)


@dataclass(frozen=True)
class Preset:
    """How hard to learn. ``steps`` caps the epochs: what a small set can teach is learned by then."""

    epochs: int
    steps: int
    learning_rate: float
    weight_decay: float
    dropout: float


PRESETS = {
    "conservative": Preset(100, 700, 2e-3, 0.05, 0.1),
    "balanced": Preset(200, 1600, 2e-3, 0.01, 0.05),
    "aggressive": Preset(500, 5000, 2e-3, 0.001, 0.0),
}


def preset_for(name: str, count: int) -> str:
    """The preset's name; ``auto`` goes by the number of files."""
    if name != "auto":
        return name
    return "conservative" if count < 50 else "balanced" if count < 200 else "aggressive"


def run(spec: TrainVae, desk: Desk) -> dict:
    if not spec.magnitude_weight and not spec.frequency_weight:
        raise Usage("magnitude_weight: 0 leaves nothing to judge a training by; nearest: 1")
    library = Library()
    dataset = library.datasets.find(spec.dataset)
    tape = tapes.tape_of(dataset, desk)
    device = device_for(spec.device)
    session = Session(spec, desk, tape, device, library)
    session.train()
    return session.model(library, dataset)


def device_for(name: str) -> str:
    """``auto`` is the fastest there is. Raises BadInput for a device this machine lacks."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if there[device])
    if not there[name]:
        raise BadInput(f"device: no {name} on this machine; nearest: cpu")
    return name


class Session:
    """One training, from its last checkpoint where there is one."""

    def __init__(self, spec: TrainVae, desk: Desk, tape: Tape, device: str, library: Library):
        self.spec, self.desk, self.tape, self.device = spec, desk, tape, device
        self.preset = preset_for(spec.preset, len(tape.places))
        self.split = excerpts.split(tape, spec.seed)
        previous = self._previous(library)
        self.statistics = (
            previous.statistics if previous else Statistics.of(tape.features[:, :, self.split.train])
        )
        self.plan = self._plan(PRESETS[self.preset])
        torch.manual_seed(spec.seed)
        net = Vae(self._shape(previous))
        if previous:
            if previous.net.shape.latent != spec.latent:
                raise BadInput(
                    f"latent: {spec.latent} differs from the model to continue from; nearest: "
                    f"{previous.net.shape.latent}"
                )
            net.load_state_dict(previous.net.state_dict())
        self.training = Training(net.to(device), self.plan)
        self.judge_every = max(1, -(-JUDGE_STEPS // self.plan.epoch))
        self.best = float("inf")
        self.best_epoch = 0
        self.seconds = 0.0
        self.validation: dict[str, float] = {}
        self.ending = ""
        self._resume()

    def _previous(self, library: Library) -> Instrument | None:
        if not self.spec.continue_from:
            return None
        record = library.models.find(self.spec.continue_from)
        try:
            return saved.load(Path(record["path"]))
        except saved.Unusable as error:
            raise BadInput(str(error)) from None

    def _shape(self, previous: Instrument | None) -> Shape:
        preset, spec = PRESETS[self.preset], self.spec
        dropout = preset.dropout if spec.dropout < 0 else spec.dropout
        return replace(previous.net.shape if previous else Shape(latent=spec.latent), dropout=dropout)

    def _plan(self, preset: Preset) -> Plan:
        spec = self.spec
        epoch = excerpts.steps_in_epoch(self.split, spec.batch)
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

    def _resume(self) -> None:
        state = checkpoints.last(self.desk.checkpoint)
        if state is None:
            return
        self.training.load_state_dict(state["training"])
        self.best, self.best_epoch = float(state["best"]), int(state["best_epoch"])
        self.seconds = float(state["seconds"])
        self.validation = dict(state["validation"])
        self.desk.note(f"goes on from step {self.training.step}")

    def _checkpoint(self, best: bool) -> None:
        state = {
            "training": self.training.state_dict(),
            "best": self.best,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
            "validation": self.validation,
        }
        step = self.training.step
        checkpoints.save(self.desk.checkpoint, state, step, best)
        self.desk.say("checkpoint", epoch=step // self.plan.epoch, step=step)

    def train(self) -> None:
        """Train until the plateau, the epochs or the minutes, whichever comes first. Raises Stopped."""
        held = {
            "blocks": excerpts.held_out(self.tape, self.split.blocks),
            "files": excerpts.held_out(self.tape, self.split.files),
            "train": excerpts.held_out(self.tape, excerpts.beside(self.split)),
        }
        sums: dict[str, list[float]] = defaultdict(list)
        began = time.monotonic() - self.seconds
        saved_at = said_at = time.monotonic()
        row: dict[str, float] = {}
        judged = False
        for row in self._rows():
            for name in ("loss", *self.plan.weights):
                if name in row:
                    sums[name].append(row[name])
            now = time.monotonic()
            self.seconds = now - began
            ends_epoch = row["step"] % self.plan.epoch == 0
            epoch = int(row["step"] // self.plan.epoch)
            judged = ends_epoch and (epoch % self.judge_every == 0 or row["step"] == self.plan.steps)
            better = judged and self._judge(held, epoch)
            if ends_epoch or now - said_at > ROW_SECONDS:
                said_at = now
                self._say(row, sums, judged)
                if ends_epoch:
                    sums.clear()
            over = self.desk.stopped()
            if over or better or (ends_epoch and now - saved_at > CHECKPOINT_SECONDS):
                saved_at = now
                self._checkpoint(best=better)
            if over:
                raise Stopped(self.desk.job)
            if ends_epoch:
                self._preview(epoch)
                if self._plateau(epoch):
                    self.ending = "plateau"
                    break
            if self.seconds > self.spec.minutes * 60:
                self.ending = "minutes"
                break
        self.ending = self.ending or "epochs"
        better = False
        if row and not judged:
            better = self._judge(held, self.training.step // self.plan.epoch)
            self._say(row, sums, judged=True)
        self.desk.progress(self.training.step, self.training.step, "step")
        self._checkpoint(best=better or not (self.desk.checkpoint / "best.pt").exists())

    def _rows(self) -> Iterator[dict[str, float]]:
        try:
            yield from fit(self.training, self.tape, self.split, self.statistics)
        except FloatingPointError as error:
            raise Refusal(
                f"the training diverged: {error}; try a lower --set learning_rate="
                f"{self.plan.learning_rate / 4:g}"
            ) from None

    def _judge(self, held: dict[str, list], epoch: int) -> bool:
        """Take the validation losses; whether this epoch is the best so far."""
        found = {name: validate(self.training, those, self.statistics) for name, those in held.items()}
        judged = found["blocks"] or found["files"] or found["train"]
        self.validation = {}
        if found["blocks"]:
            self.validation["validation"] = found["blocks"]["loss"]
        if found["files"]:
            self.validation["validation_files"] = found["files"]["loss"]
            self.validation["files_db"] = found["files"]["level_db"]
        if found["train"]:
            self.validation["train"] = found["train"]["loss"]
            self.validation["train_db"] = found["train"]["level_db"]
            if found["blocks"]:
                self.validation["gap"] = found["blocks"]["loss"] / max(found["train"]["loss"], 1e-9) - 1
        if judged is None or not judged["loss"] < self.best:
            return False
        self.best, self.best_epoch = judged["loss"], epoch
        return True

    def _say(self, row: dict[str, float], sums: dict[str, list[float]], judged: bool) -> None:
        step, plan = int(row["step"]), self.plan
        means = {name: float(np.mean(values)) for name, values in sums.items()}
        extra = self.validation if judged else {}
        self.desk.row(
            epoch=step / plan.epoch,
            epochs=plan.steps // plan.epoch,
            step=step,
            steps=plan.steps,
            seconds=round(self.seconds, 2),
            **means,
            **extra,
        )
        rate = step / max(self.seconds, 1e-3)
        affordable = step + rate * (self.spec.minutes * 60 - self.seconds)
        self.desk.progress(step, max(step, min(plan.steps, round(affordable))), "step")

    def _plateau(self, epoch: int) -> bool:
        return epoch - self.best_epoch >= self.spec.patience

    def _preview(self, epoch: int) -> None:
        """What the net alone makes of one excerpt: it tells what was learned, unlike a carrier."""
        if not self.spec.preview_every or epoch % self.spec.preview_every:
            return
        start = int(self.split.train[0])
        excerpt = self.tape.excerpt(slice(start, start + 2 * excerpts.LENGTH))
        wave = resynthesise(self.training.average, self.statistics, excerpt.to(self.device))
        folder = self.desk.folder / "previews"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"epoch-{epoch:05d}.wav"
        write(path, wave[None], RATE, "wav", "16")
        self.desk.say("preview", epoch=epoch, path=str(path))

    def model(self, library: Library, dataset: dict) -> dict:
        """The best checkpoint as an instrument, in a folder ready for the library."""
        state = checkpoints.best(self.desk.checkpoint)
        net = self.training.average
        if state is not None:
            net.load_state_dict(state["training"]["average"])
            self.validation = dict(state["validation"])
        material = bank.of_tape(net, self.statistics, self.tape)
        found = scales(material, self.tape.features)
        folder = self.desk.attempt_folder / "model"
        folder.mkdir(mode=0o700)
        with files.disk(folder):
            saved.save(Instrument(net, self.statistics, material, found), folder)
        sums = files.manifest(folder)
        manifest = files.atomic(folder / "manifest.json", json.dumps(sums, indent=1, sort_keys=True))
        record = self._record(library, dataset, folder, found, files.sha256(manifest))
        files.atomic(folder / "model.json", json.dumps(record, indent=1, allow_nan=False))
        return {
            "records": [{"table": "models", "record": record}],
            "files": [{"from": str(folder.relative_to(self.desk.folder)), "to": f"models/{record['id']}"}],
            "summary": {
                "model": record["id"],
                "name": record["name"],
                "ended_by": self.ending,
                "epochs": record["epochs"],
                **self.validation,
            },
        }

    def _record(
        self, library: Library, dataset: dict, folder: Path, found: dict[str, Scale], digest: str
    ) -> dict[str, Any]:
        id = commit.record_id(self.desk.job, "models")
        step, epoch = self.training.step, self.plan.epoch
        return {
            "id": id,
            "created": clock.now(),
            "name": library.models.fresh_name(self.spec.name or dataset["name"]),
            "dataset": dataset["id"],
            "dataset_name": dataset["name"],
            "job": self.desk.job,
            "path": str(paths.model(id)),
            "files": len(self.tape.places),
            "seconds": round(self.tape.seconds, 3),
            "epochs": round(step / epoch, 2),
            "steps": step,
            "best_epoch": self.best_epoch,
            "minutes": round(self.seconds / 60, 3),
            "ended_by": self.ending,
            "validation": self.validation.get("validation", self.validation.get("validation_files")),
            "quality": self.validation,
            "held_out": list(self.split.held_out),
            "preset": self.preset,
            "device": self.device,
            "bytes": sum(path.stat().st_size for path in folder.iterdir()),
            "axes": [_axis(axis, found[axis.name]) for axis in AXES],
            "spec": asdict(self.spec),
            "sha256": digest,
        }


def _axis(axis: Axis, scale: Scale) -> dict[str, Any]:
    return {
        "name": axis.name,
        "unit": axis.unit,
        "help": axis.help,
        "low_word": axis.low_word,
        "high_word": axis.high_word,
        "values": [round(axis.shown(value), 4) for value in scale.values.tolist()],
        "safe": list(SAFE),
        "warning": list(WARNING),
        "available": scale.available,
    }
