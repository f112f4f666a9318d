"""Takes -> a dataset to train on, beside the sounds of another; marked as what a model made."""

import base64
import json
from pathlib import Path
from typing import Any

from jobs.desk import Desk
from jobs.recipes.examined import examined
from jobs.recipes.sounds import keep
from jobs.sound.examine import COLUMNS
from jobs.sound.roll import Roll, call
from jobs.specs import FeedTakes
from store.errors import BadInput
from store.library import Library
from store.names import checked_name


def run(spec: FeedTakes, desk: Desk) -> dict:
    """Raises NotFound for a take that is not there, BadInput where none is of use."""
    library = Library()
    takes = _takes(spec, library)
    dataset = library.datasets.find(spec.dataset) if spec.dataset else None
    roll = _listed(dataset) if dataset else Roll()
    added = _examined(takes, {sound["audio_sha256"] for sound in roll.usable}, desk)
    copied = list(added.usable)
    if dataset and dataset.get("copied"):
        # They lie in the other dataset's folder, which may go.
        copied += roll.usable
    for name in ("sounds", "pictures", "problems"):
        getattr(roll, name).extend(getattr(added, name))
    told = {
        "name": checked_name(spec.name or (dataset["name"] if dataset else "takes")),
        "copied": len(copied) == len(roll.usable),
        "generated": sum(1 for sound in roll.usable if sound.get("generated")),
    }
    return keep(roll, copied, told | ({"base": dataset["id"]} if dataset else {}), desk)


def _takes(spec: FeedTakes, library: Library) -> list[dict]:
    found = {take["id"]: take for take in map(library.takes.find, spec.takes)}
    for take in found.values():
        if not Path(take["path"]).is_file():
            raise BadInput(f"take {take['name']}: its file is gone ({take['path']}); leave it out")
    return list(found.values())


def _examined(takes: list[dict], known: set[str], desk: Desk) -> Roll:
    """A roll of the takes that can be used and are not known yet, each marked with what made it."""
    files = [str(Path(take["path"])) for take in takes]
    roll = call(files, examined(files, desk))
    by_file = dict(zip(files, takes, strict=True))
    for sound in roll.sounds:
        take = by_file[sound["file"]]
        sound |= {"generated": True, "take": take["id"], "model": take["model"]}
    new = [i for i, sound in enumerate(roll.sounds) if sound["usable"] and sound["audio_sha256"] not in known]
    for i, sound in enumerate(roll.sounds):
        if i not in new:
            desk.note(
                f"left out: {sound['name']}, " + ("; ".join(sound["reasons"]) or "it is in the dataset")
            )
    if not new:
        raise BadInput("takes: none of them can be added; they are silent, too short or there already")
    # Few takes are no fault where they come beside other sounds.
    problems = [one for one in roll.problems if one["code"] != "few_files"]
    return Roll([roll.sounds[i] for i in new], [roll.pictures[i] for i in new], problems)


def _listed(dataset: dict) -> Roll:
    """The usable sounds of a dataset with their pictures."""
    folder = Path(dataset["folder"])
    try:
        sounds: list[dict[str, Any]] = json.loads((folder / "sounds.json").read_text())
        peaks = (folder / "peaks.bin").read_bytes()
        usable = [(sound, i) for i, sound in enumerate(sounds) if sound["usable"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(
            f"dataset {dataset['name']}: its list of sounds is gone or damaged; import it again"
        ) from None
    size = 2 * COLUMNS
    pictures = [
        base64.b64encode(peaks[i * size : (i + 1) * size].ljust(size, b"\0")).decode() for _, i in usable
    ]
    return Roll([sound for sound, _ in usable], pictures, list(dataset.get("problems", [])))
