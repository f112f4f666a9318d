"""``woodshed repair install`` and its kin: update packages, and what comes back from the field."""

from typing import Any

import click

from jobs import specs
from studio import actions, fieldwork
from studio.commands import repair_report, waiting
from studio.commands.base import Front, Group, called, shown, table, verb, with_front
from studio.commands.request import given, options

LISTED = 40
"""Tensors that are named to a person; --json has all."""


@verb(
    "woodshed repair install mine.zip /srv/mine\nwoodshed repair install mine.zip /srv/mine --key office.pub",
    help="Make an update package the version in use in a folder of the field. Its signature, the SHA-256 of "
    "each file and its version are checked first; a tampered, older or foreign one changes nothing. The key "
    "has to be given once where another house made the package: the folder keeps it. `repair rollback` goes "
    "back.",
)
@click.argument("package")
@click.argument("folder")
@options(specs.InstallPackage, "key")
@with_front
def install(front: Front, package: str, folder: str, **typed: Any) -> None:
    found = _done(front, specs.InstallPackage, package=package, folder=folder, **typed)

    def human() -> None:
        print(shown(fieldwork.installed(found)))
        print(f"{fieldwork.RESTART} {shown(found['start'])}")

    front.give(found, human)


@verb(
    "woodshed repair rollback /srv/mine",
    help="Go back to the version that a folder of the field had before its last update.",
)
@click.argument("folder")
@with_front
def rollback(front: Front, folder: str) -> None:
    found = _done(front, specs.RollBack, folder=folder)
    front.give(found, lambda: print(shown(fieldwork.rolled_back(found))))


@verb(
    "woodshed repair verify mine.zip\nwoodshed repair verify mine.zip --key office.pub",
    help="Check the signature of an update package and the SHA-256 of each file, and say what it holds and "
    "what it tells the runner. Nothing is installed.",
)
@click.argument("package")
@options(specs.InspectPackage, "key")
@with_front
def verify(front: Front, package: str, **typed: Any) -> None:
    found = _left(front, specs.InspectPackage, package=package, **typed)
    front.give(found, lambda: repair_report.lines(fieldwork.package(found)))


@verb(
    "woodshed repair diff old.zip new.zip\nwoodshed repair diff mine mine-2 --json",
    help="Say which tensors differ between two nets, and by how much: the largest change, the rms of the "
    "change over that of the old values, and the share of values that are not what they were.",
)
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@options(specs.CompareNets, "key")
@with_front
def diff(front: Front, old: str, new: str, **typed: Any) -> None:
    found = _left(front, specs.CompareNets, old=old, new=new, **typed)
    front.give(found, lambda: _compared(found))


@verb(
    "woodshed repair feedback /srv/mine/feedback.jsonl\nwoodshed repair feedback ~/collected --model mine",
    help="Read what the field has counted: gaps by length, latencies, ways of repair; and what it asks for. "
    "FOLDER may be one of the field or hold feedback files of several. It is kept with the repairer that it "
    "is of, each session once, and `repair show` shows it.",
)
@click.argument("feedback", metavar="FILE|FOLDER")
@options(specs.ReadFeedback, "model")
@with_front
def feedback(front: Front, feedback: str, **typed: Any) -> None:
    found = _left(front, specs.ReadFeedback, feedback=feedback, **typed)
    front.give(found, lambda: _fed_back(found))


@verb(
    "woodshed repair key\nwoodshed repair key --json",
    help="Show this house's public key, which the field has to be given once; the first time it is made.",
)
@with_front
def key(front: Front) -> None:
    found = _done(front, specs.ShowKey)
    told = [found["path"], *found["public_key"].splitlines(), f"SHA-256 {found['sha256']}"]
    front.give(found, lambda: repair_report.lines(told))


def add_field(group: Group) -> None:
    """Adds what is done with the field to ``woodshed repair``."""
    for command in (install, rollback, verify, diff, feedback, key):
        group.add_command(command)


def _done(front: Front, kind: type[specs.Spec], **values: Any) -> dict[str, Any]:
    """The summary of a job that a person waits for."""
    return (waiting.finish(front, _asked(kind, values)).result or {})["summary"]


def _left(front: Front, kind: type[specs.Spec], **values: Any) -> dict[str, Any]:
    """What such a job has left."""
    return actions.left(waiting.finish(front, _asked(kind, values)))


def _asked(kind: type[specs.Spec], values: dict[str, Any]) -> Any:
    return actions.submit(kind, lane="live", **given(**values))


def _compared(found: dict[str, Any]) -> None:
    print(f"{shown(found['old'])} → {shown(found['new'])}; {fieldwork.compared(found)}")
    rows = fieldwork.changes(found)
    if rows:
        table(("tensor", "shape", "", "change", "values"), rows[:LISTED], "")
    if len(rows) > LISTED:
        print(f"{len(rows) - LISTED} more; --json has all")


def _fed_back(found: dict[str, Any]) -> None:
    if found["passed_over"]:
        print(f"{found['passed_over']} lines were passed over: damaged, or no feedback")
    for one in found["models"]:
        if one["kept"]:
            print(
                f"{shown(one['name'])} ({one['model']}): {one['new']} new sessions; all that is kept of it:"
            )
        else:
            print(f"{shown(one['model'])}: no repairer of that id is here, so this is not kept:")
        repair_report.counted(one)
        if one["kept"]:
            print(f"kept with it: {called()} repair show {shown(one['name'])}")
