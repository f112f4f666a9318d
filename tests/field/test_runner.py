"""What repairs live: received blocks untouched, lost ones filled, always the same, and nothing stops it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.field.runner import Runner
from jobs.sound import kernels
from tests import sounds

RATE, BLOCK = 48_000, 240
LOST = (90, 120, 121, 122, 150)


def whole(audio: np.ndarray) -> np.ndarray:
    """int32 (channels, samples) of 24 bits."""
    return np.round(np.atleast_2d(audio).astype(np.float64) * (2**23 - 1)).astype(np.int32)


def repaired(
    samples: np.ndarray, lost: tuple[int, ...] = LOST, block: int = BLOCK
) -> tuple[np.ndarray, Runner]:
    runner = Runner(RATE, len(samples), block)
    made = []
    for at in range(samples.shape[1] // block):
        made.append(runner.process(None if at in lost else samples[:, at * block : (at + 1) * block]))
        runner.idle()
    return np.concatenate(made, axis=1), runner


@pytest.mark.parametrize("channels", [1, 2])
def test_what_was_received_stays_to_the_bit_and_gaps_are_filled_GAP_08(channels):
    audio = sounds.stereo("bell", 1.0)[:channels]
    samples = whole(audio)
    output, runner = repaired(samples)
    received = np.ones(samples.shape[1], bool)
    error = signal = 0.0
    for at in LOST:
        gap = slice(at * BLOCK, (at + 1) * BLOCK)
        received[gap.start : gap.stop + 96] = False
        signal += float((samples[:, gap].astype(float) ** 2).sum())
        error += float(((samples - output)[:, gap].astype(float) ** 2).sum())
    assert np.array_equal(output[:, received], samples[:, received])
    assert 10 * np.log10(signal / error) > 10
    told = runner.feedback()
    assert (told.packets, told.lost) == (200, len(LOST))


def test_the_same_blocks_give_the_same_answer_GAP_08():
    samples = whole(sounds.make("pluck", 0.6))
    first, second = (repaired(samples)[0] for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("wave", ["silence", "noise", "square", "constant", "garbage"])
def test_whatever_comes_in_the_answer_stays_within_24_bits_GAP_08(wave):
    random = np.random.default_rng(0)
    samples = {
        "silence": np.zeros((1, 48_000), np.int32),
        "noise": random.integers(-(2**23), 2**23, (1, 48_000), np.int32),
        "square": np.where(np.arange(48_000)[None] % 100 < 50, 2**23 - 1, -(2**23)).astype(np.int32),
        "constant": np.full((1, 48_000), 2**22, np.int32),
        "garbage": random.integers(-(2**31), 2**31 - 1, (1, 48_000), np.int32),
    }[wave]
    output, _ = repaired(samples, tuple(range(100, 140)))
    assert output.shape == samples.shape and output.dtype == np.int32
    assert output.min() >= -(2**23) and output.max() <= 2**23 - 1


def test_all_lost_fades_and_goes_on_GAP_08():
    samples = whole(sounds.make("pad", 1.0))
    output, _ = repaired(samples, tuple(range(60, 160)))
    late = output[:, 140 * BLOCK : 160 * BLOCK].astype(float)
    heard = samples[:, 40 * BLOCK : 60 * BLOCK].astype(float)
    assert np.sqrt((late**2).mean()) < 0.3 * np.sqrt((heard**2).mean())
    assert np.array_equal(output[:, 162 * BLOCK :], samples[:, 162 * BLOCK :])


def unaligned(block: np.ndarray) -> np.ndarray:
    """A copy that lies across words, as what follows a single byte does."""
    return np.frombuffer(bytearray(b"\0" + block.tobytes()), np.uint8)[1:].view(np.int32).reshape(block.shape)


def apart(block: np.ndarray) -> np.ndarray:
    """A copy with something between any two samples."""
    return np.repeat(np.repeat(block, 2, axis=0), 2, axis=1)[::2, ::2]


HANDED = {
    "read-only": lambda block: np.frombuffer(block.tobytes(), np.int32).reshape(block.shape),
    "unaligned": unaligned,
    "apart": apart,
    "backwards": lambda block: np.ascontiguousarray(block[::-1, ::-1])[::-1, ::-1],
    "samples first": np.asfortranarray,
    "matrix": np.asmatrix,
    "masked": np.ma.asarray,
}
"""Other ways in which a host may have its blocks."""


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("way", HANDED)
def test_however_a_host_keeps_its_blocks_they_are_heard_as_they_are_GAP_08(way, channels):
    samples = whole(sounds.stereo("bell", 0.3)[:channels])
    compiled = len(kernels.numbas().take.signatures)
    runner, plain = (Runner(RATE, channels, BLOCK) for _ in range(2))
    for at in range(40):
        block = samples[:, at * BLOCK : (at + 1) * BLOCK].copy()
        lost = at in (20, 30, 31)
        made, right = (
            runner.process(None if lost else HANDED[way](block)),
            plain.process(None if lost else block),
        )
        assert np.array_equal(made, right) and type(made) is np.ndarray
        runner.idle()
        plain.idle()
    assert runner.failed == 0
    assert len(kernels.numbas().take.signatures) <= max(1, compiled), "compiled anew, while a block waited"


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, BLOCK), ">i4"), np.zeros((1, BLOCK), np.int64), np.zeros((1, BLOCK), np.float32),
        np.zeros((1, BLOCK - 1), np.int32), np.zeros((2, BLOCK), np.int32), np.zeros(BLOCK, np.int32),
        np.zeros((1, 0), np.int32), [[0] * BLOCK], b"",
    ],
)  # fmt: skip
def test_what_is_no_block_is_refused_and_changes_nothing_GAP_08(wrong):
    runner = Runner(RATE, 1, BLOCK)
    with pytest.raises(ValueError, match=r"block: is .*; int32 \(1, 240\) is needed"):
        runner.process(wrong)
    assert runner.feedback().packets == 0 and not runner.process(None).any()


def test_a_host_may_write_over_what_it_gave_and_got_GAP_08():
    samples, noise = whole(sounds.make("bell", 0.5)), np.random.default_rng(0)
    runner, out = Runner(RATE, 1, 48), []
    lost = noise.random(500) < 0.3
    for at, missing in enumerate(lost):
        given = samples[:, at * 48 : (at + 1) * 48].copy()
        made = runner.process(None if missing else given)
        out.append(made.copy())
        given[:] = made[:] = noise.integers(-(2**23), 2**23, (1, 48))
        runner.idle()
    right, _ = repaired(samples[:, : 500 * 48], tuple(np.flatnonzero(lost)), 48)
    assert np.array_equal(np.concatenate(out, axis=1), right)


@pytest.mark.parametrize("block", [48, BLOCK, 960])
@pytest.mark.parametrize("idles", ["never", "twice", "first", "now and then"])
def test_a_host_that_idles_otherwise_loses_no_received_sample_GAP_08(idles, block):
    """And what is lost is filled, if something could be learned."""
    samples, random = whole(sounds.make("pad", 0.6)), np.random.default_rng(1)
    runner, count = Runner(RATE, 1, block), 24_000 // block
    lost, out = random.random(count) < 0.2, []
    lost[0] = True
    if idles == "first":
        runner.idle()
    for at, missing in enumerate(lost):
        out.append(runner.process(None if missing else samples[:, at * block : (at + 1) * block]))
        times = {"never": 0, "twice": 2, "first": 1, "now and then": random.integers(3)}[idles]
        for _ in range(times):
            runner.idle()
    untouched = np.repeat(~lost, block)
    for at in np.flatnonzero(lost):
        untouched[(at + 1) * block :][:96] = False
    output = np.concatenate(out, axis=1)
    assert np.array_equal(output[:, untouched], samples[:, : count * block][:, untouched])
    assert runner.failed == 0 and not output[:, :block].any()
    filled = [output[:, at * block : (at + 1) * block].any() for at in np.flatnonzero(lost[10:]) + 10]
    assert all(filled) or idles == "never"


def host(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "jobs.field.live", "ar", "--rate", "48000", "--block", "240"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "WOODSHED_HOME": str(home)},
    )  # fmt: skip


def test_a_host_of_any_language_talks_to_it_by_two_pipes_GAP_08(home: Path):
    samples = whole(sounds.make("bell", 0.5))
    asked = b"".join(
        b"\1" if at in (60, 61) else b"\0" + samples[:, at * BLOCK : (at + 1) * BLOCK].tobytes()
        for at in range(100)
    )
    process = host(home)
    answer, said = process.communicate(asked, timeout=120)
    assert process.returncode == 0, said
    output = np.frombuffer(answer, "<i4")
    assert len(output) == 100 * BLOCK
    assert np.array_equal(output[: 60 * BLOCK], samples[0, : 60 * BLOCK])
    assert output[60 * BLOCK : 62 * BLOCK].any()
    assert b"ready" in said


def test_an_end_within_a_block_and_a_signal_are_told_apart_GAP_08(home: Path):
    process = host(home)
    process.communicate(b"\0" + bytes(100), timeout=120)
    assert process.returncode == 4
    process = host(home)
    assert process.stderr is not None
    while b"ready" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
