"""The studio at a pty beside stock widgets in the same run: start, memory, silence, a job, moves, pictures.

Everything is measured several times and the middle is told: of what costs CPU the lowest would flatter, the
mean would tell of the neighbours on the machine. Ours and the peer's take turns.
"""

import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from tests import peers
from tests.live import Training
from tests.studio.terminal import Terminal

ROUNDS = 7
LISTEN = int(os.environ.get("BENCH_LISTEN", "20"))
"""Seconds of listening for bytes."""
MOVES = 8
SILENT = """
import sys, time, types
fake = types.ModuleType("sounddevice")
class Silent:
    latency = 0.03
    def __init__(self, samplerate=48000, **_): self.rate = samplerate
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def abort(self): pass
    def write(self, data): time.sleep(len(data) / 3 / self.rate)
fake.PortAudioError, fake.RawOutputStream = OSError, Silent
sys.modules["sounddevice"] = fake
from studio.listen import speaker
speaker.main([])
"""
"""A speaker whose sound device takes 24-bit mono in its own time, and is silent."""
PLAYING = f"""
import sys
from studio import app
from studio.listen import device
device.likely_device = lambda: True
device.PROGRAM = [sys.executable, "-c", {SILENT!r}]
sys.exit(app.main())
"""


def row(name: str, ours: float, peer: float | None, unit: str, note: str) -> dict[str, str]:
    """Of these figures less is better: the ratio is how many times ours goes into the peer's."""
    return {
        "figure": name,
        "ours": f"{ours:.4g} {unit}",
        "peer": f"{peer:.4g} {unit}" if peer is not None else "",
        "ratio": f"{peer / ours:.2f}x" if peer and ours else "",
        "note": note,
    }


