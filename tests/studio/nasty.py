"""The worst names that a file, a record or a message may have, everywhere, and what they may not do."""

import base64
import json
import re
import sqlite3
from pathlib import Path

from jobs import specs
from jobs.ledger import Ledger
from store import paths, stream
from store.library import Library
from tests.studio import house
from tests.studio.terminal import Terminal

COPY = "\x1b]52;c;cm0gLXJm\x07"
"""Puts ``rm -rf`` into the clipboard of a terminal that obeys."""
NAMES = [
    f"kick{COPY}.wav",
    "snare\x1b[31;5mred.wav",
    "hat\x9b2J.wav",
    "rtl\u202egnp.wav",
    "[bold red]markup[/] kick[/].wav",
    "[@click=app.quit]quit[/]",
    "x" * 300 + ".wav",
    "🥁👩‍👩‍👧🏽 drums\ufe0f 🇩🇪.wav",
    "half\udce9.wav",
    "new\nline\ttab\x07\x00\r.wav",
    "zalgo" + "\u0301" * 200,
    "漢字かな한글" * 20 + ".wav",
    "title\x1b]0;owned\x07\x1bP+q544e\x1b\\.wav",
    "soft\u00adhy\u200bphen\u2066iso\u2028line\x85next",
]
OURS = re.compile(
    rb"\x1b\[[0-9;]*[mHJKA-Za-z]|\x1b\[\?[0-9;]+[hlu]|\x1b\[\?\d+\$p|\x1b\[[<>=][0-9;]*u|\x1b\]22;[a-z]*\x07"
)
"""What Textual itself sends; copies are looked at apart."""
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
UNSEEN = {"\u202e", "\u2066", "\u200d", "\u200b", "\ufe0f", "\u2028"}
EDGES = "│┃┆║▌▐▏▕╵╷"
"""What may stand where the border of a pane is."""


def furnish(library: Library) -> None:
    """A house of nothing but such names. Written past the checks, as from a file of someone else."""
    first, second = NAMES[0], NAMES[1]
    owner = house.dataset(library, "drums", names=[name.replace("/", "_") for name in NAMES])
    worst = [{"level": "error", "code": "x", "file": f"/a/{name}", "message": name * 3} for name in NAMES]
    library.datasets.amend(owner["id"], name=first, problems=worst, folder=owner["folder"])
    for at, name in enumerate(NAMES[2:5]):
        house.dataset(library, f"more {at}", 2, 0, NAMES[at : at + 2])
        library.datasets.amend(library.datasets.all()[-1]["id"], name=name)
    made = house.model(library, owner)
    other = house.model(library, owner, "other", "e5" * 6)
    axes = [
        {
            **axis,
            "name": name[:80],
            "high_word": name,
            "low_word": name,
            "help": name,
            "why": name,
            "unit": name,
        }
        for axis, name in zip(made["axes"], NAMES, strict=False)
    ]
    quality = {"verdict": NAMES[1], "reason": NAMES[2], NAMES[3]: NAMES[4]}
    library.models.amend(made["id"], name=second, dataset_name=NAMES[4], axes=axes, quality=quality,
                         path="/m/" + NAMES[11], device=NAMES[7],
                         preset=NAMES[9], sha256=NAMES[2])  # fmt: skip
    library.models.amend(other["id"], name=NAMES[11])
    for at, name in enumerate(NAMES):
        take = house.take(library, made, at)
        library.takes.amend(
            take["id"], name=name, model_name=NAMES[-1 - at], path=f"/x/{name}", preset=name, format=name,
            sliders={NAMES[at - 1]: 5}, quality={NAMES[at - 2]: name}, render=name, spec={"space": name},
        )  # fmt: skip
        preset = {"name": name, "folder": name, "model": made["id"], "sliders": {name: 50}, "seed": 1,
                  "modified": "2020", "description": NAMES[at - 3], "created": "2020"}  # fmt: skip
        library.presets.add(preset, id=f"f{at:02d}" * 4)
    _jobs()


