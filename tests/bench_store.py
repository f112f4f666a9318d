"""What the store costs, beside plain TinyDB on the same disk in the same run."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinydb import TinyDB

from store.library import Library
from store.table import Database


def record(number: int) -> dict[str, Any]:
    """About as large as a take's."""
    return {
        "id": f"{number:012x}",
        "name": f"gen_20250101T000000_seed{number}",
        "created": "2025-01-01T00:00:00.000Z",
        "model": "0123456789ab",
        "seed": number,
        "sliders": {"brightness": 50, "warmth": 50, "dynamics": 50},
        "quality": {"peak_dbfs": -1.5, "rms_dbfs": -18.2, "centroid_hz": 2300.5},
        "path": f"/somewhere/takes/{number:012x}.wav",
    }


def median_ms(call: Callable[[int], Any], times: int) -> float:
    """Median duration in milliseconds of ``call(0)``, ``call(1)`` ..."""
    spent = []
    for number in range(times):
        begin = time.perf_counter()
        call(number)
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent) * 1000


def row(
    name: str, ours: float, goal: float, peer: float | None = None, unit: str = "ms", note: str = ""
) -> dict:
    """Figures in ``unit``; ``ratio`` is how many times faster ours is."""
    goal_note = f"goal <= {goal:g} {unit}"
    return {
        "name": name,
        "figure": name,
        "ours": f"{ours:.3g} {unit}",
        "peer": "" if peer is None else f"{peer:.3g} {unit}",
        "unit": unit,
        "ratio": "" if peer is None else f"{peer / ours:.0f}x",
        "note": f"{goal_note}; {note}" if note else goal_note,
    }


def filled(folder: Path, count: int) -> Any:
    """Our table with ``count`` documents."""
    table = Database(folder).table("takes")
    table.insert_multiple(record(number) for number in range(count))
    return table


def rows() -> list[dict]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ten = filled(folder / "ten", 10_000)
        plain = TinyDB(folder / "plain.json").table("takes")
        plain.insert_multiple(record(number) for number in range(10_000))
        hundred = filled(folder / "hundred", 100_000)
        library = Library(folder / "hundred")
        library.takes.all()
        new = 10**6
        return [
            row(
                "insert at 10,000 documents, p50",
                median_ms(lambda n: ten.insert(record(new + n)), 200),
                10,
                median_ms(lambda n: plain.insert(record(new + n)), 5),
                note="ours is fsynced, the peer plain TinyDB is not",
            ),
            row(
                "insert at 100,000 documents, p50",
                median_ms(lambda n: hundred.insert(record(new + n)), 200),
                15,
            ),
            row(
                "get by id at 10,000",
                median_ms(lambda n: ten.get(doc_id=n + 1), 1000),
                1,
                median_ms(lambda n: plain.get(doc_id=n + 1), 5),
            ),
            row(
                "record by id at 100,000",
                median_ms(lambda n: library.takes.get(f"{n:012x}"), 1000),
                1,
            ),
            row("stamp of a shelf", median_ms(lambda n: library.takes.stamp(), 1000) * 1000, 50, unit="us"),
            row("open a library", median_ms(lambda n: Library(folder / "ten"), 50), 2),
        ]


if __name__ == "__main__":
    for one in rows():
        print(one)
