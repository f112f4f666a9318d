"""The frame's ears: what is played, by which route, and what a browser does by itself."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import actions
from studio.trying import Trying

if TYPE_CHECKING:
    from studio.player import Player
    from studio.screens.page import Page
    from studio.widgets.header import Header
    from studio.widgets.ink import Ink
    from studio.widgets.transport import Transport


def _take_of(path: str) -> dict[str, Any]:
    """The take whose audio lies there, for its pictures."""
    return next((take for take in reversed(actions.takes()) if take.get("path") == path), {})


class Hearing(Trying):
    """Part of the studio: the transport and its keys."""

    if TYPE_CHECKING:
        player: Player
        transport: Transport
        header: Header
        ink: Ink
        memory: dict[str, Any]
        _moving: Any
        _pathed: bool

        @property
        def page(self) -> Page | None: ...

    _fell = ""
    """Why the device was lost, once that was said."""

    def play(self, path: str, title: str, at: float = 0.0, gain: float = 1.0) -> None:
        """Play a file, or say where it is: the first time, and again for one that is asked for once more."""
        again = path == self.player.path
        # What is still being unpacked is not wanted any more.
        self.workers.cancel_group(self, "unpack")
        self.transport.what.title = title
        if self.player.needs_wav(path):
            self.run_worker(self._play_unpacked(path, title, at, gain), exclusive=True, group="unpack")
            return
        route = self.player.play(path, at, gain, title)
        if self.player.why and self.player.why != self._fell:
            self.say(f"{self.player.why}; open it with a player of your own", "warn")
        elif route == "path" and (again or not self._pathed):
            self._pathed = True
            self.say(
                f"no sound output here; the file: {Path(path).absolute()}  (mpv, or scp it over; O: a page)"
            )
        self._follow()

    async def _play_unpacked(self, path: str, title: str, at: float, gain: float) -> None:
        """A file of a kind that the route does not take."""
        from studio.listen.unpacked import unpacked

        wav = await self.do(lambda: unpacked(path))
        if wav:
            self.player.play(wav, at, gain, title, of=path)
            self._follow()

    def _follow(self) -> None:
        self.transport.touch()
        self.header.update(route=self.player.route)
        if self.player.playing and self._moving is None:
            self._moving = self.set_interval(self.sight.step, self._move)  # type: ignore[attr-defined]

    def _move(self) -> None:
        self.transport.touch(moved_only=self.player.playing)
        if self.page:
            self.page.moved()
        if not self.player.playing:
            self._moving.stop()
            self._moving = None
            self.header.update(route=self.player.route)
            self._fall_through()

    def _fall_through(self) -> None:
        """A device that failed: the next way is taken, and it is said why."""
        lost = self.player.device.lost
        if not lost or lost == self._fell:
            return
        self._fell = lost
        if self.player.fall_through(self.transport.what.title) == "browser":
            self.say(f"{lost}; the browser plays it", "warn")
        else:
            self._pathed = True
            self.say(f"{lost}; the file: {Path(self.player.path).absolute()}  (O: other ways)", "warn")
        self._follow()

    async def serve(self) -> Any:
        """The player page, served from the first time that somebody wants it; None where it can't be."""
        if self.player.page is None:
            from studio.listen.page import PlayerPage

            page = PlayerPage(self.ink.page_colors, self._page_changed, _take_of)
            try:
                await page.open(self._port())
            except OSError as error:
                self.say(f"the player page can't be served: {error.strerror or error}", "bad")
                return None
            self.memory = {**self.memory, "port": page.port}
            self.player.page = page
        return self.player.page

    def offer_pair(self, sides: Mapping[str, tuple[str, str, float]]) -> None:
        """Let the page swap by itself: ``a`` and ``b`` -> path, title and gain."""
        page = self.player.page
        if page:
            page.pair = {side: (page.offer(path, title), gain) for side, (path, title, gain) in sides.items()}

    def _port(self) -> int:
        """The port of last time, so that a forward that is up still fits; or the one that was asked for."""
        told = os.environ.get("WOODSHED_PORT", "") or self.memory.get("port") or 0
        try:
            return int(told) if 1024 <= int(told) < 65536 else 0
        except (TypeError, ValueError):
            self.say(f"WOODSHED_PORT: {told!r} is no port of 1024 to 65535; another is taken", "warn")
            return 0

    def _page_changed(self) -> None:
        """A browser came, went, or did something by itself."""
        page = self.player.page
        if page is None or not self.is_running:
            return
        if page.now and self.player.route == "browser" and page.now.path != self.player.file:
            self.player.path = self.player.file = page.now.path
            self.transport.what.title = page.now.title
        if self.player.route == "browser":
            self.player.loop, self.player.volume = page.loop, page.volume
        if page.blocked:
            self.say("the browser wants a click on the page, once, before it makes a sound", "warn")
        self._follow()

    def take_route(self, name: str) -> None:
        """A way that sound takes, chosen by hand."""
        self.player.stop()
        if name in ("auto", "device"):
            self.player.device.look()
            self._fell = ""
        self.player.via = name
        if name not in ("auto", self.player.route):
            self.say(f"{name}: not there yet; until it is, sounds are played by their path", "warn")
        self._follow()

    def action_listen(self) -> None:
        from studio.screens.listen import Listen

        self.push_screen(Listen())

    def action_play_pause(self) -> None:
        offered = self.page.sound() if self.page else None
        if offered and offered[0] != self.player.path:
            self.play(*offered)
        elif self.player.path:
            if not self.player.toggle() and self.player.route == "path":
                self.play(self.player.path, self.transport.what.title)
            self._follow()

    def action_seek(self, by: int) -> None:
        self.seek_to(self.player.position + by)

    def seek_to(self, seconds: float) -> None:
        """Play on from there."""
        self.player.seek_to(seconds)
        self.transport.touch(moved_only=True)
        if self.page:
            self.page.moved()

    def action_loop(self) -> None:
        self.say("over and over" if self.player.turn_loop() else "once")
        self.transport.touch()

    def action_volume(self, by: int) -> None:
        self.say(f"volume {self.player.turn(by):+.0f} dB")
        self.transport.touch()
