"""``woodshed look``: a sound in figures, and where it lies among the sounds of a dataset."""

from dataclasses import replace
from typing import Any

import click

from studio import looking
from studio.commands import waiting
from studio.commands.base import Front, shown, verb, with_front
from studio.report import brief


@verb(
    "woodshed look kick.wav --against drums\nwoodshed look drums/kick_deep.wav 3fa --json",
    name="look",
    help="Look closely at sounds: files, takes by name or id, or DATASET/SOUND. Level, length, spectrum and "
    "descriptors, each with where it lies among the sounds of the dataset it belongs to, or of the one that "
    "--against names (a model stands for the dataset that it learned).",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|TAKE|DATASET/SOUND...")
@click.option("--against", default="", metavar="DATASET|MODEL", help="What to hold them against.")
@with_front
def command(front: Front, sounds: tuple[str, ...], against: str) -> None:
    subjects = [looking.subject(word) for word in sounds]
    if against:
        dataset = looking.against(against)
        subjects = [replace(one, dataset=dataset) for one in subjects]
    jobs = [looking.look(one) for one in subjects]
    found = [waiting.finish(front, job) for job in jobs]
    summaries = [(job.result or {})["summary"] for job in found]
    told = [{"name": one.name, **summary} for one, summary in zip(subjects, summaries, strict=True)]
    front.give(told, lambda: _report(told))


def _report(told: list[dict[str, Any]]) -> None:
    for found in told:
        _facts(found)
        dataset = shown((found["against"] or {}).get("name", ""))
        for axis in found["axes"]:
            value = f"{brief(axis['value'])} {axis['unit']}".rstrip()
            where = ""
            if "sounds" in axis:
                band = " / ".join(brief(axis[name]) for name in ("low", "median", "high"))
                where = f"  {axis['percentile']:3.0f} %  {band:24}  {looking.standing(axis, dataset)}"
            print(f"  {axis['name']:13} {value:>14}{where}")


def _facts(found: dict[str, Any]) -> None:
    print(shown(found["name"]))
    channels = {1: "mono", 2: "stereo"}.get(found["channels"], f"{found['channels']} channels")
    print(f"  {found['seconds']:.3f} s  {found['rate']} Hz  {channels}  {shown(found['format'])}")
    loud = "" if found["loudness_lufs"] is None else f"  {found['loudness_lufs']:.1f} LUFS"
    print(f"  peak {found['peak_dbfs']:.1f} dBFS  rms {found['rms_dbfs']:.1f} dBFS{loud}")
    for fault in found["faults"]:
        print(f"  {shown(fault)}")
