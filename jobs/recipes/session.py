"""One training as a job lives it: from its last checkpoint to its end, with rows, previews and judgements."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch

from jobs.desk import Desk, Stopped
from jobs.nets import excerpts, memory, precision
from jobs.nets.excerpts import Drawing, Spans
from jobs.nets.fit import Plan, Training, batch_of, fit, losses, total, validate
from jobs.nets.losses import Statistics
from jobs.nets.vae import Vae
from jobs.recipes import checkpoints
from jobs.specs import TrainVae
from store.errors import Refusal

CHECKPOINT_SECONDS = 10.0
ROW_SECONDS = 1.0
JUDGE_STEPS = 10
"""Steps at least between two validations, in whole epochs: a small set's epochs are over in a second."""
ASKED = 12
"""Training excerpts that a net's memory is asked about."""
LONG_ENOUGH = excerpts.LENGTH // 2


class Session:
    """Train ``net`` on what ``drawing`` draws.

    ``groups`` name held-out spans whose error is told apart, before and after: of old and new sounds.
    """

    def __init__(
        self,
        spec: TrainVae,
        desk: Desk,
        drawing: Drawing,
        statistics: Statistics,
        net: Vae,
        plan: Plan,
        groups: Mapping[str, Spans],
    ):
        self.spec, self.desk, self.drawing, self.statistics = spec, desk, drawing, statistics
        tape, split = drawing.tape, drawing.split
        self.held = {
            "blocks": excerpts.held_out(tape, split.blocks),
            "files": excerpts.held_out(tape, split.files),
            "train": excerpts.held_out(tape, excerpts.beside(split)),
        }
        self.groups = {name: excerpts.held_out(tape, spans) for name, spans in groups.items()}
        self.known = memory.known(tape, split.spans)
        long = tuple(span for span in split.spans if span[1] >= LONG_ENOUGH)
        self.asked = excerpts.held_out(tape, long or split.spans, ASKED)
        self.best = float("inf")
        self.best_epoch = 0
        self.seconds = 0.0
        self.validation: dict[str, float] = {}
        self.before: dict[str, float] = {}
        self.ending = ""
        self.judged_at = -1
        state = checkpoints.last(desk.checkpoint)
        bits = state["precision"] if state else self._precision(net, plan)
        self.plan = replace(plan, precision=bits)
        self.training = Training(net, self.plan)
        self.judge_every = max(1, -(-JUDGE_STEPS // plan.epoch))
        if state:
            self._resume(state)
        else:
            self.before = {f"{name}_before": error for name, error in self._errors().items()}

    def _precision(self, net: Vae, plan: Plan) -> str:
        device = next(net.parameters()).device

        @torch.no_grad()
        def loss(bits: str) -> float:
            torch.manual_seed(plan.seed)
            batch = batch_of(self.drawing, plan, 0).to(device)
            named, _ = losses(net, batch, self.statistics, replace(plan, precision=bits))
            return total(named, plan, plan.kl_warmup).item()

        return precision.chosen(self.spec.precision, device.type, loss)

    def _resume(self, state: dict) -> None:
        try:
            self.training.load_state_dict(state["training"])
        except (RuntimeError, ValueError):
            raise Refusal("the checkpoint is of another version's net; train anew instead") from None
        self.best, self.best_epoch = float(state["best"]), int(state["best_epoch"])
        self.seconds = float(state["seconds"])
        self.validation, self.before = dict(state["validation"]), dict(state["before"])
        self.judged_at, self.ending = int(state["judged_at"]), str(state["ending"])
        self.desk.note(f"goes on from step {self.training.step}")

    def _checkpoint(self, best: bool) -> None:
        state = {
            "training": self.training.state_dict(),
            "precision": self.plan.precision,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
            "validation": self.validation,
            "before": self.before,
            "judged_at": self.judged_at,
            "ending": self.ending,
        }
        step = self.training.step
        checkpoints.save(self.desk.checkpoint, state, step, best)
        self.desk.say("checkpoint", epoch=step // self.plan.epoch, step=step)

    def epochs(self) -> Iterator[int]:
        """Train until the plateau, the epochs or the minutes, whichever comes first; yields ended epochs.

        A training that had ended before its process did only says so. Raises Stopped.
        """
        if not self.ending:
            yield from self._trained()
        self.desk.progress(self.training.step, self.training.step, "step")

    def _trained(self) -> Iterator[int]:
        sums: dict[str, list[float]] = defaultdict(list)
        began = time.monotonic() - self.seconds
        said_at = time.monotonic()
        # The first epoch is saved at once: a first preview, say, may outlast the patience of a cancel.
        saved_at = said_at - CHECKPOINT_SECONDS
        self.ending = self._over()
        for row in self._rows() if not self.ending else ():
            for name in ("loss", *self.plan.weights, "kl_total"):
                if name in row:
                    sums[name].append(row[name])
            now = time.monotonic()
            self.seconds = now - began
            ends_epoch = row["step"] % self.plan.epoch == 0
            epoch = int(row["step"] // self.plan.epoch)
            judged = ends_epoch and (epoch % self.judge_every == 0 or row["step"] == self.plan.steps)
            better = judged and self._judge(epoch)
            if ends_epoch or now - said_at > ROW_SECONDS:
                said_at = now
                self._say(sums, judged)
                if ends_epoch:
                    sums.clear()
            stopped = self.desk.stopped()
            if stopped or better or (ends_epoch and now - saved_at > CHECKPOINT_SECONDS):
                saved_at = now
                self._checkpoint(best=better)
            if stopped:
                raise Stopped(self.desk.job)
            if ends_epoch:
                yield epoch
            self.ending = self._over()
            if self.ending:
                break
        better = False
        if self.judged_at != self.training.step:
            better = self._judge(self.training.step // self.plan.epoch)
            self._say(sums, judged=True)
        self._checkpoint(best=better or not (self.desk.checkpoint / "best.pt").exists())

    def _over(self) -> str:
        """Why the training is over, or nothing."""
        step = self.training.step
        # An epoch that was not judged was no worse than any.
        if step == self.judged_at and step // self.plan.epoch - self.best_epoch >= self.spec.patience:
            return "plateau"
        if self.seconds > self.spec.minutes * 60:
            return "minutes"
        return "epochs" if step >= self.plan.steps else ""

    def _rows(self) -> Iterator[dict[str, float]]:
        try:
            yield from fit(self.training, self.drawing, self.statistics)
        except FloatingPointError as error:
            raise Refusal(
                f"the training diverged: {error}; try a lower --set learning_rate="
                f"{self.plan.learning_rate / 4:g}"
            ) from None

    def _judge(self, epoch: int) -> bool:
        """Take the validation losses; whether this epoch is the best so far."""
        self.judged_at = self.training.step
        found = {name: validate(self.training, those, self.statistics) for name, those in self.held.items()}
        judged = found["blocks"] or found["files"] or found["train"]
        self.validation = {}
        if judged:
            self.validation |= {name: judged[name] for name in ("kl_total", "kl_active")}
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
        unheard = self.held["files"] + self.held["blocks"]
        copied = memory.remembered(self.training.average, self.statistics, self.known, self.asked, unheard)
        if copied:
            self.validation["nearest_made_db"] = copied.made_db
            self.validation["nearest_other_db"] = copied.other_db
            self.validation["nearest_unheard_db"] = copied.unheard_db
            self.validation["memorising"] = float(copied.memorising)
        self.validation |= self._errors()
        if judged is None or not judged["loss"] < self.best:
            return False
        self.best, self.best_epoch = judged["loss"], epoch
        return True

    def _errors(self) -> dict[str, float]:
        """Mean magnitude error in dB of each group."""
        found = {name: validate(self.training, those, self.statistics) for name, those in self.groups.items()}
        return {f"{name}_db": judged["level_db"] for name, judged in found.items() if judged}

    def _say(self, sums: dict[str, list[float]], judged: bool) -> None:
        step, plan = self.training.step, self.plan
        means = {name: float(np.mean(values)) for name, values in sums.items()}
        self.desk.row(
            epoch=step / plan.epoch,
            epochs=plan.steps // plan.epoch,
            step=step,
            steps=plan.steps,
            seconds=round(self.seconds, 2),
            **(means | (self.validation if judged else {})),
        )
        rate = step / max(self.seconds, 1e-3)
        affordable = step + rate * (self.spec.minutes * 60 - self.seconds)
        self.desk.progress(step, max(step, min(plan.steps, round(affordable))), "step")

    def net(self) -> Vae:
        """The averaged net of the best epoch; what is judged of it is in ``validation``."""
        state = checkpoints.best(self.desk.checkpoint)
        if state is not None:
            self.training.average.load_state_dict(state["training"]["average"])
            self.validation = dict(state["validation"])
        return self.training.average

    def overfitting(self) -> dict[str, float]:
        """How far it learned by heart, for the record. Finite numbers.

        ``gap``: how much larger the loss of held-out blocks is than that of what lies beside them;
        ``kl_total`` in nats per latent frame, ``kl_floor`` the floor of all channels together and
        ``kl_active`` the share of channels above theirs; ``nearest_..._db`` as in `jobs.nets.memory`,
        and whether that is ``memorising`` (1 or 0).
        """
        names = (
            "gap",
            "kl_total",
            "kl_active",
            "nearest_made_db",
            "nearest_other_db",
            "nearest_unheard_db",
            "memorising",
        )
        found = {name: round(self.validation[name], 4) for name in names if name in self.validation}
        return found | {"kl_floor": round(self.plan.kl_floor * self.training.net.shape.latent, 4)}
