"""Which rows the Play screen has for a model, and what a request makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from jobs import specs
from studio.widgets.knob import Knob, knob
from studio.widgets.sliders import Sliders

ASKED = {f.name: f for f in fields(specs.Generate)}
OWN = "weight of "
WEIGHT = 50.0
"""Where a model that is blended in begins."""
PLACED = ("haas", "binaural")
"""Spaces that have a direction."""
OTHER_WORDS = {"length": "seconds", "takes": "count"}
"""Rows whose word is not that of the field."""
LENGTH = "how long a kept take is; a preview stops after 4 s"
AZIMUTH = "degrees from the front; left is negative"
WANDER = "noise on the walk through the sounds: 0 stays close, 2 goes far"
MEANING = {
    "auto": "as the sounds are",
    "mono": "one channel",
    "stereo": "two channels",
    "haas": "a side, by delay",
    "binaural": "a side, for headphones",
    "carrier": "phase of your sounds",
    "heap": "all made by the net",
    "wav": "exact",
    "flac": "exact, and smaller",
    "ogg": "small",
    "mp3": "small",
    "aiff": "exact",
    "16": "dithered",
    "32f": "floating point",
}
"""What a choice means, in a row's few words."""
RESERVED = (
    "length",
    "seed",
    "takes",
    "space",
    "azimuth",
    "render",
    "wander",
    "format",
    "rate",
    "bits",
    "amount",
)


def rack(
    model: Mapping[str, Any], blended: Sequence[Mapping[str, Any]], way: str, values: Mapping[str, Any]
) -> list[Knob]:
    """The rows: axes, then what is asked for, the mixer, the axes without a name, the file."""
    axes = [knob(axis) for axis in model.get("axes", ()) if axis.get("name") not in RESERVED]
    named = [k for k in axes if k.group != "explore"]
    nameless = [k for k in axes if k.group == "explore"]
    space = ASKED["space"].metadata["choices"][round(values.get("space") or 0)]
    amount = [_number("amount", "amount", step=0.05, short="how far it varies")] if way == "vary" else []
    placed = "" if space in PLACED else "needs haas or binaural"
    return [
        *named,
        *amount,
        _number("length", "seconds", low=0.5, high=600, short="how long a take is", help=LENGTH),
        _number("seed", "seed", short="n takes the next", help="same seed and rows: same take"),
        _number("takes", "count", short="made by enter", help="how many at once, each with its own seed"),
        _choice("space", "where the sound stands"),
        _number("azimuth", "azimuth", short="left is negative", dead=placed, help=AZIMUTH),
        _choice("render", "where the fine structure of a sound comes from"),
        _number("wander", "wander", short="noise on the walk", help=WANDER),
        *_mixer(model, blended, values),
        *nameless,
        _choice("format", "the file of a kept take", group="file"),
        _choice("rate", "samples a second of a kept take", group="file"),
        _choice("bits", "of each sample of a kept take", group="file"),
    ]


def _number(name: str, field: str, **changes: Any) -> Knob:
    f = ASKED[field]
    told = {key: f.metadata[key] for key in ("low", "high", "step", "unit", "help")}
    start = float(specs.default(f))
    return Knob(name, start, rest=start, axis=False, **{"group": "take", **told, **changes})


def _choice(name: str, help: str, group: str = "take") -> Knob:
    f = ASKED[name]
    words = tuple(str(word) for word in f.metadata["choices"])
    start = float(words.index(str(specs.default(f))))
    meaning = tuple(MEANING.get(word, "") for word in words)
    return Knob(
        name,
        start,
        0,
        len(words) - 1,
        rest=start,
        help=help,
        axis=False,
        choices=words,
        meaning=meaning,
        group=group,
    )


def _mixer(
    model: Mapping[str, Any], blended: Sequence[Mapping[str, Any]], values: Mapping[str, Any]
) -> list[Knob]:
    """A weight for the model and for each that is blended with it; none when it plays alone."""
    together = [model, *blended] if blended else []
    weights = [values.get(OWN + one["id"], WEIGHT) or 0.0 for one in together]
    whole = sum(weights) or 1.0
    return [
        Knob(
            OWN + one["id"],
            WEIGHT,
            # Weights are sent as parts of the model's own, which therefore is never nothing.
            low=0 if at else 1,
            rest=WEIGHT,
            help=f"{weight / whole:.0%} of what plays",
            axis=False,
            group="blend",
            label=str(one.get("name", "?")),
        )
        for at, (one, weight) in enumerate(zip(together, weights, strict=True))
    ]


def request(
    sliders: Sliders, model: Mapping[str, Any], blended: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the rows ask for, as fields of Generate; the file's are in `written`."""
    number = sliders.number
    asked: dict[str, Any] = {
        "seconds": number("length"),
        "seed": int(number("seed")),
        "count": int(number("takes")),
        "sliders": sliders.positions,
        "space": sliders.chosen("space"),
        "render": sliders.chosen("render"),
        "wander": number("wander"),
    }
    if asked["space"] in PLACED:
        asked["azimuth"] = number("azimuth")
    own = number(OWN + model["id"]) or 1.0
    blend = {one["id"]: number(OWN + one["id"]) / own for one in blended}
    if any(blend.values()):
        asked["blend"] = blend
    return asked


def written(sliders: Sliders) -> dict[str, Any]:
    """How a kept take is written."""
    return {name: sliders.chosen(name) for name in ("format", "rate", "bits")}


def laid(asked: Mapping[str, Any], model: str) -> dict[str, float | None]:
    """The rows' values that ask for what the fields of Generate in ``asked`` do; axes beside them."""
    values: dict[str, float | None] = {}
    for word in ("length", "seed", "azimuth", "wander", "amount"):
        field = OTHER_WORDS.get(word, word)
        if asked.get(field) is not None:
            values[word] = float(asked[field])
    for word in ("space", "render", "format", "rate", "bits"):
        words = [str(choice) for choice in ASKED[word].metadata["choices"]]
        if str(asked.get(word)) in words:
            values[word] = float(words.index(str(asked[word])))
    blend = asked.get("blend") or {}
    top = max([1.0, *blend.values()])
    if blend:
        values[OWN + model] = max(1.0, 100.0 * float(blend.get(model, 1.0)) / top)
        values |= {OWN + one: 100.0 * float(weight) / top for one, weight in blend.items() if one != model}
    return values | {name: float(value) for name, value in (asked.get("sliders") or {}).items()}
