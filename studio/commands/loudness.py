"""``woodshed loudness``: how loud sounds are, after EBU R128."""

from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, level, shown, table, verb, with_front

LEVELS = (
    "integrated_lufs",
    "momentary_max_lufs",
    "short_term_max_lufs",
    "loudness_range_lu",
    "true_peak_dbtp",
)


@verb(
    "woodshed loudness mix.wav\nwoodshed loudness drums --json",
    name="loudness",
    help="How loud sounds are (ITU-R BS.1770, EBU R128): integrated, highest momentary and short-term "
    "loudness in LUFS, loudness range in LU, true peak in dBTP. Files, folders with all below them, or "
    "datasets. What is not defined (integrated below 0.4 s, range below 3 s, silence) is empty, in JSON "
    "null. Exit code 4 when a sound can't be read.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|FOLDER|DATASET...")
@with_front
def command(front: Front, sounds: tuple[str, ...]) -> int:
    job = waiting.finish(front, actions.submit(specs.MeasureLoudness, sounds=sounds))
    return waiting.rows(front, actions.left(job), _report)


def _report(rows: list[dict[str, Any]]) -> None:
    columns = ("sound", "integrated LUFS", "momentary", "short-term", "range LU", "true peak dBTP")
    table(
        columns, ([shown(row["name"]), *(level(row[name]) for name in LEVELS)] for row in rows), "no sounds"
    )
