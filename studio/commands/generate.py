"""``woodshed generate``."""

from typing import Any

import click

from jobs import specs
from jobs.sliders import axes_of, beyond
from store.errors import Usage
from studio import actions, checks
from studio.commands import waiting
from studio.commands.base import Front, shown, verb, with_front
from studio.commands.request import SLIDER, given, options, sliders, weights
from studio.commands.train import made
from studio.report import part

SHOWN = ("seconds", "seed", "count", "preset", "render", "wander", "resynthesise", "vary", "amount", "space",
         "azimuth", "format", "rate", "bits")  # fmt: skip


@waiting.detachable
@verb(
    "woodshed generate drums --seconds 8 --seed 7 --slider brightness=80 --slider warmth=30\n"
    "woodshed generate drums --count 4 --format flac --out ~/takes\n"
    "woodshed generate drums --blend keys:0.5 --space binaural --azimuth -40\n"
    "woodshed generate drums --resynthesise voice.wav\n"
    "woodshed generate drums --between 3fa 81c --seconds 20\n"
    "woodshed generate --vary 3fa --amount 0.2 --count 3\n"
    "woodshed generate --from 3fa --slider warmth=60 --json",
    name="generate",
    help="Make takes from MODEL, by name or id, and keep them in the history.\n\n"
    "With --json the answer is the take, or a list of takes when --count is above 1. "
    "Beyond the safe range a slider is allowed up to its warning range.\n\n"
    "--from makes a take again, bit for bit, from what its record says: the same model is needed, which is "
    "why MODEL may be left out. It takes the name of a take, the sidecar of an exported file, or the file "
    "itself with the sidecar beside it. Options beside it change that one thing, and are said. "
    "--vary too needs no MODEL; what is not said is as in the take.\n\n"
    "A sound for --resynthesise and --between is a take or a file.",
)
@click.argument("model", required=False, default="")
@options(specs.Generate, *SHOWN)
@SLIDER
@click.option(
    "--blend",
    "blend_texts",
    multiple=True,
    metavar="MODEL:WEIGHT",
    help="Blend with another model, up to 4 in all; MODEL itself weighs 1; may be repeated.",
)
@click.option("--between", nargs=2, metavar="A B", help="Walk from one sound to another: takes or files.")
@click.option("--from", "source", metavar="TAKE|SIDECAR", help="Make this take again, bit for bit.")
@click.option("--out", metavar="PATH", help="Also write the audio here: a file, or a folder for several.")
@with_front
def command(
    front: Front,
    model: str,
    slider_texts: tuple[str, ...],
    blend_texts: tuple[str, ...],
    source: str | None,
    detach: bool,
    **values: Any,
) -> None:
    typed = given(**values)
    if slider_texts:
        typed["sliders"] = sliders(slider_texts)
    if blend_texts:
        typed["blend"] = weights(blend_texts)
    chosen = _request(front, model, source, dict(typed))
    checks.check_purpose(typed, chosen)
    job = actions.generate(chosen.pop("model"), **chosen)
    for line in _far(specs.unpack(job.spec)):
        front.say(line)
    if detach:
        return waiting.detached(front, job)
    job = waiting.finish(front, job)
    takes = made("takes", job)
    front.give(takes[0] if len(takes) == 1 else takes, lambda: show(takes))


def _request(front: Front, model: str, source: str | None, typed: dict[str, Any]) -> dict[str, Any]:
    """The fields of Generate that were asked for, those of another take beneath them."""
    named = {"model": model} if model else {}
    if source:
        chosen, changed = actions.repeat(source, **typed, **named)
        for line in changed:
            front.say(line)
        return chosen
    if typed.get("vary"):
        key = typed.pop("vary")
        return actions.variation(key, **typed, **named)
    if not model:
        raise Usage("MODEL is missing: name the model to play, or a take with --from or --vary")
    if typed.get("preset") and typed.get("sliders"):
        preset = actions.library().presets.find(typed["preset"])
        typed = {**typed, "sliders": {**preset.get("sliders", {}), **typed["sliders"]}}
    return {**typed, **named}


def _far(spec: specs.Spec) -> list[str]:
    """What sliders are asked for that takes hardly come to."""
    if not isinstance(spec, specs.Generate):
        return []
    models = [actions.library().models.find(id) for id in spec.played]
    return beyond(spec.sliders, axes_of(models))


def show(takes: list[dict]) -> None:
    """One line per take: its name, length, what its sliders reached, and where it lies."""
    for take in takes:
        path = take.get("out") or take["path"]
        asked, got = part(take, "sliders"), part(take, "reached")
        reached = "".join(
            f"  {shown(axis)} {got[axis]:.0f} (asked {asked[axis]:g})" for axis in asked if axis in got
        )
        print(f"{shown(take['name'])} ({take['id']}) {take['seconds']:g} s{reached}  {shown(path)}")
