"""The last steps of a take: one file, the exact length, whatever blocks the sound comes in."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.desk import Stopped
from jobs.recipes.finish import Master, blocks_of, finish
from jobs.sound import io
from jobs.sound.limiter import true_peak
from jobs.sound.space import KINDS
from store.errors import BadInput
from tests import sounds
from tests.sound.streams import CUTS, noise

MASTERS = st.builds(
    Master, rate=st.sampled_from([44_100, 48_000, 96_000]), space=st.sampled_from([*KINDS, "auto"]),
    azimuth=st.floats(-180, 180), bits=st.sampled_from(["16", "24", "32f"]),
)  # fmt: skip
RELAXED = [HealthCheck.function_scoped_fixture]


@settings(max_examples=15, deadline=None, suppress_health_check=RELAXED)
@given(cuts=CUTS, master=MASTERS, channels=st.sampled_from([1, 2]))
def test_blocks_of_any_length_give_the_same_file_GEN_09_OUT_07(
    tmp_path: Path, cuts: list, master: Master, channels: int
) -> None:
    audio = noise(channels, 20_000, level=0.5)
    pieces = np.split(audio, sorted(cuts), axis=1)
    facts = finish([audio], tmp_path / "a.wav", master, tmp_path, given=channels)
    finish(pieces, tmp_path / "b.wav", master, tmp_path, given=channels)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert facts["frames"] == round(20_000 * master.rate / 48_000)
    assert facts["channels"] == master.channels(channels)
    assert true_peak(io.read(tmp_path / "a.wav")[0]) <= -1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


@pytest.mark.parametrize("samples", [1, 9_999, 10_000, 30_000])
@pytest.mark.parametrize("space", ["auto", "binaural"])
def test_the_length_is_exact_to_the_sample_GEN_01(tmp_path: Path, samples: int, space: str) -> None:
    """A sound that is too long is cut, one that is too short ends in silence."""
    audio = noise(1, 10_000)
    facts = finish([audio], tmp_path / "a.wav", Master(space=space), tmp_path, given=1, samples=samples)
    made, _ = io.read(tmp_path / "a.wav")
    assert facts["frames"] == made.shape[1] == samples
    assert not made[:, 10_000:].any()


def test_what_is_heard_on_the_way_is_what_the_file_holds_OUT_01(tmp_path: Path) -> None:
    heard: list[np.ndarray] = []
    audio = 2 * sounds.stereo("drums", 1.0)
    facts = finish(
        blocks_of(audio), tmp_path / "a.wav", Master(44_100, bits="32f"), tmp_path, given=2, hear=heard.append
    )
    made, _ = io.read(tmp_path / "a.wav")
    np.testing.assert_array_equal(np.concatenate(heard, axis=1), made)
    assert facts["true_peak_dbtp"] == pytest.approx(true_peak(made), abs=1e-3)


def test_a_loud_take_keeps_its_dynamics_OUT_02(tmp_path: Path) -> None:
    """Turned down as a whole: all but the neighbourhood of peaks between samples is a copy, softer."""
    audio = 4 * sounds.stereo("pad", 1.0)
    facts = finish([audio], tmp_path / "a.wav", Master(bits="32f"), tmp_path, given=2)
    made, _ = io.read(tmp_path / "a.wav")
    gain = 10 ** (-facts["turned_down_db"] / 20)
    assert facts["turned_down_db"] > 6
    same = np.abs(made - audio * np.float32(gain)) < 2e-3 * gain
    assert same.mean() > 0.8


def test_an_hour_would_need_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """Fifty seconds of stereo are 19 MB; what is held at once stays far below."""
    block = 0.5 * noise(2, 48_000, level=1.0)

    def minute() -> Iterator[np.ndarray]:
        for _ in range(50):
            yield block

    master = Master(44_100, "binaural", 60)
    finish([block], tmp_path / "warm.wav", master, tmp_path, given=2)
    tracemalloc.start()
    finish(minute(), tmp_path / "a.wav", master, tmp_path, given=2)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10e6


def test_stopping_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    for until in (1, 30):
        calls = iter(range(until))

        def check(left: Iterator[int] = calls) -> None:
            if next(left, None) is None:
                raise Stopped("j")

        with pytest.raises(Stopped):
            finish(
                blocks_of(noise(1, 2_000_000)), tmp_path / "a.wav", Master(), tmp_path, given=1, check=check
            )
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_a_number_is_refused(tmp_path: Path, value: float) -> None:
    audio = noise(1, 1_000)
    audio[0, 500] = value
    with pytest.raises(BadInput, match="NaN or infinite"):
        finish([audio], tmp_path / "a.wav", Master(), tmp_path, given=1)
    assert not list(tmp_path.iterdir())


def test_an_empty_sound_is_silence_of_the_length_asked(tmp_path: Path) -> None:
    facts = finish([], tmp_path / "a.wav", Master(), tmp_path, given=1, samples=480)
    assert (facts["frames"], facts["true_peak_dbtp"]) == (480, -200)
