"""Strangers' files are read in a process of its own: what happens to it costs one file."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jobs.sound import confined, examine
from jobs.sound.examiner import Examiner, Given
from tests import hostile, sounds


def test_answers_for_good_and_bad_files_in_turn(tmp_path: Path) -> None:
    good = sounds.write_folder(tmp_path, 2, seconds=0.5)
    with Examiner() as examiner:
        first = examiner.examine(good[0])
        assert examiner.examine(hostile.text_named_wav(tmp_path))["code"] == "unreadable"
        assert examiner.examine(hostile.empty(tmp_path))["code"] == "empty"
        assert "a pipe" in examiner.examine(hostile.pipe(tmp_path))["why"]
        assert "claims" in examiner.examine(hostile.flac_of(tmp_path, 2**36 - 1))["why"]
        second = examiner.examine(good[1])
    assert first["facts"]["seconds"] == second["facts"]["seconds"] == 0.5
    assert first["sha256"] != second["sha256"]


def test_a_decoder_that_is_killed_costs_one_file(tmp_path: Path) -> None:
    path = sounds.write_folder(tmp_path, 1, seconds=0.5)[0]
    with Examiner() as examiner:
        examiner.examine(path)
        assert examiner._process is not None
        os.kill(examiner._process.pid, signal.SIGSEGV)
        examiner._process.wait()
        assert "crashed" in examiner.examine(path)["why"]
        assert examiner.examine(path)["facts"]["seconds"] == 0.5


def test_a_decoder_that_hangs_is_given_up(tmp_path: Path) -> None:
    path = sounds.write_folder(tmp_path, 1, seconds=0.5)[0]
    with Examiner(patience=0.3) as examiner:
        os.kill(examiner._running().pid, signal.SIGSTOP)
        began = time.monotonic()
        assert "too long" in examiner.examine(path)["why"]
        assert time.monotonic() - began < 3


def test_called_off_at_once(tmp_path: Path) -> None:
    path = sounds.write_folder(tmp_path, 1, seconds=0.5)[0]
    off = threading.Event()
    with Examiner(off.is_set) as examiner:
        process = examiner._running()
        os.kill(process.pid, signal.SIGSTOP)
        threading.Timer(0.2, off.set).start()
        began = time.monotonic()
        with pytest.raises(Given):
            examiner.examine(path)
        assert time.monotonic() - began < 2
        assert process.poll() is not None


def test_limits_hold_in_the_process(tmp_path: Path) -> None:
    """Memory, processor time and the right to write are gone before the first file is opened."""
    with Examiner() as examiner:
        examiner.examine(sounds.write_folder(tmp_path, 1, seconds=0.2)[0])
        assert examiner._process is not None
        if not hasattr(resource, "prlimit"):
            return
        pid = examiner._process.pid
        assert resource.prlimit(pid, resource.RLIMIT_AS)[0] == confined.MEMORY
        assert resource.prlimit(pid, resource.RLIMIT_FSIZE)[0] == 0
        assert 0 < resource.prlimit(pid, resource.RLIMIT_CPU)[0] <= examine.CPU_SECONDS + 5


def test_process_ends_with_its_starter(tmp_path: Path) -> None:
    code = (
        "import time; from jobs.sound.examiner import Examiner;"
        "print(Examiner()._running().pid, flush=True); time.sleep(60)"
    )
    root = str(Path(examine.__file__).parents[2])
    starter = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    end = time.monotonic() + 5
    while time.monotonic() < end and _alive(pid):
        time.sleep(0.02)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("task", ["fingerprint", "loudness"])
def test_nothing_is_left_to_compile_where_nothing_may_be_written_FP_05(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    """In a fresh cache: a sound of any length, channels or rate finds what it needs."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    noise = 0.1 * np.random.default_rng(0).standard_normal((40_000, 8)).astype(np.float32)
    kinds = [
        (samples, channels, rate)
        for samples in (1, 441, 5_000, 22_017, 40_000)
        for channels, rate in ((1, 44_100), (2, 44_100), (8, 44_100), (2, 48_000), (1, 8_000), (3, 96_000))
    ]
    with Examiner(task=task) as examiner:
        for samples, channels, rate in kinds:
            for name, audio in ("noise", noise), ("silence", 0 * noise):
                path = tmp_path / f"{name}.wav"
                soundfile.write(path, audio[:samples, :channels], rate, subtype="FLOAT")
                found = examiner.examine(path)
                assert "why" not in found, (found, name, samples, channels, rate)
