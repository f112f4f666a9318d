"""``woodshed play``."""

import asyncio
import time
from pathlib import Path
from typing import Any

import click

from jobs.specs import nearest
from store.errors import NotFound, Refusal
from studio import actions
from studio.commands.base import Front, shown, verb, with_front
from studio.listen import routes
from studio.listen.page import PlayerPage
from studio.listen.unpacked import unpacked
from studio.player import BROWSERS, QUIETEST, Player


@verb(
    "woodshed play 3fa\nwoodshed play kick.wav --at 1.5 --volume -6 --loop\nwoodshed play 3fa --via browser",
    name="play",
    help="Play a take, by name or id, or a file. Through a sound device where there is one; else it says "
    "where the file is and how to listen elsewhere, which is no error, unless --via device asked for the "
    "device alone. --via browser serves a page on this machine, says how to reach it by SSH, and ends when "
    "the sound has been heard.",
)
@click.argument("what", metavar="TAKE|FILE")
@click.option(
    "--via", type=click.Choice(["auto", "device", "browser", "path"]), default="auto", show_default=True
)
@click.option("--at", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Begin there.")
@click.option("--volume", type=click.FloatRange(QUIETEST, 0), default=0.0, metavar="DB", help="-60 to 0.")
@click.option("--loop", is_flag=True, help="Over and over, until Ctrl-C.")
@with_front
def command(front: Front, what: str, via: str, at: float, volume: float, loop: bool) -> None:
    path, take = _meant(what)
    player = Player()
    player.volume, player.loop = volume, loop
    route, why, seconds = _played(front, player, path, take, via, at)
    if via == "device" and route != "device":
        raise Refusal(
            f"{path.name}: {why or 'no audio device here'}; --via auto says how to listen elsewhere"
        )
    found: dict[str, Any] = {"id": take.get("id"), "name": take.get("name", path.name), "path": str(path)}
    found |= {"route": route, "why": why or None, "seconds": take.get("seconds", seconds)}
    front.give(found, lambda: _report(path, route))


def _played(
    front: Front, player: Player, path: Path, take: dict[str, Any], via: str, at: float
) -> tuple[str, str, float | None]:
    """(route, why not on the device, seconds)."""
    if via == "path":
        if not take:
            # A line to copy what nobody can play would be found out on another machine.
            unpacked(str(path))
        return "path", "", None
    if via == "browser":
        return "browser", "", asyncio.run(_serve(front, player, path, take, at))
    return _play(player, path, at)


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


def _play(player: Player, path: Path, at: float) -> tuple[str, str, float | None]:
    """By the device where there is one; waits until it has ended."""
    player.play(unpacked(str(path)) if player.needs_wav(path) else path, at)
    try:
        while player.playing:
            time.sleep(0.05)
    finally:
        player.stop()
    played = player.route == "device" and not player.why
    return "device" if played else "path", player.why, player.seconds or None


async def _serve(front: Front, player: Player, path: Path, take: dict[str, Any], at: float) -> float | None:
    """By a browser; waits until one has played it to its end. Its seconds."""
    page = PlayerPage(about=lambda _: take)
    await page.open()
    front.say("open this page in a browser; it plays as soon as it is there:")
    front.say(f"  {page.url}")
    if routes.over_ssh():
        front.say("after this line, where you sit:")
        front.say(f"  {routes.forward_line(page.port)}")
    try:
        file = str(path) if path.suffix.lower() in BROWSERS else await asyncio.to_thread(unpacked, str(path))
        page.load(file, str(take.get("name") or path.name))
        page.volume, page.loop = player.volume, player.loop
        page.seek_to(at)
        page.start()
        heard = False
        while not heard or page.playing:
            await asyncio.sleep(0.1)
            if page.why:
                raise Refusal(f"{path.name}: {page.why}")
            heard = heard or (page.connected and page.playing and page.position > 0 and page.seconds > 0)
        return page.seconds or None
    finally:
        await page.close()


def _report(path: Path, route: str) -> None:
    if route == "path":
        print(shown(str(path)))
        print(f"listen elsewhere: {shown(routes.copy_line(path))}")
        print("or in a browser: --via browser")
