"""``woodshed trash``: what was deleted, of every kind."""

import click

from store.errors import Usage
from studio import actions
from studio.commands.base import Front, Group, shown, table, with_front
from studio.shelved import TABLES, in_trash, lost
from studio.text import count, size

command = Group("trash", help="What was deleted, of every kind, until it is emptied.")


@command.command(
    "ls",
    example="woodshed trash ls\nwoodshed takes restore 3fa",
    help="All that is in the trash, the newest first, and what emptying it would lose. "
    "`woodshed takes restore ID` and the same of models, datasets and presets bring one back.",
)
@with_front
def ls(front: Front) -> None:
    found = in_trash()
    records = [
        {**entry["record"], "kind": TABLES[entry["table"]], "disk_bytes": entry["size"]} for entry in found
    ]
    rows = (
        (one["id"], one["kind"], one.get("name", ""), one["trashed"], size(one["disk_bytes"]), lost(entry))
        for one, entry in zip(records, found, strict=True)
    )
    heads = ("id", "kind", "name", "trashed", "size", "what would be lost")
    front.give(records, lambda: table(heads, rows, "the trash is empty"))


@command.command(
    "empty",
    example="woodshed trash empty --yes",
    help="Remove all of it for good, with its files in the library.",
)
@click.option("--yes", is_flag=True, help="Do it: this can't be undone.")
@with_front
def empty(front: Front, yes: bool) -> None:
    found = in_trash()
    total = sum(entry["size"] for entry in found)
    if found and not yes:
        raise Usage(
            f"empty: {count(len(found), 'record')} and {size(total)} would be gone for good; add --yes"
        )
    gone = [actions.purge(entry["table"], entry["record"]["id"]) for entry in found]
    answer = {"count": len(gone), "disk_bytes": total, "ids": [one["id"] for one in gone]}
    words = f"{count(len(gone), 'record')} gone, {size(total)} freed" if gone else "the trash is empty"
    front.give(answer, lambda: print(shown(words)))
