"""The benchmark: ``python -m tests.bench [--only NAME]``.

Each ``tests/bench_NAME.py`` has ``rows() -> list[Row]``; this page runs them one after the other
and prints one table. A peer is what a person would use instead, measured in the same run.
"""

import argparse
import importlib
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One figure. ``ours`` and ``peer`` carry their unit; ``ratio`` is how many times better ours is."""

    figure: str
    ours: str
    peer: str = ""
    ratio: str = ""
    note: str = ""


def as_row(value: Any) -> Row:
    """A row from a Row or a mapping of the same fields."""
    found = value if isinstance(value, dict) else value._asdict()
    return Row(**{key: cell(found.get(key)) for key in Row._fields})


def cell(value: Any) -> str:
    """A bare number is a ratio."""
    if value is None:
        return ""
    return f"{value:.3g}x" if isinstance(value, int | float) else str(value)


def cpu_ms(arguments: list[str], rounds: int = 7) -> float:
    """Median CPU time of a process, user and system, in milliseconds."""
    times = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(rounds):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                arguments,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                env={**os.environ, "WOODSHED_HOME": home},
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(times)[rounds // 2] * 1000


def start_up() -> list[Row]:
    """What the command line costs before it does anything."""
    python = sys.executable
    peers = {
        "--version": ([python, "-c", "pass"], "peer: python -c pass"),
        "--help": ([python, "-c", "import click"], "peer: import click; goal <= 90"),
        "jobs ls --json": (None, "an empty house"),
    }
    rows = []
    for arguments, (peer, note) in peers.items():
        ours = f"{cpu_ms([python, '-m', 'studio', *arguments.split()]):.0f} CPU-ms"
        rows.append(
            Row(f"woodshed {arguments}", ours, f"{cpu_ms(peer):.0f} CPU-ms" if peer else "", note=note)
        )
    return rows


def pages() -> dict[str, Any]:
    """Name -> ``rows`` of each benchmark, the command line's start-up first."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    loaders = {
        name.removeprefix("bench_"): lambda name=name: importlib.import_module(f"tests.{name}").rows()
        for name in found
    }
    return {"cli": start_up, **loaders}


def show(rows: list[Row]) -> None:
    """The table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*Row._fields)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 140, markup=False).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    known = pages()
    parser.add_argument("--only", choices=known, action="append", help="one page; may be repeated")
    chosen = parser.parse_args().only or list(known)
    rows: list[Row] = []
    for name in chosen:
        print(f"measuring {name}...", file=sys.stderr, flush=True)
        rows.extend(as_row(row) for row in known[name]())
    show(rows)


if __name__ == "__main__":
    main()
