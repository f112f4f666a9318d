"""A home of its own for every test, and nothing alive in it afterwards."""

import contextlib
import gc
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from jobs import locks, queue
from studio import house

# Compiled code of our own lies in the home of each test otherwise, and is made anew for each. Here and not
# later: numba looks once, as it is imported, and a conftest below may import it.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "numba"))
# Hundreds of processes would compile the program's own modules anew, each for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


OPEN_FILES = 150


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh ``WOODSHED_HOME``; whatever was started in it is killed when the test ends."""
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    monkeypatch.setenv("WOODSHED_HOME", str(path))
    monkeypatch.delenv("WOODSHED_QUEUE", raising=False)
    yield path
    kill_all(path)
    _tidy()


def _tidy() -> None:
    """Close what the test left open; what lies in circles, once it is much: ``select`` takes no file above
    1024, and a process that runs half of the tests came there."""
    house._open.clear()
    if len(list(Path("/dev/fd").iterdir())) > OPEN_FILES:
        gc.collect()


@pytest.fixture
def unattended(home: Path) -> Iterator[Path]:
    """A home where the worker's place is taken: what is asked for stays queued, and no engine loads."""
    handle = locks.grab(queue.lock_path())
    assert handle is not None
    yield home
    os.close(handle)


def living(home: Path) -> list[psutil.Process]:
    """Every process but this one that was started for ``home``, zombies left out."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            mine = process.pid != os.getpid() and process.environ().get("WOODSHED_HOME") == str(home)
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def kill_all(home: Path) -> None:
    """Kill until nothing of ``home`` is left: a dying worker may have just started a child."""
    end = time.monotonic() + 10
    while (alive := living(home)) and time.monotonic() < end:
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        # Not waited for: a child of this process is a zombie until somebody else asks for it.
        time.sleep(0.02)
    assert not alive, f"still alive: {alive}"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More than there are cores: half of the tests wait for processes, not for a core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


def pytest_configure(config: pytest.Config) -> None:
    """Compile what is compiled once, before there are workers.

    Those that compile librosa's gufuncs side by side leave halves of two builds in its cache, and whoever
    loads these crashes, then and ever after.
    """
    if hasattr(config, "workerinput"):
        return
    # A test that forgets to ask for a home gets an empty one, never that of whoever runs it.
    os.environ["WOODSHED_HOME"] = tempfile.mkdtemp(prefix="woodshed-nobody-")
    sources = (*(config.rootpath / "jobs" / "sound").glob("*.py"), config.rootpath / "tests" / "compiled.py")
    newest = max(path.stat().st_mtime_ns for path in sources)
    ours = "import tests.compiled"
    theirs = "import librosa.util.utils, librosa.core.audio, librosa.core.pitch"
    cache, by = Path(os.environ["NUMBA_CACHE_DIR"]), f"{version('numba')}-{_machine()}"
    compiled = {cache / f"ours-{newest}-{by}": ours, cache / f"librosa-{version('librosa')}-{by}": theirs}
    started = {
        mark: subprocess.Popen([sys.executable, "-c", code], cwd=config.rootpath)
        for mark, code in compiled.items()
        if not mark.exists()
    }
    ended = {mark: process.wait() for mark, process in started.items()}
    assert not any(ended.values()), ended
    for mark in started:
        mark.touch()


def _machine() -> str:
    """What compiled code is for besides versions of packages: the interpreter and the processor."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else [platform.processor()]
    kept = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    return (
        f"{sys.version_info[0]}.{sys.version_info[1]}-{hashlib.sha256(repr(kept).encode()).hexdigest()[:12]}"
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        kill_all(Path(os.environ["WOODSHED_HOME"]))
        shutil.rmtree(os.environ["WOODSHED_HOME"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(1200))


def pytest_collection_finish() -> None:
    """What was imported is here to stay: a fifth of the time went by looking for garbage in it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name what failed at once: a run that is cut off tells nothing else."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.when} of {report.nodeid} failed", flush=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=100, help="kill -9 in the chaos test")
