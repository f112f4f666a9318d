"""Is the runner fast, small and unbreakable? ``python -m jobs.field.stress [PACKAGE|ar] [--seconds 20]``

Latency is from a block's arrival to its answer, at the pace of real time: in this process, and through
`jobs.field.live` as a host sees it; alone, and beside a burner on every core. All ask the system to go
before others. An *echo* only gives blocks back, and the last again for a lost one: what it takes and misses
is the machine's. A block is *missed* when that takes longer than the block lasts. Then come hard sounds, as
fast as they go.

A *click* is a step from one sample to the next, where a gap begins or in the cross-fade behind it, that is
larger than any within 20 ms around the gap in the sound as it was, and than -60 dBFS. *Changed* are received
samples behind the cross-fade that are not the same, *loud* are repaired ones of more than 1.5 times the peak
of what was received in the 100 ms before the gap, *failed* are ways to repair that had to be fallen back
from, NaN among them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np

from jobs.field import live, machine
from jobs.field.cases import HARD, PACED, Case
from jobs.field.runner import ALONE
from jobs.sound.conceal import CROSS_FADE
from jobs.sound.forecast import LOUDEST, RECENT
from jobs.sound.pcm import FULL, HIGHEST, LOWEST
from jobs.sound.traces import gaps

AROUND = 0.02
AUDIBLE = FULL / 1000
HARD_SECONDS = 3.0
SOON = 0.2
"""Seconds before the first block."""
BURNER = "import sys, time; end = time.monotonic() + float(sys.argv[1])\nwhile time.monotonic() < end: pass"
ECHO = """
import os, sys
size, data = int(sys.argv[1]), bytes(int(sys.argv[1]))
try:
    os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(10))
except (AttributeError, OSError):
    pass
os.write(2, b"ready\\n")
while flag := os.read(0, 1):
    if not flag[0]:
        data = os.read(0, size)
        while len(data) < size:
            data += os.read(0, size - len(data))
    os.write(1, data)
