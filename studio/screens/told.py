"""The lines above the sliders: what plays, and what the row of the cursor does."""

from typing import TYPE_CHECKING

from studio.widgets.knob import LOCKED, Knob
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.sliders import Sliders

if TYPE_CHECKING:
    from studio.screens.deck import Deck

STORY = 3
"""Rows at most for what a slider is."""


def playing(deck: "Deck", width: int) -> list[Line]:
    """The model and what is mixed with it, the preset, and the way below them."""
    model = deck.model or {}
    mixed = " + ".join(str(one["name"]) for one in (model, *deck.blended))
    line: list[Part] = [(mixed, "b:text")]
    if not deck.blended:
        line.append((f"  learned from {model.get('dataset_name')}", "dim"))
    if deck.preset:
        line.append((f"  ◆ {deck.preset}", "accent"))
    if deck.blended and not deck.way:
        line.append(("  x lets go", "dim"))
    told = wrap(f"{deck.way.words()} · x lets go", width - 2) if deck.way else []
    return [line, *([("  " if row else "♫ ", "second"), (words, "text")] for row, words in enumerate(told))]


def story(sliders: Sliders, width: int) -> list[Line]:
    """As high for every row, so that none moves while the cursor does."""
    told = [wrap(_words(sliders, k), width)[:STORY] for k in sliders.knobs]
    k = sliders.knob
    here = told[sliders.at] if k else []
    lines: list[Line] = [[(words, "dim")] for words in here]
    if k and here[0].startswith(f"{k.shown}:"):
        lines[0] = [(k.shown, "second"), (here[0].removeprefix(k.shown), "dim")]
    return [*lines, *[[]] * (max(map(len, told), default=0) - len(here))]


def _words(sliders: Sliders, k: Knob) -> str:
    locked = f"{LOCKED} locked · " if k.name in sliders.locked else ""
    return f"{k.shown}: {locked}{k.about(sliders.values[k.name], sliders.heard.get(k.name))}"
