"""A sample that nobody touched is the same to the bit, in every container, at every rate."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jobs.sound.formats import Unwritable
from jobs.sound.pcm import EXACT, HIGHEST, LOWEST, Pcm, from_pcm, to_pcm, write_pcm, writer
from jobs.sound.reader import Unreadable, reading
from tests import hostile, sounds

RATES = (44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
EDGES = [LOWEST, HIGHEST, LOWEST + 1, HIGHEST - 1, 0, 1, -1, 2, -2, 2**22, -(2**22), 2**15, -(2**15), 7, -7]


def read_pcm(path: Path) -> Pcm:
    """As ``jobs.sound.decode`` does it, without a process of its own."""
    with reading(path) as reader:
        samples = np.concatenate([to_pcm(block) for block in reader], axis=1)
        return Pcm(samples, reader.info.rate, reader.info, reader.info.subtype in EXACT)


def numbers(channels: int, count: int = 3_000, seed: int = 0) -> np.ndarray:
    """(channels, count) of every size, the extremes first."""
    found = np.random.default_rng(seed).integers(LOWEST, HIGHEST + 1, (channels, count), dtype=np.int32)
    found >>= np.random.default_rng(seed + 1).integers(0, 24, found.shape, dtype=np.int32)
    found[:, : len(EDGES)] = EDGES
    return found


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("ending", ["wav", "flac", "aiff", "caf", "w64", "rf64"])
def test_what_is_written_comes_back_to_the_bit_GAP_01_GAP_10(
    tmp_path: Path, ending: str, channels: int, rate: int
) -> None:
    path = tmp_path / f"a.{ending}"
    samples = numbers(channels)
    facts = write_pcm(path, samples, rate)
    assert (facts["frames"], facts["rate"], facts["bits"], facts["clipped"]) == (3_000, rate, "24", 0)
    found = read_pcm(path)
    assert found.exact and found.rate == rate and found.samples.dtype == np.int32
    np.testing.assert_array_equal(found.samples, samples)
    # Another program that knows the format finds the same: libsndfile holds 24 bits in the upper part of 32.
    theirs, _ = soundfile.read(path, dtype="int32", always_2d=True)
    np.testing.assert_array_equal(theirs.T, samples << 8)


def test_more_than_one_block_comes_back_to_the_bit_GAP_01(tmp_path: Path) -> None:
    samples = numbers(2, 150_000)
    write_pcm(tmp_path / "a.flac", samples, 192_000)
    np.testing.assert_array_equal(read_pcm(tmp_path / "a.flac").samples, samples)


@pytest.mark.parametrize(
    ("ending", "subtype", "shift"),
    [("wav", "PCM_U8", 16), ("aiff", "PCM_S8", 16), ("flac", "PCM_16", 8), ("caf", "PCM_24", 0)],
)
def test_fewer_bits_are_exact_and_fill_the_scale_GAP_01(
    tmp_path: Path, ending: str, subtype: str, shift: int
) -> None:
    samples = numbers(1)[0] >> shift << shift
    soundfile.write(tmp_path / f"a.{ending}", samples << 8, 48_000, subtype=subtype)
    found = read_pcm(tmp_path / f"a.{ending}")
    assert found.exact
    np.testing.assert_array_equal(found.samples[0], samples)


@pytest.mark.parametrize(
    ("ending", "subtype"),
    [("wav", "FLOAT"), ("w64", "DOUBLE"), ("rf64", "PCM_32"), ("mp3", "MPEG_LAYER_III"), ("ogg", "VORBIS")],
)
def test_more_bits_are_rounded_and_that_is_said_GAP_01(tmp_path: Path, ending: str, subtype: str) -> None:
    audio = sounds.make("mix", 0.2)
    soundfile.write(tmp_path / f"a.{ending}", audio, 48_000, subtype=subtype)
    found = read_pcm(tmp_path / f"a.{ending}")
    assert not found.exact
    if ending not in ("mp3", "ogg"):
        assert np.abs(found.samples[0] / 2**23 - audio).max() <= 2**-24


def test_a_float_file_beyond_full_scale_is_clipped_GAP_01(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([1.5, -1.5, 1.0, -1.0]), 48_000, subtype="FLOAT")
    assert read_pcm(tmp_path / "a.wav").samples.tolist() == [[HIGHEST, LOWEST, HIGHEST, LOWEST]]


def test_rounding_is_to_the_nearest_without_dither_GAP_01() -> None:
    steps = np.array([0.49, 0.51, -0.49, -0.51, 1.4999, 100.5, 101.5, -0.5])
    assert to_pcm(steps / 2**23).tolist() == [0, 1, 0, -1, 1, 100, 102, 0]
    assert to_pcm(np.float32([1, -1, 2, -2, 3e38])).tolist() == [HIGHEST, LOWEST, HIGHEST, LOWEST, HIGHEST]
    assert to_pcm(np.float16([0.5, -1])).tolist() == [2**22, LOWEST]


@given(arrays.arrays(np.int32, st.integers(0, 50), elements=st.integers(LOWEST, HIGHEST)))
def test_floats_hold_every_number_GAP_01(samples: np.ndarray) -> None:
    floats = from_pcm(samples)
    assert floats.dtype == np.float32
    np.testing.assert_array_equal(to_pcm(floats), samples)


@given(arrays.arrays(np.float32, 20, elements=st.floats(-1, 1, width=32)))
def test_the_grid_is_half_a_step_away_at_most_GAP_01(audio: np.ndarray) -> None:
    found = from_pcm(to_pcm(audio))
    assert np.abs(found - np.clip(audio, -1, HIGHEST / 2**23)).max() <= 2**-24
    np.testing.assert_array_equal(found * 2**23, np.rint(found * 2**23))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_GAP_01(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        to_pcm(np.array([0.1, value]))


def test_shifted_numbers_and_mixed_up_kinds_are_refused_GAP_01(tmp_path: Path) -> None:
    """int32 at full scale, as audio libraries give it, would be clipped to noise."""
    with pytest.raises(ValueError, match=r"beyond 24 bits .* >> 8"):
        write_pcm(tmp_path / "a.wav", numbers(1) << 8, 48_000)
    with pytest.raises(ValueError, match="beyond 24 bits"):
        from_pcm(np.array([-(2**31)], np.int32))
    with pytest.raises(ValueError, match="not whole numbers"):
        from_pcm(np.zeros(3))
    with pytest.raises(ValueError, match="not floats"):
        to_pcm(np.zeros(3, np.int32))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["mp3", "ogg"])
def test_kinds_that_keep_no_bits_are_refused_GAP_01(tmp_path: Path, ending: str) -> None:
    with pytest.raises(Unwritable, match=f"a.{ending}: .*nearest: flac"):
        write_pcm(tmp_path / f"a.{ending}", numbers(1), 48_000)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["wav", "aiff"])
def test_what_lengths_of_32_bits_can_not_tell_is_refused_before_it_is_written_GAP_01(
    tmp_path: Path, ending: str
) -> None:
    hours = 2 * 3600 * 96_000
    with pytest.raises(
        Unwritable, match=f"a.{ending}: 7.7 GiB are more than {ending} can hold; nearest: w64"
    ):
        writer(tmp_path / f"a.{ending}", 96_000, 4, hours)
    assert not list(tmp_path.iterdir())
    writer(tmp_path / "a.rf64", 96_000, 4, hours).discard()


def test_a_file_that_was_cut_off_says_so_GAP_01(tmp_path: Path) -> None:
    found = read_pcm(hostile.cut(tmp_path, "caf"))
    assert "cut off" in found.info.truncated and found.samples.shape[1] == found.info.frames
    with pytest.raises(Unreadable, match="not a sound"):
        read_pcm(hostile.text_named_wav(tmp_path))
