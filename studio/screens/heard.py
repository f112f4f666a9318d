"""What the Play screen made last: how far it is, then how it looks and sounds."""

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from jobs.job import Job
from store.errors import Refusal
from studio import actions
from studio.player import Player
from studio.report import level
from studio.text import clock, figure, safe_text
from studio.widgets.facts import Facts
from studio.widgets.lines import Line
from studio.widgets.sound import Sound

if TYPE_CHECKING:
    from studio.frame import Studio

ASK_EVERY = 0.03
"""Seconds between two looks at a job that a hand waits for."""


class Heard(Vertical):
    """A line of words above the pictures of a take."""

    def __init__(self, player: Player, nothing: str) -> None:
        super().__init__(id="heard")
        self.status = Facts(id="status")
        self.pictures = Sound(player, nothing)
        self.take: dict | None = None

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.pictures

    @property
    def studio(self) -> "Studio":
        return self.app  # type: ignore[return-value]

    def say(self, mark: str, words: str, color: str) -> None:
        line: Line = [(f"{mark} ", color), (safe_text(words), "text")]
        self.status.show([line] if words else [])

    def hear(self, take: dict, what: str) -> None:
        """Show a take and play it."""
        self.take = take
        self.pictures.show(take)
        loud = level(take)
        dbfs = f" · {figure(loud)} dBFS" if loud is not None else ""
        self.say("♪", f"{what} · {clock(take.get('seconds'))} · seed {take.get('seed')}{dbfs}", "second")
        self.studio.play(take["path"], what if what == "preview" else take["name"])

    async def end(self, job: Job | None) -> dict | None:
        """What the job made, when nothing moves any more; what went wrong is said."""
        try:
            now = await self._ended(job) if job else None
        except Refusal as error:
            self.studio.say(str(error), "bad")
            now = None
        if now is None:
            self.say("", "", "")
        elif now.state == "cancelled":
            self.say("■", "cancelled", "dim")
        elif now.state == "failed" or now.error or not now.result:
            self.say("✗", "that did not work; 3 has the whole story", "bad")
            self.studio.say(str((now.error or {}).get("message", "failed")), "bad")
        else:
            return now.result["summary"]
        return None

    async def _ended(self, job: Job) -> Job | None:
        """The job as it ended. One that was interrupted goes on with the next worker."""
        while True:
            now = actions.ledger().get(job.id)
            if now is None or (now.state in actions.ENDED and (now.state != "done" or now.published)):
                return now
            if now.state == "interrupted":
                self.say("◦", "its worker was shut down; it goes on with the next", "dim")
            await asyncio.sleep(ASK_EVERY)