"""
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
WORDS, WIDE = 3, 20
"""Columns of words, and characters of one."""


@dataclass(frozen=True)
class Row:
    """Milliseconds, % of one core, 10^6 bytes (of the whole process), and counts."""

    case: str
    where: str
    beside: str
    blocks: int
    p50: float
    p99: float
    most: float
    missed: int
    cpu: float
    rss: float
    clicks: int
    changed: int
    loud: int
    failed: int


class Side(Protocol):
    """What answers blocks."""

    where: str

    def answer(self, block: np.ndarray | None) -> np.ndarray: ...

    def rest(self) -> None: ...

    def cpu_seconds(self) -> float: ...

    def rss(self) -> float: ...

    def end(self) -> int:
        """Ways to repair that failed."""


class Here:
    where = "in process"

    def __init__(self, package: str, case: Case):
        self._runner = live.runner(package, case.rate, case.channels, case.block)
        self._cpu = 0.0

    def answer(self, block: np.ndarray | None) -> np.ndarray:
        before = time.thread_time()
        out = self._runner.process(block)
        self._cpu += time.thread_time() - before
        return out

    def rest(self) -> None:
        before = time.thread_time()
        self._runner.idle()
        self._cpu += time.thread_time() - before

    def cpu_seconds(self) -> float:
        return self._cpu

    def rss(self) -> float:
        return _rss(os.getpid())

    def end(self) -> int:
        return self._runner.failed


class There:
    where = "live"

    def __init__(self, package: str, case: Case):
        command = [sys.executable, "-P", "-m", "jobs.field.live", package]
        asked = {"rate": case.rate, "channels": case.channels, "block": case.block}
        self._begin([*command, *(f"--{name}={value}" for name, value in asked.items())], case)

    def _begin(self, command: list[str], case: Case) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self._shape = case.channels, case.block
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._to, self._from, told = self._process.stdin, self._process.stdout, self._process.stderr
        lines = iter(told.readline, b"")
        if not any(line.strip() == live.READY.encode() for line in lines):
            raise RuntimeError(f"jobs.field.live ended with code {self._process.wait()}")

    def answer(self, block: np.ndarray | None) -> np.ndarray:
        self._to.write(bytes([live.LOST]) if block is None else bytes([live.RECEIVED]) + block.tobytes())
        size, parts = 4 * self._shape[0] * self._shape[1], []
        while size and (part := self._from.read(size)):
            parts.append(part)
            size -= len(part)
        return np.frombuffer(b"".join(parts), "<i4").reshape(self._shape)

    def rest(self) -> None:
        """It does by itself."""

    def cpu_seconds(self) -> float:
        told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / TICKS

    def rss(self) -> float:
        return _rss(self._process.pid)

    def end(self) -> int:
        self._to.close()
        return self._process.wait()


class Echo(There):
    """A process that only gives back what it gets: what this machine takes for that alone."""

    where = "echo"

    def __init__(self, package: str, case: Case):
        self._begin([sys.executable, "-S", "-c", ECHO, str(4 * case.channels * case.block)], case)


def run(side: Side, case: Case, seconds: float, paced: bool, beside: str) -> Row:
    """Blocks of ``case`` for ``seconds``, at the pace of real time or as fast as they go."""
    sound, lost = case.made(seconds)
    out = np.empty_like(sound)
    latencies = np.zeros(len(lost))
    cpu = side.cpu_seconds()
    begin = time.perf_counter() + SOON
    for index, missing in enumerate(lost):
        here = slice(index * case.block, (index + 1) * case.block)
        block = None if missing else np.ascontiguousarray(sound[:, here])
        arrival = _arrival(begin + index * case.block_ms / 1000) if paced else time.perf_counter()
        out[:, here] = side.answer(block)
        latencies[index] = 1000 * (time.perf_counter() - arrival)
        side.rest()
    share = (side.cpu_seconds() - cpu) / (len(lost) * case.block_ms / 1000)
    rss = side.rss()
    p50, p99 = np.percentile(latencies, [50, 99])
    return Row(
        case.name, side.where, beside, len(lost), round(p50, 3), round(p99, 3), round(latencies.max(), 3),
        int((latencies > case.block_ms).sum()), round(100 * share, 1), round(rss, 1),
        *faults(np.clip(sound, LOWEST, HIGHEST), out, lost, case.rate, case.block), side.end(),
    )  # fmt: skip


def _arrival(due: float) -> float:
    """Wait until ``due``. The moment when a block is there: not later because the one before took longer, but
    later where this side overslept."""
    wait = due - time.perf_counter()
    if wait <= 0:
        return due
    time.sleep(wait)
    return time.perf_counter()


def faults(
    sound: np.ndarray, out: np.ndarray, lost: np.ndarray, rate: int, block: int
) -> tuple[int, int, int]:
    """(clicks, changed, loud) of ``out`` (channels, samples), made of ``sound`` with some blocks ``lost``."""
    fade, around, recent = (round(part * rate) for part in (CROSS_FADE, AROUND, RECENT))
    touched = np.zeros(sound.shape[1], bool)
    received = ~np.repeat(lost, block)
    clicks = loud = 0
    found = gaps(lost, block, sound.shape[1])
    nexts = [gap.start for gap in found[1:]] + [sound.shape[1]]
    for gap, following in zip(found, nexts, strict=True):
        start, end = gap.start, gap.end
        touched[start : end + fade] = True
        for truth, wave in zip(sound.astype(np.int64), out.astype(np.int64), strict=True):
            usual = np.abs(np.diff(truth[max(0, start - around) : end + around])).max(initial=0)
            edges = (wave[max(0, start - 1) : start + 1], wave[end - 1 : min(end + fade, following) + 1])
            step = max(np.abs(np.diff(edge)).max(initial=0) for edge in edges)
            clicks += step > max(usual, AUDIBLE)
            before = slice(max(0, start - recent), start)
            peak = np.abs(truth[before][received[before]]).max(initial=0)
            if received[before].any():
                loud += int((np.abs(wave[start:end]) > LOUDEST * peak + 1).sum())
    return int(clicks), int((out != sound)[:, ~touched].sum()), loud


def _rss(process: int) -> float:
    """10^6 bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / 1e6


@contextmanager
def burners(seconds: float) -> Iterator[None]:
    """Every core is busy, for as long and no longer."""
    command = [sys.executable, "-c", BURNER, str(seconds)]
    running = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def rows(package: str, seconds: float) -> Iterator[Row]:
    live.hurry()
    for case in PACED:
        for side in (Echo, Here, There):
            yield run(side(package, case), case, seconds, True, "alone")
            with burners(seconds + 30):
                yield run(side(package, case), case, seconds, True, "burners")
    with suppress(AttributeError, OSError):
        # A process that goes before all others and never rests is made to rest.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    for case in HARD:
        yield run(Here(package, case), case, HARD_SECONDS, False, "alone")


def line(values: Sequence[object]) -> str:
    cells = [f"{value:<{WIDE}}" for value in values[:WORDS]] + [f"{value:>8}" for value in values[WORDS:]]
    return " ".join(cells)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("jobs.field.stress", description="Figures of the field's runner.")
    parser.add_argument("package", nargs="?", default=ALONE, help="as jobs.field.live takes it")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement of latency")
    options = parser.parse_args(arguments)
    machine.use(machine.place(), print)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before; milliseconds, % of a core, 10^6 bytes")
    print(line([one.name for one in fields(Row)]))
    found = []
    for row in rows(options.package, options.seconds):
        found.append(asdict(row))
        print(line(list(found[-1].values())), flush=True)
    print(json.dumps({"cores": os.cpu_count(), "load": round(load, 2), "rows": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
