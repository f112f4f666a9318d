"""``woodshed models``: what was trained."""

from typing import Any

import click

from studio import actions, parcels
from studio.commands.base import Front, Group, fields, report, shown, table, with_front
from studio.commands.shelves import TRASHED, add_upkeep, listed
from studio.report import absent, at, brief, quality_rows, reach, span
from studio.text import size

command = Group("models", help="Trained models, their sliders and their files.")


@command.command("ls", example="woodshed models ls --json", help="All models.")
@TRASHED
@with_front
def ls(front: Front, trashed: bool) -> None:
    records = listed("models", trashed)
    rows = (
        (one["id"], one["name"], one.get("dataset_name", ""), one.get("files", 0), one.get("epochs", 0),
         one.get("validation"), _verdict(one), size(one.get("bytes") or 0), one["created"])
        for one in records
    )  # fmt: skip
    front.give(
        records,
        lambda: table(
            ("id", "name", "dataset", "files", "epochs", "validation", "verdict", "size", "created"),
            rows,
            "no models yet: woodshed train DATASET",
        ),
    )


def _verdict(record: dict[str, Any]) -> str:
    return next((words for name, words in quality_rows(record.get("quality"))[:1] if name == "verdict"), "")


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
    axes = record.get("axes", ())
    print()
    table(("slider", "unit", "at 10", "at 50", "at 90", "reach", "safe", "warning", "what it does"),
          (_axis(axis) for axis in axes), "no sliders")  # fmt: skip
    report(record.get("quality"), "no quality report: it is made by a training of this version")


def _axis(axis: dict[str, Any]) -> tuple[str, ...]:
    told = str(axis.get("help", ""))
    if axis.get("low_word") and axis.get("high_word"):
        told = f"{axis['low_word']} - {axis['high_word']}: {told}"
    if why := absent(axis):
        return (axis["name"], axis.get("unit", ""), "", "", "", "-", "-", "-", f"{why} ({told})")
    kind = axis.get("kind", "sound")
    told = f"{told} [{kind}]" if kind != "sound" else told
    places = (brief(at(axis, percentile)) for percentile in (10, 50, 90))
    ranges = (f"{low:g}-{high:g}" for low, high in (span(axis.get("safe")), span(axis.get("warning"))))
    return (axis["name"], axis.get("unit", ""), *places, reach(axis), *ranges, told)


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
