"""Two models, one of mono and one of stereo sounds, made once by the real recipes."""

import fcntl
import os
import shutil

import pytest
import soundfile
import torch

from jobs.desk import Desk
from jobs.recipes import players
from jobs.recipes import sounds as gather
from jobs.specs import ImportSounds, make
from store import paths
from store.library import Library
from tests import sounds
from tests.recipes.playing import imported, settle, trained

torch.set_num_threads(1)
STEREO_KINDS = ("vibrato", "drums", "sweep", "pluck")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A home with the models "small" and "wide", copied for each test; the first process makes it for all."""
    own = tmp_path_factory.getbasetemp()
    root = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "done").exists():
            _make(root)
            (root / "done").touch()
    return root / "home"


def _make(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WOODSHED_HOME", str(root / "home"))
        trained(imported(root / "in"))
        (root / "wide").mkdir()
        for index, kind in enumerate(STEREO_KINDS):
            audio = 0.5 * sounds.stereo(kind, 1.0, index)
            soundfile.write(root / "wide" / f"{kind}.wav", audio.T, sounds.RATE, subtype="FLOAT")
        spec = make(ImportSounds, paths=[str(root / "wide")], name="wide")
        (dataset,) = settle("import-wide", gather.run(spec, Desk("import-wide", paths.run("import-wide"))))
        trained(dataset, "train-wide", latent=24, epochs=1)


@pytest.fixture
def models(home, made_once):
    """Their records by name, in a home of the test's own, and an engine that has loaded nothing."""
    shutil.copytree(made_once / "data", home / "data", dirs_exist_ok=True)
    players._ready.clear()
    library = Library()
    found = {}
    for record in library.models.all():
        found[record["name"]] = library.models.amend(record["id"], path=str(paths.model(record["id"])))
    return found


@pytest.fixture
def model(models):
    return models["small"]
