"""``woodshed normalise``: sounds to one loudness, and the proof of it."""

from typing import Any

import click

from jobs import specs
from jobs.job import Job
from store.errors import Usage
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, level, shown, table, verb, with_front
from studio.commands.request import given, options
from studio.text import count


@waiting.detachable
@verb(
    "woodshed normalise drums --out ~/level\n"
    "woodshed normalise ~/set/raw --out ~/set/processed --target -23\n"
    "woodshed normalise --verify ~/level",
    name="normalise",
    help="Write sounds (files, folders with all below them, datasets) at one integrated loudness, as 24-bit "
    "WAV with the folders they had. What would pass the true peak is turned up less, never clipped; what is "
    "too short or silent is told. normalization_log.json has each sound before and after with the reason; "
    "all are measured again at the end. --verify measures a folder that was normalised once more. Exit code "
    "4 when a sound can't be read, or misses the target by more than 0.1 LU without a reason.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|FOLDER|DATASET...")
@click.option("--out", metavar="FOLDER", help="Where to: a new or empty folder, or one of an earlier run.")
@options(specs.Normalise, "target", "peak")
@click.option("--verify", is_flag=True, help="Write nothing, measure a normalised folder again.")
@with_front
def command(
    front: Front, sounds: tuple[str, ...], out: str | None, verify: bool, detach: bool, **typed: Any
) -> int | None:
    job = _asked(sounds, out, verify, given(**typed))
    if detach:
        waiting.detached(front, job)
        return None
    job = waiting.finish(front, job)
    summary, files = (job.result or {})["summary"], actions.left(job)
    front.give({**summary, "files": files}, lambda: _report(summary, files))
    return 4 if summary["failed"] or summary["wrong"] else 0


def _asked(sounds: tuple[str, ...], out: str | None, verify: bool, typed: dict[str, Any]) -> Job:
    if verify:
        if len(sounds) != 1 or out or typed:
            raise Usage("--verify: goes with one folder that was normalised, and nothing else")
        return actions.submit(specs.Verify, folder=sounds[0])
    if not out:
        raise Usage("--out is missing: the folder to write to; example: --out normalised")
    return actions.submit(specs.Normalise, sounds=sounds, out=out, **typed)


def _report(summary: dict[str, Any], files: list[dict[str, Any]]) -> None:
    rows = [
        [shown(one["name"]), level(one["before"]["lufs"]), f"{one['gain_db']:+.2f}",
         level(one.get("after", {}).get("lufs")), level(one.get("after", {}).get("true_peak_dbtp")),
         one.get("wrong") or one.get("reason", "")]
        for one in files if "path" in one
    ]  # fmt: skip
    table(("sound", "before LUFS", "gain dB", "after LUFS", "peak dBTP", "why"), rows, "no sounds")
    for one in files:
        if "error" in one:
            print(f"  error: {shown(one['name'])}: {shown(one['error'])}")
    for file in summary.get("not_in_log", ()):
        print(f"  not in the log: {shown(file)}")
    wrong = f"{summary['wrong']} wrong" if summary["wrong"] else "all as they should be"
    told = f"{count(summary['count'], 'sound')}, {summary['with_reason']} with a reason, {wrong}"
    print(f"{told}: {shown(summary['path'])}")
