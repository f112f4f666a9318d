"""What a row of sliders draws between its name and its words: a bar with a number, or choices."""

from studio.text import cells, pad
from studio.widgets.knob import HEARD, LOCKED, Knob
from studio.widgets.lines import Part

WIDEST = 10_000
"""Steps beyond which a bar says nothing of a number."""


def middle(
    k: Knob, value: float | None, heard: float | None, width: int, here: bool, locked: bool
) -> list[Part]:
    """Exactly ``width`` cells. ``heard``: percentile of the last sound; ``here``: the cursor is on it."""
    if k.dead:
        return [(pad("–", width, right=True), "faint")]
    if k.choices:
        return _choices(k, round(value or 0), width, here)
    unit = f" {k.unit}" if k.unit and not k.axis else ""
    number = "free" if value is None else f"{value:.10g}{unit}"
    number = f" {number:>5}"
    color = "dim" if value is None else "b:text" if here else "text"
    if k.high - k.low > WIDEST * k.step:
        return [(" " * (width - cells(number)), ""), (number, color)]
    head: Part = (LOCKED if locked else "●", "head" if here else "accent")
    ring: Part = (HEARD, "text" if here else "dim")
    return [*_bar(k, value, heard, width - cells(number), head, ring), (number, color)]


def _bar(k: Knob, value: float | None, heard: float | None, width: int, head: Part, ring: Part) -> list[Part]:
    low, high = (0.0, 100.0) if k.axis else (k.low, k.high)
    spot = -1 if value is None else round((value - low) / ((high - low) or 1) * (width - 1))
    rung = -1 if heard is None else round(heard / 100 * (width - 1))
    drawn: list[Part] = []
    for x in range(width):
        if x == spot:
            drawn.append(head)
        elif x == rung:
            drawn.append(ring)
        elif not k.axis:
            drawn.append(("━", "second") if x < spot else ("─", "faint"))
        else:
            drawn.append(_ground(k, x / (width - 1) * 100, value is None))
    return _joined(drawn)


def _ground(k: Knob, position: float, free: bool) -> Part:
    """The bar of an axis at a percentile: what can't be reached is hatched, whatever its ranges are."""
    if not k.reach[0] <= position <= k.reach[1]:
        return ("░", "faint")
    if free:
        return ("─", "faint")
    if k.safe[0] <= position <= k.safe[1]:
        return ("━", "second")
    return ("╌", "warn") if k.warning[0] <= position <= k.warning[1] else ("·", "faint")


def _choices(k: Knob, at: int, width: int, here: bool) -> list[Part]:
    """All choices with marks around the one that holds, or that one alone where they do not fit."""
    color = "b:text" if here else "text"
    words = k.choices if sum(cells(word) + 1 for word in k.choices) < width else k.choices[at : at + 1]
    on = k.choices[at]
    parts: list[Part] = []
    for before, word in zip(("", *words), (*words, ""), strict=True):
        parts.append(("‹" if word == on else "›" if before == on else " ", "accent"))
        parts.append((word, color if word == on else "faint"))
    used = sum(cells(word) for word, _ in parts)
    return [*parts, (" " * (width - used), "")]


def _joined(drawn: list[Part]) -> list[Part]:
    """Neighbours of one ink as one part."""
    out: list[Part] = []
    for char, color in drawn:
        if out and out[-1][1] == color:
            out[-1] = (out[-1][0] + char, color)
        else:
            out.append((char, color))
    return out
