"""``woodshed repair trace`` and ``degrade``: losses and damage to try repairs on."""

from typing import Any

import click

from jobs import specs
from jobs.repairs import AMOUNTS, DEGRADATIONS, LOSS
from studio import actions
from studio.commands import waiting
from studio.commands.base import Command, Front, Group, fields, shown, with_front
from studio.commands.request import given, options, pairs

KINDS = "\n".join(
    f"  {kind:9} {what}" + (f": {AMOUNTS[kind]}" if kind in AMOUNTS else "")
    for kind, what in DEGRADATIONS.items()
)


@waiting.detachable
@click.command(
    "trace",
    cls=Command,
    example="woodshed repair trace stress --seconds 60 --out stress.txt\n"
    "woodshed repair trace burst --packet-ms 5 --seed 3 --out burst.txt",
    help="Make a packet trace as a network would, and say what it loses and when the rest comes: shares, "
    "bursts, latency and jitter, lateness. The figures are written beside it, to FILE.json.",
)
@click.argument("network", metavar="|".join(specs.NETWORKS))
@options(specs.MakeTrace, "seconds", "packet_ms", "seed", "out")
@with_front
def trace(front: Front, network: str, detach: bool, **typed: Any) -> None:
    job = actions.submit(specs.MakeTrace, lane=None if detach else "live", network=network, **given(**typed))
    if detach:
        return waiting.detached(front, job)
    found = (waiting.finish(front, job).result or {})["summary"]
    front.give(found, lambda: _traced(found))


@waiting.detachable
@click.command(
    "degrade",
    cls=Command,
    example="woodshed repair degrade song.wav --kind loss --trace stress --seed 3 --out holes.wav\n"
    "woodshed repair degrade song.wav --kind clip --amount level_db=-12 --out clipped.wav",
    help="Do to a sound what a connection or a cheap converter does. The sound itself stays as it is; the "
    "file has 24 bits, and beside it, in FILE.json, stands what was done. Parameters that are not set are "
    f"drawn by the seed.\n\n\b\nKinds, and what --amount sets of them:\n{KINDS}",
)
@click.argument("input", metavar="INPUT")
@options(specs.Degrade, "kind")
@click.option("--amount", "amounts", multiple=True, metavar="NAME=VALUE", help="Set a parameter; repeatable.")
@options(specs.Degrade, "trace", "packet_ms", "seed", "out")
@with_front
def degrade(front: Front, input: str, amounts: tuple[str, ...], detach: bool, **typed: Any) -> None:
    told = pairs("amount", amounts, "level_db=-12")
    amount = " ".join(f"{name}={value}" for name, value in told.items())
    job = actions.submit(
        specs.Degrade, lane=None if detach else "live", input=input, amount=amount, **given(**typed)
    )
    if detach:
        return waiting.detached(front, job)
    found = (waiting.finish(front, job).result or {})["summary"]
    front.give(found, lambda: _degraded(found))


def add_material(group: Group) -> None:
    """Both commands into ``woodshed repair``."""
    group.add_command(trace)
    group.add_command(degrade)


def _traced(found: dict[str, Any]) -> None:
    arrival, bursts, late = found["arrival"], found["bursts"], found["lateness"]
    print(
        f"{found['packets']} packets of {found['packet_ms']:g} ms, {found['network']}, seed {found['seed']}: "
        f"{shown(found['path'])}"
    )
    told = {
        "lost": f"{found['lost_packets']} ({found['lost_percent']:g} %): {found['dropped_packets']} never "
        f"arrive, {found['late_packets']} come too late",
        "bursts": f"{bursts['count']}: {_ms(bursts['mean_ms'])} on average, "
        f"{_ms(bursts['longest_ms'])} at most",
        "latency": f"{_ms(arrival['latency_ms'])} on average, {_ms(arrival['latency_p95_ms'])} for 95 %",
        "jitter": f"{_ms(arrival['jitter_ms'])} (standard deviation), "
        f"{_ms(arrival['interarrival_jitter_ms'])} between arrivals (RFC 3550)",
        "lateness": f"{_ms(late['mean_ms'])} on average behind {late['deadline_ms']:g} ms, "
        f"{_ms(late['most_ms'])} at most",
    }
    fields(told, tuple(told))


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _degraded(found: dict[str, Any]) -> None:
    if found["kind"] == LOSS:
        done = f"{found['lost_packets']} of {found['packets']} packets lost in {found['gaps']} gaps"
    else:
        named = (part.split()[0] for part in AMOUNTS[found["kind"]].split(", "))
        done = f"{found['kind']} ({', '.join(f'{name} {found[name]:g}' for name in named)})"
    print(f"{done}: {shown(found['path'])}")
