"""What goes to the field and what comes back, in words, for both fronts. Light.

Feedback comes from a record that may come from anywhere: whatever its shape, it becomes short lines.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from studio.report import brief, part
from studio.text import count, rates, size, span

RESTART = "what runs goes on with what it began with; this starts it anew:"
ADDED = {"added": "new", "removed": "gone", "reshaped": "other shape", "retyped": "other numbers"}


def package(found: Mapping[str, Any]) -> list[str]:
    """Of what `jobs.recipes.inspection` leaves: whose it is, what is in it, what the runner is told."""
    known = "" if found["known"] else ", which is not in this house"
    return [
        f"{found['name']}, version {found['version']}, of repairer {found['model']}{known}",
        f"signed by the key with SHA-256 {found['key_sha256'][:16]}; every file is as it was signed",
        f"{size(found['bytes'])}, for runner {found['runner']} or later: "
        + ", ".join(f"{one['name']} ({size(one['size'])})" for one in found["files"]),
        *_directives(found["directives"], found),
    ]


def _directives(told: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Of a record of `jobs.field.directives.Directives`, and what the runner makes of it."""
    rate, advised, kept = told["rates"][0], told["adjustments"], told["targets"]
    others = [way for way in told["fallbacks"] if way not in found["runs"]]
    instead = f" (the package names {', '.join(others)}, which this runner has not)" if others else ""
    predicts = [f"{one['name']} from the last {brief(one['context_ms'])} ms" for one in found["predicts"]]
    lines = [
        f"for {rates(list(told['rates']))}, in packets of {_ms(told['packet'], rate)}, and gaps of up to "
        f"{_ms(told['horizon'], rate)}",
        *_trust(told),
        f"predicts with {' and '.join(predicts)}, at 48 kHz",
        f"fills gaps with {', else '.join(found['runs'])}{instead}",
        f"fades into what comes behind a gap within {brief(advised['crossfade_ms'])} ms",
        f"advises the host: packets of {_ms(advised['packet'], rate)}, fading after "
        f"{brief(advised['fade_after_ms'])} ms",
        f"has to keep: 99 of 100 blocks within {brief(kept['latency_p99_ms'])} ms, {brief(kept['rss_mb'])} "
        f"MB, {brief(kept['cpu_percent'])} % of a core",
    ]
    return [*lines, *_measured(told["measured"])]


def _ms(samples: int, rate: int) -> str:
    return f"{brief(1000 * samples / rate)} ms"


def _trust(told: Mapping[str, Any]) -> list[str]:
    if told["net"] is None:
        return ["linear prediction alone, no net"]
    lines = [f"net {told['net']}, where it was surely better than prediction:"]
    for one in told["thresholds"]:
        gain = f"{one['mean_db']:+.2f} dB ({one['low_db']:+.2f} to {one['high_db']:+.2f})"
        least = one["confidence"]
        used = "not used" if least is None else f"used from confidence {brief(least)}" if least else "used"
        lines.append(f"· gaps up to {brief(one['longest_ms'])} ms: {used}, {gain}")
    return lines


