"""``woodshed organise``: a folder of sounds into a set for diagnosis."""

from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, shown, table, verb, with_front
from studio.text import count


@waiting.detachable
@verb(
    "woodshed organise ~/sounds --out ~/set --dry-run\nwoodshed organise ~/sounds --out ~/set",
    name="organise",
    help="Copy the sounds of a folder into ROOT/raw/{gold,flawed}/{drums,vocals,bass,guitar,keys}/, as "
    "folders and names tell: kick.wav in a folder of drums is gold, kick_flawed_muddy_001.wav is flawed. "
    "ROOT also gets a manifest, a report of what could not be placed and why, and prompts for making flawed "
    "sounds elsewhere. The sounds stay where they are; --dry-run only says what would be copied.",
)
@click.argument("folder")
@click.option("--out", required=True, metavar="ROOT", help="Folder of the set.")
@click.option("--dry-run", is_flag=True, help="Copy nothing, say what would be copied where.")
@with_front
def command(front: Front, folder: str, out: str, dry_run: bool, detach: bool) -> None:
    job = actions.submit(specs.Organise, folder=folder, out=out, dry_run=dry_run)
    if detach:
        return waiting.detached(front, job)
    job = waiting.finish(front, job)
    summary, plan = (job.result or {})["summary"], actions.left(job)
    front.give({**summary, "files": plan}, lambda: _report(summary, plan))


def _report(summary: dict[str, Any], plan: list[dict[str, Any]]) -> None:
    rows = [
        [
            instrument,
            counts.get("gold", 0),
            ", ".join(f"{flaw} {n}" for flaw, n in counts.items() if flaw != "gold"),
        ]
        for instrument, counts in summary["table"].items()
    ]
    table(("instrument", "gold", "flawed"), rows, "nothing")
    for entry in plan:
        if "problem" in entry:
            print(f"  left out: {shown(entry['name'])}: {shown(entry['problem'])}")
    if summary["dry_run"]:
        for entry in plan:
            if "to" in entry:
                print(f"  {shown(entry['name'])} -> {shown(entry['to'])}")
    word = "would be copied" if summary["dry_run"] else "in the set"
    print(
        f"{count(summary['count'], 'sound')} {word}, {summary['left_out']} left out: {shown(summary['path'])}"
    )
