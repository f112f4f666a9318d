"""Jobs that a form asks for: the fields of a spec, checked one by one, and sent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import specs
from jobs.job import Job
from store.errors import Refusal
from studio import actions, forms
from studio.awaited import finished
from studio.screens.dialog import Ask

if TYPE_CHECKING:
    from studio.frame import Studio

PLACES = ("sounds", "folder", "path")
AGAIN = "ask again to see it"


def asking(
    app: "Studio",
    title: str,
    kind: type[specs.Spec],
    then: Callable[[dict[str, Any]], Awaitable[bool]],
    dataset: dict[str, Any] | None = None,
    leave_out: Sequence[str] = (),
    proposed: Mapping[str, str] | None = None,
) -> None:
    """Ask for the fields of a spec but some; ``then`` gets them, and says whether it was done.

    Sounds are those of ``dataset`` at first, what else is needed is the person's home. What is ``proposed``
    may not stay empty either. What was sent and not done is there when it is asked again.
    """
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    first = {"sounds": str(dataset["name"])} if dataset else {}
    first |= proposed or {}
    asked = [
        _placed(one, first) if one.name in needed | first.keys() else one
        for one in forms.questions(kind, _records(kind, leave_out), leave_out=leave_out)
    ]
    of = str(dataset["id"]) if dataset and any(one.name == "sounds" for one in asked) else ""
    typed = app.undone.get((title, of), {})
    asked = [_kept(one, typed.get(one.name, one.initial)) for one in asked]

    def check(field: str, value: str) -> str:
        if field in first and not value:
            return f"{field} is missing"
        return forms.complaint(kind, field, _worded(field, value))

    async def answered(answers: dict[str, str] | None) -> None:
        if answers is not None:
            # Other keys must not wait for a job.
            await app.beside(carried_out(answers))

    async def carried_out(answers: dict[str, str]) -> None:
        if await then({field: _worded(field, value) for field, value in answers.items()}):
            app.undone.pop((title, of), None)
        else:
            app.undone[title, of] = answers

    app.push_screen(Ask(title, asked, "Do it", check), answered)


async def submit(app: "Studio", name: str, kind: type[specs.Spec], values: dict[str, Any]) -> bool:
    """Send it and wait for its end; the studio says where it is seen, and why it was not done."""
    job = await app.do(lambda: actions.submit(kind, **values))
    if job is None:
        return False
    app.say(f"{name}: it runs; 3 shows how far it is, and what came of it", "good")
    app.poll()
    try:
        await finished(job.id)
    except Refusal as error:
        app.say(f"{name}: {error}", "bad")
        return False
    return True


async def waited(
    app: "Studio", name: str, kind: type[specs.Spec], values: Mapping[str, Any], later: str = AGAIN
) -> Job | None:
    """The job when it is done, for who waits to see what it found; None where it was not done.

    Also for who has gone elsewhere meanwhile: who is told that it is there, and where (``later``), and not
    interrupted.
    """
    # Before it is sent, which takes long enough to go elsewhere.
    here = app.screen, app.page
    job = await app.do(lambda: actions.submit(kind, **values))
    if job is None:
        return None
    app.say(f"{name}: it runs; 3 shows how far it is")
    try:
        now = await finished(job.id)
    except Refusal as error:
        app.say(f"{name}: {error}", "bad")
        return None
    if (app.screen, app.page) != here:
        app.say(f"{name}: it is there; {later}", "good")
        return None
    app.say("")
    return now


def _records(kind: type[specs.Spec], leave_out: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Of the tables that the fields of a spec choose from."""
    asked = [field.metadata.get("record") for field in fields(kind) if field.name not in leave_out]
    return {table: actions.shelf(table).all() for table in asked if table}


def _placed(one: forms.Question, first: Mapping[str, str]) -> forms.Question:
    if one.name in PLACES or one.name in first:
        return replace(one, initial=first.get(one.name, str(Path.home())), suggested=True)
    return one


def _kept(one: forms.Question, value: str) -> forms.Question:
    """With a value that a person gave: typing goes on with it, and does not replace it as a proposal."""
    return one if value == one.initial else replace(one, initial=value, suggested=False)


def _worded(field: str, value: str) -> Any:
    """What is typed for sounds is one word, whatever is in it."""
    return [value] if field == "sounds" and value else value
