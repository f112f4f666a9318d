"""``woodshed train``."""

from typing import Any

import click

from jobs import specs
from store.errors import Usage
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, called, verb, with_front
from studio.commands.request import advanced, given, options, pairs
from studio.text import safe_text, span

SHOWN = ("name", "preset", "epochs", "minutes", "seed", "device", "augment")


@waiting.detachable
@verb(
    "woodshed train drums --minutes 5\n"
    "woodshed train drums --name bright --preset balanced --set latent=64 --set patience=20\n"
    "woodshed train drums --detach --json\n"
    "woodshed train brushes --add-to drums --set old_share=0.3",
    name="train",
    help="Learn DATASET, by name or id, and keep the model in the library.\n\n"
    "It ends at its plateau, its epochs or its minutes, whichever comes first. Ctrl-C asks it to stop "
    "with its checkpoint kept; `woodshed jobs resume` continues.\n\n"
    "--add-to learns the sounds of DATASET on top of a trained model without beginning anew: the model's own "
    "sounds are learned and played beside the new ones, and the model itself stays as it is.\n\n"
    "\b\nFields for --set:\n" + advanced(specs.TrainVae, ("dataset", *SHOWN)),
)
@click.argument("dataset")
@options(specs.TrainVae, *SHOWN)
@click.option("--add-to", "model", metavar="MODEL", help="Add the sounds of DATASET to a trained model.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Any other field; repeatable.")
@with_front
def command(
    front: Front, dataset: str, model: str | None, settings: tuple[str, ...], detach: bool, **values: Any
) -> None:
    chosen = given(**values)
    if model:
        chosen |= {"continue_from": model, "add": True}
    extra = pairs("set", settings, "latent=64")
    for name, value in extra.items():
        if name == "dataset" or name in chosen:
            raise Usage(f"--set: {name} is given twice; leave one out")
        specs.parse(specs.TrainVae, name, value)
    job = actions.train(dataset, **chosen, **extra)
    if detach:
        return waiting.detached(front, job)
    job = waiting.finish(front, job)
    trained = made("models", job)[0]
    front.give(trained, lambda: print(summary(trained)))


def made(table: str, job: Any) -> list[dict]:
    """The records that a job made, oldest first."""
    return [record for record in actions.shelf(table).all() if record.get("job") == job.id]


def summary(model: dict) -> str:
    """A new model in two lines."""
    name = safe_text(model["name"])
    facts = [f"{model.get('epochs', 0)} epochs"]
    if model.get("minutes") is not None:
        facts.append(span(model["minutes"] * 60))
    if isinstance(model.get("validation"), int | float):
        facts.append(f"validation {model['validation']:.4g}")
    if isinstance(model.get("quality"), dict) and model["quality"].get("verdict"):
        facts.append(safe_text(model["quality"]["verdict"]))
    axes = [axis["name"] for axis in model.get("axes", ()) if axis.get("available", True)]
    return (
        f"model {name} ({model['id']}): {', '.join(facts)}; sliders: {', '.join(axes) or 'none'}\n"
        f"{model['path']}\nnext: {called()} generate {model['id'][:6]}"
    )
