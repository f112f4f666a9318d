"""``woodshed screenshot``: a screen as a picture, for the README and for reports. In no list of commands."""

import click

from jobs.specs import nearest
from store.errors import Usage
from studio import keymap, parcels
from studio.commands.base import Front, shown, verb, with_front


@verb(
    "woodshed screenshot play play.svg\nwoodshed screenshot train train.svg --size 80x24 --force",
    name="screenshot",
    hidden=True,
    help="Draw a SCREEN of your own library as an SVG file, without a terminal. Screens: "
    f"{', '.join(name for name, _, _ in keymap.SCREENS)}.",
)
@click.argument("screen")
@click.argument("file")
@click.option("--size", default="120x40", show_default=True, metavar="COLUMNSxROWS")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@with_front
def command(front: Front, screen: str, file: str, size: str, force: bool) -> None:
    known = [name for name, _, _ in keymap.SCREENS]
    if screen not in known:
        raise Usage(f"screen: no {screen!r}{nearest(screen, known)}; screens: {', '.join(known)}")
    path, cells = parcels.target(file, force), _size(size)
    from studio import app

    app.svg(screen, cells, path)
    front.give({"path": str(path), "screen": screen, "size": list(cells)}, lambda: print(shown(str(path))))


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.lower().partition("x")
    if not (
        columns.isdecimal() and rows.isdecimal() and 40 <= int(columns) <= 400 and 12 <= int(rows) <= 200
    ):
        raise Usage(f"size: {text[:20]!r} is not COLUMNSxROWS of 40x12 to 400x200; nearest: 120x40")
    return int(columns), int(rows)
