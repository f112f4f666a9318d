"""``woodshed generate``."""

from typing import Any

import click

from jobs import specs
from studio import actions, checks
from studio.commands import waiting
from studio.commands.base import Front, shown, verb, with_front
from studio.commands.request import SLIDER, given, options, sliders
from studio.commands.train import made

SHOWN = ("seconds", "seed", "count", "preset", "render", "wander", "format", "rate", "bits")


@waiting.detachable
@verb(
    "woodshed generate drums --seconds 8 --seed 7 --slider brightness=80 --slider warmth=30\n"
    "woodshed generate drums --count 4 --format flac --out ~/takes\n"
    "woodshed generate drums --preset night --json",
    name="generate",
    help="Make takes from MODEL, by name or id, and keep them in the history.\n\n"
    "With --json the answer is the take, or a list of takes when --count is above 1. "
    "Beyond the safe range a slider is allowed up to its warning range.",
)
@click.argument("model")
@options(specs.Generate, *SHOWN)
@SLIDER
@click.option("--out", metavar="PATH", help="Also write the audio here: a file, or a folder for several.")
@with_front
def command(
    front: Front, model: str, slider_texts: tuple[str, ...], out: str | None, detach: bool, **values: Any
) -> None:
    chosen = given(**values, out=out)
    positions = sliders(slider_texts)
    if positions:
        preset = actions.library().presets.find(chosen["preset"]) if chosen.get("preset") else {}
        chosen["sliders"] = {**preset.get("sliders", {}), **positions}
    job = actions.generate(model, **chosen)
    for line in checks.beyond_safe(actions.library().models.find(model), job.spec.get("sliders", {})):
        front.say(line)
    if detach:
        return waiting.detached(front, job)
    job = waiting.finish(front, job)
    takes = made("takes", job)
    front.give(takes[0] if len(takes) == 1 else takes, lambda: show(takes))


def show(takes: list[dict]) -> None:
    """One line per take: its name, length, what its sliders reached, and where it lies."""
    for take in takes:
        path = take.get("out") or take["path"]
        reached = "".join(
            f"  {shown(axis)} {value:.0f}" for axis, value in (take.get("reached") or {}).items()
        )
        print(f"{shown(take['name'])} ({take['id']}) {take['seconds']:g} s{reached}  {shown(path)}")
