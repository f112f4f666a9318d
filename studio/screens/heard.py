"""What the Play screen made last: how far it is, then how it looks and sounds."""

import asyncio
from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical

from jobs import queue
from jobs.job import Job
from jobs.specs import Generate
from store import paths, stream
from store.errors import Busy, Refusal
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
LOOKS = 4
"""Looks between two words about it."""


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

    def show(self, take: dict, what: str) -> None:
        """Draw a take and say how loud it is."""
        self.take = take
        self.pictures.show(take)
        loud = level(take)
        dbfs = f" · {figure(loud)} dBFS" if loud is not None else ""
        self.say("♪", f"{what} · {clock(take.get('seconds'))} · seed {take.get('seed')}{dbfs}", "second")

    def hear(self, take: dict, what: str) -> None:
        """Show a take and play it."""
        self.show(take, what)
        self.studio.play(take["path"], what if what == "preview" else take["name"])

    async def end(self, job: Job | None, what: str) -> dict | None:
        """What the job made, when nothing moves any more; until then how far it is with ``what``."""
        try:
            now = await self._ended(job, what) if job else None
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

    async def _ended(self, job: Job, what: str) -> Job | None:
        """The job as it ended. One that was interrupted goes on with the next worker."""
        loaded = await asyncio.to_thread(lambda: has_played(queue.worker_status()))
        said = ""
        for look in count():
            try:
                now = actions.ledger().get(job.id)
            except Busy:
                # Locked for a while: the job goes on all the same.
                await asyncio.sleep(1.0)
                continue
            if now is None or (now.state in actions.ENDED and (now.state != "done" or now.published)):
                return now
            if look % LOOKS == LOOKS - 1 and (words := standing(now, what, loaded)) != said:
                # Only when it changes: a take may be on its way beside a preview, each with its own words.
                said = words
                self.say("…", words, "dim")
            await asyncio.sleep(ASK_EVERY)
        return None


def has_played(worker: Mapping[str, Any]) -> bool:
    """Whether this worker has made a take or a preview, so that its engine is loaded."""
    made = actions.jobs(1, states=("done",), recipes=(Generate.recipe,))
    return bool(worker["alive"] and made and str(made[-1].ended) >= str(worker["since"]))


def standing(job: Job, what: str, loaded: bool) -> str:
    """How far a job is that a hand waits for."""
    if job.state == "interrupted":
        return f"the worker was shut down; {what} goes on with the next"
    if not loaded:
        return f"the engine loads, once; then comes {what}"
    if job.state == "queued":
        return f"{what} waits for what is being made"
    row = (stream.last(paths.events(job.id), "progress") or {}) if job.spec.get("count", 1) > 1 else {}
    done = f", {row.get('done') or 0:g} of {row['total']:g} made" if row.get("total") else ""
    return f"making {what}{done}"
