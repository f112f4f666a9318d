"""What is read is right, what can't be read is refused in one line, and nothing is believed."""

import functools
import os
import struct
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.sound import formats, io
from jobs.sound.reader import MAX_CHANNELS, Unreadable
from tests import hostile, sounds

KINDS = [
    ("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "FLOAT"), ("wav", "PCM_U8"), ("wav", "IMA_ADPCM"),
    ("aiff", "PCM_24"), ("flac", "PCM_16"), ("ogg", "VORBIS"), ("ogg", "OPUS"), ("mp3", "MPEG_LAYER_III"),
    ("caf", "PCM_24"), ("caf", "FLOAT"), ("w64", "PCM_24"), ("w64", "FLOAT"), ("rf64", "PCM_24"),
    ("rf64", "FLOAT"),
]  # fmt: skip
LOSSLESS = {"PCM_16": 2**-15, "PCM_24": 2**-22, "FLOAT": 1e-7, "PCM_U8": 2**-6}


def refusal(path: Path) -> Unreadable:
    """The refusal of a file: one line that names it."""
    with pytest.raises(Unreadable) as caught:
        io.read(path)
    line = str(caught.value)
    assert line == f"{path.name}: {caught.value.why}"
    assert caught.value.why and "\n" not in caught.value.why and path.name not in caught.value.why
    return caught.value


@pytest.mark.parametrize(("ending", "subtype"), KINDS)
def test_formats_are_read_DATA_01(tmp_path: Path, ending: str, subtype: str) -> None:
    audio = sounds.stereo("vibrato", 0.5)
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, audio.T, sounds.RATE, subtype=subtype)
    read, rate = io.read(path)
    assert (rate, read.dtype, read.shape[0]) == (48_000, np.float32, 2)
    assert io.probe(path).channels == 2
    assert not io.load(path).info.truncated
    if subtype in LOSSLESS:
        assert np.abs(read - audio).max() <= LOSSLESS[subtype]
    else:
        count = min(read.shape[1], audio.shape[1])
        assert np.corrcoef(read[0, :count], audio[0, :count])[0, 1] > 0.9


def test_probe_describes_without_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, sounds.make("bell", 1.5), 44_100, subtype="PCM_24")
    info = io.probe(path)
    assert (info.format, info.subtype, info.rate, info.channels) == ("FLAC", "PCM_24", 44_100, 1)
    assert info.frames == 72_000 and info.bytes == path.stat().st_size
    assert info.seconds == pytest.approx(72_000 / 44_100)


def test_mono_is_the_mean_of_the_channels(tmp_path: Path) -> None:
    audio = sounds.stereo("drums", 0.5)
    soundfile.write(tmp_path / "a.wav", audio.T, 48_000, subtype="FLOAT")
    mono, _ = io.read(tmp_path / "a.wav", mono=True)
    np.testing.assert_allclose(mono[0], audio.mean(axis=0), atol=1e-6)


def test_resampling_has_no_aliases_and_the_exact_length() -> None:
    """48 -> 44.1 kHz: a tone above the new half rate is gone by 120 dB, one below it keeps its level."""
    t = np.arange(48_000) / 48_000
    high = io.resample(np.sin(2 * np.pi * 23_200 * t)[None].astype(np.float32), 48_000, 44_100)
    low = io.resample(np.sin(2 * np.pi * 1_000 * t)[None].astype(np.float32), 48_000, 44_100)
    middle = slice(4_000, -4_000)
    assert high.shape == (1, 44_100)
    assert 20 * np.log10(np.abs(high[0, middle]).max()) < -120
    assert np.abs(low[0, middle]).max() == pytest.approx(1, abs=1e-3)


def test_too_long_for_the_caller(tmp_path: Path) -> None:
    path = sounds.write_folder(tmp_path, 1, seconds=1)[0]
    with pytest.raises(Unreadable, match="at most 0 s"):
        io.read(path, max_seconds=0.4)


@pytest.mark.parametrize("ending", ["wav", "aiff", "flac", "ogg", "mp3", "caf", "w64", "rf64"])
def test_cut_off_file_gives_what_is_there_and_says_so_DATA_04(tmp_path: Path, ending: str) -> None:
    sound = io.load(hostile.cut(tmp_path, ending))
    assert 1 < sound.info.seconds < 2
    assert sound.audio.shape[1] == sound.info.frames
    assert "cut off" in sound.info.truncated


