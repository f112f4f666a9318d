"""What a repairer is worth, in lines: its verdict, its gain over linear prediction, what the field says."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.worth import AR, NET, honest, ships
from studio.report import brief, ended, part
from studio.screens.fed_back import fed_back
from studio.screens.scored import TARGETS, tenths
from studio.text import count, pad, rates
from studio.widgets.lines import Line, Part, wrap

OVER = {"ar-512": "over AR-512", "ar": "over all prediction"}
LABEL, LENGTH, NUMBER = 20, 7, 7
HEADS = {"SDR dB": NUMBER, "AR-512": NUMBER, "gain": NUMBER + 2}
ZERO, MEAN = "┼", "●"
Row = Mapping[str, Any]
"""Of a report: a kind of sound, a length of gap, what was reached there."""
SHIPS = {NET: "the net ships", AR: "linear prediction ships"}


def report(record: Mapping[str, Any], width: int) -> list[Line]:
    """Of a record of the table ``repairers``."""
    record = honest(record)
    told = part(record, "report")
    kinds = ", ".join(map(str, record.get("kinds", ())))
    what = (
        f"{record.get('net')} · {record.get('parameters')} weights · {rates([record.get('rate') or 0])} · "
        f"{count(int(record.get('sounds') or 0), 'sound')}: {kinds}"
    )
    lines: list[Line] = [[(line, "b:text")] for line in wrap(str(record["name"]), width)]
    lines += [[(line, "dim")] for line in wrap(what, width)]
    lines += [[], *verdict(told, width), *_over(told)]
    rows = [row for row in told.get("by_gap", ()) if isinstance(row, Mapping)]
    edges = [edge for row in rows for edge in row["interval_db"]]
    ends = min(0.0, *edges), max(0.0, *edges)
    for kind in dict.fromkeys(str(row.get("kind")) for row in rows):
        lines += [[], *gains(kind, [row for row in rows if row.get("kind") == kind], ends, width)]
    lines += [[], *([(line, "dim")] for line in wrap(_ground(told), width))]
    fed = fed_back(part(record, "feedback"), width)
    return [*lines, *([[]] if fed else []), *fed]


def verdict(told: Mapping[str, Any], width: int) -> list[list[Part]]:
    """One of three, and what ships."""
    words = str(told.get("verdict", "no verdict"))
    better = ships(told) == NET
    mark: Part = ("✓ ", "good") if better else ("· ", "dim")
    said = wrap(f"{words}: {SHIPS[ships(told)]}", width - 2)
    return [[mark if not at else ("  ", ""), (line, "b:text")] for at, line in enumerate(said)]


def _over(told: Mapping[str, Any]) -> list[Line]:
    lines: list[Line] = []
    for name, words in OVER.items():
        one = part(part(told, "over"), name)
        if one:
            mark, ink = _judged(one["low"], one["high"])
            gain = f"{mark} {one['gain_db']:+.2f} dB"
            span = f"  95 %: {one['low']:+.2f} to {one['high']:+.2f}"
            lines.append([(pad(words, LABEL), "text"), (gain, ink), (span, "dim")])
    return lines


def gains(kind: str, rows: Sequence[Row], ends: tuple[float, float], width: int) -> list[Line]:
    """A row for each length of gap; ``ends`` of the scale that gains lie on, in dB."""
    room = max(0, width - LENGTH - 3 * NUMBER - 3)
    heads = "".join(pad(head, cells, right=True) for head, cells in HEADS.items())
    lines: list[Line] = [[(pad(kind, LENGTH), "second"), (heads, "faint")]]
    for row in rows:
        low, high = row["interval_db"]
        mark, ink = _judged(low, high)
        lines.append([
            (pad(f"{row['gap_ms']:g} ms", LENGTH), "text"),
            (pad(tenths(row["gap_sdr_db"]), NUMBER, right=True), "b:text"),
            (pad(tenths(row["baseline_gap_sdr_db"]), NUMBER, right=True), "text"),
            (pad(f"{mark} {row['gain_db']:+.2f}", NUMBER + 2, right=True), ink),
            (" ", ""),
            *interval((low, row["gain_db"], high), ends, room, ink),
        ])  # fmt: skip
    return lines


def interval(
    values: tuple[float, float, float], ends: tuple[float, float], width: int, ink: str
) -> list[Part]:
    """``···┼──━●━──···``: the lowest, the mean and the highest on a line that begins and ends at ``ends``."""
    if width < 5:
        return []
    step = (width - 1) / ((ends[1] - ends[0]) or 1)
    low, mean, high, zero = (round((value - ends[0]) * step) for value in (*values, 0.0))
    drawn: list[Part] = [("·", "faint")] * width
    drawn[low : high + 1] = [("━", ink)] * (high + 1 - low)
    drawn[zero] = (ZERO, "dim")
    drawn[mean] = (MEAN, f"b:{ink}")
    return drawn


def _judged(low: float, high: float) -> tuple[str, str]:
    """A mark and its ink: surely better, surely worse, or neither."""
    return ("▲", "good") if low > 0 else ("▾", "bad") if high < 0 else ("·", "text")


def _ground(told: Mapping[str, Any]) -> str:
    """What it was judged on, what it missed, how it ended."""
    missed = [f"{words} by {brief(part(told, 'failing')[name])}" for name, words in TARGETS.items()
              if name in part(told, "failing")]  # fmt: skip
    return (
        f"judged on {told.get('gaps', 0)} gaps of {count(int(told.get('sources') or 0), 'sound')} not "
        f"learned; composite {brief(told.get('composite', 0.0))} in gaps of 10 ms, missed: "
        f"{', '.join(missed) or 'nothing'}; {ended(told.get('ended_by'))} at step {told.get('steps')}, "
        f"best at {told.get('best_step')}"
    )
