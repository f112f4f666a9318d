"""Files are whole or absent, exact to their bits, dithered at 16, never clipped in silence."""

import errno
import json
import resource
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.sound import io
from jobs.sound.formats import BITS, FORMATS, MAX_COMMENT, Unwritable, format_of
from jobs.sound.tags import tags
from jobs.sound.write import Writer, write
from tests import sounds

STEP = {"16": 2**-15, "24": 2**-23, "32f": 0.0}
TAKE = {
    "id": "abc", "name": "gen_1_seed7", "model": "m1", "model_name": "drums", "seed": 7, "seconds": 4.0,
    "sliders": {"brightness": 80.0}, "preset": "", "render": "carrier", "created": "2026-01-02T03:04:05Z",
}  # fmt: skip


LOSSLESS = [("wav", "16"), ("wav", "24"), ("wav", "32f"), ("flac", "16"), ("flac", "24")]
LOSSLESS += [(format, bits) for format in ("aiff", "caf", "w64", "rf64") for bits in BITS]
TAGGED = [format for format in FORMATS if format != "w64"]


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000, 192_000])
@pytest.mark.parametrize(("format", "bits"), LOSSLESS)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossless_formats_are_exact_OUT_02(
    tmp_path: Path, format: str, bits: str, rate: int, channels: int
) -> None:
    audio = sounds.stereo("pluck", 0.2)[:channels]
    facts = write(tmp_path / f"a.{format}", audio, rate, format, bits)
    read, got = io.read(tmp_path / f"a.{format}")
    assert (got, read.shape) == (rate, audio.shape)
    # TPDF dither adds at most one step and a half.
    assert np.abs(read - audio).max() <= STEP[bits] * (1.5 if bits == "16" else 0.5) + 1e-9
    assert facts["frames"] == audio.shape[1] and facts["clipped"] == 0
    assert facts["bytes"] == (tmp_path / f"a.{format}").stat().st_size


@pytest.mark.parametrize("format", ["ogg", "mp3"])
def test_lossy_formats_sound_the_same_OUT_06(tmp_path: Path, format: str) -> None:
    audio = sounds.stereo("vibrato", 1.0)
    write(tmp_path / f"a.{format}", audio, 48_000, format)
    read, _ = io.read(tmp_path / f"a.{format}")
    assert read.shape[0] == 2
    assert np.corrcoef(read[0, : audio.shape[1]], audio[0, : read.shape[1]])[0, 1] > 0.99


def test_dither_makes_the_error_independent_of_the_signal_OUT_05(tmp_path: Path) -> None:
    """A tone of half a step would vanish without dither; with it the mean error is none."""
    t = np.arange(200_000) / 48_000
    tone = (0.4 * 2**-15 * np.sin(2 * np.pi * 997 * t)).astype(np.float32)
    write(tmp_path / "a.wav", tone[None], 48_000, "wav", "16")
    read, _ = io.read(tmp_path / "a.wav")
    error = (read[0] - tone) * 2**15
    assert abs(error.mean()) < 0.01
    assert error.var() == pytest.approx(0.25, abs=0.02)
    assert np.dot(read[0], tone) / np.dot(tone, tone) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("offset", "shares"),
    [
        (0.0, {-1: 1 / 8, 0: 3 / 4, 1: 1 / 8}),
        (0.25, {-1: 1 / 32, 0: 11 / 16, 1: 9 / 32}),
        (0.5, {0: 1 / 2, 1: 1 / 2}),
    ],
)
def test_dither_is_triangular_and_each_channel_has_its_own_OUT_05(
    tmp_path: Path, offset: float, shares: dict[int, float]
) -> None:
    """How often each value comes up follows from a triangle of two steps; the noise never changes."""
    audio = np.full((2, 200_000), offset * 2**-15, np.float32)
    write(tmp_path / "a.wav", audio, 48_000, "wav", "16")
    values = np.round(io.read(tmp_path / "a.wav")[0] * 2**15).astype(int)
    found = {int(value): (values == value).mean() for value in np.unique(values)}
    assert found == pytest.approx(shares, abs=0.005)
    assert (values - offset).var() == pytest.approx(1 / 4, abs=0.005)
    assert abs(np.corrcoef(values)[0, 1]) < 0.01


