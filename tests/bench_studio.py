"""The studio at a pty beside bare Textual: start, memory, silence, a live job, and how long pictures take."""

import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.studio.terminal import Terminal

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self): yield Static("READY")
Bare().run()
"""
ROUNDS = 5
SILENT = 10
"""Seconds of listening for bytes."""


def row(name: str, ours: float, peer: float | None, unit: str, note: str) -> dict[str, str]:
    ratio = f"{peer / ours:.2f}" if peer and ours else ""
    return {
        "figure": name,
        "name": name,
        "ours": f"{ours:.4g} {unit}",
        "peer": f"{peer:.4g} {unit}" if peer is not None else "",
        "unit": unit,
        "ratio": ratio,
        "note": note,
    }


def rows() -> list[dict[str, str]]:
    """Every figure of the studio."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _furnish(home)
        return [*_start(home), *_live(home), *_moves(home), *drawing()]


def _furnish(home: Path) -> None:
    from tests.studio import house

    before = os.environ.get("WOODSHED_HOME")
    os.environ["WOODSHED_HOME"] = str(home)
    try:
        house.furnish()
    finally:
        os.environ.pop("WOODSHED_HOME")
        if before is not None:
            os.environ["WOODSHED_HOME"] = before


def _first_paint(home: Path, argv: list[str] | None, words: str) -> tuple[float, float, float]:
    """CPU ms to the first useful paint, RSS in MB and bytes sent when it has come to rest."""
    costs, memory, sent = [], 0.0, 0
    for _ in range(ROUNDS):
        with Terminal(home, argv=argv) as terminal:
            terminal.wait(words)
            costs.append(terminal.cpu() * 1000)
            terminal.quiet(0.4)
            memory, sent = terminal.rss(), len(terminal.raw)
    return sorted(costs)[ROUNDS // 2], memory, sent


def _start(home: Path) -> list[dict[str, str]]:
    ours, memory, sent = _first_paint(home, None, "kick_tight")
    bare, bare_memory, bare_sent = _first_paint(home, [sys.executable, "-c", BARE], "READY")
    return [
        row(
            "CPU to first useful paint",
            ours,
            bare,
            "ms",
            "Data screen, 12 sounds; peer: bare Textual; goal <= 350",
        ),
        row("memory (RSS)", memory, bare_memory, "MB", "goal <= 60"),
        row("bytes of the start", sent / 1000, bare_sent / 1000, "kB", "120x40, everything painted once"),
        *_idle(home),
    ]


def _idle(home: Path) -> list[dict[str, str]]:
    with Terminal(home) as terminal:
        terminal.wait("asleep|worker")
        terminal.quiet(0.5)
        sent, cpu = _listen(terminal)
    return [
        row("idle, sent", sent, None, "B/s", "goal 0"),
        row("idle, CPU", cpu, None, "%", "goal <= 0.3"),
    ]


def _listen(terminal: Terminal, tick: Callable[[int], None] = lambda second: None) -> tuple[float, float]:
    """Bytes per second and CPU percent over SILENT seconds; ``tick`` is called once in each."""
    bytes_before, cpu_before, begun = len(terminal.raw), terminal.cpu(), time.monotonic()
    for second in range(SILENT):
        tick(second)
        while time.monotonic() - begun < second + 1:
            terminal.pump(0.05)
    return (len(terminal.raw) - bytes_before) / SILENT, (terminal.cpu() - cpu_before) / SILENT * 100


def _live(home: Path) -> list[dict[str, str]]:
    """A training whose rows come once a second, seen at 120x40."""
    from jobs import specs
    from jobs.ledger import Ledger
    from store import stream

    ledger = Ledger(home / "state" / "ledger.db")
    os.environ["WOODSHED_HOME"], before = str(home), os.environ.get("WOODSHED_HOME", "")
    job = ledger.submit(specs.make(specs.TrainVae, dataset="0" * 12, name="live"))
    os.environ["WOODSHED_HOME"] = before
    events = home / "state" / "runs" / job.id / "events.jsonl"

    def say(epoch: int) -> None:
        loss = 0.2 + math.exp(-epoch / 40)
        stream.say(
            events, kind="row", epoch=epoch, loss=loss, validation=loss * 1.1, kl=0.1 * epoch, stft=loss
        )
        stream.say(events, kind="progress", done=epoch, total=200, unit="epochs", rate=1.0, eta=200.0 - epoch)

    for epoch in range(1, 61):
        say(epoch)
    with Terminal(home) as terminal:
        terminal.wait("asleep|worker")
        terminal.press("2")
        terminal.wait("60/200")
        terminal.quiet(0.5)
        sent, cpu = _listen(terminal, lambda second: say(61 + second))
        terminal.press("q")
    ledger.cancel(job.id)
    return [
        row("live job at 1 Hz, sent", sent / 1000, None, "kB/s", "goal <= 2.5 (wandb 1.35)"),
        row("live job at 1 Hz, CPU", cpu, None, "%", "goal <= 1.5 (wandb 4.2)"),
    ]


def _moves(home: Path) -> list[dict[str, str]]:
    """Bytes of one step down a list of sounds."""
    with Terminal(home) as terminal:
        terminal.wait("asleep|worker")
        terminal.press("1")
        terminal.quiet(0.3)
        terminal.press("\t")
        terminal.quiet(0.4)
        before = len(terminal.raw)
        for _ in range(5):
            terminal.press("j")
            terminal.quiet(0.2)
        return [
            row(
                "row move",
                (len(terminal.raw) - before) / 5000,
                None,
                "kB",
                "with the waveform it shows; a bare list: 1.1",
            )
        ]


def _median(work: Callable[[], object], rounds: int = 40) -> float:
    """CPU milliseconds."""
    work()
    costs = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        costs.append((time.process_time() - begun) * 1000)
    return sorted(costs)[rounds // 2]


def drawing() -> list[dict[str, str]]:
    """How long pictures take."""
    from studio.widgets.curve import plot
    from studio.widgets.heat import heat, scaled
    from studio.widgets.ink import Ink, load

    chance = random.Random(0)
    places = [float(i) for i in range(2000)]
    train = [math.exp(-i / 400) + 0.05 * chance.gauss(0, 1) for i in range(2000)]
    held = [math.exp(-i / 300) + 0.1 for i in range(2000)]
    picture = bytes(
        min(255, max(0, int(128 + 80 * math.sin(i % 240 / 9 + i // 240 / 5) + chance.gauss(0, 20))))
        for i in range(240 * 96)
    )
    ink = Ink(load("woodshed"))
    curve = _median(lambda: plot([(places, train), (places, held)], ["train", "valid"], 80, 20, ink))
    spectrogram = _median(lambda: heat(scaled(picture, (240, 96), 100, 60), ink))
    return [
        row("curve 2 x 2,000 points at 80x20", curve, None, "ms", "goal <= 1.5 (plotext 32)"),
        row("spectrogram 100x30", spectrogram, None, "ms", "goal <= 2.5 (textual-image 17.8)"),
    ]
