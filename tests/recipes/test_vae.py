"""Training as a job: what it says, what it leaves behind, and that it can be stopped and resumed."""

import json
from pathlib import Path

import pytest
import torch

from jobs.desk import Desk, Stopped
from jobs.recipes import checkpoints, vae
from jobs.specs import TrainVae, make
from store import files, paths, stream
from store.errors import BadInput, NotFound, Usage
from tests.recipes.playing import SMALL, imported, trained

torch.set_num_threads(1)


def rows(job: str, kind: str = "row") -> list[dict]:
    return [row for row in stream.follow(paths.events(job))[0] if row["kind"] == kind]


def spec_of(dataset: dict, **values) -> TrainVae:
    return make(TrainVae, dataset=dataset["id"], **(SMALL | values))


def test_a_training_leaves_a_model_TRAIN_01_TRAIN_03_TRAIN_04_MOD_01(home, tmp_path):
    model = trained(imported(tmp_path / "in"), epochs=3)
    folder = Path(model["path"])
    sums = json.loads((folder / "manifest.json").read_text())
    assert files.verify(folder, sums) == []
    assert files.sha256(folder / "manifest.json") == model["sha256"]
    assert json.loads((folder / "model.json").read_text())["id"] == model["id"]
    assert model["preset"] == "conservative" and model["epochs"] == 3
    assert {axis["name"] for axis in model["axes"]} == {"brightness", "warmth", "dynamics"}
    assert all(len(axis["values"]) == 101 for axis in model["axes"])
    said = rows("train")
    assert {"epoch", "step", "loss", "magnitude", "frequency", "stft", "kl"} <= set(said[-1])
    assert {"validation_files", "train_db"} <= set(said[-1])
    assert len({row["epoch"] for row in said}) >= 3
    previews = rows("train", "preview")
    assert len(previews) == 3 and all(Path(row["path"]).stat().st_size > 1000 for row in previews)
    assert rows("train", "progress")[-1]["done"] == rows("train", "progress")[-1]["total"]


def test_presets_go_by_the_number_of_files_TRAIN_01():
    names = [vae.preset_for("auto", count) for count in (5, 49, 50, 199, 200, 500)]
    assert names == ["conservative"] * 2 + ["balanced"] * 2 + ["aggressive"] * 2
    assert vae.preset_for("aggressive", 5) == "aggressive"


class StopAt:
    """Asks to stop once so many rows were said: a person's hand on cancel."""

    def __init__(self, job: str, count: int):
        self.job, self.count = job, count

    def __call__(self) -> bool:
        return len(rows(self.job)) >= self.count


def test_a_stopped_training_resumes_with_the_same_losses_TRAIN_05_TRAIN_06(home, tmp_path):
    dataset = imported(tmp_path / "in")
    trained(dataset, "whole", epochs=6)
    spec = spec_of(dataset, epochs=6)
    with pytest.raises(Stopped):
        vae.run(spec, Desk("cut", paths.run("cut"), stop=StopAt("cut", 2)))
    kept = checkpoints.last(paths.run("cut") / "checkpoint")
    assert kept is not None and 0 < kept["training"]["step"] < 24
    vae.run(spec, Desk("cut", paths.run("cut"), attempt=2))

    def at_epochs(job: str) -> dict[float, tuple]:
        return {r["epoch"]: r["validation_files"] for r in rows(job) if "validation_files" in r}

    assert at_epochs("cut") == at_epochs("whole")
    assert {int(epoch) for epoch in at_epochs("whole")} == {3, 6}


def test_the_best_and_the_last_three_checkpoints_stay_TRAIN_06(tmp_path):
    for step in range(1, 7):
        checkpoints.save(tmp_path, {"step": step}, step, best=step == 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "best.pt", "step-00000004.pt", "step-00000005.pt", "step-00000006.pt",
    ]  # fmt: skip
    assert checkpoints.best(tmp_path) == {"step": 2}
    (tmp_path / "step-00000006.pt").write_bytes(b"half a checkpoint")
    assert checkpoints.last(tmp_path) == {"step": 5}


def test_minutes_end_a_training_TRAIN_01(home, tmp_path):
    model = trained(imported(tmp_path / "in"), epochs=5000, minutes=0.05, preview_every=0)
    assert model["ended_by"] == "minutes" and model["minutes"] < 0.5
    assert "validation_files" in rows("train")[-1], "the last word is a judged one"


def test_a_plateau_ends_a_training_TRAIN_07(home, tmp_path):
    model = trained(imported(tmp_path / "in"), epochs=60, learning_rate=1e-9, patience=2, preview_every=0)
    assert model["ended_by"] == "plateau" and model["epochs"] < 60


def test_a_training_goes_on_from_a_model_INCR_01(home, tmp_path):
    dataset = imported(tmp_path / "in")
    first = trained(dataset, epochs=4)
    trained(dataset, "again", epochs=1, continue_from=first["id"])
    fresh, continued = (rows(job)[0]["loss"] for job in ("train", "again"))
    assert continued < fresh


def test_a_vanished_or_changed_sound_is_named_DATA_04(home, tmp_path):
    dataset = imported(tmp_path / "in")
    spec = spec_of(dataset)
    victim = sorted((tmp_path / "in").iterdir())[2]
    content = victim.read_bytes()
    victim.write_bytes(content[:-4] + b"\0\0\0\1")
    with pytest.raises(BadInput, match=f"{victim.name}: the file has changed"):
        vae.run(spec, Desk("j", paths.run("j")))
    victim.unlink()
    with pytest.raises(BadInput, match=f"{victim.name}: the file is gone"):
        vae.run(spec, Desk("j", paths.run("j")))


def test_weights_that_judge_nothing_are_refused_LOSS_04(home, tmp_path):
    spec = make(TrainVae, dataset="any", magnitude_weight=0, frequency_weight=0)
    with pytest.raises(Usage, match="nearest: 1"):
        vae.run(spec, Desk("j", paths.run("j")))


def test_what_is_not_there_is_refused_CLI(home, tmp_path):
    dataset = imported(tmp_path / "in")
    with pytest.raises(NotFound):
        vae.run(make(TrainVae, dataset="nothing"), Desk("j", paths.run("j")))
    with pytest.raises(NotFound):
        vae.run(spec_of(dataset, continue_from="nothing"), Desk("j", paths.run("j")))
    if not torch.cuda.is_available():
        with pytest.raises(BadInput, match="nearest: cpu"):
            vae.device_for("cuda")
