"""Training as a job: what it says, what it leaves behind, and that it can be stopped and resumed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.desk import Desk, Stopped
from jobs.nets import excerpts, saved
from jobs.nets.verdict import verdict
from jobs.recipes import checkpoints, tapes, vae
from jobs.recipes import sounds as gather
from jobs.sound.augment import Changes
from jobs.specs import ImportSounds, TrainVae, make
from store import files, paths, stream
from store.errors import BadInput, NotFound, Refusal, Usage
from store.library import Library
from tests import sounds
from tests.recipes.playing import SMALL, imported, settle, trained

torch.set_num_threads(1)


def rows(job: str, kind: str = "row") -> list[dict]:
    return [row for row in stream.follow(paths.events(job))[0] if row["kind"] == kind]


def spec_of(dataset: dict, **values) -> TrainVae:
    return make(TrainVae, dataset=dataset["id"], **(SMALL | values))


def test_a_training_leaves_a_model_TRAIN_01_TRAIN_03_TRAIN_04_MOD_01(made_once, monkeypatch):
    monkeypatch.setenv("WOODSHED_HOME", str(made_once))
    (model,) = (record for record in Library().models.all() if record["name"] == "small")
    folder = Path(model["path"])
    sums = json.loads((folder / "manifest.json").read_text())
    assert files.verify(folder, sums) == []
    assert files.sha256(folder / "manifest.json") == model["sha256"]
    assert json.loads((folder / "model.json").read_text())["id"] == model["id"]
    assert model["preset"] == "conservative" and model["epochs"] == SMALL["epochs"]
    assert {"density", "brightness", "warmth", "rhythm", "explore1"} <= {
        axis["name"] for axis in model["axes"]
    }
    assert all(len(axis["values"]) == 101 for axis in model["axes"])
    said = rows("train")
    assert {"epoch", "step", "loss", "magnitude", "frequency", "stft", "kl"} <= set(said[-1])
    assert {"validation_files", "train_db", "kl_total", "memorising"} <= set(said[-1])
    found = model["quality"]["overfitting"]
    assert {"kl_total", "kl_active", "kl_floor", "nearest_made_db", "nearest_unheard_db"} <= set(found)
    assert np.isfinite(list(found.values())).all() and found["kl_total"] > 0
    assert model["precision"] in ("fp32", "bf16") and model["generated"] == 0
    assert len({row["epoch"] for row in said}) >= SMALL["epochs"]
    previews = rows("train", "preview")
    assert len(previews) == SMALL["epochs"] and all(
        Path(row["path"]).stat().st_size > 1000 for row in previews
    )
    assert rows("train", "progress")[-1]["done"] == rows("train", "progress")[-1]["total"]


def test_presets_go_by_the_number_of_files_TRAIN_01():
    names = [vae.preset_for("auto", count) for count in (5, 49, 50, 199, 200, 500)]
    assert names == ["conservative"] * 2 + ["balanced"] * 2 + ["aggressive"] * 2
    assert vae.preset_for("aggressive", 5) == "aggressive"


@pytest.mark.slow
def test_what_was_hardly_trained_is_not_called_good_TRAIN_07(home, tmp_path):
    """A net begins as the principal components of its sounds, which come back well without any training."""
    begun = vae.begin(spec_of(imported(tmp_path / "in"), latent=128), Desk("train", paths.run("train")))
    begun.session.seconds = 1e6
    assert [*begun.session.epochs()] == [] and begun.session.ending == "minutes"
    told = vae.model_of(begun)["records"][0]["record"]["quality"]
    assert told["learned"] > 0.3 and told["files_db"] < 5
    assert (told["verdict"], told["reason"]) == verdict(told | {"epochs": 0.0})
    assert told["verdict"] == "poor" and "0 epochs" in told["reason"]


class StopAt:
    """Asks to stop once so many rows were said: a person's hand on cancel."""

    def __init__(self, job: str, count: int):
        self.job, self.count = job, count

    def __call__(self) -> bool:
        return len(rows(self.job)) >= self.count


def ended(dataset: dict, desk: Desk, **values) -> vae.Session:
    """A training up to its end, before anything is made of it."""
    session = vae.begin(spec_of(dataset, **values), desk).session
    for _ in session.epochs():
        pass
    return session