def _measured(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Gap SDR by way, over all kinds of sounds."""
    ways = dict.fromkeys(row["method"] for row in rows if row["kind"] == "all")
    return [
        f"in the office, gap SDR of {way}: "
        + ", ".join(
            f"{round(row['mean_db'], 1) + 0.0:.1f} dB at {brief(row['gap_ms'])} ms"
            for row in rows
            if (row["kind"], row["method"]) == ("all", way)
        )
        for way in ways
    ]


def installed(found: Mapping[str, Any]) -> str:
    """Of the summary of `jobs.recipes.install`."""
    before, version = found["before"], found["version"]
    said = f"{found['name']}, version {version}, in {found['folder']}"
    if found["replaces"]:
        said += f", where {found['replaces']['name']} ({found['replaces']['model']}) was in use"
    if before == version:
        return f"{said}: was there already"
    return said if before is None else f"{said}; version {before} can come back"


def rolled_back(found: Mapping[str, Any]) -> str:
    """Of the summary of `jobs.recipes.rollback`."""
    return f"version {found['version']} again in {found['folder']}, instead of {found['before']}"


def compared(found: Mapping[str, Any]) -> str:
    """Of what `jobs.recipes.difference` leaves, in a line."""
    counts = ", ".join(f"{number} {what}" for what, number in sorted(found["counts"].items()))
    return f"{count(found['tensors'], 'tensor')}: {counts or 'none'}"


def changes(found: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """A row for each tensor that is not the same, the largest change first: name, shape, what, how much of
    its rms, share of its values."""
    moved = [one for one in found["changes"] if one["what"] != "same"]
    order = sorted(moved, key=lambda one: -(one["rms_relative"] or 0.0))
    return [
        (one["name"], _shape(one), ADDED.get(one["what"], one["what"]), _percent(one["rms_relative"]),
         _percent(one["share"]) + (f", {one['not_finite']} not finite" if one["not_finite"] else ""))
        for one in order
    ]  # fmt: skip


def _shape(one: Mapping[str, Any]) -> str:
    old, new = ("×".join(map(str, shape)) if shape else "" for shape in one["shapes"])
    return f"{old} → {new}" if old and new and old != new else new or old or "one"


def _percent(share: Any) -> str:
    return f"{brief(100 * share)} %" if isinstance(share, int | float) else "-"


def feedback(totals: Mapping[str, Any]) -> list[str]:
    """What the field counted: of a summary of `jobs.field.feedback`, but for the lengths of its gaps."""
    if not totals:
        return []
    ways = part(totals, "fallbacks")
    repaired = sum(one for one in ways.values() if isinstance(one, int | float)) or 1
    shares = [
        f"{way} {_percent(one / repaired)}" for way, one in ways.items() if isinstance(one, int | float)
    ]
    lines = [
        f"{brief(totals.get('sessions'))} sessions, {span(_number(totals, 'seconds'))} in all, of version "
        + (", ".join(_versions(totals.get("packages"))) or "-"),
        f"lost {brief(totals.get('lost'))} of {brief(totals.get('packets'))} packets "
        f"({_percent(totals.get('lost_share'))})",
        f"repaired by {', '.join(shares) or 'nothing'}",
        f"a block took {_took(totals, 'latency_p50_ms')} ms, 1 of 100 more than "
        f"{_took(totals, 'latency_p99_ms')}; {brief(totals.get('missed'))} of {brief(totals.get('blocks'))} "
        "came too late",
    ]
    if totals.get("clamped"):
        lines.append(f"{brief(totals['clamped'])} samples were held within full scale")
    return lines


def advice(totals: Mapping[str, Any]) -> list[str]:
    """What feedback asks of the office."""
    told = totals.get("suggestions")
    lines = [str(one) for one in told] if isinstance(told, list) else []
    named = totals.get("train_on")
    parts = [
        f"{brief(one.get('gap_ms'))} ms ({_percent(one.get('share'))})"
        for one in (named if isinstance(named, list) else ())
        if isinstance(one, Mapping)
    ]
    return [*lines, *([f"gaps to train on: {', '.join(parts)}"] if parts else [])]


def lengths(totals: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """How often gaps of each length came: the length in ms, the count, its share of all (0-1)."""
    gaps = {str(k): v for k, v in part(totals, "gaps").items() if isinstance(v, int) and v >= 0}
    every = sum(gaps.values()) or 1
    return [(name, number, number / every) for name, number in gaps.items()]


def _number(totals: Mapping[str, Any], name: str) -> float | None:
    value = totals.get(name)
    return float(value) if isinstance(value, int | float) else None


def _versions(packages: Any) -> list[str]:
    """Of packages that are told as ``MODEL VERSION``."""
    return [str(one).rpartition(" ")[2] for one in packages] if isinstance(packages, list) else []


def _took(totals: Mapping[str, Any], name: str) -> str:
    value = _number(totals, name)
    return "-" if value is None else brief(value)
