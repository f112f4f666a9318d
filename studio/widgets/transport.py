"""What plays: name, place, length. The moving part is a narrow widget of its own, so that it costs little."""

from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from studio.player import Player
from studio.text import cells, clock, safe_text, tail
from studio.widgets.lines import Line, Lines


class Place(Lines):
    """The bar and the time."""

    DEFAULT_CSS = "Place { width: 30; height: 1; }"

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.bar = 1
        """Cells of the bar."""

    def on_click(self, event: events.Click) -> None:
        if self.player.seconds and event.x < self.bar:
            self.app.seek_to(event.x / max(1, self.bar - 1) * self.player.seconds)  # type: ignore[attr-defined]

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.player.seconds:
            return [[]]
        words = f" {clock(self.player.position)} / {clock(self.player.seconds)}"
        room = max(4, width - len(words))
        spot = round(self.player.position / self.player.seconds * (room - 1))
        self.bar = room
        return [[("━" * spot, "second"), ("●", "head"), ("─" * (room - 1 - spot), "faint"), (words, "dim")]]


class Transport(Horizontal):
    """One row above the keys."""

    DEFAULT_CSS = """
    Transport { height: 1; width: 1fr; background: $ink-surface; }
    Transport > #what { height: 1; width: 1fr; }
    """

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.what = What(player, id="what")
        self.place = Place(player)

    def compose(self) -> ComposeResult:
        yield self.what
        self.place.display = self.player.route != "path"
        yield self.place

    def offer(self, offers: bool) -> None:
        """Whether there is something to play where the cursor is."""
        if offers != self.what.offers:
            self.what.offers = offers
            self.what.touch()

    def touch(self, moved_only: bool = False) -> None:
        """Draw again; ``moved_only``: nothing but the place changed."""
        # Where nothing can be played there is no place in it: the path gets the room.
        shown = self.player.route != "path"
        if self.place.display != shown:
            self.place.display = shown
        if not moved_only:
            self.what.touch()
        self.place.touch()


class What(Lines):
    """Whether it plays, its name, and where it goes."""

    def __init__(self, player: Player, **options: Any) -> None:
        super().__init__(**options)
        self.player = player
        self.title = ""
        self.offers = False
        """Whether there is something here that ``space`` would play."""

    def draw(self, width: int, height: int) -> list[Line]:
        player = self.player
        if not player.path:
            words = "space plays what the cursor is on" if self.offers else "nothing plays"
            return [[(" ■ ", "faint"), (words, "dim")]]
        mark = (" ▶ ", "good") if player.playing else (" ■ ", "dim")
        title = safe_text(self.title or player.path, max(8, width - 16))
        if player.route != "path":
            loop = "  ↻ loop" if player.loop else ""
            volume = f"  {player.volume:+.0f} dB" if player.volume else ""
            return [[mark, (title, "text"), (loop, "accent"), (volume, "dim")]]
        if cells(title) + cells(player.path) + 12 > width:
            return [[(" ♪ ", "second"), (tail(player.path, width - 4), "dim")]]
        return [[(" ♪ ", "second"), (title, "text"), ("  mpv ", "faint"), (player.path, "dim")]]
