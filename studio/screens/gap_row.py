"""A gap as a row of a list: when it is, how well it is filled, and how that is beside AR-512."""

from collections.abc import Mapping, Sequence
from typing import Any

from studio.screens.scored import better, gain, tenths
from studio.text import pad
from studio.widgets.facts import bar
from studio.widgets.gap import spoken
from studio.widgets.lines import Part

TIME, LENGTH, SDR, GAIN = 8, 5, 7, 10
NARROW = TIME + LENGTH + SDR + GAIN + 3
"""Columns of a list that has no room for more, its marks among them."""
MOST_DB = 20.0
"""End of the bars in a wider one: what a target asks for."""
ORDERS = ("in time", "worst first", "furthest below AR-512 first")

Gap = Mapping[str, Any]
"""As a score tells of it: ``start_seconds``, ``ms``, ``gap_sdr_db``, and dB of what else could be there."""


def columns(order: str) -> list[Part]:
    """The row above the list; what it is ordered by stands out."""
    ink = {name: "text" if name == order else "faint" for name in ORDERS}
    return [
        (" " + pad("at", TIME), ink[ORDERS[0]]),
        (pad("ms", LENGTH, right=True), "faint"),
        (pad("SDR dB", SDR, right=True), ink[ORDERS[1]]),
        (pad("vs AR-512", GAIN, right=True), ink[ORDERS[2]]),
    ]


def row(one: Gap, width: int) -> list[Part]:
    """A gap in ``width`` columns."""
    sdr, (words, color) = one["gap_sdr_db"], better(gain(one))
    parts: list[Part] = [
        (pad(moment(one["start_seconds"]), TIME), "text"),
        (pad(length(one["ms"]), LENGTH, right=True), "dim"),
        (pad("silent" if sdr is None else tenths(sdr), SDR, right=True), "b:text"),
        (pad(words, GAIN, right=True), color),
    ]
    room = width - NARROW + 1
    if room >= 5 and sdr is not None:
        parts += [("  ", ""), *bar(sdr, MOST_DB, room, "valid")]
    return parts


def moment(seconds: float) -> str:
    """``0:04.215``: gaps are told apart by milliseconds."""
    return f"{int(seconds // 60)}:{seconds % 60:06.3f}"


def length(ms: float) -> str:
    """``4.8``, ``120``, ``12 s``: below 100 s narrower than its column, so that it stands apart."""
    return spoken(ms).removesuffix(" ms")


def words(one: Gap) -> str:
    """What a filter looks in."""
    over = gain(one)
    standing = "" if over is None else "better" if over > 0 else "worse"
    return f"{moment(one['start_seconds'])} {spoken(one['ms'])} {standing}"


def ordered(gaps: Sequence[Gap], order: str) -> list[Gap]:
    """By one of `ORDERS`; what can't be judged comes last."""

    def place(one: Gap) -> tuple[bool, float]:
        values = one["start_seconds"], one["gap_sdr_db"], gain(one)
        value = values[ORDERS.index(order)]
        return value is None, value or 0.0

    return sorted(gaps, key=place)


def ranked(gaps: Sequence[Gap]) -> list[Gap]:
    """Those that can be judged, the worst first."""
    return ordered([one for one in gaps if one["gap_sdr_db"] is not None], ORDERS[1])
