"""``woodshed models``: what was trained."""

from typing import Any

import click

from studio import actions, parcels
from studio.commands.base import Front, Group, fields, shown, table, with_front
from studio.commands.shelves import TRASHED, add_upkeep, listed
from studio.text import size

command = Group("models", help="Trained models, their sliders and their files.")


@command.command("ls", example="woodshed models ls --json", help="All models.")
@TRASHED
@with_front
def ls(front: Front, trashed: bool) -> None:
    records = listed("models", trashed)
    rows = (
        (one["id"], one["name"], one.get("dataset_name", ""), one.get("files", 0), one.get("epochs", 0),
         one.get("validation"), size(one.get("bytes") or 0), one["created"])
        for one in records
    )  # fmt: skip
    front.give(
        records,
        lambda: table(
            ("id", "name", "dataset", "files", "epochs", "validation", "size", "created"),
            rows,
            "no models yet: woodshed train DATASET",
        ),
    )


@command.command("show", example="woodshed models show drums", help="A model and its sliders.")
@click.argument("model")
@with_front
def show(front: Front, model: str) -> None:
    record = actions.library().models.find(model)
    front.give(record, lambda: _show(record))


def _show(record: dict[str, Any]) -> None:
    names = ("id", "name", "created", "dataset_name", "dataset", "files", "seconds", "epochs", "steps",
             "minutes", "validation", "preset", "device", "job", "path")  # fmt: skip
    fields(record, names)
    rows = (
        (axis["name"], axis.get("low_word", ""), axis.get("high_word", ""), _range(axis.get("safe")),
         _range(axis.get("warning")), axis.get("available", True), axis.get("help", ""))
        for axis in record.get("axes", ())
    )  # fmt: skip
    table(("slider", "0", "100", "safe", "warning", "moves", "what it does"), rows, "no sliders")


def _range(edges: list[float] | None) -> str:
    return f"{edges[0]:g}-{edges[1]:g}" if edges else "0-100"


@command.command(
    "export",
    example="woodshed models export drums drums.zip",
    help="Write a model to one zip file: weights as safetensors, everything else as JSON and FLAC. "
    "It carries no path of this machine.",
)
@click.argument("model")
@click.argument("file")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@with_front
def export(front: Front, model: str, file: str, force: bool) -> None:
    record = parcels.export_model(model, file, force)
    front.give(record, lambda: print(f"{shown(record['path'])} ({size(record['bytes'])})"))


@command.command(
    "import",
    example="woodshed models import drums.zip",
    help="Add a model from a zip file that `models export` wrote. Every file is checked against its "
    "SHA-256 before anything is kept; nothing in it is ever executed.",
)
@click.argument("file")
@with_front
def import_(front: Front, file: str) -> None:
    record = parcels.import_model(file)
    front.give(record, lambda: print(f"model {shown(record['name'])} ({record['id']})\n{record['path']}"))


add_upkeep(command, "models", "model")
