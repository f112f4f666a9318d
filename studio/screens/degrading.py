"""Losses and damage from the Lab: what a connection would do to a sound, and traces of what it loses."""

from typing import TYPE_CHECKING, Any

from jobs import specs
from studio.looking import Subject
from studio.screens.dialog import Pick
from studio.screens.repairing import beside, made_of
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
    made_of(lab, subject, "degrade", specs.Degrade, {"out": str(beside(subject, "degraded"))})


def trace(lab: "LabPage", subject: Subject) -> None:
    """Ask for a network; as long as the sound, if it is known how long that is."""
    app = lab.studio

    async def carried_out(values: dict[str, Any]) -> bool:
        return await submit(app, "packet trace", specs.MakeTrace, values)

    seconds = (lab.found.get(subject.path) or {}).get("seconds")
    known = {"seconds": f"{seconds:.6g}"} if seconds else {}
    proposed = {"out": str(beside(subject, "trace", ".txt")), **known}
    asking(app, "packet trace", specs.MakeTrace, carried_out, proposed=proposed)
