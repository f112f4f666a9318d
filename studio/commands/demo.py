"""``woodshed demo``: the whole way once, from sounds to takes."""

from pathlib import Path
from typing import Any

import click

from jobs import specs
from store import paths
from studio import actions, demo_sounds
from studio.commands import waiting
from studio.commands.base import Front, called, shown, verb, with_front
from studio.commands.train import made
from studio.report import quality_rows

BRIGHTNESS = (20, 50, 80)


@verb(
    "woodshed demo\nwoodshed demo --open\nwoodshed demo --json",
    name="demo",
    help="Make a dozen small sounds, learn them for a minute, generate three takes from dark to bright, "
    "and say where everything is. Needs no terminal, no sound card, no network. Run again, it makes "
    "a new dataset and model beside the old ones.",
)
@click.option("--minutes", default="1", show_default=True, metavar="X", help="Minutes to learn.")
@click.option("--open", "opens", is_flag=True, help="Open the studio on it afterwards.")
@with_front
def command(front: Front, minutes: str, opens: bool) -> None:
    length = specs.parse(specs.TrainVae, "minutes", minutes)
    folder = paths.data() / "demo"
    front.say(f"1/4 making {len(demo_sounds.SOUNDS)} sounds in {folder}")
    demo_sounds.make(folder)
    front.say("2/4 importing them")
    name = actions.library().datasets.fresh_name("demo")
    dataset = made("datasets", waiting.finish(front, actions.import_sounds([folder], name=name)))[0]
    front.say(f"3/4 learning them for {length:g} min at most")
    name = actions.library().models.fresh_name("demo")
    job = actions.train(dataset["id"], name=name, minutes=length, preview_every=0)
    model = made("models", waiting.finish(front, job))[0]
    front.say("4/4 making three takes, from dark to bright")
    takes = [_take(front, model, position) for position in BRIGHTNESS]
    found = {"sounds": str(folder), "dataset": dataset, "model": model, "takes": takes}
    front.give(found, lambda: _report(folder, dataset, model, takes))
    if opens:
        from studio.__main__ import studio

        raise SystemExit(studio())


def _take(front: Front, model: dict[str, Any], position: int) -> dict[str, Any]:
    movable = {axis["name"] for axis in model["axes"] if axis.get("available", True)}
    sliders = {"brightness": position} if "brightness" in movable else {}
    if not sliders:
        front.say("these sounds do not differ in brightness: the slider stays where it is")
    job = actions.generate(model["id"], seconds=4, seed=1, sliders=sliders)
    return made("takes", waiting.finish(front, job))[0]


def _report(folder: Path, dataset: dict, model: dict, takes: list[dict]) -> None:
    print(f"sounds   {shown(str(folder))}")
    print(f"dataset  {shown(dataset['name'])} ({dataset['id']}), {dataset['count']} sounds")
    print(f"model    {shown(model['name'])} ({model['id']})  {shown(model['path'])}")
    for name, words in quality_rows(model.get("quality"))[:2]:
        print(f"{name:<8} {shown(words)}")
    for take in takes:
        came_to = "".join(f", reached {take['reached'][axis]:g}" for axis in take["sliders"])
        print(f"take     {shown(take['sliders'])}{came_to}  {shown(take['path'])}")
    me = called()
    print(f"next     {me} play {takes[-1]['id'][:6]}; {me} generate {model['id'][:6]}; {me}")
