"""An analysis as a picture: a row for each feature, a column for each instrument, a line for each group.

Matplotlib draws it, without a display.
"""

import io
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jobs.sound.labels import GOLD
from jobs.sound.slots import SLOTS, Slot

SOFTWARE = "Woodshed, an analysis of fingerprints"
"""Written into the picture, by which it is known."""
GROUND, TEXT, FAINT, GOLDEN = "#11141a", "#d8dee9", "#4c566a", "#e6b450"
COLOURS = ("#5fb3b3", "#ec5f67", "#6699cc", "#c594c5", "#99c794", "#f99157")
"""Of the flaws of an instrument, in their order."""
WIDTH, NAMES_WIDTH, HEIGHT = 3.0, 3.6, 0.42
"""Inches of an instrument, of the names and of a row."""
SCALE = 0.14
"""Inches of a row for the numbers below it."""
MARGIN = 0.25
"""Inches between instruments and around all."""
TITLE = 1.6
"""Inches above the first row: the instrument and its groups."""
DPI = 100


def drawn(analysis: list[dict[str, Any]]) -> bytes:
    """A PNG."""
    wide = NAMES_WIDTH + len(analysis) * (WIDTH + MARGIN) + MARGIN
    high = TITLE + len(SLOTS) * HEIGHT + MARGIN
    figure = Figure(figsize=(wide, high), facecolor=GROUND)
    for at, slot in enumerate(SLOTS):
        bottom = 1 - (TITLE + (at + 1) * HEIGHT) / high
        middle = bottom + HEIGHT / high / 2
        place = ((NAMES_WIDTH - 0.1) / wide, middle)
        figure.text(*place, _words(slot), color=TEXT, size=7, ha="right", va="center")
        for column, one in enumerate(analysis):
            left = (NAMES_WIDTH + column * (WIDTH + MARGIN)) / wide
            box = (left, bottom + SCALE / high, WIDTH / wide, (HEIGHT - SCALE) / high)
            _draw(figure.add_axes(box), one["groups"], slot.name)
    for column, one in enumerate(analysis):
        left = (NAMES_WIDTH + column * (WIDTH + MARGIN)) / wide
        figure.text(left, 1 - 0.3 / high, one["instrument"], color=TEXT, size=12, weight="bold")
        for line, (group, colour) in enumerate(_coloured(one["groups"])):
            words = f"{group['name']}  {group['count']}"
            figure.text(left, 1 - (0.52 + 0.17 * line) / high, words, color=colour, size=8)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, facecolor=GROUND, metadata={"Software": SOFTWARE})
    return out.getvalue()


def _words(slot: Slot) -> str:
    """A name and its unit; a reserved slot by what it holds, up to the first explanation."""
    words = slot.meaning if slot.name.startswith("reserved") else slot.name.replace("_", " ")
    short = words.split(":")[0].split(";")[0]
    return f"{short[:52]}  [{slot.unit}]"


def _coloured(groups: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    flaws = [group for group in groups if group["name"] != GOLD]
    colours = {id(group): COLOURS[n % len(COLOURS)] for n, group in enumerate(flaws)}
    return [(group, colours.get(id(group), GOLDEN)) for group in groups]


def _draw(axes: Axes, groups: list[dict[str, Any]], feature: str) -> None:
    """From the 5th to the 95th percentile a thin line, the middle half a thick one, a dot at the median."""
    for row, (group, colour) in enumerate(_coloured(groups)):
        low, first, middle, third, high = group["percentiles"][feature]
        axes.plot([low, high], [-row, -row], color=colour, linewidth=0.8, solid_capstyle="butt")
        axes.plot([first, third], [-row, -row], color=colour, linewidth=2.4, solid_capstyle="butt")
        axes.plot([middle], [-row], marker="o", markersize=2.6, color=TEXT, markeredgewidth=0)
    axes.set_ylim(-len(groups) + 0.4, 0.6)
    axes.set_facecolor(GROUND)
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=FAINT, labelsize=4.5, length=1.5, width=0.4, pad=0.8)
    axes.locator_params(axis="x", nbins=4)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)
        spine.set_linewidth(0.4)
