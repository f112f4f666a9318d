"""``woodshed diagnosis``: models that tell what is wrong with a sound."""

from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, Group, called, fields, shown, table, with_front
from studio.commands.request import given, options
from studio.commands.shelves import TRASHED, add_upkeep, listed
from studio.commands.train import made

ERRORS = ("eq_mae_db", "eq_mae_noop_db", "eq_r2")
"""Of a report: dB learned, dB of no correction at all, R2."""

command = Group("diagnosis", help="Diagnosis models: train, show, export, ls, rename, rm.")


@waiting.detachable
@command.command(
    "train",
    example="woodshed diagnosis train ~/set\nwoodshed diagnosis train ~/set --name mine --seed 1",
    help="Learn from a set of gold and flawed sounds (woodshed organise, flaws) which flaw a sound has and "
    "what would correct it, for each instrument against a reference and blind. Every figure of its report "
    "is of sources that were not learned from; what corrects best ships, learned or in closed form, and the "
    "report says by how much.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FOLDER|DATASET...")
@options(specs.TrainDiagnosis, "name", "seed", "tried")
@with_front
def train(front: Front, sounds: tuple[str, ...], detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.TrainDiagnosis, sounds=sounds, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    record = made("diagnosers", waiting.finish(front, job))[0]
    front.give(record, lambda: _show(record))


@command.command("ls", example="woodshed diagnosis ls", help="All diagnosis models.")
@TRASHED
@with_front
def ls(front: Front, trashed: bool) -> None:
    records = listed("diagnosers", trashed)
    rows = ((one["id"], one["name"], one["instruments"], one["sounds"], one["created"]) for one in records)
    empty = "no diagnosis models yet: woodshed diagnosis train FOLDER"
    front.give(records, lambda: table(("id", "name", "instruments", "sounds", "created"), rows, empty))


@command.command("show", example="woodshed diagnosis show mine", help="A diagnosis model and its report.")
@click.argument("model")
@with_front
def show(front: Front, model: str) -> None:
    record = actions.library().diagnosers.find(model)
    front.give(record, lambda: _show(record))


@waiting.detachable
@command.command(
    "export",
    example="woodshed diagnosis export mine mine.onnx\n"
    "woodshed diagnosis export mine drums.onnx --instrument drums --mode blind",
    help="Write a part of a diagnosis model as one ONNX file: 64 numbers of a fingerprint in, probabilities "
    "of flaws and a correction out. It says which schema, features and classes it has.",
)
@click.argument("model")
@click.argument("path", metavar="FILE.onnx")
@options(specs.ExportDiagnosis, "instrument", "mode")
@with_front
def export(front: Front, model: str, path: str, detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.ExportDiagnosis, model=model, path=path, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    summary = (waiting.finish(front, job).result or {})["summary"]
    front.give(
        summary, lambda: print(f"{shown(summary['part'])} of {shown(summary['name'])}: {summary['path']}")
    )


def _show(record: dict[str, Any]) -> None:
    fields(record, ("id", "name", "created", "instruments", "sounds", "sources", "schema", "path", "job"))
    report = record["report"]
    rows = (
        [name, part["kind"], _range(part["macro_f1"], part["interval"]), f"{part['sure']:.0%}",
         "-" if part["right_when_sure"] is None else f"{part['right_when_sure']:.0%}",
         *("-" if part[key] is None else f"{part[key]:.2f}" for key in ERRORS)]
        for name, part in report["parts"].items()
    )  # fmt: skip
    heads = ("part", "kind", "macro-F1 (95 %)", "sure", "then right", "EQ MAE dB", "no-op", "R2")
    table(heads, rows, "no parts")
    worth = [
        [name, way, _range(one["closer"], one["interval"]), f"{one['change_db']:+.2f}", one["sounds"],
         "ships" if _shipped(report, name, way) else ""]
        for name, ways in report["worth"].items() for way, one in ways.items()
    ]  # fmt: skip
    table(("instrument", "correction", "moved closer (95 %)", "change dB", "sounds", ""), worth, "none tried")
    print(f"next: {called()} diagnose FILE --reference CLEAN")


def _shipped(report: dict[str, Any], name: str, way: str) -> bool:
    mode, _, how = way.partition(" ")
    ships = report["ships"].get(name, {}).get("gold" if mode == "blind" else mode, {})
    return ships.get("way") == how


def _range(value: float, interval: list[float]) -> str:
    return f"{value:.2f} ({interval[0]:.2f}-{interval[1]:.2f})"


add_upkeep(command, "diagnosers", "diagnosis model")
