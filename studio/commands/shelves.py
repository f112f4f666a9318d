"""What every shelf of the library can do from the command line: rename, rm, restore, purge."""

from collections.abc import Mapping
from typing import Any

import click

from store.errors import Usage
from studio import actions, sifting
from studio.commands.base import Front, Group, shown, with_front

TRASHED = click.option("--trash", "trashed", is_flag=True, help="Those in the trash instead.")


def add_upkeep(group: Group, table: str, one: str) -> None:
    """Adds ``rename``, ``rm``, ``restore`` and ``purge`` for a table to its group."""
    word = str(group.name)

    @group.command("rename", example=f"woodshed {word} rename old new", help=f"Give a {one} another name.")
    @click.argument("key", metavar=one.upper())
    @click.argument("name")
    @with_front
    def rename(front: Front, key: str, name: str) -> None:
        record = actions.rename(table, key, name)
        front.give(record, lambda: print(f"{one} {record['id']} is now {shown(record['name'])}"))

    @group.command(
        "rm",
        example=f"woodshed {word} rm old older\nwoodshed undo",
        help=f"Move a {one} to the trash, or several, which one `undo` brings back together; `restore` "
        "brings back one.",
    )
    @click.argument("keys", metavar=f"{one.upper()}...", nargs=-1, required=True)
    @with_front
    def rm(front: Front, keys: tuple[str, ...]) -> None:
        records = actions.trash_all(table, keys)
        front.give(records[0] if len(records) == 1 else records, lambda: _gone(records))

    def _gone(records: list[dict[str, Any]]) -> None:
        for record in records:
            back = f"woodshed {word} restore {record['id']}"
            print(f"{one} {shown(record['name'])} is in the trash; back: {back}")

    @group.command(
        "restore", example=f"woodshed {word} restore old", help=f"Bring a {one} back from the trash."
    )
    @click.argument("key", metavar=one.upper())
    @with_front
    def restore(front: Front, key: str) -> None:
        record = actions.restore(table, key)
        front.give(record, lambda: print(f"{one} {shown(record['name'])} ({record['id']}) is back"))

    @group.command(
        "purge",
        example=f"woodshed {word} rm old\nwoodshed {word} purge old --yes",
        help=f"Remove a {one} that is in the trash for good, with its files in the library.",
    )
    @click.argument("key", metavar=one.upper())
    @click.option("--yes", is_flag=True, help="Do it: this can't be undone.")
    @with_front
    def purge(front: Front, key: str, yes: bool) -> None:
        if not yes:
            raise Usage(f"purge: {key} would be gone for good; add --yes")
        record = actions.purge(table, key)
        front.give(record, lambda: print(f"{one} {shown(record.get('name') or record['id'])} is gone"))


def listed(table: str, trashed: bool) -> list[dict[str, Any]]:
    """The records of a table, or those in its trash."""
    return actions.trashed(table) if trashed else actions.shelf(table).all()


def sifted(
    table: str, records: list[dict[str, Any]], where: str, terms: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Those that fit a filter and the options of its keys. Raises Usage for what can't be understood."""
    # Nothing is marked here: there it is a word like any other.
    keys = [key for key in sifting.KEYS[table] if key != "marked"]
    made = sifting.sieve(where, keys, more=[term for term in terms.items() if term[1]])
    if made.wrong:
        raise Usage(made.wrong)
    return [one for one in records if made.fits(one)]
