"""The axes of a model as its record tells them: what a slider shows, and how far it goes."""

from typing import Any

from jobs.nets.instrument import Instrument
from jobs.nets.scales import Scale
from jobs.sound.descriptors import AXES, Axis

SAFE = (10, 90)
WARNING = (0, 100)
ABSENT = "not in these sounds"
MADE = "these sounds do not tell it: timing, room and panning make it"


def told(instrument: Instrument) -> list[dict[str, Any]]:
    """Named axes in order, then the principal components of the latents."""
    named = [_named(axis, instrument.scales[axis.name]) for axis in AXES]
    exploration = instrument.exploration
    return named + [
        _explored(name, [float(value) for value in values])
        for name, values in zip(exploration.names, exploration.values, strict=True)
    ]


def _named(axis: Axis, scale: Scale) -> dict[str, Any]:
    return {
        "name": axis.name,
        "unit": axis.unit,
        "help": axis.help,
        "low_word": axis.low_word,
        "high_word": axis.high_word,
        "values": [round(axis.shown(float(value)), 4) for value in scale.values],
        "safe": list(SAFE),
        "warning": list(WARNING),
        "available": scale.available,
        "kind": scale.kind if scale.available else "sound",
        "why": ABSENT if not scale.available else MADE if scale.kind == "engine" else "",
        "reach": [float(edge) for edge in scale.reach],
    }


def _explored(name: str, values: list[float]) -> dict[str, Any]:
    return {
        "name": name,
        "unit": "",
        "help": f"direction {name.removeprefix('explore')} in which the sounds differ most",
        "low_word": "less",
        "high_word": "more",
        "values": [round(value, 4) for value in values],
        "safe": list(SAFE),
        "warning": list(WARNING),
        "available": True,
        "kind": "explore",
        "why": "",
        "reach": list(map(float, WARNING)),
    }
