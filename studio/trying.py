"""Doing what may be refused or may have to wait: a line says so, and the keys go on working."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from store.errors import Refusal
from studio.crash import plain

if TYPE_CHECKING:
    from textual.app import App

    class Base(App[int]):
        """What this is a part of."""

        def say(self, words: str, level: str = "text") -> None:
            """A line to the person, until the next key."""

else:
    Base = object

T = TypeVar("T")

AT_ONCE = 0.25
"""Seconds that a key waits for what it started; what takes longer goes on beside the keys."""
LONG = 1.5
"""Seconds after which it is said that something still waits."""
WAITS = "still waits: another process holds the library, or the disk is slow"


class Trying(Base):
    """The part of the app that everything runs through which a disk or another process can hold up."""

    async def do(self, work: Callable[[], T]) -> T | None:
        """What may wait for a disk or be refused; what is refused is said, and so is a long wait."""
        said = asyncio.get_running_loop().call_later(LONG, self.say, WAITS, "warn")
        try:
            return await asyncio.to_thread(work)
        except (Refusal, OSError) as error:
            self.say(plain(error), "bad")
            return None
        finally:
            said.cancel()

    def attempt(self, work: Callable[[], T]) -> T | None:
        """The same for what only reads, and is quick."""
        try:
            return work()
        except (Refusal, OSError) as error:
            self.say(plain(error), "bad")
            return None

    async def beside(self, work: Awaitable[T]) -> T | None:
        """Await what is done at once; what takes longer goes on by itself, and None stands for it."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=AT_ONCE)
        if done:
            return task.result()
        task.add_done_callback(self._over)
        return None

    def _over(self, task: "asyncio.Future[Any]") -> None:
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._handle_exception(error)

    async def run_action(self, *action: Any, **options: Any) -> bool:
        """A key whose action waits for a lock must not hold up the next key."""
        handled = await self.beside(super().run_action(*action, **options))
        return True if handled is None else handled
