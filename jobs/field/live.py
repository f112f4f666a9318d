"""The runner as a process that a host talks to over stdin and stdout.

``python -m jobs.field.live PACKAGE|ar --rate 48000 --channels 1 --block 240``

PACKAGE is a folder that packages are installed in (`jobs.field.installed`), ``ar`` is prediction alone.
Blocks are ``block`` samples of each channel, one channel after the other, int32 of 24 bits, little-endian.
For each the host writes one byte, 0 and then the block where it was received, 1 and nothing else where it was
lost, and reads a block. The answer is written before anything else is done, and stdout has nothing but
samples: what there is to say goes to stderr, at last the line ``ready``.

It asks the system to go before other processes, without which no block is sure to be in time beside a load.
The end of stdin ends the process, as does SIGTERM (code 143) or a host that no longer reads. Code 4: stdin
ended within a block, there is neither 0 nor 1 where a block begins, or no file can be where ``--feedback``
says. Code 5: what was counted could not be kept.
"""

import argparse
import gc
import io
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from jobs.field import directives, feedback, installed, machine
from jobs.field.checked import Refused, content_of, plain
from jobs.field.manifest import MANIFEST, MANIFEST_AT_MOST, Manifest
from jobs.field.runner import ALONE, Runner, check
from store.errors import BadInput, Busy, Refusal, Usage

if TYPE_CHECKING:
    from jobs.field.net import Net

RECEIVED, LOST = 0, 1
READY = "ready"
STDIN, STDOUT = 0, 1
TIMED = 20
"""Runs of a net, of which the quickest tells what it takes."""
SHARE = 0.5
"""Of a block's length that a net may take."""
PRIORITY, NICER = 10, 10
"""Among processes of real time, of 99; and among others."""


def serve(runner: Runner, shape: tuple[int, int]) -> None:
    """Answer blocks of ``shape`` (channels, n) until stdin ends. Raises BadInput."""
    block = bytearray(4 * shape[0] * shape[1])
    samples = np.frombuffer(block, "<i4").reshape(shape)
    # What a host writes at once is read at once: each wake-up costs as much as a block's repair.
    stdin = io.BufferedReader(io.FileIO(STDIN, closefd=False), max(io.DEFAULT_BUFFER_SIZE, 1 + len(block)))
    count = 0
    while flag := stdin.read(1):
        if flag[0] not in (RECEIVED, LOST):
            raise BadInput(f"stdin: block {count} begins with {flag[0]}; 0, received, or 1, lost, is needed")
        received = flag[0] == RECEIVED
        if received and (read := stdin.readinto(block)) < len(block):
            raise BadInput(f"stdin: ended within block {count}, after {read} of {len(block)} bytes")
        out = runner.process(samples.astype(np.int32, copy=False) if received else None)
        _write(out.astype("<i4", copy=False).data.cast("B"))
        runner.idle()
        count += 1


def _write(view: memoryview) -> None:
    while view:
        view = view[os.write(STDOUT, view) :]


def runner(package: str, rate: int, channels: int, block: int) -> Runner:
    """Of the package installed in the folder ``package``, or `ALONE`. Raises Refused, Usage."""
    net, told, version = None, None, 1
    try:
        check(rate, channels, block)
        if package != ALONE:
            net, told, version = _loaded(Path(package), rate, block / rate)
        return Runner(rate, channels, block, net, told, version)
    except Refused:
        raise
    except ValueError as error:
        raise Usage(str(error)) from None


def _loaded(folder: Path, rate: int, seconds: float) -> tuple["Net | None", directives.Directives, int]:
    """(net, directives, version) of what is installed in ``folder``. Raises Refused."""
    version = installed.current(folder)
    if version is None:
        raise Refused(f"{folder}: no package is installed there; install one, or name {ALONE}")
    for complaint in installed.damage(version):
        raise Refused(f"{folder}: {version.name}: {complaint}; install it anew")
    manifest = Manifest.parse(plain(content_of(version / MANIFEST, MANIFEST_AT_MOST), MANIFEST))
    told = directives.read(version / directives.NAME)
    net = None
    try:
        net = _net(version / told.net, told, rate, seconds) if told.net else None
    except Refused as error:
        _say(f"{error}; prediction alone repairs")
    return net, told, manifest.version


def _net(path: Path, told: directives.Directives, rate: int, seconds: float) -> "Net":
    """Raises Refused for one that is not for ``rate``, or takes too long for blocks of ``seconds``."""
    from jobs.field.net import GUESSED, Net
    from jobs.sound.guesses import RECORDED

    if rate != told.rates[0]:
        raise Refused(f"{path.name}: made for {told.rates[0]} Hz, not {rate}")
    net = Net(path, rate)
    given = [np.zeros(size, np.float32) for size in (net.past, (GUESSED, net.horizon), RECORDED)]
    quickest = float("inf")
    try:
        for _ in range(TIMED):
            start = time.perf_counter()
            net.run(*given)
            quickest = min(quickest, time.perf_counter() - start)
    except Exception as error:  # its runtime has no common class for what it raises
        raise Refused(f"{path.name}: can't be run ({type(error).__name__})") from None
    if quickest > SHARE * seconds:
        took, has = 1000 * quickest, 1000 * seconds
        raise Refused(f"{path.name}: takes {took:.2f} ms here, too long for blocks of {has:g} ms")
    return net


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _stop)
    try:
        return _run(options)
    except Refusal as error:
        _say(str(error))
        return error.code
    except Refused as error:
        _say(str(error))
        return BadInput.code
    except BrokenPipeError:
        return 0


def _run(options: argparse.Namespace) -> int:
    if options.feedback:
        feedback.check_place(options.feedback)
    machine.use(machine.place(), _say)
    repairing = runner(options.package, options.rate, options.channels, options.block)
    if not options.ordinary:
        hurry()
    _say(READY)
    # Nothing here makes cycles, and a collection takes longer than a block.
    gc.freeze()
    gc.disable()
    try:
        serve(repairing, (options.channels, options.block))
    finally:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)
        kept = options.feedback or Path(options.package) / feedback.NAME
        if options.feedback or options.package != ALONE:
            _keep(kept, repairing.feedback())
    return 0


def _keep(path: Path, told: feedback.Feedback) -> None:
    """Raises Busy: the place was good when it was looked at, and may be again."""
    try:
        feedback.append(path, told)
    except OSError as error:
        raise Busy(f"{path}: can't be written ({error.strerror}); what was counted is lost") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "jobs.field.live", description="Repairs lost blocks of sound as they come."
    )
    parser.add_argument(
        "package", help=f"folder that packages are installed in, or {ALONE}: prediction alone"
    )
    parser.add_argument("--rate", type=int, default=48_000, metavar="HZ")
    parser.add_argument("--channels", type=int, default=1, metavar="N")
    parser.add_argument("--block", type=int, default=240, metavar="SAMPLES", help="of each channel")
    parser.add_argument("--ordinary", action="store_true", help="don't ask the system to go before others")
    parser.add_argument("--feedback", type=Path, metavar="FILE", help="where counts go; else into the folder")
    return parser


def hurry() -> None:
    """Ask the system that this process goes before others: as one of real time, or else as a nicer one.

    What it starts itself does not inherit the first.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except (AttributeError, OSError):
        with suppress(OSError):
            os.nice(-NICER)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
