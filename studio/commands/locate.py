"""``woodshed locate``."""

import click

from store import paths
from studio.commands.base import Front, shown, verb, with_front


@verb(
    "woodshed locate\nwoodshed locate data",
    name="locate",
    help="Where everything lies: data (tables, datasets, models, takes), state (queue, runs, logs), "
    "config, cache. WOODSHED_HOME moves all of it.",
)
@click.argument("kind", required=False, type=click.Choice(list(paths.KINDS)))
@with_front
def command(front: Front, kind: str | None) -> None:
    found = {name: str(folder()) for name, folder in paths.KINDS.items() if kind in (None, name)}
    if kind:
        front.give(found, lambda: print(shown(found[kind])))
    else:
        front.give(found, lambda: print("\n".join(f"{name:7} {shown(path)}" for name, path in found.items())))
