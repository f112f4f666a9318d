"""``woodshed corrections``: what was kept of a diagnosis, for other sounds."""

import click

from studio import actions
from studio.commands.base import Front, Group, fields, table, with_front
from studio.commands.shelves import TRASHED, add_upkeep, listed

command = Group("corrections", help="Corrections that were kept: ls, show, rename, rm, restore, purge.")


@command.command("ls", example="woodshed corrections ls", help="All corrections.")
@TRASHED
@with_front
def ls(front: Front, trashed: bool) -> None:
    records = listed("corrections", trashed)
    rows = ((one["id"], one["name"], "; ".join(one.get("text", ())), one["created"]) for one in records)
    empty = "none yet: woodshed diagnose FILE --reference CLEAN --save NAME"
    front.give(records, lambda: table(("id", "name", "what it does", "created"), rows, empty))


@command.command("show", example="woodshed corrections show darker", help="A correction.")
@click.argument("correction")
@with_front
def show(front: Front, correction: str) -> None:
    record = actions.library().corrections.find(correction)
    front.give(record, lambda: fields(record, ("id", "name", "of", "text", "created")))


add_upkeep(command, "corrections", "correction")
