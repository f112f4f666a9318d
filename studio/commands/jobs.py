"""``woodshed jobs``: the queue."""

from typing import Any

import click

from jobs.job import STATES, Job, utc
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, Group, fields, plain, shown, table, with_front

command = Group("jobs", help="Jobs: requests with a state. They go on when this command has ended.")


def document(job: Job) -> dict[str, Any]:
    """A job as JSON, with the folder of its run; times are ISO-8601 UTC."""
    from store import paths

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
    rows = (
        (job.id, job.recipe, job.state, job.attempt, job.submitted, job.ended, about(job)) for job in found
    )
    front.give(
        [document(job) for job in found],
        lambda: table(
            ("id", "recipe", "state", "attempt", "submitted", "ended", "about"),
            rows,
            "no jobs yet: woodshed demo makes some",
        ),
    )


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
    found = document(actions.job(job))
    names = ("id", "recipe", "state", "attempt", "max_attempts", "lane", "group", "submitted", "started",
             "ended", "heartbeat", "error", "spec", "path")  # fmt: skip
    front.give(found, lambda: fields(found, names))


@command.command(
    "cancel", example="woodshed jobs cancel 3fa", help="Ask a job to stop; its checkpoint is kept."
)
@click.argument("job")
@with_front
def cancel(front: Front, job: str) -> None:
    found = actions.cancel(job)
    front.give(document(found), lambda: print(f"job {found.id}: {_stopping(found)}"))


def _stopping(job: Job) -> str:
    return job.state if job.state in actions.ENDED else "asked to stop; its checkpoint is kept"


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
