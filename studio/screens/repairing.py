"""Repair from the Lab: a sound whose gaps are filled, and A against B in the gap browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import specs
from jobs.repairs import LOSS, USUAL
from store import paths
from store.errors import Refusal
from studio import actions, looking
from studio.awaited import finished
from studio.looking import Subject
from studio.screens.requests import asking

if TYPE_CHECKING:
    from studio.frame import Studio
    from studio.screens.lab import LabPage

WHOLE = (".wav", ".flac", ".aiff", ".caf", ".w64", ".rf64")
"""Endings of files that keep whole numbers; another one becomes the first."""
ASKED = ("trace", "packet_ms", "seed")
"""Fields that a repair and its score have in common."""


def repair(lab: "LabPage", subject: Subject) -> None:
    """Ask how, fill the gaps beside the keys, and load both as A and B."""

    proposed = {"trace": trace_of(subject), **lost_by(subject), "out": str(beside(subject, "repaired"))}
    made_of(lab, subject, "repair", specs.Repair, proposed, ", r scores it in its gaps")


def made_of(
    lab: "LabPage",
    subject: Subject,
    word: str,
    kind: type[specs.Spec],
    proposed: dict[str, str],
    more: str = "",
) -> None:
    """Ask for the fields of a ``kind`` of job; the sound itself is A then, and what was made of it B.
    ``more``: what else can be done with it."""

    async def carried_out(values: dict[str, Any]) -> bool:
        app = lab.studio
        job = await app.do(lambda: actions.submit(kind, input=subject.path, **values))
        if job is None:
            return False
        app.poll()
        app.say(f"{subject.name}: {word} is on its way; 3 shows how far it is")
        try:
            now = await finished(job.id)
        except Refusal as error:
            app.say(f"{subject.name}: {error}", "bad")
            return False
        made = looking.of_file(str((now.result or {})["summary"]["path"]))
        lab.compare(subject, made)
        app.say(f"{made.name} is B: x plays A and B in turn{more}", "good")
        return True

    asking(lab.studio, f"{word} {subject.name}", kind, carried_out, leave_out=("input",), proposed=proposed)


def score(app: "Studio", truth: Subject, output: Subject) -> None:
    """Ask by which trace and profile, then show what came of it, gap by gap."""

    async def carried_out(values: dict[str, Any]) -> bool:
        asked = {"truth": truth.path, "output": output.path, **values}
        job = await app.do(lambda: actions.submit(specs.ScoreRepair, **asked))
        if job is None:
            return False
        app.poll()
        from studio.screens.gaps import Gaps

        app.push_screen(Gaps(job.id))
        try:
            await finished(job.id)
        except Refusal:
            return False
        return True

    asking(
        app,
        f"score {output.name} against {truth.name}",
        specs.ScoreRepair,
        carried_out,
        leave_out=("truth", "output", "preview"),
        proposed=asked_of(output),
    )


def trace_of(subject: Subject) -> str:
    """The text file beside a sound, which may be its trace; else a usual network."""
    beside_it = Path(subject.path).with_suffix(".txt")
    return str(beside_it) if beside_it.is_file() else USUAL


def beside(subject: Subject, word: str, ending: str = "") -> Path:
    """A file beside the sound that is not there yet, with ``word`` in its name and, unless told, the ending
    of the sound; in the person's home for what lies in the library."""
    path = Path(subject.path)
    folder = Path.home() if path.is_relative_to(paths.data()) else path.parent
    ending = ending or (path.suffix if path.suffix.lower() in WHOLE else WHOLE[0])
    stem = f"{Path(subject.name).stem if folder != path.parent else path.stem}_{word}"
    names = (f"{stem}{f'_{number}' if number > 1 else ''}{ending}" for number in range(1, 1000))
    return next((folder / name for name in names if not (folder / name).exists()), folder / f"{stem}{ending}")


def asked_of(output: Subject) -> dict[str, str]:
    """What the repair that made a sound was asked for, if one did."""
    return _asked(_job_of(output, specs.Repair))


def lost_by(subject: Subject) -> dict[str, str]:
    """What a sound lost its packets by, where they were lost here."""
    spec = _job_of(subject, specs.Degrade)
    if spec.get("kind") != LOSS:
        return {}
    return _asked({**spec, "trace": spec.get("trace") or USUAL})


def _job_of(made: Subject, kind: type[specs.Spec]) -> dict[str, Any]:
    """The spec of the last job that wrote a file, if one of that kind did."""
    for job in reversed(actions.jobs(recipes=(kind.recipe,))):
        if job.spec.get("out") == made.path and job.state == "done":
            return dict(job.spec)
    return {}


def _asked(spec: dict[str, Any]) -> dict[str, str]:
    return {name: f"{spec[name]:g}" if name == "packet_ms" else str(spec[name])
            for name in ASKED if name in spec}  # fmt: skip
