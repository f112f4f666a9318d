"""``woodshed fingerprint``: sounds as 64 numbers each."""

from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, shown, table, verb, with_front
from studio.report import brief

SEEN = ("spectral_centroid", "spectral_flatness", "crest_factor", "integrated_lufs", "loudness_range",
        "onset_strength")  # fmt: skip


@waiting.detachable
@verb(
    "woodshed fingerprint kick.wav --json\nwoodshed fingerprint ~/set --out features.csv",
    name="fingerprint",
    help="Reduce sounds (files, folders with all below them, datasets) to 64 numbers each: timbre, "
    "dynamics, time, loudness. --out writes them as CSV and Parquet, with feature_metadata.json beside them "
    "that says what each column means, in which unit and by which definition. What was measured before is "
    "taken from the cache, so a run that was stopped goes on where it was. Exit code 4 when a sound can't "
    "be read.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|FOLDER|DATASET...")
@click.option("--out", metavar="FILE", help="features.csv or features.parquet; both are written.")
@with_front
def command(front: Front, sounds: tuple[str, ...], out: str | None, detach: bool) -> int | None:
    job = actions.submit(specs.Fingerprint, sounds=sounds, out=out or "")
    if detach:
        waiting.detached(front, job)
        return None
    job = waiting.finish(front, job)
    summary = (job.result or {})["summary"]
    code = waiting.rows(front, actions.left(job), _report)
    if "csv" in summary:
        front.say(f"{summary['csv']} and {summary['parquet']}, told by {summary['metadata']}")
    return code


def _report(rows: list[dict[str, Any]]) -> None:
    cells = (
        [shown(row["name"]), row["instrument"], *(brief(row["features"][name]) for name in SEEN)]
        for row in rows
    )
    table(("sound", "instrument", *(name.replace("_", " ") for name in SEEN)), cells, "no sounds")
