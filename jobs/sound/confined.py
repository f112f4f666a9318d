"""Processes that read the sounds of strangers: how one is started, what is taken from it, how it ended.

Memory, processor time and the right to write are taken from it before it opens a file, so a hostile one costs
this process and nothing else. It ends when its starter does.
"""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jobs.sound.reader import Unreadable

MEMORY = 2 * 2**30
_CRASHED = "the decoder crashed on it (signal {})"
_TOO_LONG = "takes too long to decode"
_parent = os.getppid()


def start(module: str, *words: str, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """``python -m jobs.sound.<module> WORDS`` with a pipe from its stdout. Raises OSError."""
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        # -P: a soundfile.py where the person happens to stand must not be run.
        [sys.executable, "-P", "-m", f"jobs.sound.{module}", *words],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Each thread of a BLAS reserves memory that the limit would count.
        env={**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )


def epitaph(process: subprocess.Popen[bytes]) -> str:
    """Why it ended, in words that go on from the name of the file it had. Waits for the end."""
    code = process.wait()
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        return _TOO_LONG
    return _CRASHED.format(-code) if code < 0 else f"the decoder gave up on it (status {code})"


# --- inside ------------------------------------------------------------------------------------------


def answers() -> int:
    """A descriptor to answer on; a decoder that prints must not be taken for an answer."""
    told = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return told


def confine() -> None:
    """From now on this process has no more than `MEMORY`, and writes no file."""
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)


def allow(seconds: int) -> None:
    """So many seconds of the processor from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)


def end_with_starter() -> None:
    """To be called now and then: ends this process when its starter is gone."""
    if os.getppid() != _parent:
        os._exit(1)


def answered(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``work`` finds of a file, or ``{"code", "why"}`` when the file can't be used."""
    try:
        return work()
    except Unreadable as error:
        return {"code": error.code, "why": error.why}
    except MemoryError:
        return {"code": "unreadable", "why": f"needs more than {MEMORY >> 20} MiB to decode"}
    except OSError as error:
        return {"code": "unreadable", "why": (error.strerror or str(error)).lower()}


def _limit(kind: int, value: int) -> None:
    """Lower a limit of this process; systems without it go on without it."""
    try:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    except (OSError, ValueError):
        pass
