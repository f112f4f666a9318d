"""A training of a net for gaps as a job lives it: from its last checkpoint until mastered or no better."""

import copy
import time
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from torch import nn

from jobs.desk import Desk, Stopped
from jobs.nets import gap_verdict
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import JUDGED, Training, fit, gain, made, sdr_each, shape_of
from jobs.nets.gap_schedule import Plateau
from jobs.recipes import checkpoints
from jobs.recipes.gap_look import look
from jobs.recipes.gap_spoken import Spoken
from jobs.specs import TrainRepairer
from jobs.worth import MASTERED
from store.errors import Refusal

JUDGE_STEPS, SPOKEN_STEPS = 50, 200
CHECKPOINT_SECONDS = 10.0
ROW_SECONDS = 1.0
LEAST_DB = 0.005
"""By which a judgement has to be better to count as one."""


class Session:
    """Train on ``train``, judged on ``validation`` and by ``speech``, if there is any."""

    def __init__(
        self, spec: TrainRepairer, desk: Desk, training: Training, train: Examples, validation: Examples,
        speech: Spoken | None,
    ):  # fmt: skip
        self.spec, self.desk, self.training = spec, desk, training
        self.train_on, self.validation, self.speech = train, validation, speech
        self.rate = shape_of(training.net).rate
        self.plateau = Plateau(spec.patience, LEAST_DB)
        self.best_step = 0
        self.seconds = 0.0
        self.ending = ""
        self.judged: dict[str, float] = {}
        state = checkpoints.last(desk.checkpoint)
        if state:
            self._resume(state)

    def _resume(self, state: dict) -> None:
        try:
            self.training.load_state_dict(state["training"])
        except (RuntimeError, ValueError):
            raise Refusal("the checkpoint is of another version's net; train anew instead") from None
        self.plateau.best, self.plateau.waited = float(state["best"]), int(state["waited"])
        self.best_step, self.seconds = int(state["best_step"]), float(state["seconds"])
        self.ending, self.judged = str(state["ending"]), dict(state["judged"])
        self.desk.note(f"goes on from step {self.training.step}")

    def _checkpoint(self, best: bool) -> None:
        state = {
            "training": self.training.state_dict(),
            "best": self.plateau.best,
            "waited": self.plateau.waited,
            "best_step": self.best_step,
            "seconds": self.seconds,
            "ending": self.ending,
            "judged": self.judged,
        }
        checkpoints.save(self.desk.checkpoint, state, self.training.step, best)
        self.desk.say("checkpoint", step=self.training.step)

    def train(self) -> None:
        """Until mastered, the plateau or the minutes, whichever comes first. Raises Stopped."""
        if self.ending:
            return
        began = time.monotonic() - self.seconds
        if not self.training.step:
            # Prediction alone may be enough: it is what the net begins as.
            self._judge({})
            self._say({"step": 0.0}, True)
            self._checkpoint(best=True)
        said_at = saved_at = time.monotonic()
        sums: dict[str, list[float]] = defaultdict(list)
        rows = self._rows()
        while not self.ending:
            row = next(rows)
            for name, value in row.items():
                sums[name].append(value)
            now = time.monotonic()
            self.seconds = now - began
            judge = row["step"] % JUDGE_STEPS == 0
            better = judge and self._judge(_means(sums))
            if judge or now - said_at > ROW_SECONDS:
                said_at = now
                self._say(_means(sums), judge)
                sums.clear()
            if not self.ending and self.seconds > self.spec.minutes * 60:
                self.ending = "minutes"
            stopped = self.desk.stopped()
            if stopped or better or self.ending or now - saved_at > CHECKPOINT_SECONDS:
                saved_at = now
                self._checkpoint(best=better)
            if stopped:
                raise Stopped(self.desk.job)

    def _rows(self) -> Iterator[dict[str, float]]:
        try:
            yield from fit(self.training, self.train_on)
        except FloatingPointError as error:
            raise Refusal(
                f"the training diverged: {error}; try a lower --set learning_rate="
                f"{self.training.plan.learning_rate / 4:g}"
            ) from None

    def _judge(self, losses: dict[str, float]) -> bool:
        """Listen to what was held out; whether it is the best so far."""
        output, held = made(self.training.average, self.validation), self.validation
        score = gap_verdict.mastery(output, held, self.rate)
        over = gain(output, held.guesses[:, 0], held.truth, self.rate)
        self.training.threshold.judged(over)
        self.judged = {
            "gain_db": over,
            "over_ar512_db": gain(output, held.baseline, held.truth, self.rate),
            "sdr_db": float(np.mean(sdr_each(output, held.truth, JUDGED, self.rate))),
            "composite": score.composite,
            "accuracy": float(np.mean(sdr_each(output, held.truth, JUDGED, self.rate) >= 20)),
            **{name: score.measures[name] for name in
               ("delta_fft_percent", "envelope_percent", "phase_degrees")},
            **self._spoken(),
        }  # fmt: skip
        better = self.plateau.judged(-over)
        if better:
            self.best_step = self.training.step
        if score.mastered:
            self.ending = MASTERED
        elif self.plateau.over:
            self.ending = "plateau"
        look(self.desk, output, held, self.judged, losses, self.rate)
        # What is mastered is kept as it is.
        return better or bool(score.mastered)

    def _spoken(self) -> dict[str, float]:
        """Rarely, since it takes as long as a dozen steps."""
        if self.speech is None or self.training.step % SPOKEN_STEPS:
            return {}
        return self.speech.heard(self.training.average)

    def _say(self, means: dict[str, float], judged: bool) -> None:
        self.desk.row(seconds=round(self.seconds, 2), **means, **(self.judged if judged else {}))
        step = self.training.step
        affordable = step + step / max(self.seconds, 1e-3) * (self.spec.minutes * 60 - self.seconds)
        self.desk.progress(step, step if self.ending else max(step, round(affordable)), "step")

    def best_net(self) -> nn.Module:
        """The averaged net of the best judgement."""
        net = copy.deepcopy(self.training.average)
        state = checkpoints.best(self.desk.checkpoint)
        if state is not None:
            net.load_state_dict(state["training"]["average"])
        return net


def _means(sums: dict[str, list[float]]) -> dict[str, float]:
    means = {name: float(np.mean(values)) for name, values in sums.items()}
    if "step" in sums:
        means["step"] = sums["step"][-1]
    return means
