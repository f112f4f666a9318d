"""A take becomes a file of one's own, with all it was made from, and nobody's file is lost."""

import json
import os
import resource
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy.signal import chirp

from jobs.desk import Desk
from jobs.recipes import export
from jobs.sound import io
from jobs.sound.limiter import true_peak
from jobs.sound.write import write
from jobs.specs import ExportTake, make
from store import paths, stream
from store.errors import BadInput, Busy, NotFound, Usage
from store.library import Library
from tests import sounds

AUDIO = sounds.stereo("bell", 1.0)


@pytest.fixture
def take(home: Path) -> dict:
    return keep(AUDIO)


def keep(audio: np.ndarray, bits: str = "24") -> dict:
    """A take in the library."""
    path = paths.takes() / "gen_1_seed7.wav"
    facts = write(path, audio, 48_000, "wav", bits)
    record = {
        "name": "gen_1_seed7", "model": "m1", "model_name": "bells", "seed": 7, "preset": "",
        "sliders": {"brightness": 80.0}, "rate": 48_000, "bits": bits, "channels": len(audio),
        "format": "wav", "path": str(path), "sidecar": "", "seconds": facts["seconds"],
        "bytes": facts["bytes"], "render": "carrier",
    }  # fmt: skip
    return Library().takes.add(record, id="take01")


def run(path: Path | str, take: str = "take01", job: str = "j", **values: Any) -> dict:
    spec = make(ExportTake, take=take, path=str(path), **values)
    return export.run(spec, Desk(job, paths.run(job)))["summary"]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "aiff", "caf", "w64", "rf64"])
def test_formats_and_rates_OUT_03(take: dict, tmp_path: Path, ending: str, rate: int) -> None:
    path = tmp_path / f"a.{ending}"
    facts = run(path, rate=rate)
    info = io.probe(path)
    assert (info.rate, info.channels, info.frames) == (rate, 2, rate)
    assert facts["path"] == str(path) and facts["clipped"] == 0


def test_mp3_OUT_06(take: dict, tmp_path: Path) -> None:
    run(tmp_path / "a.mp3")
    assert io.probe(tmp_path / "a.mp3").channels == 2
    with pytest.raises(Usage, match="nearest: 48000"):
        run(tmp_path / "b.mp3", rate=96_000)


def test_same_rate_and_bits_are_the_same_audio(take: dict, tmp_path: Path) -> None:
    run(tmp_path / "a.wav")
    np.testing.assert_array_equal(io.read(tmp_path / "a.wav")[0], io.read(take["path"])[0])


def test_sidecar_and_tags_say_what_it_was_made_from_META(take: dict, tmp_path: Path) -> None:
    facts = run(tmp_path / "a.flac", bits="16")
    sidecar = json.loads(Path(facts["sidecar"]).read_text())
    assert sidecar["seed"] == 7 and sidecar["sliders"] == {"brightness": 80.0} and sidecar["id"] == "take01"
    exported = sidecar["exported"]
    asked = {
        "rate": 48_000,
        "bits": "16",
        "format": "flac",
        "path": str(tmp_path / "a.flac"),
        "space": "auto",
    }
    measured = {"channels": 2, "frames": 48_000, "seconds": 1.0, "clipped": 0, "turned_down_db": 0.0}
    assert exported.items() >= (asked | measured).items()
    assert exported["peak_dbfs"] <= exported["true_peak_dbtp"] + 0.01 <= -0.99
    with soundfile.SoundFile(tmp_path / "a.flac") as file:
        assert file.title == "gen_1_seed7" and json.loads(file.comment)["model_name"] == "bells"


def test_repeated_export_replaces_itself(take: dict, tmp_path: Path) -> None:
    run(tmp_path / "a.wav")
    run(tmp_path / "a.wav", job="again", bits="16")
    assert io.probe(tmp_path / "a.wav").subtype == "PCM_16"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] == "a") == ["a.wav", "a.wav.json"]


