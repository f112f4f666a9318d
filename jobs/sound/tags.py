"""What a file of ours says about itself, where any player shows it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.sound.formats import MAX_COMMENT

_SAID = (
    "id", "model_name", "model", "seed", "seconds", "preset", "sliders", "render", "wander", "blend",
    "resynthesise", "between", "vary", "amount", "space", "azimuth",
)  # fmt: skip
"""The most important first: what does not fit is left out from the end."""


def tags(take: Mapping[str, Any]) -> dict[str, str]:
    """Title, artist, date and a comment of JSON from the record of a take; the sidecar has all of it."""
    told = _asked(take) | dict(take)
    said = {"program": "woodshed"} | {
        key: _plain(key, told[key]) for key in _SAID if told.get(key) not in (None, "", {}, [], ())
    }
    while len(comment := _json(said)) > MAX_COMMENT and len(said) > 1:
        said.popitem()
    return {
        "title": str(take.get("name") or "take"),
        "artist": "Woodshed",
        "date": str(take.get("created") or "")[:10],
        "software": "Woodshed",
        "comment": comment,
    }


def _asked(take: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of its spec that were of any use."""
    asked = take.get("spec")
    asked = dict(asked) if isinstance(asked, Mapping) else {}
    idle = {
        "amount": not asked.get("vary"),
        "azimuth": take.get("space", asked.get("space")) not in ("haas", "binaural"),
    }
    return {key: value for key, value in asked.items() if not idle.get(key)}


def _plain(key: str, value: Any) -> Any:
    """Sounds by their names: a file that is given away shall not tell where its maker keeps theirs."""
    if key == "resynthesise":
        return Path(value).name
    return [Path(sound).name for sound in value] if key == "between" else value


def _json(said: Mapping[str, Any]) -> str:
    # ASCII: one character is one byte, and MP3 carries nothing else unharmed.
    return json.dumps(said, separators=(",", ":"), allow_nan=False)
