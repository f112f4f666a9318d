"""``woodshed analyse``: how the numbers of sounds are distributed, gold against flawed."""

from collections.abc import Sequence
from typing import Any

import click

from jobs import specs
from store.errors import Usage
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, verb, with_front
from studio.distribution import METADATA, line, scale, telling, told
from studio.report import brief
from studio.text import count, pad

SHOWN = 6
"""Features of each instrument that are drawn unless others are asked for."""
GROUP, WIDTH = 16, 48


@waiting.detachable
@verb(
    "woodshed analyse ~/set\nwoodshed analyse ~/set --instrument drums --feature crest_factor --png set.png",
    name="analyse",
    help="Show how the 64 numbers of sounds (files, folders, datasets) are distributed: by feature and "
    "instrument, gold against each flaw, at one loudness. A line goes from the 5th to the 95th percentile, "
    "thick where half of the sounds lie, with a dot at the median; the figure at its end tells how far it "
    "stands apart from gold, from -1 (always below) over 0 to 1 (always above). Drawn are six features of "
    "each instrument, in turn those that tell a flaw best, --all of them, or each --feature that is named. "
    "--png draws all of them as a picture. Exit code 4 when no sound can be read.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|FOLDER|DATASET...")
@click.option("--png", metavar="FILE", help="Picture of all features to write, a .png.")
@click.option("--instrument", metavar="NAME", help="Only this one: drums, vocals, bass, guitar, keys.")
@click.option("--feature", "features", multiple=True, metavar="NAME", help="Draw this one; can be repeated.")
@click.option("--all", "every", is_flag=True, help="Draw all 64.")
@with_front
def command(
    front: Front, sounds: tuple[str, ...], png: str | None, instrument: str | None, features: tuple[str, ...],
    every: bool, detach: bool,
) -> None:  # fmt: skip
    job = actions.submit(specs.Analyse, sounds=sounds, out=png or "")
    if detach:
        return waiting.detached(front, job)
    job = waiting.finish(front, job)
    metadata = {one["name"]: one for one in actions.left(job, METADATA)["features"]}
    if wrong := next((name for name in features if name not in metadata), None):
        raise Usage(f"--feature: no {wrong!r}{specs.nearest(wrong, metadata)}")
    analysis = [one for one in actions.left(job) if instrument in (None, one["instrument"])]
    if not analysis:
        there = ", ".join(one["instrument"] for one in actions.left(job))
        raise Usage(f"--instrument: no sounds of {instrument!r}; there are: {there}")
    drawn = tuple(metadata) if every else features
    front.give(analysis, lambda: _report(analysis, metadata, drawn))
    summary = (job.result or {})["summary"]
    if summary["failed"]:
        front.complain(
            f"{count(summary['failed'], 'sound')} could not be read: woodshed fingerprint names them"
        )
    if "path" in summary:
        front.say(f"drawn in {summary['path']}")


def _report(
    analysis: list[dict[str, Any]], metadata: dict[str, dict[str, Any]], drawn: Sequence[str]
) -> None:
    for one in analysis:
        groups = one["groups"]
        counts = ", ".join(f"{group['name']} {group['count']}" for group in groups)
        print(f"{one['instrument']}: {counts}")
        for name in drawn or telling(groups, list(metadata), SHOWN):
            # The name as --feature takes it, and what it means where the name does not say it.
            meaning = told(metadata[name])
            more = "" if meaning == name.replace("_", " ") else f": {meaning}"
            print(f"  {name}{more} [{metadata[name]['unit']}]")
            ends = scale(groups, name)
            for group in groups:
                values = group["percentiles"][name]
                apart = f"{group['apart'][name]:+.2f}" if "apart" in group else ""
                words = (
                    f"{pad(group['name'], GROUP)} {line(values, ends, WIDTH)} {brief(values[2]):>9}  {apart}"
                )
                print(f"    {words}".rstrip())