@pytest.mark.parametrize("name", ["mine.wav", "mine.wav.json"])
def test_a_file_of_somebody_elses_stays(take: dict, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(Usage, match=r"exists already; nearest: .*mine-2\.wav"):
        run(tmp_path / "mine.wav")
    assert (tmp_path / name).read_text() == "precious"


def test_refusals_name_what_to_do(take: dict, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no take 'nope'"):
        run(tmp_path / "a.wav", take="nope")
    with pytest.raises(NotFound, match="no such folder"):
        run(tmp_path / "no" / "a.wav")
    with pytest.raises(Usage, match=r"'\.doc' names no format"):
        run(tmp_path / "a.doc")
    with pytest.raises(Usage, match="not absolute"):
        run("a.wav")
    with pytest.raises(Usage, match="choose 24"):
        run(tmp_path / "a.flac", bits="32f")
    Path(take["path"]).unlink()
    with pytest.raises(BadInput, match="no such file; generate it again from its seed"):
        run(tmp_path / "a.wav")
    assert not [path for path in tmp_path.iterdir() if path.name != "home"]


@pytest.mark.parametrize("most", [50_000, 384_040], ids=["while working", "while writing"])
def test_full_disk_leaves_nothing_OUT_02(take: dict, tmp_path: Path, most: int) -> None:
    """A limit on the size of files fails as a full disk does. The second one is met by the file alone."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, old[1]))
    try:
        with pytest.raises(Busy, match=r"larger than files may be|may not grow further") as caught:
            run(tmp_path / "a.wav", bits="32f")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert caught.value.code == 5 and "\n" not in str(caught.value)
    assert not [path for path in tmp_path.iterdir() if path.name != "home"]
    assert not list((paths.run("j") / "attempt-1").iterdir())


def test_a_folder_that_takes_no_files_is_said_OUT_02(take: dict, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        # The superuser may write everywhere, except where the kernel makes the files.
        folder = Path("/sys/kernel")
    if not folder.is_dir():
        pytest.skip("no folder here refuses files to the superuser")
    with pytest.raises(Busy, match=r"a\.wav\.json: .*(read-only|permission)") as caught:
        run(folder / "a.wav")
    assert caught.value.code == 5


def test_a_failed_repetition_leaves_the_first_export_whole(take: dict, tmp_path: Path) -> None:
    run(tmp_path / "a.wav")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, old[1]))
    try:
        with pytest.raises(Busy):
            run(tmp_path / "a.wav", job="again", rate=96_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def notes(job: str = "j") -> list[str]:
    return [row["text"] for row in stream.follow(paths.events(job))[0] if row["kind"] == "note"]


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_peaks_above_the_ceiling_are_turned_down_and_said_OUT_02(
    home: Path, tmp_path: Path, bits: str
) -> None:
    keep((2 * sounds.stereo("mix", 1.0)).clip(-1.25, 1.25), "32f")
    facts = run(tmp_path / "a.wav", bits=bits)
    assert facts["clipped"] == 0 and facts["turned_down_db"] > 2
    assert true_peak(io.read(tmp_path / "a.wav")[0]) <= -1
    assert "turned down by" in notes()[0] and "-1 dBTP" in notes()[0]


@pytest.mark.parametrize("ending", ["wav", "flac", "aiff", "ogg", "mp3"])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_peaks_between_samples_are_limited_OUT_02_OUT_06(
    home: Path, tmp_path: Path, ending: str, rate: int
) -> None:
    """The samples reach -1 dBFS; the wave between them +2 dBTP. Lossy files stay below full scale."""
    tone = np.sin(np.pi / 2 * np.arange(48_000) + np.pi / 4) * np.sqrt(2) * 0.89
    keep(tone.astype(np.float32)[None], "32f")
    facts = run(tmp_path / f"a.{ending}", rate=rate, bits="16")
    ceiling = -2 if ending in ("ogg", "mp3") else -1
    assert facts["true_peak_dbtp"] <= ceiling
    assert true_peak(io.read(tmp_path / f"a.{ending}")[0]) <= (0 if ceiling == -2 else -1)


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_what_was_finished_once_passes_unchanged(home: Path, tmp_path: Path, bits: str) -> None:
    """The dither of 16 bits is new noise; all else is the same to the bit."""
    keep((3 * sounds.stereo("drums", 1.0)), "32f")
    facts = run(tmp_path / "a.wav", bits=bits)
    first, _ = io.read(facts["path"])
    Library().takes.amend("take01", path=facts["path"])
    again = run(tmp_path / "b.wav", job="k", bits=bits)
    second, _ = io.read(tmp_path / "b.wav")
    assert again["turned_down_db"] == again["limited_db"] == 0
    assert np.abs(second - first).max() <= (2 * 2**-15 if bits == "16" else 0)


@pytest.mark.parametrize(("given", "space", "made"), [
    (2, "auto", 2), (1, "auto", 1), (2, "mono", 1), (1, "mono", 1), (1, "stereo", 2), (2, "stereo", 2),
    (1, "haas", 2), (1, "binaural", 2), (2, "binaural", 2),
])  # fmt: skip
def test_every_space_has_its_channels_OUT_04_OUT_07(
    home: Path, tmp_path: Path, given: int, space: str, made: int
) -> None:
    keep(0.5 * sounds.stereo("noise", 1.0)[:given])
    facts = run(tmp_path / "a.wav", space=space, azimuth=-90, rate=44_100)
    audio, _ = io.read(tmp_path / "a.wav")
    assert audio.shape == (made, 44_100) and facts["channels"] == made
    left, right = (audio[[0, -1]].astype(float) ** 2).sum(axis=1)
    if space == "binaural":
        assert left > 1.5 * right
    elif space == "mono" or made == 1 or given == 1:
        assert left == pytest.approx(right, rel=0.2)
    exported = json.loads((tmp_path / "a.wav.json").read_text())["exported"]
    assert (exported["space"], exported.get("azimuth")) == (
        space, -90 if space in ("haas", "binaural") else None
    )  # fmt: skip


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000])
@pytest.mark.parametrize(("ending", "bits", "subtype"), [
    ("wav", "16", "PCM_16"), ("wav", "24", "PCM_24"), ("wav", "32f", "FLOAT"), ("aiff", "16", "PCM_16"),
    ("aiff", "24", "PCM_24"), ("aiff", "32f", "FLOAT"), ("flac", "16", "PCM_16"), ("flac", "24", "PCM_24"),
])  # fmt: skip
def test_every_format_rate_and_depth_OUT_03_OUT_05_OUT_06(
    take: dict, tmp_path: Path, ending: str, bits: str, subtype: str, rate: int
) -> None:
    run(tmp_path / f"a.{ending}", rate=rate, bits=bits)
    info = io.probe(tmp_path / f"a.{ending}")
    assert (info.rate, info.subtype, info.channels, info.frames) == (rate, subtype, 2, rate)
    with soundfile.SoundFile(tmp_path / f"a.{ending}") as file:
        assert json.loads(file.comment)["seed"] == 7
    audio, _ = io.read(tmp_path / f"a.{ending}", rate=48_000)
    assert np.abs(audio - AUDIO)[:, 2_000:-2_000].max() < (3e-4 if bits == "16" else 1e-4)


def test_a_file_of_44100_has_no_alias_OUT_03(home: Path, tmp_path: Path) -> None:
    """All that a sweep above 22 kHz could leave in it would be folded back."""
    time = np.arange(96_000) / 48_000
    fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.2)
    fade = np.sin(np.pi / 2 * fade) ** 2
    keep((0.8 * chirp(time, 22_300, 2, 23_800) * fade).astype(np.float32)[None], "32f")
    run(tmp_path / "a.wav", rate=44_100, bits="32f")
    assert np.abs(io.read(tmp_path / "a.wav")[0]).max() < 0.8 * 10 ** (-120 / 20)


def test_numbers_in_a_sidecar_are_finite_META(home: Path, tmp_path: Path) -> None:
    keep(np.zeros((1, 4_800), np.float32))
    facts = run(tmp_path / "a.wav")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    exported = json.loads(Path(facts["sidecar"]).read_text(), parse_constant=refuse)["exported"]
    assert exported["true_peak_dbtp"] == -200 and exported["seconds"] == 0.1


def test_exported_file_has_the_rights_of_other_files(take: dict, tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    facts = run(tmp_path / "a.wav")
    usual = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert {stat.S_IMODE(Path(facts[key]).stat().st_mode) for key in ("path", "sidecar")} == {usual}
