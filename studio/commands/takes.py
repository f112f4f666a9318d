"""``woodshed takes``: the history of what was made."""

from pathlib import Path
from typing import Any

import click

from jobs import specs
from jobs.job import Job
from store.errors import Usage
from studio import actions, checks
from studio.commands import waiting
from studio.commands.base import Front, Group, fields, report, shown, table, with_front
from studio.commands.request import given, options
from studio.commands.shelves import TRASHED, add_upkeep, listed, sifted
from studio.report import part

command = Group("takes", help="Takes: audio that was made, with everything it was made from.")


@command.command(
    "ls",
    example="woodshed takes ls --model drums --json\nwoodshed takes ls --seed 3-9 --after yesterday\n"
    "woodshed takes ls --where 'model:drums preset:dusk date:2026-11 format:flac night'",
    help="All takes, oldest first, or those that fit every option. DAY is a year, a month or a day "
    "(2026-11-20), today, yesterday, monday or 3d; `--date` takes two as well: 2026-11-18..2026-11-20.",
)
@TRASHED
@click.option("--model", default="", help="Only those of this model.")
@click.option("--preset", default="", metavar="TEXT", help="Only those of presets with this in the name.")
@click.option("--seed", default="", metavar="N|N-M", help="Only those of this seed, or of these.")
@click.option("--date", default="", metavar="DAY", help="Only those made then.")
@click.option("--after", default="", metavar="DAY", help="Only those made later than that day.")
@click.option("--before", default="", metavar="DAY", help="Only those made before that day.")
@click.option("--where", default="", metavar="FILTER", help="A filter as / of the studio's History takes it.")
@with_front
def ls(front: Front, trashed: bool, model: str, where: str, **terms: str) -> None:
    records = sifted("takes", listed("takes", trashed), where, terms)
    if model:
        wanted = actions.library().models.find(model)["id"]
        records = [one for one in records if one["model"] == wanted]
    rows = (
        (one["id"], one["name"], one.get("model_name", ""), one["seed"], one.get("sliders", {}),
         one["seconds"], one.get("format", ""), one["created"])
        for one in records
    )  # fmt: skip
    front.give(
        records,
        lambda: table(
            ("id", "name", "model", "seed", "sliders", "seconds", "format", "created"),
            rows,
            "no takes yet: woodshed generate MODEL",
        ),
    )


@command.command("show", example="woodshed takes show 3fa", help="A take: what it is, what it was made from.")
@click.argument("take")
@with_front
def show(front: Front, take: str) -> None:
    record = actions.library().takes.find(take)
    front.give(record, lambda: _show(record))


def _show(record: dict[str, Any]) -> None:
    names = ("id", "name", "created", "model_name", "model", "job", "seed", "sliders", "reached", "preset",
             "seconds", "rate", "bits", "channels", "format", "render", "blend", "resynthesise", "between",
             "vary", "amount", "space", "azimuth", "path", "sidecar")  # fmt: skip
    asked = part(record, "spec")
    if not asked.get("vary"):
        asked = {name: value for name, value in asked.items() if name != "amount"}
    if asked.get("space") not in ("haas", "binaural"):
        asked = {name: value for name, value in asked.items() if name != "azimuth"}
    fields({**asked, **record}, names)
    report(record.get("quality"))
    print(f"\nagain: woodshed generate --from {record['id'][:6]}")


@command.command("compare", example="woodshed takes compare 3fa 81c", help="What differs between two takes.")
@click.argument("a")
@click.argument("b")
@with_front
def compare(front: Front, a: str, b: str) -> None:
    found = actions.compare(a, b)
    front.give(found, lambda: _compared(found))


def _compared(found: dict[str, Any]) -> None:
    heads = ("differs in", shown(found["a"]["name"]), shown(found["b"]["name"]))
    rows = ((key, left, right) for key, (left, right) in found["differences"].items())
    table(heads, rows, "no difference")
    loud, blind = found["loudness"], found["blind"]
    turned = [f"{side} {gain:+.1f} dB" for side, gain in zip("AB", loud["gain_db"], strict=True) if gain]
    print(f"\nas loud: {', '.join(turned) or 'they are'}, by {loud['by']}" if loud["by"] else "")
    if blind["verdict"]:
        print(f"blind: {blind['verdict']} (A is {shown(found['a']['name'])})")


@waiting.detachable
@command.command(
    "export",
    example="woodshed takes export 3fa bright.flac\nwoodshed takes export 3fa cd.wav --rate 44100 --bits 16\n"
    "woodshed takes export 3fa left.wav --space binaural --azimuth -60\n"
    "woodshed takes export 3fa 81c ~/best --format flac",
    help="Write a take to a file of your own, with its sidecar. The ending chooses the format: "
    "wav, flac, ogg, mp3, aiff, caf, w64, rf64. Several go into a folder, each under its name.",
)
@click.argument("takes", nargs=-1, required=True, metavar="TAKE...")
@click.argument("file")
@click.option("--format", "form", default="", help="Format of files in a folder [wav].")
@options(specs.ExportTake, "rate", "bits", "space", "azimuth")
@with_front
def export(front: Front, takes: tuple[str, ...], file: str, form: str, detach: bool, **values: Any) -> None:
    chosen = given(**values)
    checks.check_purpose(chosen, chosen)
    records = [actions.library().takes.find(take) for take in takes]
    files = _files(records, file, form)
    # All are checked before one is queued.
    for record, path in zip(records, files, strict=True):
        actions.prepare(specs.ExportTake, take=record["id"], path=path, **chosen)
    jobs = [actions.export_take(one["id"], path, **chosen) for one, path in zip(records, files, strict=True)]
    if detach:
        return waiting.detached(front, jobs[0]) if len(jobs) == 1 else _detached(front, jobs)
    written = [_written(waiting.finish(front, job)) for job in jobs]
    answer = written[0] if len(written) == 1 else written
    front.give(answer, lambda: print("\n".join(shown(one["path"]) for one in written)))


def _detached(front: Front, jobs: list[Job]) -> None:
    front.give(jobs, lambda: print("\n".join(f"job {job.id} {job.state}" for job in jobs)))


def _files(records: list[dict[str, Any]], file: str, form: str) -> list[str]:
    """Where each of the takes goes. Raises Usage or NotFound."""
    if len(records) == 1 and not form:
        return [file]
    if len(records) == 1 and not Path(file).expanduser().is_dir():
        raise Usage("format: the ending of a file chooses it; --format goes with a folder")
    return checks.export_files(records, file, specs.parse(specs.Generate, "format", form or "wav"))


def _written(job: Job) -> dict[str, Any]:
    summary = (job.result or {}).get("summary", {})
    return {"id": job.spec["take"], "job": job.id, **summary, "path": job.spec["path"]}


add_upkeep(command, "takes", "take")
