"""``woodshed jobs``: the queue."""

from typing import Any

import click

from jobs.job import STATES, Job, utc
from jobs.ledger import Ledger
from jobs.specs import LANES
from store import paths, stream
from store.errors import Usage
from studio import actions, progress
from studio.commands import curve, waiting
from studio.commands.base import Front, Group, fields, plain, shown, table, with_front

command = Group("jobs", help="Jobs: requests with a state. They go on when this command has ended.")


def document(job: Job) -> dict[str, Any]:
    """A job as JSON, with the folder of its run; times are ISO-8601 UTC."""
    lease = None if job.lease is None else utc(job.lease)
    return {**plain(job), "lease": lease, "path": str(paths.events(job.id).parent)}


@command.command("ls", example="woodshed jobs ls --state running", help="Jobs, newest last.")
@click.option("--state", default="", type=click.Choice(["", *STATES]), help="Only those in this state.")
@click.option(
    "--limit",
    default=200,
    type=click.IntRange(1),
    show_default=True,
    help="The newest N, and all that wait or run.",
)
@with_front
def ls(front: Front, state: str, limit: int) -> None:
    found = actions.jobs(limit, states=(state,) if state else ())
    ledger = actions.ledger()
    places = {id: place for lane in LANES for place, id in enumerate(ledger.queued(lane), 1)}
    rows = (
        (job.id, job.recipe, _state(job, ledger, places), job.attempt, job.submitted, job.ended, about(job))
        for job in found
    )
    front.give(
        [document(job) for job in found],
        lambda: table(
            ("id", "recipe", "state", "attempt", "submitted", "ended", "about"),
            rows,
            "no jobs yet: woodshed demo makes some",
        ),
    )


def _state(job: Job, ledger: Ledger, places: dict[str, int]) -> str:
    """As a person sees it: a place in the queue, or that it has fallen silent."""
    if job.id in places:
        return f"queued ({places[job.id]})"
    return ledger.standing(job)


def about(job: Job) -> str:
    """What a job works on, or why it failed."""
    if job.error:
        return str(job.error.get("message", ""))
    for field in ("name", "dataset", "model", "take", "paths"):
        if job.spec.get(field):
            return shown(job.spec[field])
    return ""


@command.command("show", example="woodshed jobs show 3fa --json", help="A job and its newest figures.")
@click.argument("job")
@with_front
def show(front: Front, job: str) -> None:
    found = actions.job(job)
    ledger = actions.ledger()
    told = stream.last(paths.events(found.id), "progress")
    live = {
        "standing": ledger.standing(found),
        "place": ledger.place(found) or None,
        "progress": progress.numbers(told) | {"unit": (told or {}).get("unit")},
        "beat_seconds": progress.beat(found.heartbeat) if found.state == "running" else None,
    }
    names = ("id", "recipe", "state", "attempt", "max_attempts", "lane", "place", "group", "submitted",
             "started", "ended", "heartbeat", "progress", "error", "spec", "path")  # fmt: skip
    words = progress.of(found, told)
    front.give(
        document(found) | live,
        lambda: fields(document(found) | live | {"state": live["standing"], "progress": words}, names),
    )


@command.command(
    "cancel", example="woodshed jobs cancel 3fa", help="Ask a job to stop; a checkpoint is kept."
)
@click.argument("job")
@with_front
def cancel(front: Front, job: str) -> None:
    found = actions.cancel(job)
    front.give(document(found), lambda: print(f"job {found.id}: {_stopping(found)}"))


def _stopping(job: Job) -> str:
    if job.state in actions.ENDED:
        return job.state
    return f"asked to stop{'; its checkpoint is kept' if actions.keeps(job.id) else ''}"


@command.command(
    "resume",
    example="woodshed jobs resume 3fa",
    help="Let a cancelled, interrupted or failed job go on from its checkpoint.",
)
@click.argument("job")
@with_front
def resume(front: Front, job: str) -> None:
    found = actions.resume(job)
    front.give(
        document(found), lambda: print(f"job {found.id} {found.state}; woodshed jobs follow {found.id}")
    )


@command.command(
    "retry",
    example="woodshed jobs retry 3fa",
    help="Ask anew for what a failed or cancelled job asked for: a new job, from the beginning. "
    "'resume' goes on from the checkpoint instead.",
)
@click.argument("job")
@with_front
def retry(front: Front, job: str) -> None:
    waiting.detached(front, actions.retry(job))


@command.command(
    "move",
    example="woodshed jobs move 3fa --first",
    help="Give a queued job another place among those that wait in its lane.",
)
@click.argument("job")
@click.option("--first", "where", flag_value="first", help="Before all others.")
@click.option("--up", "where", flag_value="up", help="Before the one that is before it.")
@click.option("--down", "where", flag_value="down", help="After the one that is after it.")
@click.option("--last", "where", flag_value="last", help="After all others.")
@with_front
def move(front: Front, job: str, where: str | None) -> None:
    if where is None:
        raise Usage("where to? nearest: --first; others: --up, --down, --last")
    found = actions.move(job, where)
    place = actions.ledger().place(found)
    front.give(
        document(found) | {"place": place or None},
        lambda: print(f"job {found.id} {f'is number {place} of its lane' if place else found.state}"),
    )


@command.command(
    "follow",
    example="woodshed jobs follow 3fa",
    help="Watch a job until it ends, with its exit code. Ctrl-C stops watching, not the job.",
)
@click.argument("job")
@with_front
def follow(front: Front, job: str) -> None:
    found = waiting.watch(front, actions.job(job))
    front.give(document(found), lambda: print(f"job {found.id} {found.state}"))
    waiting.done(found)


command.add_command(curve.command)