def _jobs() -> None:
    """Jobs whose specs, errors, streams and logs are no better."""
    ledger = Ledger()
    for at, name in enumerate(NAMES):
        kind = (specs.TrainVae, specs.ImportSounds, specs.Rehearse)[at % 3]
        given = ({"dataset": "000000000001"}, {"paths": ["/a"]}, {})[at % 3]
        job = ledger.submit(specs.make(kind, **given))
        spec = {
            **json.loads(json.dumps(job.spec)),
            "recipe": job.recipe,
            "name": name,
            "paths": [f"/a/{name}"],
        }
        error = {"message": f"{name}: {NAMES[at - 1]}", "code": 1}
        state = ("failed", "cancelled", "done")[at % 3]
        with sqlite3.connect(paths.ledger()) as db:
            db.execute(
                "update job set state=?, published=1, spec=?, error=?, started=?, ended=? where id=?",
                (
                    state,
                    json.dumps(spec),
                    json.dumps(error),
                    name.replace("\udce9", "?"),
                    "2020-03-01T09:30:00Z",
                    job.id,
                ),
            )
        events = paths.run(job.id) / "events.jsonl"
        stream.say(events, kind="row", epoch=1, loss=0.5, validation=name, gap=0.1)
        stream.say(events, kind="note", text=name)
        stream.say(events, kind=name[:40], path=name)
        stream.say(events, kind="progress", done=1, total=2, unit=name, rate=1.0, eta=2.0)
        paths.log(job.id).write_bytes("\n".join(NAMES).encode("utf-8", "surrogateescape"))


def files(folder: Path) -> Path:
    """Sounds of these names, as far as a file may have them."""
    for at, name in enumerate(NAMES):
        encoded = name.replace("/", "_").replace("\0", "").encode("utf-8", "surrogateescape")
        # 255 bytes at most, and an ending that makes it a sound.
        short = (encoded[:200] + b".wav").decode("utf-8", "surrogateescape")
        house.tone(folder / "one.wav", 0.2, pitch=110.0 * (at + 2)).rename(folder / short)
    return folder


def obeyed(raw: bytes) -> list[str]:
    """What in ``raw`` a terminal would obey and Textual did not send; empty when all is well."""
    found = []
    for copied in COPIED.findall(raw):
        words = base64.b64decode(copied).decode("utf-8", "replace")
        if words == "rm -rf" or not words.isprintable():
            found.append(f"copied {words!r}")
    text = OURS.sub(b"", COPIED.sub(b"", raw)).decode("utf-8", "replace")
    found += [hex(ord(c)) for c in text if (ord(c) < 32 and c not in "\r\n") or 127 <= ord(c) < 160]
    found += [hex(ord(c)) for c in set(text) & UNSEEN]
    if b"\x1b[31;5m" in raw or b"hat\x9b" in raw:
        found.append("a sequence of a name")
    return found


def torn(terminal: Terminal) -> list[str]:
    """Rows of panes and windows whose edges are not where their corners are."""
    columns, rows = terminal.screen.columns, terminal.screen.lines
    grid = [[terminal.screen.buffer[y][x].data for x in range(columns)] for y in range(rows)]
    boxes = list(_boxes(grid))
    faults = []
    for box in boxes:
        left, top, right, bottom = box
        for y in range(top + 1, bottom):
            for x in (left, right):
                over = any(o != box and o[0] <= x <= o[2] and o[1] <= y <= o[3] for o in boxes)
                if not over and grid[y][x] not in EDGES:
                    faults.append(f"{grid[y][x]!r} at {x},{y} in the edge of {box}:\n{terminal.text}")
    return faults


def _boxes(grid: list[list[str]]) -> list[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of every pair of round corners above and below."""
    found = []
    for top, row in enumerate(grid):
        for left, char in enumerate(row):
            if char != "╭":
                continue
            right = next((x for x in range(left + 1, len(row)) if row[x] == "╮"), None)
            if right is None:
                continue
            below = (y for y in range(top + 1, len(grid)) if grid[y][left] == "╰" and grid[y][right] == "╯")
            bottom = next(below, None)
            if bottom is not None:
                found.append((left, top, right, bottom))
    return found
