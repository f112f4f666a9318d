"""How the numbers of a set are distributed: each feature, gold above a flaw, those first that tell it."""

from typing import Any

from textual.binding import Binding

from studio import distribution
from studio.report import brief
from studio.screens.features import SLIM, UNIT, VALUE, Features, taken
from studio.text import pad
from studio.widgets.lines import Line, Part

APART = 7
WIDEST = 48
"""Columns of a drawing at most."""
GOLD_INK, FLAW_INK, THIN_INK = "second", "accent", "faint"


class Analysis(Features):
    """Shows an ``analysis`` as `jobs.recipes.analyse` leaves it; ``features``: those of its metadata."""

    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("right", "turn(1)", "next flaw", key_display="→", id="analysis.next",
                tooltip="the next flaw, then the next instrument"),
        Binding("left", "turn(-1)", "flaw before", key_display="←", id="analysis.previous",
                tooltip="the flaw before, then the instrument before"),
        Binding("o", "order", "order", id="analysis.order",
                tooltip="those that stand apart first, or as they are"),
    ]  # fmt: skip
    title_words = "distributions"

    def __init__(self, analysis: list[dict[str, Any]], features: list[dict[str, Any]]) -> None:
        super().__init__()
        self.features = features
        self.pairs = [pair for one in analysis for pair in _pairs(one)]
        self.at, self.by_distance = 0, True

    def on_mount(self) -> None:
        self._show()

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Gold and a flaw, or the only group there is."""
        return self.pairs[self.at][1]

    def _show(self) -> None:
        names = [one["name"] for one in self.features]
        order = distribution.most_apart(self.groups[-1], names) if self.by_distance else names
        self.list.put(sorted(self.features, key=lambda one: order.index(one["name"])))
        self.about.show(lambda width: self.heading(width))

    # --- what is shown -----------------------------------------------------------------------------

    def heading(self, width: int) -> list[Line]:
        instrument, groups = self.pairs[self.at]
        parts: list[Part] = [(instrument, "b:text"), ("   ", "")]
        for mark, ink, group in zip("▀▄", (GOLD_INK, FLAW_INK), groups, strict=False):
            parts += [(f"{mark} ", ink), (f"{group['name']} {group['count']}   ", "text")]
        place = f"{self.at + 1} of {len(self.pairs)}, at one loudness"
        return [[*parts, (place, "dim")]]

    def head(self, width: int) -> list[Part]:
        heads = "".join(pad(group["name"], VALUE, right=True) for group in self.groups)
        apart = pad("apart", APART, right=True) if len(self.groups) > 1 else ""
        return [(self.unnamed(width) + heads + apart, "faint")]

    def draw(self, one: dict[str, Any], width: int) -> list[Part]:
        name = one["name"]
        parts: list[Part] = [self.named(one, width)]
        for group in self.groups:
            parts.append((pad(brief(group["percentiles"][name][2]), VALUE, right=True), "b:text"))
        if len(self.groups) > 1:
            apart = self.groups[1]["apart"][name]
            parts.append((pad(f"{apart:+.2f}", APART, right=True), "b:accent" if abs(apart) > 0.5 else "dim"))
        parts.append((f" {pad(one['unit'], UNIT)} " if width >= SLIM else " ", "dim"))
        return [*parts, *self._bars(name, max(1, min(WIDEST, width - taken(parts) - 1)))]

    def _bars(self, name: str, width: int) -> list[Part]:
        """The upper half of the line for gold, the lower one for the flaw; bright where half of them lie."""
        ends = distribution.scale(self.groups, name)
        inks = [
            _inks(distribution.cells(group["percentiles"][name], ends, width), width, ink)
            for group, ink in zip(self.groups, (GOLD_INK, FLAW_INK), strict=False)
        ]
        lower = inks[1] if len(inks) > 1 else [""] * width
        drawn: list[Part] = []
        for above, below in zip(inks[0], lower, strict=True):
            if above and below:
                drawn.append(("█", above) if above == below else ("▀", f"{above} on {below}"))
            else:
                drawn.append(("▀", above) if above else ("▄", below) if below else (" ", ""))
        return drawn

    # --- keys ---------------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        self.at = (self.at + by) % len(self.pairs)
        self._show()

    def action_order(self) -> None:
        self.by_distance = not self.by_distance
        self._show()


def _pairs(one: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Of an instrument each flaw beside its gold; each group alone where there is no gold."""
    groups = one["groups"]
    flaws = [group for group in groups if "apart" in group]
    if flaws:
        return [(one["instrument"], [groups[0], flaw]) for flaw in flaws]
    return [(one["instrument"], [group]) for group in groups]


def _inks(places: list[int], width: int, ink: str) -> list[str]:
    """The ink of each cell for five percentiles; empty outside of them."""
    low, first, _, third, high = places
    return [(ink if first <= at <= third else THIN_INK) if low <= at <= high else "" for at in range(width)]
