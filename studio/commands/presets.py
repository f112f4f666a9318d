"""``woodshed presets``: slider positions under a name."""

from typing import Any

import click

from store.errors import Usage
from studio import actions, parcels
from studio.commands.base import Front, Group, fields, shown, table, with_front
from studio.commands.request import SLIDER, sliders
from studio.commands.shelves import TRASHED, add_upkeep, listed, sifted
from studio.keeping import checked_folder
from studio.shelved import of_take, shelved

command = Group("presets", help="Slider positions kept under a name.")


@command.command(
    "ls",
    example="woodshed presets ls --search night\nwoodshed presets ls --folder dark\n"
    "woodshed presets ls --where 'folder:dark model:drums seed:3'",
    help="All presets, or those that fit every option.",
)
@TRASHED
@click.option("--folder", default="", help="Only those of this folder and what is under it.")
@click.option("--where", default="", metavar="FILTER", help="A filter as / of the studio takes it.")
@click.option("--search", default="", help="Only those with this text in name, folder or description.")
@with_front
def ls(front: Front, trashed: bool, folder: str, where: str, search: str) -> None:
    found = sifted("presets", [shelved(one) for one in listed("presets", trashed)], where, {})
    under = checked_folder(folder)
    records = [
        {field: value for field, value in one.items() if field != "model_name"}
        for one in found
        if _matches(one, search) and (not under or _is_under(one.get("folder", ""), under))
    ]
    rows = (
        (one["id"], one["name"], one.get("folder", ""), one["sliders"], one.get("seed", 0), one["created"])
        for one in records
    )
    empty = "no presets yet: woodshed presets save NAME --model MODEL --slider brightness=80"
    front.give(records, lambda: table(("id", "name", "folder", "sliders", "seed", "created"), rows, empty))


def _matches(record: dict[str, Any], text: str) -> bool:
    where = (record["name"], record.get("folder", ""), record.get("description", ""))
    return any(text.casefold() in field.casefold() for field in where)


def _is_under(folder: str, above: str) -> bool:
    return f"{folder}/".startswith(f"{above}/")


@command.command("show", example="woodshed presets show night", help="A preset.")
@click.argument("preset")
@with_front
def show(front: Front, preset: str) -> None:
    record = actions.library().presets.find(preset)
    names = ("id", "name", "folder", "model", "sliders", "seed", "created", "modified", "description")
    front.give(record, lambda: fields(record, names))


@command.command(
    "save",
    example="woodshed presets save night --model drums --slider brightness=20 --slider warmth=70 --seed 4\n"
    "woodshed presets save dusk --take 3fa --folder dark",
    help="Keep slider positions under a name.",
)
@click.argument("preset")
@click.option("--model", default="", help="Model whose sliders these are; its axes are then checked.")
@SLIDER
@click.option("--take", default="", help="Keep the sliders and the seed of this take, for its model.")
@click.option("--seed", default="", metavar="N", help="Seed kept with it [0].")
@click.option("--folder", default="", help="Folder to list it under.")
@click.option("--description", default="", help="A note for later.")
@click.option("--replace", is_flag=True, help="Change the preset of that name when there is one.")
@with_front
def save(
    front: Front,
    preset: str,
    model: str,
    slider_texts: tuple[str, ...],
    take: str,
    seed: str,
    replace: bool,
    **words: str,
) -> None:
    positions = sliders(slider_texts)
    if take:
        held = of_take(actions.library().takes.find(take))
        model, seed = model or held["model"], seed or held["seed"]
        positions = {**held["sliders"], **positions}
    if not positions:
        raise Usage("--slider: none given; example: --slider brightness=80")
    record = actions.save_preset(preset, model, positions, seed or "0", overwrite=replace, **words)
    front.give(record, lambda: print(f"preset {shown(record['name'])} ({record['id']})"))


@command.command(
    "move",
    example="woodshed presets move night dark/late\nwoodshed presets move night ''",
    help="Put a preset into another folder; an empty one is none.",
)
@click.argument("preset")
@click.argument("folder")
@with_front
def move(front: Front, preset: str, folder: str) -> None:
    record = actions.move_preset(preset, folder)
    where = record["folder"] or "no folder"
    front.give(record, lambda: print(f"preset {shown(record['name'])} is in {shown(where)}"))


@command.command(
    "export",
    example="woodshed presets export presets.json",
    help="Write all presets to a JSON file, or only those that are named.",
)
@click.argument("file")
@click.argument("names", nargs=-1, metavar="[PRESET]...")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@with_front
def export(front: Front, file: str, names: tuple[str, ...], force: bool) -> None:
    found = parcels.export_presets(file, names, force)
    front.give(found, lambda: print(f"{shown(found['path'])}: {found['count']} presets"))


@command.command(
    "import",
    example="woodshed presets import presets.json",
    help="Add the presets of a file that `presets export` wrote. One that is here already is left alone; "
    "a name that is taken gets a number.",
)
@click.argument("file")
@with_front
def import_(front: Front, file: str) -> None:
    records = parcels.import_presets(file)
    front.give(records, lambda: print(f"{len(records)} presets: {shown([one['name'] for one in records])}"))


add_upkeep(command, "presets", "preset")
