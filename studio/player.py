"""The transport: one sound at a time, by the best route there is.

*device*: through sounddevice. *browser*: through the player page, once somebody has it open. *path*: by
saying where the file is. A missing device is never an error.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.listen.device import Device

if TYPE_CHECKING:
    from studio.listen.page import PlayerPage

BROWSERS = (".wav", ".flac", ".ogg", ".opus", ".mp3")
"""Endings of what browsers decode."""
QUIETEST = -60.0
"""dB; full volume is 0."""


class Player:
    """``page`` is the player page as long as it is served; ``via`` a route chosen by hand, or auto."""

    def __init__(self, via: str = "auto") -> None:
        self.device = Device()
        self.page: PlayerPage | None = None
        self.via = via
        self.path = ""
        self.file = ""
        """What is read of it: another file where ``path`` had to be unpacked."""
        self.loop = False
        self.volume = 0.0
        self._gain = 1.0

    @property
    def route(self) -> str:
        """The way that sound takes now."""
        if self.via in ("device", "path"):
            return self.via if self.via == "path" or self.device.there else "path"
        page = bool(self.page and self.page.connected)
        # A page is open where somebody sits; the card of a machine far away plays to nobody.
        if self.device.there and self.via == "auto" and not (page and self.device.elsewhere):
            return "device"
        return "browser" if page else "path"

    @property
    def out(self) -> Any:
        """What plays: the device, or the page where that is the route."""
        return self.page if self.page and self.route == "browser" else self.device

    @property
    def why(self) -> str:
        """What is wrong with what was to be played; empty: nothing."""
        if self.out is self.page:
            return self.page.why
        # Where no device is, a FLAC plays as well as a WAV: by its path. No reason to warn.
        told = self.route == "device" or self.path.lower().endswith(".wav")
        return self.device.lost or (self.device.why if told else "")

    @property
    def playing(self) -> bool:
        return self.route != "path" and bool(self.out.playing)

    @property
    def seconds(self) -> float:
        """Length of what is loaded."""
        return self.out.seconds

    @property
    def position(self) -> float:
        """Seconds from the start."""
        return self.out.position

    # --- what is loaded ----------------------------------------------------------------------------

    def load(self, path: str | Path, title: str = "") -> bool:
        """Make this the sound of the transport, silent; whether it can be played by the route."""
        self.path = self.file = str(path)
        ready = self.device.load(self.path)
        if self.route == "browser":
            assert self.page is not None
            return self.page.load(self.path, title, self.device.seconds)
        return ready and self.route == "device"

    def needs_wav(self, path: str | Path) -> bool:
        """Whether the route takes this kind of file only as WAV."""
        ending = Path(path).suffix.lower()
        if self.route == "browser":
            return ending not in BROWSERS
        return self.route == "device" and ending != ".wav"

    def play(
        self, path: str | Path, at: float = 0.0, gain: float = 1.0, title: str = "", of: str = ""
    ) -> str:
        """Play from ``at`` seconds, scaled by ``gain``; returns the route taken, never raises.

        ``of``: the file that this one was unpacked from, by whose name it is known.
        """
        self._gain = gain
        ready = self.load(path, title)
        self.path = of or self.path
        if not ready:
            return "path"
        self._level()
        self.out.seek_to(at)
        self.out.start()
        return self.route

    def fall_through(self, title: str = "") -> str:
        """Play on by the next route what the device gave up; the route."""
        return self.play(self.file, self.device.position, self._gain, title, of=self.path)

    # --- moving ------------------------------------------------------------------------------------

    def toggle(self) -> bool:
        """Pause or go on, from the start when at the end; whether it plays now."""
        if self.route == "path" or not self.path:
            return False
        if self.out.playing:
            self.out.stop()
        else:
            self._level()
            self.out.start()
        return bool(self.out.playing)

    def seek(self, by: float) -> float:
        """Move by seconds; the new position."""
        return self.seek_to(self.position + by)

    def seek_to(self, seconds: float) -> float:
        self.out.seek_to(max(0.0, min(seconds, self.seconds)))
        return self.position

    def turn(self, by: float) -> float:
        """Louder or softer by dB; the volume."""
        self.volume = max(QUIETEST, min(0.0, self.volume + by))
        self._level()
        return self.volume

    def turn_loop(self) -> bool:
        """Over and over, or once; which it is now."""
        self.loop = not self.loop
        self._level()
        return self.loop

    def _level(self) -> None:
        volume = 0.0 if self.volume <= QUIETEST else 10 ** (self.volume / 20)
        self.device.level(self._gain * volume, self.loop)
        if self.page:
            self.page.gain, self.page.volume, self.page.loop = self._gain, self.volume, self.loop
            if self.route == "browser":
                self.page.tell()

    def stop(self) -> None:
        """Silence; the position stays."""
        self.device.stop()
        if self.page and self.page.playing:
            self.page.stop()
