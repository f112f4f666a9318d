"""What a score says, in lines: four targets over the file and in its gaps, and what else could be there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.report import part
from studio.text import cells, count, pad, safe_text
from studio.widgets.lines import Line, Part, spread, wrap

TARGETS = {
    "sdr_db": "SDR dB",
    "delta_fft_percent": "ΔFFT %",
    "envelope_percent": "envelope %",
    "phase_degrees": "phase °",
}
"""What mastery asks for."""
MADE, BASELINE = "made", "ar-512"
WAYS = (MADE, "zero", "repeat", BASELINE, "oracle")
"""What could stand in the gaps; the oracle is for each of them the best of all ways."""
SPEECH = {"pesq_wb": "PESQ", "pesq_nb": "narrow", "stoi": "STOI", "estoi": "ESTOI", "plcmos": "PLCMOS"}
LABEL, NUMBER = 10, 7
ROOMY = 26
"""Cells of a column in which there is room to say by how much a target is missed."""
ALIKE = 0.05
"""dB below which two figures are the same."""

Found = Mapping[str, Any]
"""What a score left, as `jobs.recipes.score` writes it."""


def heading(found: Found, width: int) -> list[Line]:
    """What was held against what, and how much of it was lost."""
    first = safe_text(f"{Path(found['output']).name} against {Path(found['truth']).name}")
    more = []
    if "gaps" in found:
        more += [f"{count(found['gaps'], 'gap')}, {found['lost_percent']:.3g} % lost in packets of "
                  f"{found['packet_ms']:g} ms"]  # fmt: skip
    more += [] if found["profile"] == "default" else [f"{found['profile']} profile"]
    more += ["legacy score"] if found["mode"] == "legacy" else []
    told = " · ".join(more)
    lines: list[Line] = [spread([(first, "b:text")], [(told, "dim")], width)]
    if cells(first) + cells(told) + 1 > width:
        lines += [[(line, "dim")] for line in wrap(told, width)]
    for note in found.get("notes", ()):
        lines += [[("▲ " if not row else "  ", "warn"), (line, "text")]
                  for row, line in enumerate(wrap(str(note), width - 2))]  # fmt: skip
    return lines


def tenths(value: float) -> str:
    """A figure of one decimal; what is nearly nothing has no sign."""
    return f"{round(value, 1) + 0.0:.1f}"


def gain(one: Found) -> float | None:
    """dB by which a gap is filled better than AR-512 does it; None where that can't be said."""
    ours, theirs = one.get("gap_sdr_db"), one.get(f"{BASELINE}_db")
    return None if ours is None or theirs is None else ours - theirs


def better(value: float | None) -> Part:
    """``▲ +1.2``, ``▾ -0.4``, ``· +0.0``: a mark and a sign, not colour alone."""
    if value is None:
        return "", "dim"
    if abs(value) < ALIKE:
        return f"· {abs(value):+.1f}", "dim"
    return (f"▲ {value:+.1f}", "good") if value > 0 else (f"▾ {value:+.1f}", "bad")


def targets(found: Found, width: int) -> list[Line]:
    """A column for the file and one for its gaps, where there are any."""
    columns = [("file", found), *([("gaps", found["gap"])] if found.get("gap") else [])]
    room = (width - LABEL) // len(columns)
    lines: list[Line] = [_row("mastered", [_mastered(name, one) for name, one in columns], room)]
    composites: list[list[Part]] = [
        [(pad(f"{one['composite']:.3f}", NUMBER - 1, right=True), "b:text"), (f" {one['tier']}", "text")]
        for _, one in columns
    ]
    lines.append(_row("composite", composites, room))
    for name, words in TARGETS.items():
        lines.append(_row(words, [_target(one, name, room) for _, one in columns], room))
    return lines


def _row(label: str, columns: Sequence[Sequence[Part]], room: int) -> list[Part]:
    line: list[Part] = [(pad(label, LABEL), "dim")]
    for parts in columns:
        used = sum(len(words) for words, _ in parts)
        line += [*parts, (" " * (room - used), "")]
    return line


