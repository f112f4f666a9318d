"""``woodshed library``: all tables at once."""

from typing import Any

import click

from studio import actions, parcels
from studio.commands.base import Front, Group, shown, with_front

command = Group("library", help="All tables as one file of plain JSON; tables made again from the files.")


@command.command(
    "export",
    example="woodshed library export library.json",
    help="Write every record, also those in the trash, to one JSON file. Sounds and weights stay "
    "where they are.",
)
@click.argument("file")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@with_front
def export(front: Front, file: str, force: bool) -> None:
    found = actions.library().export(parcels.target(file, force))
    front.give(found, lambda: print(shown(found["path"])))


@command.command(
    "import",
    example="woodshed library import library.json",
    help="Add the records of such a file; those that are here already stay as they are here.",
)
@click.argument("file")
@with_front
def import_(front: Front, file: str) -> None:
    found = actions.library().load(file)
    added, kept = _counts(found["added"]), _counts(found["kept"])
    front.give(found, lambda: print(f"added: {added}; here already: {kept}"))


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {table}" for table, number in counts.items() if number) or "nothing"


@command.command(
    "rebuild",
    example="woodshed library rebuild",
    help="Add records that are missing from what lies beside models, datasets and takes. After the folder "
    "of the library was moved: lead the records to where their files lie now.",
)
@with_front
def rebuild(front: Front) -> None:
    found: dict[str, Any] = actions.library().rebuild()
    for line in found["unreadable"]:
        front.say(line)
    added = {table: found[table] for table in ("datasets", "models", "takes")}
    moved = f"; found elsewhere: {found['moved']}" if found["moved"] else ""
    front.give(found, lambda: print(f"added: {_counts(added)}{moved}"))
