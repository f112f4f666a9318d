"""``woodshed flaws``: flawed versions of clean sounds."""

from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, called, shown, table, verb, with_front
from studio.commands.request import given, options
from studio.text import count


@waiting.detachable
@verb(
    "woodshed flaws ~/set --out ~/set\nwoodshed flaws drums --out ~/flawed --per-flaw 5 --several 2 --seed 7",
    name="flaws",
    help="Make flawed versions of clean sounds (files, folders, datasets): for each instrument the flaws "
    "that it is known for, by known processing, as loud as before where peaks allow it. --out gets "
    "raw/flawed/INSTRUMENT/ with them, raw/gold with the clean ones unless they lie there already, and "
    "flaws.json with the exact parameters of each and what would correct it.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|FOLDER|DATASET...")
@click.option("--out", required=True, metavar="FOLDER", help="An organised set, or a new or empty folder.")
@options(specs.MakeFlaws, "per_flaw", "several", "instrument", "seed")
@with_front
def command(front: Front, sounds: tuple[str, ...], out: str, detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.MakeFlaws, sounds=sounds, out=out, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    summary = (waiting.finish(front, job).result or {})["summary"]
    front.give(summary, lambda: _report(summary))


def _report(summary: dict[str, Any]) -> None:
    table(("instrument", "flawed"), summary["instruments"].items(), "nothing")
    for entry in summary["problems"]:
        print(f"  left out: {shown(entry['name'])}: {shown(entry['problem'])}")
    path = shown(summary["path"])
    print(f"{count(summary['count'], 'flawed sound')} of {summary['sources']} clean ones: {path}")
    print(f"next: {called()} diagnosis train {path}")