@pytest.mark.parametrize(
    ("format", "bits"),
    [
        ("wav", "16"), ("wav", "24"), ("wav", "32f"), ("flac", "16"), ("aiff", "32f"), ("caf", "32f"),
        ("w64", "32f"), ("rf64", "32f"),
    ],
)  # fmt: skip
def test_same_audio_same_bytes_GEN_09(
    tmp_path: Path, format: str, bits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = sounds.stereo("mix", 0.3)
    made = []
    for moment in range(2):
        write(tmp_path / "a", audio, 48_000, format, bits, tags(TAKE))
        content = (tmp_path / "a").read_bytes()
        made.append(content)
        if bits == "32f" and format in ("wav", "aiff"):
            at = content.index(b"PEAK")
            assert content[at + 12 : at + 16] == bytes(4), moment
    assert made[0] == made[1]


@pytest.mark.parametrize("format", FORMATS)
def test_clipping_is_told(tmp_path: Path, format: str) -> None:
    audio = np.full((1, 4800), 0.5, np.float32)
    audio[0, 100:110] = 1.5
    facts = write(tmp_path / "a", audio, 48_000, format, "24")
    assert facts["clipped"] == 10
    assert facts["peak_dbfs"] == pytest.approx(20 * np.log10(1.5), abs=1e-4)


def test_float_keeps_what_is_above_full_scale(tmp_path: Path) -> None:
    audio = np.full((1, 480), 1.5, np.float32)
    assert write(tmp_path / "a.wav", audio, 48_000, "wav", "32f")["clipped"] == 0
    assert io.read(tmp_path / "a.wav")[0].max() == 1.5


def test_full_scale_is_no_clipping(tmp_path: Path) -> None:
    audio = np.tile(np.array([1.0, -1.0], np.float32), 500)[None]
    for bits in BITS:
        assert write(tmp_path / "a.wav", audio, 48_000, "wav", bits)["clipped"] == 0
        assert np.abs(io.read(tmp_path / "a.wav")[0] - audio).max() <= 2.6 * 2**-15


@pytest.mark.parametrize("format", TAGGED)
def test_tags_come_back_META(tmp_path: Path, format: str) -> None:
    write(tmp_path / "a", sounds.make("bell", 0.3), 48_000, format, "24", tags(TAKE))
    with soundfile.SoundFile(tmp_path / "a") as file:
        assert (file.title, file.artist) == ("gen_1_seed7", "Woodshed")
        said = json.loads(file.comment)
    assert said["seed"] == 7 and said["model_name"] == "drums" and said["sliders"] == {"brightness": 80.0}


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), long=st.integers(0, 30_000))
def test_any_tag_leaves_a_readable_file(tmp_path: Path, format: str, text: str, long: int) -> None:
    audio = sounds.make("clicks", 0.1)
    write(
        tmp_path / "a",
        audio,
        48_000,
        format,
        "16",
        {"title": text, "comment": text + "x" * long, "odd": "no"},
    )
    assert io.read(tmp_path / "a")[0].shape[1] >= len(audio)


def test_tags_say_all_parameters_and_no_places_META() -> None:
    asked = {"blend": {"m2": 0.5}, "space": "binaural", "azimuth": -30.0, "wander": 0.0, "amount": 0.5}
    sources = {
        "resynthesise": "/home/me/secret/voice.wav",
        "between": ["/home/me/a.wav", "take01"],
        "vary": "",
    }
    said = json.loads(tags(TAKE | asked | sources)["comment"])
    assert said.items() >= asked.items()
    assert (said["resynthesise"], said["between"]) == ("voice.wav", ["a.wav", "take01"])
    assert "vary" not in said and "preset" not in said


def test_a_long_history_of_a_take_fits_into_a_comment() -> None:
    said = tags({**TAKE, "sliders": {f"axis {n} ü": 50.123456789 for n in range(200)}})["comment"]
    assert len(said.encode()) <= MAX_COMMENT and json.loads(said)["seed"] == 7


