"""``woodshed diagnose``: what is wrong with a sound, and the sound with it corrected."""

from pathlib import Path
from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, shown, verb, with_front
from studio.commands.request import given, options
from studio.verdict import likely, verdict


@waiting.detachable
@verb(
    "woodshed diagnose snare.wav --reference clean.wav\n"
    "woodshed diagnose snare.wav --gold drums --apply better.wav --strength 70\n"
    "woodshed diagnose takes/ --correction darker --apply corrected/",
    name="diagnose",
    help="Say what is wrong with sounds (files, folders, datasets) and what would fix it: flaws with their "
    "probability, or that it is not sure, and the three corrections that matter most. Best against "
    "--reference: the clean take of the same sound, or another one; else against the --gold of an "
    "instrument, as a diagnosis model learned it; else blind, which is often wrong and says so. --apply "
    "writes the corrected sound, never over a file, never clipping; --save keeps the correction under a "
    "name, --correction applies one that was kept. --model is a diagnosis model or an .onnx file.",
)
@click.argument("sounds", nargs=-1, required=True, metavar="FILE|FOLDER|DATASET...")
@options(specs.Diagnose, "reference", "gold", "model", "apply", "strength", "only", "save", "correction")
@with_front
def command(front: Front, sounds: tuple[str, ...], detach: bool, **typed: Any) -> int | None:
    # Somebody waits for one sound: it does not stand behind what may take its time.
    lane = "live" if len(sounds) == 1 and Path(sounds[0]).expanduser().is_file() and not detach else None
    job = actions.submit(specs.Diagnose, lane=lane, sounds=sounds, **given(**typed))
    if detach:
        waiting.detached(front, job)
        return None
    rows = actions.left(waiting.finish(front, job))
    if len(rows) == 1:
        front.give(rows[0], lambda: _report(rows))
        return 0
    return waiting.rows(front, rows, _report)


def _report(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(f"{shown(row['name'])}  ({_against(row)})")
        for warning in row["warnings"]:
            print(f"  note: {shown(warning)}")
        if row.get("flaws"):
            print(f"  {_verdict(row)}")
        for number, one in enumerate(row["advice"], 1):
            print(f"  {number}. {one['text']}")
        if not row["advice"]:
            print("  nothing to correct")
        if "distance_db" in row:
            told = row["distance_db"]
            print(f"  from the reference: {told['before']:.1f} dB before, {told['after']:.1f} dB corrected")
        if "path" in row:
            held = f", {row['held_db']:.1f} dB softer to keep its peaks" if row["held_db"] > 0.05 else ""
            print(f"  corrected: {shown(row['path'])}{held}")
        if "saved" in row:
            print(f"  kept as {shown(row['saved'])}, for other sounds by --correction")


def _against(row: dict[str, Any]) -> str:
    if row["mode"] == "reference":
        same = "its own clean take" if row["alike"] else "another sound"
        return f"against {same}: {shown(row['reference'])}"
    if row["mode"] == "saved":
        return "a correction that was kept"
    return f"{'blind, ' if row['mode'] == 'blind' else ''}against the gold of {shown(row['instrument'])}"


def _verdict(row: dict[str, Any]) -> str:
    words, sure = verdict(row)
    first = [(shown(flaw), share) for flaw, share in likely(row)]
    if row["abstains"]:
        return f"{words}; guesses: {', '.join(flaw for flaw, _ in first)}"
    others = ", ".join(f"{flaw} {share:.0%}" for flaw, share in first[1:])
    return f"{shown(words)}{sure}{f'; else {others}' if others else ''}"
