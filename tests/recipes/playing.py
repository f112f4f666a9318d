"""A library with a dataset and a model in it, made by the real recipes, for tests that play."""

from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.recipes import sounds as gather
from jobs.recipes import take, vae
from jobs.specs import Generate, ImportSounds, TrainVae, make
from store import paths
from store.library import Library
from tests import sounds

SMALL = {"epochs": 2, "batch": 2, "latent": 16, "preview_every": 1}


def settle(job: str, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Put what a recipe made where a commit puts it; returns the records."""
    for entry in result.get("files", ()):
        target = paths.data() / entry["to"]
        target.parent.mkdir(parents=True, exist_ok=True)
        (paths.run(job) / entry["from"]).rename(target)
    library = Library()
    return [
        getattr(library, entry["table"]).add(entry["record"], id=entry["record"].get("id"))
        for entry in result["records"]
    ]


def imported(folder: Path, count: int = 6, seconds: float = 1.5) -> dict[str, Any]:
    sounds.write_folder(folder, count, seconds)
    spec = make(ImportSounds, paths=[str(folder)], name="small")
    (record,) = settle("import", gather.run(spec, Desk("import", paths.run("import"))))
    return record


def trained(dataset: dict[str, Any], job: str = "train", **values: Any) -> dict[str, Any]:
    spec = make(TrainVae, dataset=dataset["id"], **(SMALL | values))
    (record,) = settle(job, vae.run(spec, Desk(job, paths.run(job))))
    return record


def desk(job: str) -> Desk:
    return Desk(job, paths.run(job))


def generate(job: str = "gen", **values: Any) -> dict[str, Any]:
    return take.run(make(Generate, **values), desk(job))
