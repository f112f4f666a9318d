"""A take becomes a file of one's own, with all it was made from, and nobody's file is lost."""

import json
import resource
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from jobs.desk import Desk
from jobs.recipes import export
from jobs.sound import io
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
@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "aiff"])
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
    assert sidecar["exported"] == {
        "rate": 48_000,
        "bits": "16",
        "format": "flac",
        "path": str(tmp_path / "a.flac"),
    }
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


def test_full_disk_leaves_nothing(take: dict, tmp_path: Path) -> None:
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, old[1]))
    try:
        with pytest.raises(Busy, match=r"a\.wav can't be written"):
            run(tmp_path / "a.wav")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert not [path for path in tmp_path.iterdir() if path.name != "home"]


def test_clipping_is_said(home: Path, tmp_path: Path) -> None:
    keep(np.full((1, 48_000), 1.25, np.float32), "32f")
    assert run(tmp_path / "a.wav", bits="24")["clipped"] == 48_000
    notes = [row["text"] for row in stream.follow(paths.events("j"))[0] if row["kind"] == "note"]
    assert "above full scale" in notes[0]
    assert run(tmp_path / "b.wav", job="k", bits="32f")["clipped"] == 0


def test_exported_file_has_the_rights_of_other_files(take: dict, tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    facts = run(tmp_path / "a.wav")
    usual = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert {stat.S_IMODE(Path(facts[key]).stat().st_mode) for key in ("path", "sidecar")} == {usual}