def _mastered(name: str, one: Found) -> list[Part]:
    mark: Part = ("✓ yes", "good") if one["mastered"] else ("✗ no", "bad")
    return [(pad(name, NUMBER - 1, right=True), "dim"), (" ", ""), mark]


def _target(one: Found, name: str, room: int) -> list[Part]:
    missed = one["failing"].get(name)
    parts: list[Part] = [(pad(f"{one['measures'][name]:.1f}", NUMBER - 1, right=True), "text"), (" ", "")]
    if missed is None:
        return [*parts, ("✓ met", "good")]
    return [*parts, (f"✗ missed by {missed:.1f}" if room >= ROOMY else "✗ missed", "bad")]


# --- what else could have been -------------------------------------------------------------------------


def ways(found: Found, one: Found | None, width: int) -> list[Line]:
    """SDR of all ways, in the gap ``one`` and in all of them: a few rows of numbers."""
    label = max(0, min(LABEL, width - len(WAYS) * NUMBER))
    heads = [(pad(_named(way), NUMBER, right=True), _ink(way)) for way in WAYS]
    lines: list[Line] = [[(pad("dB", label), "dim"), *heads]]
    for words, values in (("this gap", _of_gap(one)), ("all gaps", _of_all(found))):
        lines.append([(pad(words, label), "dim"), *((_number(values[way]), _ink(way)) for way in WAYS)])
    return lines


def drawn_ways(found: Found, one: Found | None, width: int) -> list[Line]:
    """The same where there is room: a row for each, with its place between the worst and the best."""
    here, all = _of_gap(one), _of_all(found)
    known = [value for value in here.values() if value is not None]
    room = max(0, width - LABEL - 3 * NUMBER - 8)
    head = pad("SDR dB", LABEL - 2) + pad("this gap", NUMBER + 2, right=True) + " " * (room + 1)
    lines: list[Line] = [[(f"{head}  all gaps  composite", "faint")]]
    for way in WAYS:
        composite = found["gap"] if way == MADE else part(found["beside"], way)
        lines.append([
            (pad(_named(way), LABEL), _ink(way)),
            (_number(here.get(way)), _ink(way)),
            (" ", ""),
            *_place(here.get(way), known, room, way),
            (" " + pad(_number(all.get(way)), NUMBER + 2, right=True), _ink(way)),
            (pad(f"{composite.get('composite', 0.0):.3f}", NUMBER + 4, right=True), _ink(way)),
        ])  # fmt: skip
    return lines


def _place(value: float | None, known: Sequence[float], room: int, way: str) -> list[Part]:
    """A dot on a line from the least to the most of ``known``."""
    if value is None or room < 3:
        return [(" " * room, "")]
    low, high = min(known), max(known)
    at = round((value - low) / ((high - low) or 1) * (room - 1))
    dot: Part = ("●", "valid") if way == MADE else ("○", "dim")
    return [("─" * at, "faint"), dot, ("─" * (room - 1 - at), "faint")]


def _of_gap(one: Found | None) -> dict[str, float | None]:
    told = one or {}
    return {way: told.get("gap_sdr_db" if way == MADE else f"{way}_db") for way in WAYS}


def _of_all(found: Found) -> dict[str, float | None]:
    beside = {MADE: found, **part(found, "beside")}
    return {way: part(beside, way).get("gap_sdr_db") for way in WAYS}


def _named(way: str) -> str:
    return "AR-512" if way == BASELINE else way


def _ink(way: str) -> str:
    return "b:valid" if way == MADE else "text"


def _number(value: float | None) -> str:
    return pad("-" if value is None else tenths(value), NUMBER, right=True)


def speech(found: Found, width: int) -> list[Line]:
    """Measures of speech, where they were taken, and why one was not."""
    told = part(found, "speech")
    words = [f"{words} {told[name]:.2f}" for name, words in SPEECH.items() if name in told]
    limits = [str(line) for line in told.get("limits", ())]
    return [
        *([(line, "text")] for line in wrap(" · ".join(words), width)),
        *([(line, "dim")] for limit in limits for line in wrap(limit, width)),
    ]
