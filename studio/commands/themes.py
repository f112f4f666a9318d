"""``woodshed themes``: the colours of the studio."""

from pathlib import Path
from typing import Any

import click

from store import paths
from store.errors import BadInput, NotFound, Usage
from store.files import atomic
from store.names import checked_name
from studio import actions, themes
from studio.commands.base import Front, Group, fields, shown, table, with_front

command = Group("themes", help="The studio's colours: TOML files of ours and of your own, which win.")


def _record(path: Path) -> dict[str, Any]:
    """A theme for a person or a program; ``error`` when its file is broken."""
    own = path.parent == paths.config() / "themes"
    record: dict[str, Any] = {
        "name": path.stem,
        "path": str(path),
        "own": own,
        "in_use": path.stem == in_use(),
    }
    try:
        theme = themes.read(path)
    except BadInput as error:
        return {**record, "error": str(error)}
    told = {key: theme[key] for key in ("dark", "words", "safe_for", "sixteen", "colors")}
    return {**record, **told, "heat": theme["heat"]["stops"]}


def in_use() -> str:
    """The theme that the studio opens with."""
    from studio.sight import settings

    kept = actions.library().setting("studio")
    return settings()[0].get("theme") or str(
        (kept if isinstance(kept, dict) else {}).get("theme") or themes.DEFAULT
    )


@command.command("ls", example="woodshed themes ls", help="Every theme, what it is like and where it lies.")
@with_front
def ls(front: Front) -> None:
    records = [_record(themes.find(name)) for name in themes.names()]
    rows = [
        (
            f"{one['name']}{' *' * one['in_use']}",
            one.get("error") or one["words"],
            "" if "error" in one else "dark" if one["dark"] else "light",
            one.get("safe_for") or "",
            "yours" if one["own"] else "ours",
        )
        for one in records
    ]
    front.give(
        records, lambda: table(("name", "words", "ground", "colour-blind safe", "whose"), rows, "none")
    )


@command.command(
    "show", example="woodshed themes show harbour", help="A theme's colours, on a terminal as swatches."
)
@click.argument("theme")
@with_front
def show(front: Front, theme: str) -> None:
    path = themes.find(theme)
    themes.read(path)
    record = _record(path)

    def human() -> None:
        from rich.text import Text

        from studio.commands.base import console

        fields(record, ("name", "words", "safe_for", "path"))
        out = console()
        for name, color in record["colors"].items():
            ground = record["colors"]["background"]
            out.print(
                Text(f"{name:11}"),
                Text("      ", f"on {color}"),
                Text(f" {name} ", f"{color} on {ground}"),
                color,
            )
        out.print(Text("heat       "), Text("").join(Text("   ", f"on {stop}") for stop in record["heat"]))

    front.give(record, human)


@command.command(
    "use", example="woodshed themes use harbour", help="Open the studio with this theme from now on."
)
@click.argument("theme")
@with_front
def use(front: Front, theme: str) -> None:
    from studio.sight import settings

    path = themes.find(theme)
    themes.read(path)
    if (told := settings()[0].get("theme")) and told != path.stem:
        file = paths.config() / "studio.toml"
        raise Usage(f'theme: {file} names {shown(told)}, and it wins; write theme = "{path.stem}" there')
    kept = actions.library().setting("studio")
    actions.library().set("studio", {**(kept if isinstance(kept, dict) else {}), "theme": path.stem})
    front.give(_record(path), lambda: print(f"the studio opens in {shown(path.stem)}"))


@command.command(
    "check",
    example="woodshed themes check ~/mine.toml",
    help="Whether a FILE is a theme; else the field and what is wrong with it.",
)
@click.argument("file")
@with_front
def check(front: Front, file: str) -> None:
    path = Path(file).expanduser().absolute()
    if not path.is_file():
        raise NotFound(f"{path}: no such file; `woodshed themes new NAME` makes one")
    themes.read(path)
    found = {**_record(path), "ok": True}
    front.give(found, lambda: print(f"{shown(str(path))}: a theme"))


@command.command(
    "new",
    example="woodshed themes new mine --from harbour",
    help="Copy a theme into your own folder, to be edited; an open studio shows each change at once.",
)
@click.argument("name")
@click.option("--from", "other", default=themes.DEFAULT, show_default=True, metavar="THEME")
@with_front
def new(front: Front, name: str, other: str) -> None:
    name = checked_name(name)
    if Path(name).name != name or name.startswith("."):
        near = shown(Path(name).name.strip(".") or "mine")
        raise Usage(f"name: {shown(name)} can't be the name of a file; nearest: {near}")
    path = paths.config() / "themes" / f"{name}.toml"
    if path.exists():
        raise Usage(f"name: {path} exists; edit it, or choose another name")
    atomic(path, themes.find(other).read_bytes())
    front.give(_record(path), lambda: print(f"{shown(str(path))}; then: woodshed themes use {shown(name)}"))
