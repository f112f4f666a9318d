"""Measure how loud sounds are: integrated, momentary and short-term maximum, range, true peak."""

from typing import Any

from jobs.desk import Desk
from jobs.recipes.examined import examined
from jobs.recipes.material import Material, material
from jobs.recipes.outside import give_json
from jobs.specs import MeasureLoudness

LEFT = "loudness.json"
"""In the folder of the run: what was found, sound by sound."""


def run(spec: MeasureLoudness, desk: Desk) -> dict:
    """Raises NotFound, BadInput."""
    sounds = material(spec.sounds, desk)
    rows = measured(sounds, desk)
    give_json(desk.folder / LEFT, rows)
    failed = sum("error" in row for row in rows)
    return {"summary": {"count": len(rows), "failed": failed, "left": LEFT}}


def measured(sounds: list[Material], desk: Desk) -> list[dict[str, Any]]:
    """A row for each sound: ``file``, ``name`` and levels with their unit, or an ``error``."""
    answers = examined([one.file for one in sounds], desk, "loudness")
    return [_row(one, answer) for one, answer in zip(sounds, answers, strict=True)]


def _row(sound: Material, answer: dict[str, Any]) -> dict[str, Any]:
    told = {"file": sound.file, "name": sound.name}
    if "levels" not in answer:
        return {**told, "error": answer["why"]}
    info = answer["info"]
    return {
        **told,
        "seconds": round(info["frames"] / info["rate"], 4),
        "rate": info["rate"],
        "channels": info["channels"],
        **answer["levels"],
        **({"truncated": info["truncated"]} if info["truncated"] else {}),
    }
