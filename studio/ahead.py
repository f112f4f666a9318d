"""Keys and pastes that come faster than the screen: each is heard where the one before it has led to.

Textual hands a key to what has the focus and takes the next one at once. A hand that knows its way types
``o``, what it wants and enter in one go, and over SSH all of it may come in one packet: then letters would
go to the page that the first of them leaves, and the rest to a window that can't hear yet.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.timer import Timer

from studio.messages import Settled
from studio.screens.dialog import Window

if TYPE_CHECKING:
    from studio.frame import Studio

MOST = 0.3
"""Seconds after which a key counts as done: what heard it may be gone, and its word with it."""
MAKING = 2.0
"""Seconds that a window may take until it hears keys."""
ROUNDS = 2
"""Ways from the widget to the app: on the first the key itself may send a word to its window."""


Typed = events.Key | events.Paste


class Ahead:
    """``hear`` is what a key or a paste does, once it is its turn."""

    def __init__(self, app: "Studio", hear: Callable[[Typed], Awaitable[None]]) -> None:
        self.app, self.hear = app, hear
        self._waiting: deque[Typed] = deque()
        self._timer: Timer | None = None
        self._last: tuple[str, Any] = ("", None)
        """The key that was heard last, where it only moves, and the widget that it was text for."""
        self._number = 0
        """Of that key."""
        self._until = 0.0
        """When that key counts as done, whatever it does."""

    async def take(self, event: Typed) -> None:
        """Hear it, now or when those before it are done."""
        self._waiting.append(event)
        await self.go_on()

    async def settle(self, message: Settled) -> None:
        """A word that followed a key to the app: what the key did is done, or will be on the next round."""
        if message.number != self._number:
            return
        if message.rounds > 1 and message.sent_by.post_message(
            Settled(message.number, message.sent_by, message.rounds - 1)
        ):
            return
        await self.done()

    async def done(self) -> None:
        """The key that was heard last is done: it is settled, or has led to a window that stands."""
        self._until = 0.0
        await self.go_on()

    async def go_on(self) -> None:
        """Hear what waits, as far as it may be heard."""
        if self._timer:
            self._timer.stop()
        while self._waiting and self.app.screen_stack:  # without screens it is on its way out
            event, target = self._waiting[0], self.app.focused or self.app.screen
            text = isinstance(event, events.Paste) or target.check_consume_key(event.key, event.character)
            reads = target if text else None
            wait = self._wait(event, reads)
            if wait > 0:
                self._timer = self.app.set_timer(wait, self.go_on)
                return
            self._waiting.popleft()
            self._number += 1
            self._until = time.monotonic() + MOST
            self._last = _held_down(event), reads
            await self.hear(event)
            if not target.post_message(Settled(self._number, target, ROUNDS)):
                self._until = 0.0

    def _wait(self, event: Typed, reads: Any) -> float:
        """Seconds until the next key may be heard at the latest.

        What is held down, or is more of a text, stays where it is and need not wait: it is drawn at once.
        """
        now, screen = time.monotonic(), self.app.screen
        if isinstance(screen, Window) and not screen.hears and now < screen.made + MAKING:
            return screen.made + MAKING - now
        key, read = self._last
        more = (key and _held_down(event) == key) or (reads and reads is read)
        return 0.0 if more else self._until - now


def _held_down(event: Typed) -> str:
    """The key, if it is one that moves: a letter or enter may mean another thing where it has led to."""
    if isinstance(event, events.Paste) or event.is_printable or event.key == "enter":
        return ""
    return event.key
