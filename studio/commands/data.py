"""``woodshed data``: sounds in, datasets out."""

from typing import Any

import click

from studio import actions, contents
from studio.commands import waiting
from studio.commands.base import Front, Group, called, fields, shown, table, with_front
from studio.commands.shelves import TRASHED, add_upkeep, listed
from studio.commands.train import made
from studio.text import count, size, span

command = Group("data", help="Datasets: the sounds a model learns from.")


@waiting.detachable
@command.command(
    "add",
    example="woodshed data add ~/sounds/drums\nwoodshed data add kick.wav snare.flac --name kit --copy",
    help="Make a dataset of files and folders (WAV, AIFF, FLAC, MP3, OGG, CAF, W64; folders with all below "
    "them). The originals are never changed.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="PATH...")
@click.option("--name", default="", help="Name of the dataset [the folder's name].")
@click.option("--copy", is_flag=True, help="Copy the sounds into the library instead of pointing at them.")
@with_front
def add(front: Front, sounds: tuple[str, ...], name: str, copy: bool, detach: bool) -> None:
    job = actions.import_sounds(sounds, name=name, copy=copy)
    if detach:
        return waiting.detached(front, job)
    dataset = made("datasets", waiting.finish(front, job))[0]
    front.give(dataset, lambda: _summary(dataset))


def _summary(dataset: dict[str, Any]) -> None:
    print(
        f"dataset {shown(dataset['name'])} ({dataset['id']}): "
        f"{count(dataset['count'], 'sound')}, {span(dataset['seconds'])}"
    )
    for line in _lines(dataset["problems"]):
        print(line)
    print(f"next: {called()} train {dataset['id'][:6]}")


def _lines(problems: list[dict]) -> list[str]:
    return [
        f"  {problem['level']}: {shown(problem['file']) + ': ' if problem.get('file') else ''}"
        f"{shown(problem['message'])}"
        for problem in problems
    ]


@waiting.detachable
@command.command(
    "feed",
    example="woodshed data feed drums 3fa 81c --name 'drums, second time'\nwoodshed data feed - 3fa 81c",
    help="Make a dataset of takes beside the sounds of DATASET, to train on again; - for the takes alone. "
    "They are copied and marked as generated; DATASET itself stays as it is.",
)
@click.argument("dataset", metavar="DATASET|-")
@click.argument("takes", nargs=-1, required=True, metavar="TAKE...")
@click.option("--name", default="", help="Name of the new dataset [that of the other one].")
@with_front
def feed(front: Front, dataset: str, takes: tuple[str, ...], name: str, detach: bool) -> None:
    job = actions.feed(takes, "" if dataset == "-" else dataset, name)
    if detach:
        return waiting.detached(front, job)
    fed = made("datasets", waiting.finish(front, job))[0]
    front.give(fed, lambda: _summary(fed))


@command.command("ls", example="woodshed data ls\nwoodshed data ls --json", help="All datasets.")
@TRASHED
@with_front
def ls(front: Front, trashed: bool) -> None:
    records = listed("datasets", trashed)
    rows = (
        (one["id"], one["name"], one["count"], span(one["seconds"]), size(one["bytes"]), one["rates"],
         len(one["problems"]), one["created"])
        for one in records
    )  # fmt: skip
    front.give(
        records,
        lambda: table(
            ("id", "name", "sounds", "length", "size", "Hz", "problems", "created"),
            rows,
            "no datasets yet: woodshed data add FOLDER",
        ),
    )


@command.command("show", example="woodshed data show drums", help="A dataset, its sounds and their problems.")
@click.argument("dataset")
@with_front
def show(front: Front, dataset: str) -> None:
    record = actions.library().datasets.find(dataset)
    sounds = contents.sounds(record)
    front.give({**record, "path": record["folder"], "sounds": sounds}, lambda: _show(record, sounds))


def _show(record: dict[str, Any], sounds: list[dict[str, Any]]) -> None:
    names = (
        "id",
        "name",
        "created",
        "count",
        "generated",
        "rates",
        "channels",
        "subtypes",
        "copied",
        "folder",
        "job",
    )
    fields(
        {**record, "length": span(record["seconds"]), "size": size(record["bytes"])},
        (*names, "length", "size"),
    )
    rows = (
        (one["name"], span(one["seconds"]), one["rate"], one["channels"], one["subtype"], one["peak_dbfs"],
         one["rms_dbfs"], _use(one))
        for one in sounds
    )  # fmt: skip
    table(("sound", "length", "Hz", "channels", "kind", "peak dBFS", "RMS dBFS", "usable"), rows, "no sounds")
    for line in _lines(record["problems"]):
        print(line)


def _use(sound: dict[str, Any]) -> str:
    if not sound["usable"]:
        return "; ".join(sound["reasons"])
    return "yes, generated" if sound.get("generated") else "yes"


@command.command(
    "check",
    example="woodshed data check drums",
    help="Read every sound of a dataset again: is it there, is it what was imported? "
    "Exit code 4 when a sound is gone or changed, or none is usable.",
)
@click.argument("dataset")
@with_front
def check(front: Front, dataset: str) -> int:
    found = contents.check(dataset)
    front.give(found, lambda: _checked(found))
    return 0 if found["ok"] else 4


def _checked(found: dict[str, Any]) -> None:
    for line in _lines(found["problems"]):
        print(line)
    verdict = "can be trained on" if found["ok"] else "needs attention"
    print(f"{shown(found['name'])}: {found['usable']} of {found['count']} sounds usable; {verdict}")


add_upkeep(command, "datasets", "dataset")