@pytest.mark.parametrize(
    ("format", "bits", "rate", "channels", "says"),
    [
        ("flac", "32f", 48_000, 1, "choose 24"), ("mp3", "24", 96_000, 1, "nearest: 48000"),
        ("mp3", "24", 44_100, 3, "3 channels"), ("wav", "12", 48_000, 1, "16, 24, 32f"),
        ("mp4", "24", 48_000, 1, "wav, flac, ogg, mp3, aiff, caf, w64, rf64"),
        ("wav", "24", 1, 1, "4000-384000"), ("wav", "24", 48_000, 9, "9 channels"),
    ],
)  # fmt: skip
def test_what_a_format_cant_hold_is_refused_first(
    tmp_path: Path, format: str, bits: str, rate: int, channels: int, says: str
) -> None:
    with pytest.raises(Unwritable, match=says):
        write(tmp_path / "a", np.zeros((channels, 100), np.float32), rate, format, bits)
    assert not list(tmp_path.iterdir())


def test_ending_chooses_the_format() -> None:
    endings = (".WAV", ".flac", ".aif", ".mp3", ".ogg", ".caf", ".W64", ".rf64")
    found = ["wav", "flac", "aiff", "mp3", "ogg", "caf", "w64", "rf64"]
    assert [format_of(f"a{ending}") for ending in endings] == found
    with pytest.raises(Unwritable, match=r"\.wav"):
        format_of("a.doc")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_a_number_is_never_written(tmp_path: Path, value: float) -> None:
    audio = sounds.make("bell", 0.5)[None]
    audio[0, -5] = value
    (tmp_path / "a.wav").write_bytes(b"before")
    with pytest.raises(Unwritable, match="NaN or infinite"):
        write(tmp_path / "a.wav", audio, 48_000)
    assert (tmp_path / "a.wav").read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


def test_blocks_make_the_same_file_as_one_piece(tmp_path: Path) -> None:
    audio = sounds.stereo("drums", 2.0)
    write(tmp_path / "a.wav", audio, 48_000, "wav", "24")
    with Writer(tmp_path / "b.wav", 48_000, 2, "wav", "24") as writer:
        for start in range(0, audio.shape[1], 777):
            writer.add(audio[:, start : start + 777])
        assert not (tmp_path / "b.wav").exists()
        writer.close()
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_leaving_by_an_exception_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Writer(tmp_path / "a.flac", 48_000, 1, "flac") as writer:
        writer.add(sounds.make("bell", 0.5)[None])
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_full_disk_leaves_nothing_and_says_so(tmp_path: Path, format: str) -> None:
    """A limit on the size of files fails as a full disk does: in the middle of a write."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 480_000)).astype(np.float32)
    (tmp_path / "a").write_bytes(b"before")
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, old[1]))
    try:
        with pytest.raises(OSError, match="a can't be written: the file may not grow") as caught:
            write(tmp_path / "a", audio, 48_000, format, "16")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert caught.value.errno == errno.EFBIG
    assert (tmp_path / "a").read_bytes() == b"before" and len(list(tmp_path.iterdir())) == 1


def test_dev_full_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC, from a device that gives nothing else."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    import os

    opened = os.open
    monkeypatch.setattr(
        os,
        "open",
        lambda path, *a, **k: opened("/dev/full" if str(path).endswith(".part") else path, os.O_RDWR),
    )
    with pytest.raises(OSError, match="the disk is full") as caught:
        write(tmp_path / "a.wav", sounds.make("bell", 0.5), 48_000)
    assert caught.value.errno == errno.ENOSPC


def test_missing_folder_and_folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no such file"):
        write(tmp_path / "no" / "a.wav", sounds.make("bell", 0.1), 48_000)
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(OSError, match="is a directory"):
        write(tmp_path / "a.wav", sounds.make("bell", 0.1), 48_000)
    assert len(list(tmp_path.iterdir())) == 1
