"""A part of a sound, played to its end and no further."""

from collections.abc import Callable
from typing import Any

from textual.timer import Timer

LEAST = 0.05
"""Seconds that are always played."""


class Excerpt:
    """Plays in a ``window``; ``ended`` is called when it is over, or was stopped."""

    def __init__(self, window: Any, ended: Callable[[], None]) -> None:
        self.window, self.ended = window, ended
        self._timer: Timer | None = None

    @property
    def asked(self) -> bool:
        """Whether its end is still to come, be it heard or not."""
        return self._timer is not None

    @property
    def position(self) -> float | None:
        """Seconds from the start of the sound; None while it is not heard."""
        player = self.window.app.player
        return player.position if self.asked and player.playing else None

    def play(self, path: str, title: str, at: float, end: float) -> None:
        """From ``at`` to ``end`` seconds of a file, in place of what is heard."""
        if self._timer:
            self._timer.stop()
        self.window.app.play(path, title, at)
        self._timer = self.window.set_timer(max(LEAST, end - at), self.stop)

    def stop(self) -> None:
        """Silence."""
        if self._timer:
            self._timer.stop()
            self._timer = None
            app = self.window.app
            app.player.stop()
            app.transport.touch()
            self.ended()
