"""A job that the studio waits for without standing still."""

import asyncio

from jobs.job import Job
from store.errors import Refusal
from studio import actions

LOOK, SELDOM = 0.04, 1.0
"""Seconds between two looks, at first and at most: who waits for minutes need not know to the blink."""


async def ended(id: str) -> Job | None:
    """The job when it has ended; None when it is forgotten."""
    pause = LOOK
    while (now := actions.ledger().get(id)) is not None and now.state not in actions.ENDED:
        await asyncio.sleep(pause)
        pause = min(SELDOM, pause * 1.02)
    return now


async def finished(id: str) -> Job:
    """The job when it is done. Raises Refusal with why it is not."""
    now = await ended(id)
    if now is None or now.state != "done":
        raise Refusal(str(((now and now.error) or {}).get("message", "it was stopped")))
    return now
