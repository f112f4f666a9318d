"""A against B in words and bars: what differs, how much each is turned down, which was preferred blind."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from studio.pairing import Match, Votes, verdict
from studio.report import UNITS, part
from studio.screens.taken import FAR_OFF, short, value_words
from studio.text import figure, pad
from studio.widgets.lines import Line, Part, wrap

LABEL = 11
BAR = 10
"""Cells of a slider's bar, where there is room for one."""
ROWS_OF_A_VALUE = 3


def against(
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    found: Mapping[str, Sequence[Any]],
    width: int,
    side: str = "",
) -> list[Line]:
    """Two columns: what differs of the takes (``found``: as ``actions.compare`` gives it).

    ``side`` is the one that is heard.
    """
    room = max(6, (width - LABEL) // 2)
    lines: list[Line] = [_head(a, b, room, side)]
    sliders = [key.removeprefix("sliders.") for key in found if key.startswith("sliders.")]
    lines += [_slider(axis, a, b, room) for axis in sliders]
    for key, (left, right) in found.items():
        told = key.removeprefix("reached.")
        if key.startswith("sliders.") or (told != key and told in sliders):
            continue
        label, unit = _label(key)
        words = [_with_unit(value_words(key, one), unit) for one in (left, right)]
        lines += _row(label, words[0], words[1], room)
    return lines if found else [lines[0], [("no difference", "dim")]]


def as_loud(match: Match, route: str, width: int) -> list[Line]:
    """How much each is turned down, and by what that is known."""
    if not match.by:
        words = "not played as loud: how loud they are was not measured"
    else:
        turned = [f"{name} {gain:+.1f} dB" for name, gain in (("A", match.a), ("B", match.b)) if gain]
        words = f"{', '.join(turned) or 'as loud as they are'}, by {match.by}"
        if turned and route == "path":
            words += "; a player of your own does not know that"
    return [[(row, "dim")] for row in wrap(words, width)]


def preference(votes: Votes, width: int) -> list[Line]:
    """What blind listening said so far."""
    told = verdict(votes)
    return [[(row, "second")] for row in wrap(f"blind: {told}", width)] if told else []


def _head(a: Mapping[str, Any], b: Mapping[str, Any], room: int, side: str) -> list[Part]:
    line: list[Part] = [(pad("differ", LABEL), "dim")]
    for name, take in (("a", a), ("b", b)):
        here = name == side
        line += [
            (f"{name.upper()} ", "b:accent" if here else "accent"),
            (pad(short(take["name"], room - 3), room - 2), "b:text" if here else "dim"),
        ]
    return line


def _slider(axis: str, a: Mapping[str, Any], b: Mapping[str, Any], room: int) -> list[Part]:
    line: list[Part] = [(pad(axis, LABEL), "dim")]
    for take in (a, b):
        asked, got = part(take, "sliders").get(axis), part(take, "reached").get(axis)
        words = "free" if asked is None else figure(asked)
        if isinstance(got, int | float) and isinstance(asked, int | float) and abs(got - asked) > FAR_OFF:
            words += f" →{got:.0f}"
        bar = _bar(asked) if room >= BAR + 9 else []
        left = room - (BAR + 1 if bar else 0)
        line += [*bar, (pad(words, left), "text")]
    return line


def _bar(asked: Any) -> list[Part]:
    number = isinstance(asked, int | float) and 0 <= asked <= 100
    full = round(asked / 100 * BAR) if number else 0
    return [("━" * full, "accent"), ("─" * (BAR - full), "faint"), (" ", "")]


def _row(label: str, left: str, right: str, room: int) -> list[Line]:
    """A row of each as many lines as its longer value needs."""
    wrapped = [wrap(words, room - 1)[:ROWS_OF_A_VALUE] or [""] for words in (left, right)]
    names = wrap(label, LABEL - 1)[:ROWS_OF_A_VALUE]
    return [
        [(pad(name, LABEL), "dim"), (pad(one, room), "text"), (pad(other, room), "text")]
        for name, one, other in zip_longest(names, *wrapped, fillvalue="")
    ]


def _label(key: str) -> tuple[str, str]:
    """A field in words, and its unit."""
    group, _, rest = key.rpartition(".")
    words = rest.split("_")
    unit = UNITS.get(words[-1], "") if len(words) > 1 else ""
    name = " ".join(words[:-1] if unit else words)
    return (f"{name} got" if group == "reached" else name), unit


def _with_unit(words: str, unit: str) -> str:
    return f"{words} {unit}" if unit and words != "-" else words
