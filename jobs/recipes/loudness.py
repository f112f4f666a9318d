"""Measure how loud sounds are: integrated, momentary and short-term maximum, range, true peak."""

from typing import Any

from jobs.desk import Desk
from jobs.recipes.examined import examined
from jobs.recipes.material import Material, material
from jobs.recipes.outside import give_json
from jobs.sound import loudness
from jobs.sound.loudness import Loudness
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
    loudness.prepare()
    answers = examined([one.file for one in sounds], desk, "loudness")
    return [_row(one, answer) for one, answer in zip(sounds, answers, strict=True)]


def _row(sound: Material, answer: dict[str, Any]) -> dict[str, Any]:
    told = {"file": sound.file, "name": sound.name}
    if "loudness" not in answer:
        return {**told, "error": answer["why"]}
    found, info = Loudness(**answer["loudness"]), answer["info"]
    return {
        **told,
        "seconds": round(info["frames"] / info["rate"], 4),
        "rate": info["rate"],
        "channels": info["channels"],
        **levels(found),
        **({"truncated": info["truncated"]} if info["truncated"] else {}),
    }


def levels(found: Loudness) -> dict[str, Any]:
    """As JSON, each under a name with its unit; null is not defined."""
    rounded = {name: None if value is None else round(value, 3) for name, value in vars(found).items()}
    return {
        "integrated_lufs": rounded["integrated"],
        "momentary_max_lufs": rounded["momentary_max"],
        "short_term_max_lufs": rounded["short_term_max"],
        "loudness_range_lu": rounded["range"],
        "true_peak_dbtp": rounded["true_peak"],
        "measured_by": found.measured_by,
    }
