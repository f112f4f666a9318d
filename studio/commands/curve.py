"""``woodshed jobs curve``: what the studio draws of trainings, printed."""

from typing import Any

import click

from jobs import specs
from store.errors import Usage
from studio import actions
from studio.commands.base import Front, shown, table, verb, with_front
from studio.course import Course, View, came_to

WIDTH = 80
HEIGHT = 20
AT_MOST = 8


@verb(
    "woodshed jobs curve 3fa\nwoodshed jobs curve 3fa 91c --term stft --log",
    name="curve",
    help="The loss of a training as a curve, or of several over one another, with a table of both.",
)
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...")
@click.option("--term", default="loss", show_default=True, help="What to draw: loss, stft, kl, gap ...")
@click.option("--log", is_flag=True, help="A logarithmic axis of values.")
@click.option("--from", "first", type=float, metavar="EPOCH", help="Where the curve begins.")
@click.option("--to", "last", type=float, metavar="EPOCH", help="Where it ends.")
@with_front
def command(
    front: Front, jobs: tuple[str, ...], term: str, log: bool, first: float | None, last: float | None
) -> None:
    if len(jobs) > AT_MOST:
        raise Usage(f"{len(jobs)} jobs: {AT_MOST} curves can be told apart; name fewer")
    runs = [_run(key) for key in jobs]
    view = _view(runs, term)
    front.give(
        [_document(job, name, course, view) for name, job, course in runs],
        lambda: _print(runs, view, log, (first, last)),
    )


def _run(key: str) -> tuple[str, Any, Course]:
    job = actions.job(key)
    course = Course(job.id)
    course.read()
    if not course.curves:
        raise Usage(f"job {job.id} ({job.recipe}, {job.state}) has no curve: nothing was measured in it yet")
    record = actions.library().datasets.get(job.spec.get("dataset", "")) or {}
    return str(job.spec.get("name") or record.get("name") or job.id), job, course


def _view(runs: list[tuple[str, Any, Course]], term: str) -> View:
    views = {view.name: view for _, _, course in runs for view in course.views()}
    if term not in views:
        raise Usage(f"--term: no {term!r}{specs.nearest(term, views)}; there are: {', '.join(views)}")
    return views[term]


def _document(job: Any, name: str, course: Course, view: View) -> dict[str, Any]:
    best = course.best()
    return {
        "id": job.id,
        "name": name,
        "state": job.state,
        "epochs": course.epochs,
        "seconds": course.seconds,
        "best": {"epoch": best[0], "value": best[1]} if best else None,
        "gap": course.last("gap"),
        "preset": job.spec.get("preset"),
        "curves": {
            term.key: {"epochs": points[0], "values": points[1]}
            for term, points in course.shown(view).items()
        },
    }


def _print(
    runs: list[tuple[str, Any, Course]],
    view: View,
    log: bool,
    ends: tuple[float | None, float | None],
) -> None:
    from studio.widgets.chart import LETTERS, chart, frame_of, inks_of, whole
    from studio.widgets.ink import Ink, load

    if len(runs) == 1:
        drawn = [(t.words, t.letter, t.ink, points) for t, points in runs[0][2].shown(view).items()]
    else:
        judged = [(name, course.judged(view)) for name, _, course in runs]
        inks = inks_of([name for name, _ in judged])
        drawn = [
            (name, letter, ink, found[1])
            for (name, found), letter, ink in zip(judged, LETTERS, inks, strict=False)
            if found
        ]
    series = [points for *_, points in drawn]
    least, most = whole(series)
    least = least if ends[0] is None else ends[0]
    most = most if ends[1] is None else ends[1]
    if not least < most:
        raise Usage(
            f"--from {least:g} --to {most:g}: there is nothing between them; nearest: --to {least + 1:g}"
        )
    frame = frame_of(series, WIDTH, HEIGHT, log, (least, most))
    inks = [ink for _, _, ink, _ in drawn]
    rows = chart(series, inks, frame, Ink(load("woodshed")), letters=[letter for _, letter, _, _ in drawn])
    print("   ".join(f"{letter} {shown(words)}" for words, letter, _, _ in drawn))
    for row in rows:
        print(row.text.rstrip())
    columns = ("epochs", "best", "at", "gap", "time", "preset")
    print()
    told = [(name, job, came_to(job, course)) for name, job, course in runs]
    table(
        ("", "training", "id", *columns),
        [
            (LETTERS[at], name, job.id, *(row[column] for column in columns))
            for at, (name, job, row) in enumerate(told)
        ],
        "",
    )
