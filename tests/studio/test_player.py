"""Playing without numpy, and without a device."""

import struct
import time
import wave
from array import array
from pathlib import Path

import pytest

from studio.listen.wav import Unplayable, read_wav, scaled
from studio.player import Player
from tests.studio.house import tone


def wav(path: Path, form: int, bits: int, frames: int = 100, extra: bytes = b"") -> Path:
    data = bytes(frames * bits // 8)
    fmt = struct.pack("<HHIIHH", form, 1, 48000, 48000 * bits // 8, bits // 8, bits) + extra
    body = (
        b"WAVEfmt "
        + struct.pack("<I", len(fmt))
        + fmt
        + b"LIST\x02\0\0\0ab"
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


@pytest.mark.parametrize(
    ("form", "bits", "sort"), [(1, 16, "int16"), (1, 24, "int24"), (1, 32, "int32"), (3, 32, "float32")]
)
def test_layouts_of_wav(tmp_path: Path, form: int, bits: int, sort: str) -> None:
    found = read_wav(wav(tmp_path / "a.wav", form, bits))
    assert (found.sort, found.frames, found.rate, found.channels) == (sort, 100, 48000, 1)


def test_extensible_format_names_its_own(tmp_path: Path) -> None:
    extra = struct.pack("<HHIH", 22, 24, 0, 1) + bytes(14)
    assert read_wav(wav(tmp_path / "a.wav", 0xFFFE, 24, extra=extra)).sort == "int24"


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"hello, this is text and no sound at all", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"]
)
def test_what_is_no_wav_is_said_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(Unplayable) as error:
        read_wav(path)
    assert "\n" not in str(error.value)


def test_header_that_promises_too_much_is_cut_to_the_file(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 0.1)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"data") + 4
    raw[at : at + 4] = struct.pack("<I", 2**32 - 1)
    path.write_bytes(raw)
    assert read_wav(path).frames == 4800


@pytest.mark.parametrize("sort", ["int16", "int24", "int32", "float32"])
def test_gain_halves_and_never_wraps(sort: str) -> None:
    samples = {
        "int16": array("h", [1000, -32768, 32767]).tobytes(),
        "int24": b"\x00\x10\x00" + b"\x00\x00\x80" + b"\xff\xff\x7f",
        "int32": array("i", [1000, -(2**31), 2**31 - 1]).tobytes(),
        "float32": array("f", [0.5, -1.0, 1.0]).tobytes(),
    }[sort]
    assert scaled(samples, sort, 1.0) is samples
    half, loud = scaled(samples, sort, 0.5), scaled(samples, sort, 4.0)
    assert len(half) == len(loud) == len(samples)
    if sort == "int16":
        assert list(array("h", half)) == [500, -16384, 16383]
        assert list(array("h", loud)) == [4000, -32768, 32767]
    if sort == "int24":
        assert half[:3] == b"\x00\x08\x00" and loud[3:6] == b"\x00\x00\x80" and loud[6:] == b"\xff\xff\x7f"


def test_no_device_is_never_an_error(tmp_path: Path) -> None:
    player = Player()
    player.device.there = False
    path = tone(tmp_path / "a.wav", 0.1)
    assert player.play(path) == "path" and not player.playing
    assert player.seconds == pytest.approx(0.1)
    assert player.toggle() is False
    assert player.seek(0.05) == pytest.approx(0.05, abs=1e-3)
    assert player.seek(99) == pytest.approx(0.1)
    assert player.play(tmp_path / "gone.wav") == "path" and "gone.wav" in player.why


def test_a_device_that_fails_falls_back_to_the_path(tmp_path: Path) -> None:
    """On a machine with a device this plays a tenth of a second of it."""
    player = Player()
    player.device.there = True
    player.play(tone(tmp_path / "a.wav", 0.1))
    end = time.monotonic() + 10
    while player.playing and time.monotonic() < end:
        time.sleep(0.02)
    assert player.route in ("device", "path")
    assert not player.playing
    player.stop()


def test_house_tone_is_a_wav(tmp_path: Path) -> None:
    with wave.open(str(tone(tmp_path / "a.wav"))) as file:
        assert file.getsampwidth() == 3
