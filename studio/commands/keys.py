"""``woodshed keys``: what every key does, and whether a keys.toml of one's own can be obeyed."""

import tomllib
from dataclasses import asdict
from pathlib import Path

import click

from store import paths
from store.errors import BadInput, NotFound
from studio.commands.base import Front, Group, shown, table, with_front


@click.group(cls=Group, name="keys", help="Keys of the studio: ls, check.")
def command() -> None:
    pass


@command.command(
    name="ls",
    example="woodshed keys ls\nwoodshed keys ls --markdown",
    help="Every action with its keys, the place where they work and its id, by which keys.toml in the config "
    "folder gives it other keys.",
)
@click.option("--markdown", is_flag=True, help="As a table for a page.")
@with_front
def ls(front: Front, markdown: bool) -> None:
    from studio import catalog

    found = catalog.entries()
    rows = [(entry.shown, entry.told, entry.place, entry.id) for entry in found]
    front.give(
        [asdict(entry) for entry in found],
        lambda: (
            print(catalog.markdown(), end="")
            if markdown
            else table(("key", "what", "where", "id"), rows, "no keys")
        ),
    )


@command.command(
    name="check",
    example="woodshed keys check\nwoodshed keys check ~/keys.toml",
    help="Whether a keys.toml can be obeyed; without FILE it is the one of the config folder.",
)
@click.argument("file", required=False)
@with_front
def check(front: Front, file: str | None) -> None:
    from studio import catalog, keymap

    path = Path(file).expanduser().absolute() if file else paths.config() / "keys.toml"
    if not path.is_file():
        raise NotFound(f"{path}: no such file; `woodshed keys ls` has what may stand in it")
    try:
        told = keymap.read(path)
    except (OSError, ValueError, tomllib.TOMLDecodeError) as error:
        raise BadInput(str(error)) from None
    kept, wrong = catalog.fitting(told)
    if wrong:
        raise BadInput(f"{path}: {wrong.removeprefix('keys.toml: ')}")
    found = {"path": str(path), "keys": kept}
    front.give(found, lambda: print(f"{shown(str(path))}: {len(kept)} actions have keys of your own"))
