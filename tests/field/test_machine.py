"""Repair at machine speed in a process that never loads numba (GAP-08)."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import jobs.sound
from jobs.field import machine
from jobs.field.checked import Refused
from jobs.field.runner import Runner
from jobs.sound import kernels
from jobs.sound.pcm import to_pcm

HERE = f"{sys.platform} {os.uname().machine}"
pytestmark = pytest.mark.skipif(
    HERE not in ("linux x86_64", "linux aarch64"), reason=f"machine code was never made on {HERE}"
)
HEAVY = {"numba", "llvmlite", "torch", "scipy"}
ORDER, FUTURE = 512, 576
FIELD = """
import json, sys, time
from pathlib import Path
import numpy as np
from jobs.field import machine
from jobs.sound import kernels, linear
from jobs.sound.forecast import Forecaster

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6

def quickest(call):
    times = []
    for _ in range(50):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)

where, out = sys.argv[1:]
assert machine.use(Path(where), print)
loaded = resident()
wave = np.load(out + "/wave.npy")
forecaster = Forecaster(48_000)
forecaster.add(wave)
future = forecaster.forecast().until(576)
assert np.isfinite(future).all()
past = wave[-4800:]
burg, levinson = linear.by_burg(past, 512), linear.by_autocorrelation(past, 512)
np.savez(out + "/made.npz", burg=burg, levinson=levinson, future=linear.continued(past, burg, 576))
maps = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
print(json.dumps({
    "from memory alone": [rights for _, rights, *rest in maps if "x" in rights and len(rest) == 3],
    "MB loaded": loaded, "MB after a forecast": resident(),
    "ms to fit": quickest(lambda: linear.by_burg(past, 512)),
    "ms to go on": quickest(lambda: linear.continued(past, burg, 576)),
    "modules": sorted({name.split(".")[0] for name in sys.modules}),
}))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Machine code in place of a file that could not be used."""
    path = tmp_path_factory.mktemp("cache") / "loops.machine"
    path.write_bytes(b"damaged")
    path.chmod(0o666)
    said: list[str] = []
    assert machine.use(path, said.append) and not said
    kernels.use(None)
    return path


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / made.name
    shutil.copy2(made, path)
    return path


@pytest.fixture
def numbas() -> Iterator[None]:
    """What is chosen in a test is not chosen in the next."""
    kernels.use(None)
    yield
    kernels.use(None)


def refused(path: Path, *words: str) -> None:
    with pytest.raises(Refused) as caught:
        machine.load(path)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 200
    assert all(word in message for word in words), message


def sound() -> np.ndarray:
    """(samples,): tones that fade, in noise."""
    time = np.arange(24_000) / 48_000
    tones = sum(np.sin(2 * np.pi * f * time) * np.exp(-time * f / 900) for f in (220, 441, 663, 2100))
    return tones / 4 + 0.01 * np.random.default_rng(8).standard_normal(len(time))


def test_a_process_without_numba_forecasts_as_one_with_it_in_little_memory_GAP_08(
    made: Path, tmp_path: Path, numbas: None
) -> None:
    wave = sound()
    np.save(tmp_path / "wave.npy", wave)
    command = [sys.executable, "-c", FIELD, str(made), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    # Of its own making, that is; what is written there can't be changed any more.
    assert told.pop("from memory alone") == ["r-xp"]
    assert not HEAVY & set(told.pop("modules"))
    print(told)
    assert told["MB after a forecast"] < 60
    theirs = np.load(tmp_path / "made.npz")
    past = wave[-4800:]
    from jobs.sound.linear import by_autocorrelation, by_burg, continued

    for name, ours in {
        "burg": by_burg(past, ORDER),
        "levinson": by_autocorrelation(past, ORDER),
        "future": continued(past, theirs["burg"], FUTURE),
    }.items():
        np.testing.assert_allclose(theirs[name], ours, rtol=1e-9, atol=1e-9 * np.abs(ours).max())


@pytest.mark.parametrize("order", [1, 2, 3, 16, 63, 64, 65, 256])
def test_the_loops_do_what_numbas_do_at_every_order_GAP_08(made: Path, order: int) -> None:
    wave = sound()[: 2 * order + 7]
    around = np.correlate(wave, wave, "full")[len(wave) - 1 :].copy()
    results = []
    for loops in (machine.load(made), kernels.numbas()):
        by_levinson, by_burg, scratch = np.zeros(order + 1), np.zeros(order + 1), np.zeros((4, order + 2))
        loops.levinson(around, around[::-1].copy(), by_levinson, np.zeros(order + 1))
        loops.burg(wave, wave[::-1].copy(), around, 1e-3, 1, order, by_burg, *scratch, np.zeros(2))
        future = np.concatenate([wave[-order:], np.zeros(50)])
        loops.extrapolate(future, np.full(order, -0.7 / order), 50, 0.01)
        results.append([by_levinson, by_burg, future])
    for ours, theirs in zip(*results, strict=True):
        assert np.abs(theirs[1:]).min() > 0
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * np.abs(theirs).max())


def repaired(samples: np.ndarray, channels: int, block: int) -> np.ndarray:
    """(channels, samples): what a runner plays where a fifth of the blocks is lost."""
    runner = Runner(48_000, channels, block)
    rows = np.stack([samples] * channels)
    lost, out = np.random.default_rng(block).random(len(samples) // block) < 0.2, []
    for index, missing in enumerate(lost):
        out.append(runner.process(None if missing else rows[:, index * block : (index + 1) * block]))
        runner.idle()
    assert runner.failed == 0
    return np.concatenate(out, axis=1)


@pytest.mark.parametrize(("channels", "block"), [(1, 16), (1, 240), (2, 480)])
def test_a_runner_in_machine_code_plays_the_same_bits_GAP_08(
    made: Path, channels: int, block: int, numbas: None
) -> None:
    samples = to_pcm(sound())
    by_numba = repaired(samples, channels, block)
    kernels.use(machine.load(made))
    np.testing.assert_array_equal(repaired(samples, channels, block), by_numba)


def test_arrays_of_another_kind_are_refused_GAP_08(made: Path) -> None:
    native = machine.load(made)
    for wrong in (np.zeros(8, np.float32), np.zeros(16)[::2], np.zeros(8, ">f8")):
        with pytest.raises(ValueError, match="float64 in C order"):
            native.extrapolate(wrong, np.zeros(2), 1, 1.0)
    wave, found = np.zeros(8), np.zeros(3)
    for wrong in (np.zeros(8), np.zeros(8, np.int64), np.zeros(8, ">i4"), np.zeros(16, np.int32)[::2]):
        with pytest.raises(ValueError, match="int32 in C order"):
            native.take(wrong, np.zeros(8, np.int32), wave, np.zeros(8, bool), 0, found)
    for wrong in (wave, np.zeros(8, np.uint8), np.zeros(16, bool)[::2]):
        with pytest.raises(ValueError, match="bool in C order"):
            native.loudest(wave, wrong, found)


@pytest.mark.parametrize("at", [0, 40, 66, 100, -2000, -1])
def test_a_file_that_was_changed_anywhere_is_not_run_GAP_08(copy: Path, at: int) -> None:
    content = bytearray(copy.read_bytes())
    content[at] ^= 1
    copy.write_bytes(content)
    refused(copy, copy.name, "is not what was written", "made anew")
    copy.write_bytes(content[: len(content) // 2])
    refused(copy, "is not what was written")
    copy.write_bytes(b"")
    refused(copy, "is not what was written")


def test_what_others_may_have_written_is_not_run_GAP_08(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    for mode in (0o620, 0o602, 0o666):
        copy.chmod(mode)
        refused(copy, "others may have written it", "made anew")
    copy.chmod(0o644)
    machine.load(copy)
    link = tmp_path / "link"
    link.symlink_to(copy)
    refused(link, "can't be read")
    os.mkfifo(tmp_path / "pipe", 0o600)
    refused(tmp_path / "pipe", "others may have written it")
    refused(tmp_path, "can't be read", "Is a directory")
    refused(tmp_path / "none", "can't be read", "No such file")
    somebody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    refused(copy, "others may have written it")


def test_a_file_is_read_only_as_far_as_code_can_be_long_GAP_08(copy: Path) -> None:
    os.truncate(copy, 1 << 40)
    refused(copy, "bytes", "at most")


@pytest.mark.parametrize("page", kernels.PAGES)
def test_code_from_another_source_is_not_run_GAP_08(
    page: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in kernels.PAGES:
        shutil.copy(Path(jobs.sound.__file__).with_name(f"{name}.py"), tmp_path)
    with (tmp_path / f"{page}.py").open("a") as file:
        file.write("\n")
    monkeypatch.setattr(jobs.sound, "__file__", str(tmp_path / "__init__.py"))
    refused(made, "other loops", "made anew")


def test_code_for_another_processor_is_not_run_GAP_08(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine.processor()
    assert here.model and here.features
    about = tmp_path / "cpuinfo"
    about.write_text(machine.ABOUT.read_text().replace(here.features, here.features.rsplit(" ", 1)[0]))
    monkeypatch.setattr(machine, "ABOUT", about)
    assert machine.processor().model == here.model
    refused(made, "another processor", "made anew")
    monkeypatch.setattr(machine, "ABOUT", tmp_path / "none")
    refused(made, "only Linux")


def test_a_file_of_a_later_format_or_without_a_loop_is_not_run_GAP_08(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.save(copy, b"\xc3", dict.fromkeys(kernels.LOOPS[1:], 0))
    refused(copy, "does not hold levinson")
    machine.save(copy, b"\xc3", dict.fromkeys(kernels.LOOPS, 0) | {"hold": 1})
    refused(copy, "does not hold hold")
    monkeypatch.setattr(machine, "FORMAT", 4)
    machine.save(copy, b"\xc3", {})
    refused(copy, "format is 4; this program reads 3")


def test_a_file_that_can_not_be_used_is_made_anew_for_this_person_alone_GAP_08(
    made: Path, numbas: None
) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600 and made.stat().st_uid == os.geteuid()
    assert machine.use(made, pytest.fail)


def test_where_none_can_be_made_numba_stays_and_that_is_said_GAP_08(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbas: None
) -> None:
    (tmp_path / "numba.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said: list[str] = []
    assert not machine.use(tmp_path / "loops.machine", said.append)
    assert len(said) == 1 and "ended with code 1" in said[0] and said[0].endswith("130 MB more")
    wave = np.array([1.0, 0, 0])
    kernels.chosen().extrapolate(wave, np.array([-0.5]), 2, 1.0)
    assert wave.tolist() == [1, 0.5, 0.25]


def test_a_disk_that_refuses_is_named_GAP_08(tmp_path: Path, numbas: None) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    assert not machine.use(tmp_path / "file" / "loops.machine", said.append)
    assert len(said) == 1 and "a file where a folder should be" in said[0] and "numba" in said[0]