def test_a_stopped_training_resumes_with_the_same_losses_TRAIN_05_TRAIN_06(home, tmp_path):
    dataset = imported(tmp_path / "in")
    ended(dataset, Desk("whole", paths.run("whole")), epochs=6)
    with pytest.raises(Stopped):
        ended(dataset, Desk("cut", paths.run("cut"), stop=StopAt("cut", 2)), epochs=6)
    kept = checkpoints.last(paths.run("cut") / "checkpoint")
    assert kept is not None and 0 < kept["training"]["step"] < 24
    ended(dataset, Desk("cut", paths.run("cut"), attempt=2), epochs=6)

    def at_epochs(job: str) -> dict[float, tuple]:
        return {r["epoch"]: r["validation_files"] for r in rows(job) if "validation_files" in r}

    assert at_epochs("cut") == at_epochs("whole")
    assert {int(epoch) for epoch in at_epochs("whole")} == {3, 6}


@pytest.mark.parametrize(
    ("ending", "values"),
    [
        ("epochs", {"epochs": 2}),
        pytest.param("plateau", {"epochs": 60, "learning_rate": 1e-9, "patience": 1}, marks=pytest.mark.slow),
        pytest.param("minutes", {"epochs": 5000, "minutes": 0.05}, marks=pytest.mark.slow),
    ],
)
def test_a_training_whose_process_died_after_its_end_goes_straight_to_its_model_TRAIN_05_TRAIN_06(
    home, tmp_path, ending, values
):
    dataset = imported(tmp_path / "in")
    before = ended(dataset, Desk("cut", paths.run("cut")), **values)
    said = rows("cut")
    after = ended(dataset, Desk("cut", paths.run("cut"), attempt=2), **values)
    assert before.ending == after.ending == ending
    assert rows("cut") == said, "not a step more"
    assert (after.training.step, after.seconds) == (before.training.step, before.seconds)
    one, other = before.net().state_dict(), after.net().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert before.validation == after.validation
    assert before.overfitting() == after.overfitting()


def test_a_training_whose_last_steps_were_kept_but_not_judged_is_judged_TRAIN_06(home, tmp_path):
    """Its process died between its last checkpoint and the word that it had ended."""
    values = {"epochs": 5000, "minutes": 0.05}
    dataset = imported(tmp_path / "in")
    session = ended(dataset, Desk("cut", paths.run("cut")), **values)
    step = session.training.step
    state = checkpoints.last(session.desk.checkpoint) | {"ending": "", "judged_at": 0, "validation": {}}
    checkpoints.save(session.desk.checkpoint, state, step, best=False)
    again = ended(dataset, Desk("cut", paths.run("cut"), attempt=2), **values)
    assert (again.ending, again.training.step) == ("minutes", step)
    assert rows("cut")[-1]["validation_files"] == session.validation["validation_files"]


def test_a_resumed_training_keeps_its_precision_TRAIN_06(home, tmp_path):
    """What was decided at the start holds, whatever another attempt would decide."""
    dataset = imported(tmp_path / "in")
    session = ended(dataset, Desk("j", paths.run("j")), epochs=1)
    other = "fp32" if session.plan.precision == "bf16" else "bf16"
    state = checkpoints.last(session.desk.checkpoint) | {"precision": other}
    checkpoints.save(session.desk.checkpoint, state, session.training.step, best=False)
    assert vae.begin(spec_of(dataset, epochs=1), session.desk).session.plan.precision == other


def test_a_checkpoint_of_another_net_is_refused_in_one_line_TRAIN_06(home, tmp_path):
    """It was stopped before an update that gave the net another shape."""
    dataset = imported(tmp_path / "in")
    session = ended(dataset, Desk("j", paths.run("j")), epochs=1)
    state = checkpoints.last(session.desk.checkpoint)
    assert state is not None
    weights = state["training"]["net"]
    weights["to_latent.weight"] = weights["to_latent.weight"][:, :1]
    checkpoints.save(session.desk.checkpoint, state, session.training.step, best=False)
    with pytest.raises(Refusal, match="another version"):
        vae.begin(spec_of(dataset, epochs=2), session.desk)


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
    session = ended(imported(tmp_path / "in"), Desk("train", paths.run("train")), epochs=5000, minutes=0.05)
    assert session.ending == "minutes" and session.seconds < 30
    assert "validation_files" in rows("train")[-1], "the last word is a judged one"