def rows() -> list[dict[str, str]]:
    """Every figure of the studio."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _furnish(home)
        return [*_start(home), *_idle(home), *_live(home), *_moves(home), *drawing(), *_playing(home)]


def _furnish(home: Path) -> None:
    from store.library import Library
    from tests.studio import house

    before = os.environ.get("WOODSHED_HOME")
    os.environ["WOODSHED_HOME"] = str(home)
    try:
        library = house.furnish()
        house.dataset(library, "two hundred", 200, 0, [f"sound {i:03d} of many" for i in range(200)])
        long = house.take(library, library.models.all()[0], 6)
        house.tone(Path(long["path"]), 20.0)
        Library().takes.amend(long["id"], seconds=20.0)
    finally:
        os.environ.pop("WOODSHED_HOME")
        if before is not None:
            os.environ["WOODSHED_HOME"] = before


# --- at a pty --------------------------------------------------------------------------------------


def _start(home: Path) -> list[dict[str, str]]:
    both = ((None, "sound 001"), (peers.argv(peers.BARE), "READY"))
    costs, memory, sent = ([[], []] for _ in range(3))
    for _ in range(ROUNDS):
        for which, (argv, words) in enumerate(both):
            with Terminal(home, argv=argv) as terminal:
                terminal.wait(words)
                costs[which].append(terminal.cpu() * 1000)
                terminal.quiet(0.5)
                memory[which].append(terminal.rss())
                sent[which].append(len(terminal.raw) / 1000)
    ours, bare = (min(one) for one in costs)
    return [
        row("CPU to first useful paint", *map(median, costs), "ms",
            f"Data, 200 sounds; bare Textual; goal <= 350; lowest {ours:.0f} / {bare:.0f}"),
        row("memory (RSS)", *map(median, memory), "MB", "bare Textual; goal <= 60"),
        row("bytes of the start", *map(median, sent), "kB", "bare Textual: one word"),
    ]  # fmt: skip


def _listen(terminal: Terminal, tick: Callable[[], Any] = lambda: None) -> tuple[float, float]:
    """Bytes per second and CPU percent: the median second of LISTEN; ``tick`` is called once in each."""
    sent, cpu, begun = [], [], time.monotonic()
    for second in range(LISTEN):
        bytes_before, cpu_before = len(terminal.raw), terminal.cpu()
        tick()
        while (left := begun + second + 1 - time.monotonic()) > 0:
            terminal.pump(min(0.05, left))
        sent.append(len(terminal.raw) - bytes_before)
        cpu.append((terminal.cpu() - cpu_before) * 100)
    return sum(sent) / LISTEN, median(cpu)


def _idle(home: Path) -> list[dict[str, str]]:
    found = []
    for argv, words in ((None, "asleep|worker"), (peers.argv(peers.BARE), "READY")):
        with Terminal(home, argv=argv) as terminal:
            terminal.wait(words)
            terminal.quiet(1.5)
            found.append(_listen(terminal))
    (sent, cpu), (bare_sent, bare_cpu) = found
    return [
        row(f"idle for {LISTEN} s, sent", sent, bare_sent, "B/s", "bare Textual; goal 0"),
        row("idle, CPU", cpu, bare_cpu, "%", "the store is looked at once a second; goal <= 0.3"),
    ]


def _live(home: Path) -> list[dict[str, str]]:
    """A training whose rows come once a second."""
    with Training(home) as training, Terminal(home) as terminal:
        _go_to(terminal, "2")
        terminal.wait("60/200")
        terminal.quiet(1.5)
        sent, cpu = _listen(terminal, training.say)
        assert f"{training.epoch}/200" in terminal.text, "nothing was live"
    with Terminal(home, argv=peers.argv(peers.LIVE)) as terminal:
        terminal.wait("READY")
        terminal.quiet(0.5)
        peer_sent, peer_cpu = _listen(terminal)
    return [
        row("live job at 1 Hz, sent", sent / 1000, peer_sent / 1000, "kB/s",
            "curve, bar, numbers; stock: 6 cells of a DataTable; goal <= 2.5"),
        row("live job at 1 Hz, CPU", cpu, peer_cpu, "%", "goal <= 1.5"),
    ]  # fmt: skip


def _go_to(terminal: Terminal, digit: str) -> None:
    """A screen, from wherever the last one was left."""
    terminal.wait("asleep|worker|running")
    for key in ("\x1b", digit):
        terminal.press(key)
        terminal.quiet(0.3)


def _cost(terminal: Terminal, keys: Iterable[str]) -> float:
    """Bytes that a key brings, the median."""
    costs = []
    for key in keys:
        before = len(terminal.raw)
        terminal.press(key)
        terminal.quiet(0.15)
        costs.append(len(terminal.raw) - before)
    return median(costs) / 1000


def _moves(home: Path) -> list[dict[str, str]]:
    """A step and a page down a list of 200."""
    down, page = "\x1b[B", "\x1b[6~"
    found: dict[str, list[float]] = {"step": [], "page": []}
    for argv, words, first in (
        (None, "sound 001", "\t"),
        (peers.argv(peers.LIST), "row 001", ""),
        (peers.argv(peers.TABLE), "row 001", ""),
    ):
        with Terminal(home, argv=argv) as terminal:
            if argv is None:
                _go_to(terminal, "1")
            terminal.wait(words)
            terminal.quiet(1.3)
            terminal.press(first)
            terminal.quiet(0.4)
            found["step"].append(_cost(terminal, [down] * MOVES))
            _cost(terminal, [page])
            found["page"].append(_cost(terminal, [page] * 4))
    note = "with the wave it shows; OptionList; DataTable: {:.3g} kB; goal <= {}"
    return [
        row("row move", *found["step"][:2], "kB", note.format(found["step"][2], 1.2)),
        row("page", *found["page"][:2], "kB", note.format(found["page"][2], 14)),
    ]


def _playing(home: Path) -> list[dict[str, str]]:
    """Bytes of a step of the play-head beside a spectrogram, four a second."""
    with Terminal(home, argv=[sys.executable, "-c", PLAYING]) as terminal:
        _go_to(terminal, "6")
        terminal.wait("as A")
        terminal.quiet(1.3)
        terminal.press(" ")
        terminal.wait("▶|0:0[1-9]", 10)
        for _ in range(20):
            terminal.pump(0.05)
        begun, before = time.monotonic(), len(terminal.raw)
        while time.monotonic() - begun < 8:
            terminal.pump(0.05)
        sent = (len(terminal.raw) - before) / 32
    return [row("play-head, per step", sent, None, "B", "History, 4 steps a second; goal <= 400")]


# --- pictures --------------------------------------------------------------------------------------


def _middle(work: Callable[[], object], rounds: int = 40) -> float:
    """CPU milliseconds, the median."""
    work()
    costs = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        costs.append((time.process_time() - begun) * 1000)
    return median(costs)


def _sent(strips: Iterable[Any]) -> float:
    """Kilobytes that strips are in a terminal of true colour."""
    from rich.console import Console

    from studio.widgets.sending import sequence

    console = Console(force_terminal=True, color_system="truecolor")
    return sum(len(sequence(strip, console).encode()) for strip in strips) / 1000


def drawing() -> list[dict[str, str]]:
    """How long pictures take, and how much of them there is to send."""
    from jobs.sound.pictures import heat_picture
    from studio.widgets.curve import plot
    from studio.widgets.heat import heat, scaled
    from studio.widgets.ink import Ink, load
    from tests import sounds

    chance = random.Random(0)
    places = [float(i) for i in range(2000)]
    train = [math.exp(-i / 400) + 0.05 * chance.gauss(0, 1) for i in range(2000)]
    held = [math.exp(-i / 300) + 0.1 for i in range(2000)]
    size = (160, 64)
    picture = heat_picture(sounds.make("pluck", 4.0), sounds.RATE, *size)
    ink = Ink(load("woodshed"))
    curve = lambda: plot([(places, train), (places, held)], ["train", "valid"], 80, 20, ink)  # noqa: E731
    painted = lambda: heat(scaled(picture, size, 100, 60), ink)  # noqa: E731
    peer, name = peers.plotted((train, held), 80, 20)
    blocks = lambda: peers.half_blocks(picture, *size, 100, 30)  # noqa: E731
    stock = "rich text of half blocks"
    return [
        row(
            "curve 2 x 2,000 points at 80x20", _middle(curve), _middle(peer, 8), "ms", f"{name}; goal <= 1.5"
        ),
        row("the same, to send", _sent(curve()), len(peer().encode()) / 1000, "kB", f"{name}; goal <= 2.2"),
        row("spectrogram 100x30", _middle(painted), _middle(blocks, 8), "ms", f"{stock}; goal <= 2.5"),
        row(
            "the same, to send", _sent(painted()), len(blocks().encode()) / 1000, "kB", f"{stock}; goal <= 45"
        ),
    ]
