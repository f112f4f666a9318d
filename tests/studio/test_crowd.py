"""Ten thousand takes, two hundred datasets, two thousand jobs: start, step and filter stay quick."""

import json
import os
import sqlite3
import time
from pathlib import Path

import pytest

from jobs import specs
from jobs.ledger import Ledger
from store import paths
from store.library import Library
from tests.studio import house
from tests.studio.terminal import Terminal

TAKES, DATASETS, MODELS, JOBS = 10_000, 200, 100, 2000


def crowd(library: Library) -> None:
    """A house of somebody who has worked for years; written at once, as an import does it."""
    house.furnish(library)
    for shelf, number in (
        (library.takes, TAKES), (library.datasets, DATASETS), (library.models, MODELS),
    ):  # fmt: skip
        first = shelf.all()[0]
        made = "2021-01-01T00:00:{:02d}.{:03d}Z"
        shelf.merge([
            {**first, "id": f"c{at:011d}", "name": f"{first['name']} {at}",
             "created": made.format(at // 1000, at % 1000)}
            for at in range(number)
        ])  # fmt: skip
    job = Ledger().submit(specs.make(specs.Rehearse, steps=3))
    with sqlite3.connect(paths.ledger()) as db:
        db.execute("update job set state='done', published=1, started=submitted, ended=submitted")
        columns = "recipe, lane, state, attempt, published, spec, submitted, started, ended"
        db.executemany(
            f"insert into job(id, {columns}) select ?, {columns} from job where id=?",
            [(f"{at:012x}", job.id) for at in range(JOBS)],
        )


def spent(terminal: Terminal, keys: str, quiet: float = 0.25) -> float:
    """CPU milliseconds of what these keys ask for."""
    before = terminal.cpu()
    terminal.press(keys)
    terminal.quiet(quiet)
    return (terminal.cpu() - before) * 1000


@pytest.mark.slow
def test_a_crowded_house_is_as_quick_as_an_empty_one(home: Path) -> None:
    crowd(Library())
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("drums 199")
        cost = {"start": terminal.cpu() * 1000}
        terminal.quiet(1.3)
        for key, words in ("3", "rehearse"), ("4", "learned from"), ("5", "density"), ("6", "#9999|seed"):
            cost[f"open {key}"] = spent(terminal, key)
            terminal.wait(words)
        terminal.quiet(1.2)
        cost["step"] = sum(spent(terminal, "\x1b[B") for _ in range(4)) / 4
        cost["end"] = spent(terminal, "G")
        cost["page up"] = spent(terminal, "\x1b[5~")
        spent(terminal, "/")
        cost["filter"] = sum(spent(terminal, letter) for letter in "9998") / 4
        terminal.press("\x1b")
        terminal.quiet(0.3)
        cost["a second at rest"] = spent(terminal, "", 2.0) / 2
        os.utime(paths.tables() / "takes.jsonl")
        before = terminal.cpu()
        house.take(Library(), Library().models.all()[0], 7, "the newest of all")
        terminal.quiet(1.5)
        cost["one more take"] = (terminal.cpu() - before) * 1000
        cost["rss"] = terminal.rss()
        print(json.dumps({name: round(value, 1) for name, value in cost.items()}))
        terminal.press("q")
        begun = time.monotonic()
        assert terminal.end(0) == 0
        assert time.monotonic() - begun < 2
    assert cost["start"] < 900
    assert all(value < 700 for name, value in cost.items() if name.startswith("open"))
    assert cost["step"] < 40 and cost["page up"] < 100 and cost["end"] < 100, cost
    assert cost["filter"] < 100, cost
    assert cost["a second at rest"] < 15, cost
    assert cost["one more take"] < 400, cost
