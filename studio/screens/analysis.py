"""How the numbers of a set are distributed: each feature, gold above a flaw, those first that tell it."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding

from studio import distribution
from studio.messages import Highlighted
from studio.report import brief
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

NAME, VALUE, UNIT, APART = 28, 9, 12, 7
SLIM = 90
"""Columns below which names are short and units left out, so that there is room to draw."""
SHORT_NAME = 20
WIDEST = 48
GOLD_INK, FLAW_INK, THIN_INK = "second", "accent", "faint"


class Analysis(Window):
    """Shows an ``analysis`` as `jobs.recipes.analyse` leaves it; ``features``: those of its metadata."""

    DEFAULT_CSS = """
    Analysis > #frame { width: 110; height: 90%; }
    Analysis Rows { height: 1fr; }
    Analysis #meaning { margin-top: 1; }
    """
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
        self.about = Facts(self._heading, id="about")
        self.list = Rows(
            self._draw,
            key=lambda one: one["name"],
            words=lambda one: f"{one['name']} {one['meaning']}",
            head=self._head,
        )
        self.meaning = Facts(id="meaning")

    def parts(self) -> ComposeResult:
        yield self.about
        yield self.list
        yield self.meaning

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
        self.about.show(lambda width: self._heading(width))

    # --- what is shown -----------------------------------------------------------------------------

    def _heading(self, width: int) -> list[Line]:
        instrument, groups = self.pairs[self.at]
        parts: list[Part] = [(instrument, "b:text"), ("   ", "")]
        for mark, ink, group in zip("▀▄", (GOLD_INK, FLAW_INK), groups, strict=False):
            parts += [(f"{mark} ", ink), (f"{group['name']} {group['count']}   ", "text")]
        place = f"{self.at + 1} of {len(self.pairs)}, at one loudness"
        return [[*parts, (place, "dim")]]

    def _head(self, width: int) -> list[Part]:
        heads = "".join(pad(group["name"], VALUE, right=True) for group in self.groups)
        apart = pad("apart", APART, right=True) if len(self.groups) > 1 else ""
        return [(" " + pad("", NAME if width >= SLIM else SHORT_NAME) + heads + apart, "faint")]

    def _draw(self, one: dict[str, Any], width: int) -> list[Part]:
        name = one["name"]
        wide = width >= SLIM
        parts: list[Part] = [(pad(distribution.told(one), NAME if wide else SHORT_NAME), "text")]
        for group in self.groups:
            parts.append((pad(brief(group["percentiles"][name][2]), VALUE, right=True), "b:text"))
        if len(self.groups) > 1:
            apart = self.groups[1]["apart"][name]
            parts.append((pad(f"{apart:+.2f}", APART, right=True), "b:accent" if abs(apart) > 0.5 else "dim"))
        parts.append((f" {pad(one['unit'], UNIT - 2)} " if wide else " ", "dim"))
        return [*parts, *self._bars(name, max(1, min(WIDEST, width - _taken(parts) - 1)))]

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

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        one = event.item
        words = f"{one['meaning']} · {one['source']}" if one else ""
        self.meaning.show(lambda width: [[(line, "dim")] for line in wrap(words, width)[:2]])

    # --- keys ---------------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        self.at = (self.at + by) % len(self.pairs)
        self._show()

    def action_order(self) -> None:
        self.by_distance = not self.by_distance
        self._show()


def _taken(parts: list[Part]) -> int:
    return sum(len(words) for words, _ in parts)


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
