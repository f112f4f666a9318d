"""What a repairer costs, in a window: each of its sizes, and what other kinds of net would cost."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobs import specs
from studio import actions, costs
from studio.screens.requests import waited
from studio.screens.telling import Told, wrapped
from studio.text import pad
from studio.widgets.lines import Line, Part

if TYPE_CHECKING:
    from studio.frame import Studio

WIDE, NUMBER = 13, 9
"""Columns of the first word, and of a figure at least."""


async def profile(app: "Studio", repairer: Mapping[str, Any]) -> None:
    """Measure it, and show what was found."""
    now = await waited(app, repairer["name"], specs.ProfileRepairer, {"model": repairer["id"]})
    found = None if now is None else await app.do(lambda: actions.left(now))
    if found:
        app.push_screen(Told(f"profile of {repairer['name']}", lambda width: costed(found, width)))


def costed(found: Mapping[str, Any], width: int) -> list[Line]:
    """Of what `jobs.recipes.profiler` leaves."""
    return [
        *rows(costs.SIZES, costs.sizes(found), width),
        *wrapped([costs.EXPLAINED], width, "dim"),
        [],
        *rows(costs.KINDS, costs.kinds(found), width),
    ]


def rows(heads: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[Line]:
    """A table as lines; where it is wider than ``width``, the last columns go below, under heads of their
    own."""
    room = max(1, (width - WIDE) // (NUMBER + 1))
    lines: list[Line] = []
    for start in range(1, len(heads), room):
        shown = slice(start, start + room)
        lines += (
            [[], _row(heads[0], heads[shown], "faint", "faint")]
            if lines
            else [_row(heads[0], heads[shown], "faint", "faint")]
        )
        lines += [_row(one[0], one[shown], "b:text", "text") for one in cells]
    return lines


def _row(first: str, rest: Sequence[str], name: str, ink: str) -> list[Part]:
    return [(pad(first, WIDE), name), *((pad(cell, NUMBER + 1, right=True), ink) for cell in rest)]
