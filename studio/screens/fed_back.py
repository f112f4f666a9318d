"""What the field counted with a repairer, in lines: how often gaps of each length came, what that asks."""

from collections.abc import Mapping
from typing import Any

from studio import fieldwork
from studio.text import pad
from studio.widgets.facts import bar
from studio.widgets.lines import Line, wrap

LENGTH, NUMBER, BAR = 9, 8, 24


def fed_back(totals: Mapping[str, Any], width: int) -> list[Line]:
    """Of a summary of `jobs.field.feedback`; nothing where there is none."""
    if not totals:
        return []
    lines: list[Line] = [[("from the field", "second")]]
    for words in fieldwork.feedback(totals):
        lines += [[(line, "text")] for line in wrap(words, width)]
    counted = [one for one in fieldwork.lengths(totals) if one[1]]
    most = max((share for _, _, share in counted), default=0.0)
    if counted:
        lines.append([(pad("gap ms", LENGTH), "faint"), (pad("gaps", NUMBER, right=True), "faint")])
    room = max(0, min(BAR, width - LENGTH - NUMBER - 7))
    for name, number, share in counted:
        lines.append([
            (pad(name, LENGTH), "text"), (pad(number, NUMBER, right=True), "b:text"), (" ", ""),
            *bar(share, most, room), (f" {share:.0%}", "dim"),
        ])  # fmt: skip
    for words in fieldwork.advice(totals):
        lines += [
            [("  " if at else "→ ", "warn"), (line, "text")] for at, line in enumerate(wrap(words, width - 2))
        ]
    return lines
