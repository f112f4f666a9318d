"""``woodshed play``."""

import time
from pathlib import Path
from typing import Any

import click

from jobs.specs import nearest
from store.errors import NotFound, Refusal
from studio import actions
from studio.commands.base import Front, shown, verb, with_front
from studio.player import Player


@verb(
    "woodshed play 3fa\nwoodshed play kick.wav --via device",
    name="play",
    help="Play a take, by name or id, or a file. Where there is no sound device, or the file is one that "
    "the device does not take, it says where the file is and how to listen to it elsewhere; that is "
    "no error, unless --via device asked for the device alone.",
)
@click.argument("what", metavar="TAKE|FILE")
@click.option("--via", type=click.Choice(["auto", "device", "path"]), default="auto", show_default=True)
@with_front
def command(front: Front, what: str, via: str) -> None:
    path, take = _meant(what)
    route, why, seconds = ("path", "", None) if via == "path" else _play(path)
    if via == "device" and route != "device":
        raise Refusal(
            f"{path.name}: {why or 'no audio device here'}; --via auto says how to listen elsewhere"
        )
    found: dict[str, Any] = {"id": take.get("id"), "name": take.get("name", path.name), "path": str(path)}
    found |= {"route": route, "why": why or None, "seconds": take.get("seconds", seconds)}
    front.give(found, lambda: _report(path, route))


def _meant(what: str) -> tuple[Path, dict[str, Any]]:
    """The file to play, and its take when it is one. Raises NotFound."""
    file = Path(what).expanduser().absolute()
    if file.is_file():
        return file, {}
    try:
        take = actions.library().takes.find(what)
    except NotFound:
        names = [one["name"] for one in actions.takes()]
        raise NotFound(f"{what}: no take and no file of that name{nearest(what, names)}") from None
    path = Path(take["path"])
    if not path.is_file():
        raise NotFound(f"{path}: the audio of this take is gone; woodshed generate makes it again")
    return path, take


def _play(path: Path) -> tuple[str, str, float | None]:
    """(route, why not on the device, seconds); waits until it has ended."""
    player = Player()
    player.play(path)
    try:
        while player.playing:
            time.sleep(0.05)
    finally:
        player.stop()
    played = player.route == "device" and not player.why
    return "device" if played else "path", player.why, player.seconds or None


def _report(path: Path, route: str) -> None:
    if route == "path":
        print(shown(str(path)))
        print(f"listen elsewhere: scp HOST:{shown(str(path))} . && mpv {shown(path.name)}")
