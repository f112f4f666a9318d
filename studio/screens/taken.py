"""A take in words: what was asked for, by which way, and what came of it."""

from datetime import UTC, datetime

from studio import actions
from studio.pairing import preferred
from studio.report import part, quality_rows
from studio.screens.rack import PLACED
from studio.screens.ways import way_of
from studio.sources import WAYS
from studio.text import cells, clock, figure, pad, safe_text, when
from studio.widgets.knob import UNMEASURED
from studio.widgets.lines import Line, wrap

FAR_OFF = 3.0
"""Percentiles between what a slider asked for and what was reached that are worth a word."""
BLIND_AT_MOST = 4
"""Other takes that it was heard against."""


def facts(take: dict, width: int) -> list[Line]:
    """Name, origin, sliders, way, quality and place; as many rows as there is to say."""
    sort = f"{take.get('rate', 0) / 1000:g} kHz {take.get('bits')} bit {take.get('format')}"
    made = [f"seed {take.get('seed')}", clock(take.get("seconds")), sort]
    preset = [f"◆ {take['preset']}"] if take.get("preset") else []
    quality = [" ".join(row) for row in quality_rows(take.get("quality"))]
    return [
        *[[(line, "b:text")] for line in wrap(take["name"], width)],
        *_told("model", [str(take.get("model_name")), *made], width),
        *_told("sliders", [*_sliders(take), *preset], width),
        *_told("made", _way(take), width),
        *_told("quality", quality, width),
        *_told("blind", _blind(take), width),
        [(pad("kept", 9), "dim"), (when(take.get("created")), "dim")],
        *[[(line, "dim")] for line in wrap(str(take.get("path")), width)],
    ]


def _told(head: str, words: list[str], width: int) -> list[Line]:
    """A head and the words behind it."""
    rows = _packed(words, max(8, width - 9))
    return [[(pad("" if at else head, 9), "dim"), (row, "text")] for at, row in enumerate(rows)]


def _sliders(take: dict) -> list[str]:
    """What was asked for, and what was reached where that is something else."""
    reached = part(take, "reached")
    told = []
    for axis, value in part(take, "sliders").items():
        got = reached.get(axis)
        note = ""
        if isinstance(got, int | float) and abs(got - value) > FAR_OFF:
            note = f" (got to {got:.0f})"
        elif reached and got is None:
            note = f" ({UNMEASURED})"
        told.append(f"{axis} {figure(value)}{note}")
    return told or ["all free"]


def _way(take: dict) -> list[str]:
    """What else than a walk of one model it was made by."""
    asked = part(take, "spec") or take
    told = []
    if blend := part(asked, "blend"):
        told.append(f"blend of {len({*blend, asked.get('model')})} models")
    way = way_of(asked)
    told += [way.words()] if way else [word for word in WAYS if asked.get(word)]
    space = str(asked.get("space", "auto"))
    if space in PLACED:
        told.append(f"{space} {figure(asked.get('azimuth', 0))}°")
    elif space not in ("auto", "mono"):
        told.append(space)
    return told


def _blind(take: dict) -> list[str]:
    """How often it was preferred to others while nobody knew which it was."""
    told = []
    for id, votes in preferred(take)[:BLIND_AT_MOST]:
        other = short(str((actions.library().takes.get(id) or {}).get("name", id)), 30)
        told.append(f"preferred {votes.a} of {votes.all} to {other}")
    return told


def value_words(key: str, value: object) -> str:
    """One side of a difference: a slider that is not set is free."""
    if value is None or value == "":
        return "free" if key.startswith("sliders.") else "-"
    return safe_text(figure(value))


def _packed(words: list[str], width: int) -> list[str]:
    """As many of ``words`` in a line as fit; one that is too long for a line alone goes on in the next."""
    lines: list[str] = []
    for word in words:
        if lines and cells(lines[-1]) + 2 + cells(word) <= width:
            lines[-1] += f"  {word}"
        else:
            lines += wrap(word, width)
    return lines


def short(name: str, width: int) -> str:
    """A generated name becomes when and with which seed it was made, as much of it as fits."""
    name = safe_text(name)
    if cells(name) <= width or not name.startswith("gen_"):
        return name
    stamp, _, seed = name[4:].rpartition("_")
    try:
        made = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone()
    except ValueError:
        return name
    seed = seed.replace("seed", "#")
    long = f"{made:%d %b %H:%M:%S} {seed}"
    return long if cells(long) <= width else f"{made:%H:%M:%S} {seed}"
