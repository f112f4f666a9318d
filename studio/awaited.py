"""A job that the studio waits for without standing still."""

import asyncio

from jobs.job import Job
from store.errors import Refusal
from studio import actions

LOOK = 0.04


async def ended(id: str) -> Job | None:
    """The job when it has ended; None when it is forgotten."""
    while (now := actions.ledger().get(id)) is not None and now.state not in actions.ENDED:
        await asyncio.sleep(LOOK)
    return now


async def finished(id: str) -> Job:
    """The job when it is done. Raises Refusal with why it is not."""
    now = await ended(id)
    if now is None or now.state != "done":
        raise Refusal(str(((now and now.error) or {}).get("message", "it was stopped")))
    return now