def test_whole_audio_of_a_stream_without_a_length(tmp_path: Path) -> None:
    """Programs that write to a pipe leave the length open."""
    audio = sounds.make("drums", 1.0)
    flac, wav = tmp_path / "a.flac", tmp_path / "a.wav"
    soundfile.write(flac, audio, 48_000)
    soundfile.write(wav, audio, 48_000)
    content = bytearray(flac.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    flac.write_bytes(content)
    content = bytearray(wav.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 0xFFFF_FFFF)
    wav.write_bytes(content)
    for path in (flac, wav):
        assert io.probe(path).frames == 48_000
        sound = io.load(path)
        assert sound.audio.shape == (1, 48_000) and not sound.info.truncated


def test_rf64_that_is_named_wav_GAP_01(tmp_path: Path) -> None:
    """As recorders do that only find out at 4 GiB that a file is long."""
    audio = sounds.stereo("mix", 0.5)
    soundfile.write(tmp_path / "a.wav", audio.T, 48_000, subtype="PCM_24", format="RF64")
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    sound = io.load(tmp_path / "a.wav")
    assert (sound.info.format, sound.info.truncated) == ("RF64", "")
    assert np.abs(sound.audio - audio).max() <= 2**-23


LENGTHS = {"caf": (b"data\0\0\0", 4, ">q"), "w64": (b"data\xf3", 16, "<q"), "rf64": (b"ds64", 16, "<q")}
"""Ending -> what stands before the length of the audio, how far before it, and how it is written."""


@pytest.mark.parametrize("ending", LENGTHS)
@pytest.mark.parametrize(
    ("claimed", "frames", "says"),
    [
        (-1, 24_000, ""),
        (-5, 24_000, ""),
        (2**61, 24_000, "of 23058430092136939"),
        (0, 24_000, "never finished"),
        (72_028, 12_000, ""),
    ],
)
def test_a_header_that_lies_about_its_audio_loses_nothing_GAP_01(
    tmp_path: Path, ending: str, claimed: int, frames: int, says: str
) -> None:
    """-1 is how CAF says "to the end of the file"; 0 is what a crash leaves behind."""
    path = tmp_path / f"a.{ending}"
    audio = sounds.stereo("drums", 0.5)
    soundfile.write(path, audio.T, 48_000, subtype="PCM_24")
    content = bytearray(path.read_bytes())
    before, distance, form = LENGTHS[ending]
    at = content.index(before) + distance
    content[at : at + 8] = struct.pack(form, claimed)
    path.write_bytes(content)
    if ending == "w64" and frames < 24_000:
        # libsndfile takes a Wave64 to its end, whatever is said.
        frames = 24_000
    sound = io.load(path)
    assert sound.audio.shape[1] == pytest.approx(frames, abs=5)
    assert np.abs(sound.audio - audio[:, : sound.audio.shape[1]]).max() <= 2**-23
    assert says in sound.info.truncated and bool(says) == bool(sound.info.truncated)
    assert path.read_bytes() == content


def test_text_named_wav(tmp_path: Path) -> None:
    assert "not a sound" in refusal(hostile.text_named_wav(tmp_path)).why


def test_empty_file(tmp_path: Path) -> None:
    assert refusal(hostile.empty(tmp_path)).code == "empty"


def test_header_without_audio(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0, np.float32), 48_000)
    assert refusal(tmp_path / "a.wav").code == "empty"


def test_small_flac_that_claims_two_to_the_36_samples(tmp_path: Path) -> None:
    path = hostile.flac_of(tmp_path, 2**36 - 1)
    assert path.stat().st_size == 110
    tracemalloc.start()
    why = refusal(path).why
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "claims 68719476735 samples" in why
    assert peak < 4e6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_samples_that_are_no_audio(tmp_path: Path, value: float) -> None:
    why = refusal(hostile.not_finite(tmp_path, value)).why
    assert "not numbers" in why or "full scale" in why


