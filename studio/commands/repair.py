"""``woodshed repair``: lost packets filled, and how well that was done."""

from typing import Any

import click

from jobs import specs
from studio import actions
from studio.commands import waiting
from studio.commands.base import Front, Group, shown, table, with_front
from studio.commands.request import given, options

MEASURED = {
    "sdr_db": ("SDR dB", 2),
    "delta_fft_percent": ("ΔFFT %", 2),
    "envelope_percent": ("envelope %", 2),
    "phase_degrees": ("phase °", 2),
}
"""The four that mastery asks for: heading and digits."""

command = Group("repair", help="Lost packets: run fills them, score says how well.")


@waiting.detachable
@command.command(
    "run",
    example="woodshed repair run talk.wav --trace talk.txt --out whole.wav\n"
    "woodshed repair run song.flac --trace burst --seed 3 --packet-ms 5 --out song-whole.flac\n"
    "woodshed repair run song.flac --trace stress --model janssen --out song-office.flac",
    help="Fill the packets of a sound that a trace says are lost. A trace is a file with a line per packet, "
    "1 = lost and 0 = received, or the name of a network to make one of. What was received stays as it is, "
    "to the bit, but for a cross-fade of 2 ms behind a gap; the file has 24 bits.",
)
@click.argument("input", metavar="INPUT")
@options(specs.Repair, "trace", "packet_ms", "model", "out", "seed")
@with_front
def run(front: Front, input: str, detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.Repair, lane=None if detach else "live", input=input, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    found = (waiting.finish(front, job).result or {})["summary"]
    front.give(found, lambda: _repaired(found))


def _repaired(found: dict[str, Any]) -> None:
    print(
        f"{found['lost_packets']} of {found['packets']} packets ({found['lost_percent']:g} %) in "
        f"{found['gaps']} gaps, filled with {shown(found['method'])}: {shown(found['path'])}"
    )


@waiting.detachable
@command.command(
    "score",
    example="woodshed repair score truth.wav whole.wav --trace talk.txt\n"
    "woodshed repair score truth.wav whole.wav --trace talk.txt --profile voice --report report/",
    help="Say how near a repaired sound is to the truth: over the file and, with its trace, in the gaps, "
    "beside zeros, repetition, linear prediction of order 512 and the best of all ways for each gap. The "
    "strict score calls mastered what meets all four targets; --legacy scores as an earlier program did.",
)
@click.argument("truth")
@click.argument("output")
@options(specs.ScoreRepair, "trace", "packet_ms", "profile", "seed", "report")
@click.option("--legacy", is_flag=True, help="Score as the earlier program did, for comparison.")
@with_front
def score(front: Front, truth: str, output: str, legacy: bool, detach: bool, **typed: Any) -> None:
    values = {"truth": truth, "output": output, "legacy": legacy, **given(**typed)}
    job = actions.submit(specs.ScoreRepair, lane=None if detach else "live", **values)
    if detach:
        return waiting.detached(front, job)
    found = actions.left(waiting.finish(front, job))
    front.give(found, lambda: _scored(found))


def _scored(found: dict[str, Any]) -> None:
    for note in found["notes"]:
        print(f"note: {shown(note)}")
    parts = [("file", found), *([("gaps", found["gap"])] if found.get("gap") else [])]
    heads = ("", "composite", "tier", *(words for words, _ in MEASURED.values()), "mastered")
    rows = [
        [name, f"{one['composite']:.3f}", one["tier"],
         *(f"{one['measures'][key]:.{digits}f}" for key, (_, digits) in MEASURED.items()), one["mastered"]]
        for name, one in parts
    ]  # fmt: skip
    table(heads, rows, "")
    if found.get("beside"):
        ways = {"this": {"gap_sdr_db": found["gap_sdr_db"], "composite": found["gap"]["composite"]}}
        table(
            ("in the gaps", "SDR dB", "composite"),
            [[name, f"{one['gap_sdr_db']:.2f}", f"{one['composite']:.3f}"]
             for name, one in {**ways, **found["beside"]}.items()],
            "",
        )  # fmt: skip
    for key, value in found.get("speech", {}).items():
        for line in value if key == "limits" else [f"{key}: {value:.3f}"]:
            print(shown(line))
