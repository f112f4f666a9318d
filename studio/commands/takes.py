"""``woodshed takes``: the history of what was made."""

from typing import Any

import click

from jobs import specs
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
    "woodshed takes export 3fa left.wav --space binaural --azimuth -60",
    help="Write a take to a file of your own, with its sidecar. The ending chooses the format: "
    "wav, flac, ogg, mp3, aiff.",
)
@click.argument("take")
@click.argument("file")
@options(specs.ExportTake, "rate", "bits", "space", "azimuth")
@with_front
def export(front: Front, take: str, file: str, detach: bool, **values: Any) -> None:
    chosen = given(**values)
    checks.check_purpose(chosen, chosen)
    job = actions.export_take(take, file, **chosen)
    if detach:
        return waiting.detached(front, job)
    job = waiting.finish(front, job)
    written = {"id": job.spec["take"], "job": job.id, **(job.result or {}).get("summary", {})}
    written["path"] = job.spec["path"]
    front.give(written, lambda: print(shown(written["path"])))


add_upkeep(command, "takes", "take")
