"""The sounds of a dataset, as its import wrote them down."""

import json
from pathlib import Path

from store.errors import BadInput

MOST_SECONDS = 3 * 3600.0


def sounds_of(dataset: dict, least: int = 2) -> list[dict]:
    """The usable sounds of a dataset record. Raises BadInput when there are too few to learn from."""
    try:
        listed = json.loads((Path(dataset["folder"]) / "sounds.json").read_text())
    except (OSError, ValueError):
        raise BadInput(
            f"dataset {dataset['name']}: its list of sounds is gone or damaged; import it again"
        ) from None
    sounds = [sound for sound in listed if sound["usable"]]
    seconds = sum(sound["seconds"] for sound in sounds)
    if len(sounds) < least:
        raise BadInput(
            f"dataset {dataset['name']}: {len(sounds)} usable sounds; "
            f"at least {least} are needed, 5 or more are better"
        )
    if seconds > MOST_SECONDS:
        raise BadInput(
            f"dataset {dataset['name']}: {seconds / 3600:.1f} h of sound; "
            f"at most {MOST_SECONDS / 3600:.0f} h are learned at once; split it"
        )
    return sounds