@pytest.mark.slow
def test_a_plateau_ends_a_training_TRAIN_07(home, tmp_path):
    values = {"epochs": 60, "learning_rate": 1e-9, "patience": 2}
    session = ended(imported(tmp_path / "in"), Desk("train", paths.run("train")), **values)
    assert session.ending == "plateau" and session.training.step < 60 * session.plan.epoch
    assert "validation_files" in rows("train")[-1], "no epoch counts that was not judged"


def test_versions_are_made_once_and_used_TRAIN_02(home, tmp_path):
    """The second training finds them in the cache; another setting makes others; off makes none."""
    dataset = imported(tmp_path / "in")
    desk = Desk("train", paths.run("train"))
    tape = tapes.tape_of(dataset, desk)
    split = excerpts.split(tape, 0)
    first = tapes.versions_of(tape, split, Changes(versions=2), desk)
    made = {path: path.stat().st_mtime_ns for path in home.rglob("features.f16")}
    assert len(made) == 1 and first.frames > 1.6 * len(split.train)
    again = tapes.versions_of(tape, split, Changes(versions=2), desk)
    assert np.array_equal(first.features[:, :, :50], again.features[:, :, :50])
    assert {path: path.stat().st_mtime_ns for path in home.rglob("features.f16")} == made
    tapes.versions_of(tape, split, Changes(versions=2, seed=1), desk)
    assert len([*home.rglob("features.f16")]) == 2
    progress = rows("train", "progress")
    assert {"features", "versions"} <= {row["unit"] for row in progress}


def test_making_versions_can_be_cancelled_TRAIN_02_TRAIN_05(home, tmp_path):
    dataset = imported(tmp_path / "in")
    tape = tapes.tape_of(dataset, Desk("first", paths.run("first")))
    stopping = Desk("cut", paths.run("cut"), stop=lambda: True)
    with pytest.raises(Stopped):
        tapes.versions_of(tape, excerpts.split(tape, 0), Changes(), stopping)
    assert not [*home.rglob("features.f16")]


@pytest.mark.slow
def test_a_training_goes_on_from_a_model_INCR_01(home, tmp_path):
    """From its weights on the same sounds, then with sounds added where the old ones are gone."""
    dataset = imported(tmp_path / "in")
    first = trained(dataset, epochs=4)
    ended(dataset, Desk("again", paths.run("again")), epochs=1, continue_from=first["id"])
    fresh, continued = (rows(job)[0]["loss"] for job in ("train", "again"))
    assert continued < fresh
    with pytest.raises(BadInput, match="knows all of these sounds"):
        vae.begin(spec_of(dataset, add=True, continue_from=first["id"]), Desk("j", paths.run("j")))

    sounds.write_folder(tmp_path / "more", 6, 1.5, seed=50)
    spec = make(ImportSounds, paths=[str(tmp_path / "more")], name="more")
    (more,) = settle("more", gather.run(spec, Desk("more", paths.run("more"))))
    shutil.rmtree(tmp_path / "in")
    model = trained(more, "added", continue_from=first["id"], add=True, augment=False)
    assert model["files"] == 12 and model["continued_from"] == first["id"]
    assert set(first["held_out"]) <= set(model["held_out"]) and len(model["held_out"]) == 2
    assert {"old_db", "old_db_before", "new_db", "new_db_before"} <= set(model["quality"])
    bank = saved.load(Path(model["path"])).bank
    assert len(bank.places) == 12
    old = saved.load(Path(first["path"])).bank
    samples = len(old.wave)
    assert np.abs(bank.wave[:samples] - old.wave).max() < 1e-4


def test_adding_needs_a_model_INCR_01(home, tmp_path):
    with pytest.raises(Usage, match="continue_from"):
        vae.run(make(TrainVae, dataset="any", add=True), Desk("j", paths.run("j")))


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
