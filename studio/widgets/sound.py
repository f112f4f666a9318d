"""A sound to look at: waveform, play-head, spectrogram. Painted once; only the play-head moves."""

from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from studio.player import Player
from studio.widgets.heat import Heat, read_picture
from studio.widgets.lines import Line, Lines
from studio.widgets.wave import Wave, read_peaks


class Head(Lines):
    """The row between waveform and spectrogram: where the player is."""

    DEFAULT_CSS = "Head { height: 1; width: 1fr; }"

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.path = ""
        self._spot = -1

    def follow(self) -> None:
        """Draw again when the head is in another cell."""
        spot = self._place(self.content_size.width)
        if spot != self._spot:
            self.touch()

    def _place(self, width: int) -> int:
        if self.player.path != self.path or not self.player.seconds or self.player.route == "path":
            return -1
        return round(self.player.position / self.player.seconds * (width - 1))

    def draw(self, width: int, height: int) -> list[Line]:
        spot = self._spot = self._place(width)
        if spot < 0:
            return [[("─" * width, "faint")]]
        return [[("─" * spot, "faint"), ("┃", "head"), ("─" * (width - spot - 1), "faint")]]


class Sound(Vertical):
    """Shows a take's pictures."""

    DEFAULT_CSS = """
    Sound { height: 1fr; width: 1fr; }
    Sound > Wave { height: 30%; min-height: 2; max-height: 9; }
    Sound > Heat { min-height: 2; }
    """

    def __init__(self, player: Player, nothing: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.wave, self.head, self.heat = Wave(), Head(player), Heat(nothing)
        self.shown = ""

    def compose(self) -> ComposeResult:
        yield self.wave
        yield self.head
        yield self.heat

    def show(self, take: dict | None) -> None:
        """Draw a take; nothing is drawn again when it is the same."""
        key = str(take.get("path")) if take else ""
        if key == self.shown:
            return
        self.shown = self.head.path = key
        across, down = (take or {}).get("heat_size") or (0, 0)
        self.wave.show(_peaks(take))
        self.heat.show(
            read_picture(Path(take["heat"]), (across, down)) if take and across else b"", (across, down)
        )
        self.head.touch()


def _peaks(take: dict | None) -> Any:
    return read_peaks(Path(take["wave"])) if take and take.get("wave") else read_peaks("")
