"""What repairs live: received blocks untouched, lost ones filled, always the same, and nothing stops it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.field.runner import Runner
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
