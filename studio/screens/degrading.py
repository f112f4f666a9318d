"""Losses and damage from the Lab: what a connection would do to a sound, and traces of what it loses."""

from typing import TYPE_CHECKING, Any

from jobs import specs
from store.errors import Refusal
from studio import actions, looking
from studio.awaited import finished
from studio.looking import Subject
from studio.screens.dialog import Pick
from studio.screens.repairing import beside
from studio.screens.requests import asking, submit

if TYPE_CHECKING:
    from studio.screens.lab import LabPage

MATERIAL = (
    ("degrade", "lost packets, clipping, phase and more"),
    ("packet trace", "what a network loses, with figures"),
)


def choose(lab: "LabPage", subject: Subject) -> None:
    """What can be made to try repairs on; the one that is chosen asks for what it needs."""

    def chosen(name: str | None) -> None:
        if name == MATERIAL[0][0]:
            degrade(lab, subject)
        elif name:
            trace(lab, subject)

    lab.studio.push_screen(
        Pick("to try repairs on", [(name, name, words) for name, words in MATERIAL]), chosen
    )


def degrade(lab: "LabPage", subject: Subject) -> None:
    """Ask how; the sound itself is A then, and what was made of it B."""

    async def carried_out(values: dict[str, Any]) -> bool:
        app = lab.studio
        job = await app.do(lambda: actions.submit(specs.Degrade, input=subject.path, **values))
        if job is None:
            return False
        app.poll()
        try:
            now = await finished(job.id)
        except Refusal as error:
            app.say(f"{subject.name}: {error}", "bad")
            return False
        made = looking.of_file(str((now.result or {})["summary"]["path"]))
        lab.compare(subject, made)
        app.say(f"{made.name} is B: x plays A and B in turn", "good")
        return True

    asking(
        lab.studio,
        f"degrade {subject.name}",
        specs.Degrade,
        carried_out,
        leave_out=("input",),
        proposed={"out": str(beside(subject, "degraded"))},
    )


def trace(lab: "LabPage", subject: Subject) -> None:
    """Ask for a network; as long as the sound, if it is known how long that is."""
    app = lab.studio

    async def carried_out(values: dict[str, Any]) -> bool:
        return await submit(app, "packet trace", specs.MakeTrace, values)

    seconds = (lab.found.get(subject.path) or {}).get("seconds")
    known = {"seconds": f"{seconds:.6g}"} if seconds else {}
    proposed = {"out": str(beside(subject, "trace", ".txt")), **known}
    asking(app, "packet trace", specs.MakeTrace, carried_out, proposed=proposed)
