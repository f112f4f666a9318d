"""``woodshed repair``: lost packets filled, and how well that was done."""

from typing import Any

import click

from jobs import specs
from jobs.worth import honest
from studio import actions
from studio.commands import repair_report, waiting
from studio.commands.base import Front, Group, table, with_front
from studio.commands.repair_field import add_field
from studio.commands.repair_material import add_material
from studio.commands.request import advanced, given, options, pairs
from studio.commands.shelves import TRASHED, add_upkeep, listed
from studio.commands.train import made
from studio.profiles import read_profile

LISTED = ("id", "name", "net", "verdict", "sounds", "created")
SHOWN = ("name", "net", "minutes", "seed", "gaps")
"""Fields of a training that are options of their own."""

command = Group(
    "repair",
    help="Lost packets: train, run, score, ship, profile, ls, show, rename, rm; material: trace, degrade; "
    "and the field: install, rollback, verify, diff, feedback, key.",
)


@waiting.detachable
@command.command(
    "run",
    example="woodshed repair run talk.wav --trace talk.txt --out whole.wav\n"
    "woodshed repair run song.flac --trace burst --seed 3 --packet-ms 5 --out song-whole.flac\n"
    "woodshed repair run song.flac --trace stress --model janssen --out song-office.flac",
    help="Fill the packets of a sound that a trace says are lost. A trace is a file with a line per packet, "
    "1 = lost and 0 = received, or the name of a network to make one of. What was received stays as it is, "
    "to the bit, but for a cross-fade of 2 ms behind a gap; the file has 24 bits.",
)
@click.argument("input", metavar="INPUT")
@options(specs.Repair, "trace", "packet_ms", "model", "out", "seed")
@with_front
def run(front: Front, input: str, detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.Repair, input=input, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    found = (waiting.finish(front, job).result or {})["summary"]
    front.give(found, lambda: repair_report.repaired(found))


@waiting.detachable
@command.command(
    "score",
    example="woodshed repair score truth.wav whole.wav --trace talk.txt\n"
    "woodshed repair score truth.wav whole.wav --trace talk.txt --profile voice --report report/",
    help="Say how near a repaired sound is to the truth: over the file and, with its trace, in the gaps, "
    "beside zeros, repetition, linear prediction of order 512 and the best of all ways for each gap. The "
    "strict score calls mastered what meets all four targets; --legacy scores as an earlier program did.",
)
@click.argument("truth")
@click.argument("output")
@options(specs.ScoreRepair, "trace", "packet_ms", "profile", "seed", "report")
@click.option("--legacy", is_flag=True, help="Score as the earlier program did, for comparison.")
@with_front
def score(front: Front, truth: str, output: str, legacy: bool, detach: bool, **typed: Any) -> None:
    values = {"truth": truth, "output": output, "legacy": legacy, **given(**typed)}
    job = actions.submit(specs.ScoreRepair, **values)
    if detach:
        return waiting.detached(front, job)
    found = actions.left(waiting.finish(front, job))
    front.give(found, lambda: repair_report.scored(found))


@waiting.detachable
@command.command(
    "train",
    example="woodshed repair train ~/songs\nwoodshed repair train ~/talks --name talk --minutes 20\n"
    "woodshed repair train ~/calls --profile speech.yaml --seed 3",
    help="Learn to repair the gaps of a set of sounds (files, folders, datasets), until mastered or no "
    "better any more. A folder that holds inputs/x.wav and ground_truth/x.wav, wherever it lies in what is "
    "named, is one of pairs: its gaps are those of the inputs. A net is put on top of linear prediction and "
    "begins as that; it is only shipped where it is better, with an interval, on sounds that were not "
    "learned. The verdict is one of three: mastered; plateau, better than AR-512; plateau, AR-512 "
    "shipped.\n\n\b\nFields for --set and profiles:\n" + advanced(specs.TrainRepairer, ("sounds", *SHOWN)),
)
@click.argument("sounds", nargs=-1, metavar="DATASET|FOLDER...")
@options(specs.TrainRepairer, *SHOWN)
@click.option("--profile", metavar="FILE", help="Fields and values, .yaml or .toml; options win over them.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Any other field; repeatable.")
@with_front
def train(
    front: Front,
    sounds: tuple[str, ...],
    profile: str | None,
    settings: tuple[str, ...],
    detach: bool,
    **typed: Any,
) -> None:
    told = read_profile(profile, specs.TrainRepairer) if profile is not None else {}
    values = {**told, **pairs("set", settings, "patience=20"), **given(sounds=sounds or None, **typed)}
    job = actions.submit(specs.TrainRepairer, **values)
    if detach:
        return waiting.detached(front, job)
    record = made("repairers", waiting.finish(front, job))[0]
    front.give(record, lambda: repair_report.show(record))


@command.command("ls", example="woodshed repair ls", help="All repairers.")
@TRASHED
@with_front
def ls(front: Front, trashed: bool) -> None:
    records = [honest(one) for one in listed("repairers", trashed)]
    rows = (
        (one["id"], one["name"], one["net"], one["verdict"], one["sounds"], one["created"]) for one in records
    )
    empty = "no repairers yet: woodshed repair train FOLDER; without one: woodshed repair run --model ar"
    front.give(records, lambda: table(LISTED, rows, empty))


@command.command("show", example="woodshed repair show mine", help="A repairer and its report.")
@click.argument("model")
@with_front
def show(front: Front, model: str) -> None:
    record = honest(actions.library().repairers.find(model))
    front.give(record, lambda: repair_report.show(record))


@waiting.detachable
@command.command(
    "ship",
    example="woodshed repair ship mine --out mine.zip --version 3",
    help="Make an update package of a repairer for the field: its net (int8 where that keeps what it "
    "learned; with fewer channels, in half floats and float32 beside it), field_directives.json, sums, and a "
    "signature by this house's own key, whose public half the field has to be given once.",
)
@click.argument("model")
@options(specs.ExportRepairer, "out", "version")
@click.option("--coreml", is_flag=True, help="Its net for Core ML too; needs pip install 'woodshed[coreml]'.")
@with_front
def ship(front: Front, model: str, coreml: bool, detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.ExportRepairer, model=model, coreml=coreml, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    found = (waiting.finish(front, job).result or {})["summary"]
    front.give(found, lambda: repair_report.shipped(found))


@waiting.detachable
@command.command(
    "profile",
    example="woodshed repair profile mine",
    help="Measure what a repairer costs in each of its sizes (float32, int8, fewer channels, half floats): "
    "bytes, memory, a gap on one thread, and how near it stays to float32; then what the other kinds of net "
    "would cost.",
)
@click.argument("model")
@with_front
def profile(front: Front, model: str, detach: bool) -> None:
    job = actions.submit(specs.ProfileRepairer, model=model)
    if detach:
        return waiting.detached(front, job)
    found = actions.left(waiting.finish(front, job))
    front.give(found, lambda: repair_report.profiled(found))


add_field(command)
add_material(command)
add_upkeep(command, "repairers", "repairer")