@pytest.mark.parametrize(
    ("channels", "rate"), [(200, 48_000), (60_000, 48_000), (0, 48_000), (1, 1), (1, 2**31 - 1)]
)
def test_impossible_headers(tmp_path: Path, channels: int, rate: int) -> None:
    refusal(hostile.wav(tmp_path, "odd.wav", channels, rate))


def test_as_many_channels_as_allowed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((4800, MAX_CHANNELS)) + 0.1, 48_000)
    assert io.read(tmp_path / "a.wav")[0].shape == (8, 4800)


def test_pipe_device_folder_and_missing_file_do_not_hang(tmp_path: Path) -> None:
    began = time.monotonic()
    folder = tmp_path / "x.wav"
    folder.mkdir()
    loop = tmp_path / "loop.wav"
    loop.symlink_to(loop)
    assert "a pipe" in refusal(hostile.pipe(tmp_path)).why
    assert "a folder" in refusal(folder).why
    assert "a device" in refusal(Path(os.devnull)).why
    assert "a device" in refusal(Path("/dev/zero")).why
    assert refusal(tmp_path / "gone.wav").code == "missing"
    refusal(loop)
    assert time.monotonic() - began < 2


def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = sounds.write_folder(tmp_path, 1, seconds=0.2)[0]
    path.chmod(0)
    with hostile.nobody():
        assert "permissions" in refusal(path).why


@pytest.mark.parametrize(
    "name", ["kick[bold].wav", "kick\x1b[31mred.wav", "a\nb.wav", "ünï 🎵.wav", "-rf.wav", "x" * 250 + ".wav"]
)
def test_odd_names_are_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    soundfile.write(tmp_path / "plain.wav", sounds.make("noise", 0.2), 48_000)
    (tmp_path / "plain.wav").rename(path)
    assert io.read(path)[0].shape == (1, 9600)
    path.write_bytes(b"no")
    assert name in str(refusal(path))


def test_name_that_is_no_utf_8(tmp_path: Path) -> None:
    plain = sounds.write_folder(tmp_path, 1, seconds=0.2)[0]
    odd = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    try:
        os.rename(plain, odd)  # noqa: PTH104 - bytes
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    assert io.read(os.fsdecode(odd))[0].shape == (1, 9600)


@functools.cache
def bytes_of(kind: tuple[str, str]) -> bytes:
    """A short file of that kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{kind[0]}"
        soundfile.write(path, sounds.make("bell", 0.2), sounds.RATE, subtype=kind[1])
        return path.read_bytes()


def check_any(path: Path) -> None:
    """Unreadable in one line, or finite audio of sane shape; never more memory than the file can explain."""
    tracemalloc.start()
    try:
        audio, rate = io.read(path)
    except Unreadable as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(audio).all() and 1 <= audio.shape[0] <= MAX_CHANNELS and 4_000 <= rate <= 384_000
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 64e6


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(KINDS),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=10),
    keep=st.floats(0.01, 1),
)
def test_any_mutation_is_refused_or_finite(
    tmp_path: Path, kind: tuple[str, str], changes: list[tuple[int, int]], keep: float
) -> None:
    content = bytearray(bytes_of(kind))
    for at, value in changes:
        content[at % len(content)] = value
    path = tmp_path / f"m.{kind[0]}"
    path.write_bytes(content[: max(1, int(len(content) * keep))])
    check_any(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    magic=st.sampled_from(
        [
            b"",
            b"RIFF\xff\xff\xff\xffWAVEfmt ",
            b"fLaC\x80\0\0\x22",
            b"OggS\0\2",
            b"FORM\0\0\0\0AIFFCOMM",
            b"ID3\4\0\0",
            b"caff\0\1\0\0desc\0\0\0\0\0\0\0\x20",
            b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0",
            b"riff.\x91\xcf\x11\xa5\xd6(\xdb\x04\xc1\0\0",
            b"\xff\xfb\x90\0",
        ]
    ),
    content=st.binary(max_size=2000),
    ending=st.sampled_from(formats.READABLE),
)
def test_any_bytes_are_refused_or_finite(tmp_path: Path, magic: bytes, content: bytes, ending: str) -> None:
    path = tmp_path / f"r{ending}"
    path.write_bytes(magic + content)
    check_any(path)
